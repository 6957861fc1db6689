"""Measures matching: a pilot day, a slot of 100,000 homes, and the peers that do a comparable slot.

Leaves: one line a measurement, median of several warm runs. Not here: any check of results (see tests).
"""

import importlib.util
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

PEERS = Path(__file__).resolve().parents[2] / "shared" / "bench"
DELIVERY_DATE = date(2020, 11, 20)
N_HOMES_LARGE = 100_000
N_BUYERS_LARGE = 5_000


def median_s(function: Callable[[], Any], n_runs: int) -> float:
    """Give the median wall time of warm runs."""
    function()
    times_s = []
    for _ in range(n_runs):
        start = time.perf_counter()
        function()
        times_s.append(time.perf_counter() - start)
    return statistics.median(times_s)


def report(what: str, seconds: float) -> None:
    """Print one measurement in ms."""
    print(f"{what:<72} {seconds * 1e3:10.2f} ms")


def ranked_choices(rng: np.random.Generator, n_homes: int, n_buyers: int, k_max: int) -> np.ndarray:
    """Draw k_max different buyers for each home."""
    choices = rng.integers(0, n_buyers, (n_homes, k_max))
    while True:
        ordered = np.sort(choices, axis=1)
        repeats = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeats.any():
            return choices.astype(np.int32)
        choices[repeats] = rng.integers(0, n_buyers, (int(repeats.sum()), k_max))


def day_input(n_homes: int, n_buyers: int, k_max: int) -> Any:
    """Make a day with sun in every slot, whose capacities sum to about 80 % of the supply."""
    from sanchi.core.matching import DayMatchInput

    rng = np.random.default_rng(1)
    supply_wh = rng.integers(50, 2501, (48, n_homes))
    mean_wh = supply_wh.sum(axis=1, keepdims=True) * 8 // (10 * n_buyers)
    return DayMatchInput(
        home_key=np.arange(n_homes),
        choice_buyer_index=ranked_choices(rng, n_homes, n_buyers, k_max),
        supply_wh=supply_wh,
        capacity_wh=rng.integers(0, 2 * mean_wh + 1, (48, n_buyers)),
        delivery_date=DELIVERY_DATE,
    )


def measure_matching() -> None:
    """Measure the first call, the pilot day and the large slot (a 48th of a day of equal slots)."""
    from sanchi.core.matching import match_day

    pilot = day_input(61, 3, 3)
    start = time.perf_counter()
    match_day(pilot)
    report("first call (compiled anew, or read from the cache)", time.perf_counter() - start)
    report("61 homes x 48 slots, 3 buyers, 3 choices", median_s(lambda: match_day(pilot), 200))
    wide = day_input(50, 7, 3)
    report("50 homes x 48 slots, 7 buyers, 3 choices", median_s(lambda: match_day(wide), 200))
    for k_max in (1, 3):
        large = day_input(N_HOMES_LARGE, N_BUYERS_LARGE, k_max)
        what = f"{N_HOMES_LARGE:,} homes, a slot of 48, {N_BUYERS_LARGE:,} buyers, {k_max} choice(s)"
        report(what, median_s(partial(match_day, large), 3) / 48)


def loaded_peer(name: str) -> ModuleType | None:
    """Load a peer's measurement beside the project, if it is there."""
    spec = importlib.util.spec_from_file_location(name, PEERS / f"{name}.py")
    if spec is None or spec.loader is None or not (PEERS / f"{name}.py").exists():
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure_peers() -> None:
    """Measure the NumPy peer on one named buyer each, pro rata: the case of one choice."""
    peer = loaded_peer("baseline_numpy")
    if peer is None:
        print("peer baseline_numpy: absent")
        return
    supply_wh, _, capacity_wh, _, wanted = peer.make(N_HOMES_LARGE)
    seconds = median_s(lambda: peer.named(supply_wh, capacity_wh, wanted, len(capacity_wh)), 7)
    what = f"peer numpy: {len(supply_wh):,} homes, one slot, {len(capacity_wh):,} buyers, 1 choice"
    report(what, seconds)


if __name__ == "__main__":
    measure_matching()
    measure_peers()
