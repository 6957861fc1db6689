"""One rounding number per buyer and slot, so that whole Wh fill a closed buyer and never overfill one.

Enter: closing times and the homes' phases. Leave: rounding numbers in 2^-60 Wh. Not here: closing times.
"""

from typing import Final

import numpy as np

from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.eating.parts import (
    ROUNDING_PHI60_MAX,
    TAKES_NOTHING_PHI60,
    WH_PHI60,
    eaten_wh,
    poured,
)
from sanchi.core.matching.kernel import ChoiceArray, IntArray, inlined

# Wh side by side for a search, 32 or 64 bits each.
EnergyArray = ChoiceArray | IntArray

_STEP_BITS: Final = 61
# Steps lie evenly over the Wh, so the wanted ones are nearly always among a third more than wanted and a few.
_TAIL_DIVISOR: Final = 3
_TAIL_HOMES: Final = 16


@inlined
def taken_wh(
    supply_wh: EnergyArray, before_wh: EnergyArray, phase_u60: IntArray, closing_t32: int, rounding_phi60: int
) -> int:
    """Sum what a buyer takes from its homes for one rounding number; never falls when the number grows."""
    total_wh = 0
    for home in range(len(supply_wh)):
        eaten = eaten_wh(supply_wh[home], closing_t32, phase_u60[home], rounding_phi60, before_wh[home])
        total_wh += eaten - before_wh[home]
    return total_wh


@inlined
def smallest_step(steps_phi60: IntArray, rank: int) -> int:
    """Give the rank-th smallest (1 = least) of non-negative numbers below 2^61; reorders the array.

    Halves the candidates bit by bit from the top, so even equal or hostile numbers cost 61 passes at most.
    """
    first, last = 0, len(steps_phi60)
    bit = _STEP_BITS - 1
    while last - first > 1 and bit >= 0:
        middle = first
        for place in range(first, last):
            if not (steps_phi60[place] >> bit) & 1:
                steps_phi60[middle], steps_phi60[place] = steps_phi60[place], steps_phi60[middle]
                middle += 1
        if rank <= middle - first:
            last = middle
        else:
            rank -= middle - first
            first = middle
        bit -= 1
    return int(steps_phi60[first])


@inlined
def _write_steps(
    supply_wh: EnergyArray,
    before_wh: EnergyArray,
    phase_u60: IntArray,
    closing_t32: int,
    is_up: bool,  # noqa: FBT001 - kernels are called by position
    highest_phi60: int,
    steps_phi60: IntArray,
) -> int:
    """Write how far each home's next step is where that is at most highest_phi60, and give how many there are.

    Within one Wh of 0 each home has at most one step: up at 2^60 - fraction, down at -fraction - 1.
    """
    count = 0
    for home in range(len(supply_wh)):
        whole_wh, fraction_phi60 = poured(supply_wh[home], closing_t32, phase_u60[home])
        if is_up:
            step_phi60 = WH_PHI60 - fraction_phi60
            has_step = before_wh[home] <= whole_wh < supply_wh[home]
        else:
            step_phi60 = fraction_phi60 + 1
            has_step = whole_wh > before_wh[home]
        if has_step and step_phi60 <= highest_phi60:
            steps_phi60[count] = step_phi60
            count += 1
    return count


