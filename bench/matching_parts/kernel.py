"""Part `kernel`: the kernel in memory against its bars, sort included, and its growth with the number of homes.

Enters: nothing but seeds. Leaves: Figures. Not here: the peers' orders (see ours), the single steps of the kernel.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.matching_parts.clock import Cost, median_cost
from bench.matching_parts.figures import Figure, bar_figure
from bench.matching_parts.orders import ORDERS_OF_PILOT, PILOT_SLOTS
from bench.matching_parts.ours import DELIVERY_DATE, pass_cost
from bench.matching_parts.slot_steps import SlotSteps
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.offers import DayMatchInput

PILOT_MS_MAX = 3
SLOT_MS_MAX = {1: 20, 3: 40}
LARGE_HOMES = 100_000
GROWTH_HOMES = (10_000, 100_000, 1_000_000, 7_000_000)
GROWTH_BUYERS = 10_000
GROWTH_MAX = 1.3
SUNNY_SLOTS = slice(11, 36)  # 25 slots, as on the measured day
NOON_SLOT = slice(24, 25)


def ranked_choices(rng: np.random.Generator, n_homes: int, n_buyers: int, k_max: int) -> np.ndarray:
    """Draw k_max different buyers for each home, int32 array of shape (n_homes, k_max)."""
    choices = rng.integers(0, n_buyers, (n_homes, k_max))
    while True:
        ordered = np.sort(choices, axis=1)
        repeats = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeats.any():
            return choices.astype(np.int32)
        choices[repeats] = rng.integers(0, n_buyers, (int(repeats.sum()), k_max))


def drawn_day(n_homes: int, n_buyers: int, k_max: int, slots: slice = slice(None)) -> DayMatchInput:
    """Draw a day with 50..2,500 Wh a home in the slots, whose capacities sum to about 80 % of the supply."""
    rng = np.random.default_rng(1)
    supply_wh = np.zeros((SLOTS_PER_DAY, n_homes), dtype=np.int64)
    supply_wh[slots] = rng.integers(50, 2501, supply_wh[slots].shape)
    mean_wh = supply_wh.sum(axis=1, keepdims=True) * 8 // (10 * n_buyers)
    return DayMatchInput(
        home_key=np.arange(n_homes),
        choice_buyer_index=ranked_choices(rng, n_homes, n_buyers, k_max),
        supply_wh=supply_wh,
        capacity_wh=rng.integers(0, 2 * mean_wh + 1, (SLOTS_PER_DAY, n_buyers)),
        delivery_date=DELIVERY_DATE,
    )


def kernel_figures(n_homes_max: int) -> Iterator[Figure]:
    """Measure the bars, then the growth up to n_homes_max homes."""
    pilot = drawn_day(ORDERS_OF_PILOT - 3, 3, 3)
    market = MatchMarket(day=pilot)
    before = perf_counter()
    eating(market)
    first_s = perf_counter() - before
    first = Cost(wall_s=first_s, cpu_s=first_s, n_runs=1)
    yield Figure(what="first call (compiled anew, or read from the cache)", n_orders=0, cost=first)
    n_orders = ORDERS_OF_PILOT * PILOT_SLOTS
    limit = pass_cost(pilot)
    yield bar_figure(
        "61 x 48, 3 choices, all rows", n_orders, median_cost(partial(eating, market)), PILOT_MS_MAX, limit
    )
    for k_max, n_buyers in ((1, 5_000), (1, 10_000), (3, 5_000), (3, 10_000)):
        day = drawn_day(LARGE_HOMES, n_buyers, k_max, NOON_SLOT)
        what = f"100,000 homes, one slot, {k_max} choice(s), {n_buyers:,} buyers"
        steps = steps_of_day(day)
        works: list[tuple[str, Callable[[], Any]]] = [("table", steps.sorted_table), ("and rows", steps.whole)]
        for name, work in works:
            yield bar_figure(f"{what}, {name}", LARGE_HOMES, median_cost(work), SLOT_MS_MAX[k_max], pass_cost(day))
    yield from growth_figures(tuple(n_homes for n_homes in GROWTH_HOMES if n_homes <= n_homes_max))


def growth_figures(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Measure the sort once and a noon slot 25 times as the day: any number of homes fits, as slots do not wait."""
    before: tuple[int, float] | None = None
    n_slots = SUNNY_SLOTS.stop - SUNNY_SLOTS.start
    for n_homes in sizes:
        rng = np.random.default_rng(1)
        supply_wh = rng.integers(50, 2501, n_homes, dtype=np.int32)
        mean_wh = int(supply_wh.sum(dtype=np.int64)) * 8 // (10 * GROWTH_BUYERS)
        capacity_wh = rng.integers(0, 2 * mean_wh + 1, GROWTH_BUYERS)
        steps = SlotSteps(supply_wh, ranked_choices(rng, n_homes, GROWTH_BUYERS, 3), capacity_wh)
        tree = steps.tree()
        table = steps.table(tree)
        parts = (
            median_cost(steps.tree),
            median_cost(partial(steps.table, tree)),
            median_cost(partial(steps.rows, table)),
        )
        weights = (1, n_slots, n_slots)
        cost = Cost(
            wall_s=sum(weight * part.wall_s for weight, part in zip(weights, parts, strict=True)),
            cpu_s=sum(weight * part.cpu_s for weight, part in zip(weights, parts, strict=True)),
            n_runs=parts[0].n_runs,
        )
        growth = None if before is None else (cost.wall_s / before[1]) / (n_homes / before[0])
        yield Figure(
            what=f"sort + 25 noon slots, {n_homes:,} homes, {GROWTH_BUYERS:,} buyers, 3 choices",
            n_orders=n_homes * n_slots,
            cost=cost,
            bar="" if growth is None else f"{growth:.2f} x linear <= {GROWTH_MAX}",
            is_reached=None if growth is None else growth <= GROWTH_MAX,
            note=", ".join(
                f"{name} {part.wall_s * 1e3:,.1f} ms"
                for name, part in zip(("sort", "table", "rows"), parts, strict=True)
            ),
        )
        before = (n_homes, cost.wall_s)


def steps_of_day(day: DayMatchInput) -> SlotSteps:
    """Take the noon slot out of a day."""
    noon = NOON_SLOT.start
    return SlotSteps(day.supply_wh[noon].astype(np.int32), day.choice_buyer_index, day.capacity_wh[noon].copy())


def day_gb(n_homes: int) -> float:
    """Estimate what a whole day in memory takes: supply, three parts, rest and the comparisons of the checks."""
    return SLOTS_PER_DAY * n_homes * 8 * 8 / 1e9


def available_gb() -> float:
    """Read how much memory is free."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1e6
    return 0.0
