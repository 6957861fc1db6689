"""Measures the matching kernel in memory: a small day, a slot of 100,000 homes, growth to 7,000,000 homes.

Leaves: one line a measurement, median of warm runs. Not here: files, any check of results (see tests).
Say `growth` to measure growth too: it needs 2 GB and some minutes.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

DELIVERY_DATE = date(2020, 11, 20)
RUNS_SMALL = 200
RUNS_LARGE = 9
RUNS_HUGE = 5
SUNNY_SLOTS = 25
GROWTH_BUYERS = 10_000
GROWTH_HOMES = (10_000, 100_000, 1_000_000, 7_000_000)


def median_s(function: Callable[[], Any], n_runs: int) -> float:
    """Give the median wall time of warm runs."""
    function()
    times_s = []
    for _ in range(n_runs):
        start = time.perf_counter()
        function()
        times_s.append(time.perf_counter() - start)
    return statistics.median(times_s)


def report(what: str, seconds: float, n_homes: int = 0) -> None:
    """Print one measurement in ms, and in ns a home where that tells something."""
    a_home = f" {seconds / n_homes * 1e9:8.1f} ns a home" if n_homes else ""
    print(f"{what:<72} {seconds * 1e3:10.2f} ms{a_home}", flush=True)


def popular_choices(rng: np.random.Generator, n_homes: int, n_buyers: int, k_max: int) -> np.ndarray:
    """Draw ranked buyers whose popularity falls as 1/rank; of three choices 5, 15, 80 % of homes make 1, 2, 3."""
    popularity = (1 / np.arange(1, n_buyers + 1)).cumsum()
    popularity /= popularity[-1]
    choices = np.searchsorted(popularity, rng.random((n_homes, k_max))).astype(np.int32)
    while k_max > 1:
        ordered = np.sort(choices, axis=1)
        repeats = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeats.any():
            break
        choices[repeats] = np.searchsorted(popularity, rng.random((int(repeats.sum()), k_max)))
    if k_max > 1:
        luck = rng.random(n_homes)
        choices[luck < 0.20, 2:] = -1
        choices[luck < 0.05, 1:] = -1
    return choices


def fleet(n_homes: int, n_buyers: int, k_max: int) -> dict[str, np.ndarray]:
    """Make a noon slot: about 900 Wh a home, capacities that fall with popularity and sum to 80 % of the supply."""
    rng = np.random.default_rng(1)
    supply_wh = rng.integers(50, 1751, n_homes).astype(np.int32)
    capacity = np.arange(1, n_buyers + 1) ** -0.5 * rng.lognormal(0, 0.7, n_buyers)
    return {
        "choices": popular_choices(rng, n_homes, n_buyers, k_max),
        "supply_wh": supply_wh,
        "capacity_wh": (capacity / capacity.sum() * 0.8 * supply_wh.sum(dtype=np.int64)).astype(np.int64),
    }


def measure_small_day() -> None:
    """Measure a day of 61 participants with all rows: choices sorted, matched, laid out."""
    from sanchi.core.matching import DayMatchInput
    from sanchi.core.matching.allocation import allocation_of_parts
    from sanchi.core.matching.eating.matched_day import match_day
    from sanchi.core.matching.market import MatchMarket

    rng = np.random.default_rng(1)
    supply_wh = rng.integers(50, 2501, (48, 61))
    mean_wh = supply_wh.sum(axis=1, keepdims=True) * 8 // 30
    day = DayMatchInput(
        home_key=np.arange(61),
        choice_buyer_index=np.array([rng.permutation(3) for _ in range(61)], dtype=np.int32),
        supply_wh=supply_wh,
        capacity_wh=rng.integers(0, 2 * mean_wh + 1, (48, 3)),
        delivery_date=DELIVERY_DATE,
    )
    market = MatchMarket(day=day)
    report("61 homes x 48 slots, 3 buyers, 3 choices: parts", median_s(lambda: match_day(day), RUNS_SMALL))

    def rows() -> Any:
        return allocation_of_parts(market, match_day(day).parts_wh)

    report("61 homes x 48 slots, 3 buyers, 3 choices: all rows", median_s(rows, RUNS_SMALL))


def measure_slot(n_homes: int, n_buyers: int, k_max: int, n_runs: int) -> float:
    """Measure one slot step by step, then as a whole; give what a day of sunny slots costs a home [s], sorted once."""
    from sanchi.core.matching.eating.block_parts import block_rows
    from sanchi.core.matching.eating.choice_tree import build_choice_tree
    from sanchi.core.matching.eating.slot_table import slot_table
    from sanchi.core.matching.phase import day_salts, home_words

    drawn = fleet(n_homes, n_buyers, k_max)
    choices, supply_wh, capacity_wh = drawn["choices"], drawn["supply_wh"], drawn["capacity_wh"]
    words, salts = home_words(np.arange(n_homes)), day_salts(DELIVERY_DATE)
    tree = build_choice_tree(choices, n_buyers)
    in_order_wh, words_in_order = supply_wh[tree.home_order], words[tree.home_order]

    def whole() -> Any:
        grown = build_choice_tree(choices, n_buyers)
        return slot_table(grown, supply_wh[grown.home_order], capacity_wh, words[grown.home_order], salts[24])

    what = f"{n_homes:,} homes, {n_buyers:,} buyers, {k_max} choice(s): "
    build_s = median_s(lambda: build_choice_tree(choices, n_buyers), n_runs)
    report(what + "sort and tree", build_s, n_homes)
    table_s = median_s(lambda: slot_table(tree, in_order_wh, capacity_wh, words_in_order, salts[24]), n_runs)
    report(what + "table of a slot", table_s, n_homes)
    report(what + "sort, tree, table of a slot", median_s(whole, n_runs), n_homes)
    closing_t32, rounding_phi60 = slot_table(tree, in_order_wh, capacity_wh, words_in_order, salts[24])
    block = min(n_homes, 100_000)
    day_wh, table = np.zeros((block, 48), dtype=np.int32), np.zeros((2, n_buyers, 48), dtype=np.int64)
    day_wh[:, 12 : 12 + SUNNY_SLOTS] = supply_wh[:block, None]
    table[:, :, 12 : 12 + SUNNY_SLOTS] = np.stack([closing_t32, rounding_phi60])[:, :, None]
    arguments = (day_wh, choices[:block], words[:block], salts, table[0], table[1])
    rows_s = median_s(lambda: block_rows(*arguments, with_rest=True), n_runs)
    report(what + f"rows of {block:,} homes, a slot of 25", rows_s / SUNNY_SLOTS, block)
    return (build_s + SUNNY_SLOTS * table_s) / n_homes + rows_s / block


if __name__ == "__main__":
    print(f"load average {os.getloadavg()[0]:.2f}")
    measure_small_day()
    measure_slot(100_000, 5_000, 1, RUNS_LARGE)
    measure_slot(100_000, 5_000, 3, RUNS_LARGE)
    measure_slot(100_000, 10_000, 3, RUNS_LARGE)
    if "growth" in sys.argv[1:]:
        costs_s = [measure_slot(n_homes, GROWTH_BUYERS, 3, RUNS_HUGE) for n_homes in GROWTH_HOMES]
        for n_homes, cost_s in zip(GROWTH_HOMES, costs_s, strict=True):
            growth = f"{cost_s / costs_s[0]:.2f} x linear"
            print(f"a day of {SUNNY_SLOTS} slots, {n_homes:,} homes: {cost_s * 1e9:.0f} ns a home, {growth}")
    print(f"load average {os.getloadavg()[0]:.2f}")
