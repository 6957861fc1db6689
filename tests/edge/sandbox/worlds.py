"""Small worlds for tests: a few homes, two weeks, no fault or many of every kind.

Enter: nothing. Leave: worlds, made once. Not here: servers.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sanchi
from sanchi.app.sandbox_order import SandboxOrder
from sanchi.edge.sandbox.plan import plan_of
from sanchi.edge.sandbox.world import World, make_world

SAMPLE = Path(sanchi.__file__).parent / "sample"
FIRST, LAST = date(2020, 11, 20), date(2020, 12, 3)
N_HOMES = 9
SEED = 5

# Nearly every device has one of each in two weeks.
BUSY = """
quiet_half_hours = 2
[device_outage]
per_1000_months = 2000
half_hours = [2, 24]
buffered_permille = 500
[meter_outage]
per_1000_months = 2000
half_hours = [2, 24]
told_permille = 500
[cloud_down]
per_1000_months = 2000
half_hours = [6, 20]
[token_expiry]
per_1000_months = 2500
[rate_limit]
per_1000_months = 2500
half_hours = [2, 12]
answered_one_in = [2, 4]
[late]
per_1000_months = 2000
half_hours = [2, 24]
delay_hours = [7, 20]
[duplicate]
per_1000_months = 2000
half_hours = [2, 12]
again_after_minutes = [1, 100]
[out_of_order]
per_1000_months = 2000
half_hours = [2, 12]
[clock_skew]
per_1000_months = 2000
half_hours = [8, 24]
minutes_off = [4, 300]
[stuck]
per_1000_months = 2500
half_hours = [6, 24]
[spike]
per_1000_months = 2500
register_counts = [200, 60000]
power_w = [20000, 90000]
minutes = [5, 30]
[negative]
per_1000_months = 2000
half_hours = [1, 4]
register_counts = [1, 500]
power_w = [50, 3000]
[roll_over]
per_1000_months = 700
[exchange]
per_1000_months = 1300
announced_permille = 500
announced_after_days = [1, 3]
[truncated_frame]
per_1000_months = 3000
half_hours = [1, 6]
[never_connected]
homes = [1, 1]
"""


@cache
def busy_world() -> World:
    """Make a world in which much goes wrong."""
    return _world(BUSY)


@cache
def quiet_world() -> World:
    """Make the same world without any fault."""
    return _world("")


def _world(plan: str) -> World:
    return make_world(SAMPLE, plan_of(plan, "plan"), SEED, first_date=FIRST, last_date=LAST, n_homes=N_HOMES)


def order_of(folder: Path, plan: str | None = BUSY, **options: Any) -> SandboxOrder:
    """Ask for the same world as a running sandbox."""
    written = folder.parent / f"{folder.name}.toml"
    written.write_text("" if plan is None else plan)
    told: dict[str, Any] = {"seed_no": SEED, "first_date": FIRST, "last_date": LAST, "home_count": N_HOMES} | options
    return SandboxOrder(folder=folder, plan=written, **told)