@inlined
def nearest_step(
    supply_wh: EnergyArray, before_wh: EnergyArray, phase_u60: IntArray, closing_t32: int, missing_wh: int
) -> int:
    """Give the number nearest to 0 at which missing_wh homes (negative: too much) step by one Wh, or 0.

    0 means that too few homes have a step within one Wh, or that homes that step together would take too much.
    """
    homes = (supply_wh, before_wh, phase_u60)
    n_homes, wanted = len(supply_wh), abs(missing_wh)
    if wanted > n_homes:
        return 0
    steps_phi60 = np.empty(n_homes, np.int64)
    is_up = missing_wh > 0
    tail = wanted + wanted // _TAIL_DIVISOR + _TAIL_HOMES
    highest_phi60 = WH_PHI60 // n_homes * tail if tail < n_homes else WH_PHI60
    count = _write_steps(*homes, closing_t32, is_up, highest_phi60, steps_phi60)
    if count < wanted and highest_phi60 < WH_PHI60:
        count = _write_steps(*homes, closing_t32, is_up, WH_PHI60, steps_phi60)
    if count < wanted:
        return 0
    step_phi60 = smallest_step(steps_phi60[:count], wanted)
    if not is_up:
        return -step_phi60
    stepping = 0
    for place in range(count):
        if steps_phi60[place] <= step_phi60:
            stepping += 1
    return step_phi60 if stepping == wanted else 0


@inlined
def _largest_within(
    supply_wh: EnergyArray,
    before_wh: EnergyArray,
    phase_u60: IntArray,
    closing_t32: int,
    bound_wh: int,
    lowest_phi60: int,
    highest_phi60: int,
) -> int:
    """Give the largest number of [lowest, highest] that takes at most bound_wh; lowest must do so."""
    while lowest_phi60 < highest_phi60:
        middle_phi60 = highest_phi60 - (highest_phi60 - lowest_phi60) // 2
        if taken_wh(supply_wh, before_wh, phase_u60, closing_t32, middle_phi60) <= bound_wh:
            lowest_phi60 = middle_phi60
        else:
            highest_phi60 = middle_phi60 - 1
    return lowest_phi60


@inlined
def bisected_rounding(
    supply_wh: EnergyArray, before_wh: EnergyArray, phase_u60: IntArray, closing_t32: int, capacity_wh: int
) -> int:
    """Give the number nearest to 0 with the largest sum up to the capacity, by bisection over +-3 Wh.

    TAKES_NOTHING_PHI60 where even -3 Wh would take too much.
    """
    homes = (supply_wh, before_wh, phase_u60)
    taken_at_zero_wh = taken_wh(supply_wh, before_wh, phase_u60, closing_t32, 0)
    if taken_at_zero_wh > capacity_wh:
        if taken_wh(supply_wh, before_wh, phase_u60, closing_t32, -ROUNDING_PHI60_MAX) > capacity_wh:
            return TAKES_NOTHING_PHI60
        return _largest_within(*homes, closing_t32, capacity_wh, -ROUNDING_PHI60_MAX, -1)
    highest_phi60 = _largest_within(*homes, closing_t32, capacity_wh, 0, ROUNDING_PHI60_MAX)
    most_wh = taken_wh(supply_wh, before_wh, phase_u60, closing_t32, highest_phi60)
    if most_wh == taken_at_zero_wh:
        return 0
    return _largest_within(*homes, closing_t32, most_wh - 1, 0, highest_phi60) + 1


@inlined
def buyer_rounding(
    supply_wh: EnergyArray, before_wh: EnergyArray, phase_u60: IntArray, closing_t32: int, capacity_wh: int
) -> int:
    """Give a buyer's rounding number [2^-60 Wh] from the homes that came before it closed.

    The number nearest to 0 for which the homes' sum is the capacity, or the largest sum below it. A buyer
    that never closed keeps 0 unless rounding alone lifted it above its capacity. One step of a Wh a home
    settles nearly all; the rest, and equal steps, are bisected.
    """
    missing_wh = capacity_wh - taken_wh(supply_wh, before_wh, phase_u60, closing_t32, 0)
    if missing_wh == 0 or (missing_wh > 0 and closing_t32 == NEVER_CLOSED_T32):
        return 0
    rounding_phi60 = nearest_step(supply_wh, before_wh, phase_u60, closing_t32, missing_wh)
    if rounding_phi60 != 0:
        return rounding_phi60
    return bisected_rounding(supply_wh, before_wh, phase_u60, closing_t32, capacity_wh)
