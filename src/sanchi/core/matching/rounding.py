"""One rounding number per buyer and slot, so that whole Wh fill a closed buyer and never overfill one.

Enter: closing times and the homes' phases. Leave: rounding numbers in 2^-60 Wh. Not here: closing times.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.closing import NEVER_CLOSED_T32
from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel, inlined
from sanchi.core.matching.parts import (
    ROUNDING_PHI60_MAX,
    TAKES_NOTHING_PHI60,
    WH_PHI60,
    eaten_wh,
    poured,
)
from sanchi.core.matching.phase import phase_of_word

_STEP_BITS: Final = 61


@inlined
def taken_wh(
    supply_wh: IntArray, before_wh: IntArray, phase_u60: IntArray, closing_t32: int, rounding_phi60: int
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
def nearest_step(
    supply_wh: IntArray, before_wh: IntArray, phase_u60: IntArray, closing_t32: int, missing_wh: int
) -> int:
    """Give the number nearest to 0 at which missing_wh homes (negative: too much) step by one Wh, or 0.

    Within one Wh of 0 each home has at most one step: up at 2^60 - fraction, down at -fraction - 1.
    0 means that too few homes have one.
    """
    steps_phi60 = np.empty(len(supply_wh), np.int64)
    count = 0
    for home in range(len(supply_wh)):
        whole_wh, fraction_phi60 = poured(supply_wh[home], closing_t32, phase_u60[home])
        if missing_wh > 0 and before_wh[home] <= whole_wh < supply_wh[home]:
            steps_phi60[count] = WH_PHI60 - fraction_phi60
            count += 1
        if missing_wh < 0 and whole_wh > before_wh[home]:
            steps_phi60[count] = fraction_phi60 + 1
            count += 1
    if abs(missing_wh) > count:
        return 0
    step_phi60 = smallest_step(steps_phi60[:count], abs(missing_wh))
    return step_phi60 if missing_wh > 0 else -step_phi60


@inlined
def _largest_within(
    supply_wh: IntArray,
    before_wh: IntArray,
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
    supply_wh: IntArray, before_wh: IntArray, phase_u60: IntArray, closing_t32: int, capacity_wh: int
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
    supply_wh: IntArray, before_wh: IntArray, phase_u60: IntArray, closing_t32: int, capacity_wh: int
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
    step_taken_wh = taken_wh(supply_wh, before_wh, phase_u60, closing_t32, rounding_phi60)
    if rounding_phi60 != 0 and step_taken_wh <= capacity_wh:
        return rounding_phi60
    return bisected_rounding(supply_wh, before_wh, phase_u60, closing_t32, capacity_wh)


@inlined
def _came_before(choices: ChoiceArray, home: int, choice: int, closing_t32: IntArray) -> bool:
    """Say whether a home reached its choice before that closed: all better choices closed earlier."""
    closes_t32 = closing_t32[choices[home, choice]]
    if closes_t32 == 0:
        return False
    for better in range(choice):
        if closing_t32[choices[home, better]] >= closes_t32:
            return False
    return True


@inlined
def _list_comers(
    choices: ChoiceArray,
    closing_t32: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    came: IntArray,
) -> int:
    """Write the homes that came to a buyer before it closed into came and give their number."""
    count = 0
    for entry in range(len(chooser_home_index)):
        if _came_before(choices, chooser_home_index[entry], chooser_choice_index[entry], closing_t32):
            came[count] = chooser_home_index[entry]
            count += 1
    return count


@entry_kernel
def write_rounding_numbers(
    slot_index: IntArray,
    supply_wh: IntArray,
    choices: ChoiceArray,
    capacity_wh: IntArray,
    closing_t32: IntArray,
    closing_order: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    buyer_first_index: IntArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    rounding_phi60: IntArray,
) -> None:
    """Choose the rounding numbers of the listed slots, buyers in closing order within each slot.

    slot_index : int64 (n,), the slots to work on; supply_wh : int64 (48, n_homes) [Wh]; capacity_wh,
    closing_t32, closing_order : int64 (48, n_buyers), the last one the buyers of a slot sorted by closing
    time; the next three are the fields of Choosers; home_word, salt : uint64 from the module phase.
    Writes: rounding_phi60, int64 array of shape (48, n_buyers) [2^-60 Wh].

    Buyers that close at one tick share no home that came in time, so their order does not matter.
    """
    n_homes = supply_wh.shape[1]
    came = np.empty(n_homes, np.int64)
    came_supply_wh = np.empty(n_homes, np.int64)
    came_before_wh = np.empty(n_homes, np.int64)
    came_phase_u60 = np.empty(n_homes, np.int64)
    for slot in slot_index:
        eaten = np.zeros(n_homes, np.int64)
        for buyer in closing_order[slot]:
            closes_t32 = closing_t32[slot, buyer]
            own = slice(buyer_first_index[buyer], buyer_first_index[buyer + 1])
            count = _list_comers(choices, closing_t32[slot], chooser_home_index[own], chooser_choice_index[own], came)
            # The search for a rounding number passes over its homes several times: side by side in memory.
            for place in range(count):
                came_supply_wh[place] = supply_wh[slot, came[place]]
                came_before_wh[place] = eaten[came[place]]
                came_phase_u60[place] = np.int64(phase_of_word(home_word[came[place]], salt[slot]))
            homes = (came_supply_wh[:count], came_before_wh[:count], came_phase_u60[:count])
            rounding = buyer_rounding(*homes, closes_t32, capacity_wh[slot, buyer])
            rounding_phi60[slot, buyer] = rounding
            for place in range(count):
                eaten[came[place]] = eaten_wh(
                    came_supply_wh[place], closes_t32, came_phase_u60[place], rounding, came_before_wh[place]
                )
