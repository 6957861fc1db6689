"""Which Wh of a home a buyer still admits: a cut-off of class, tick and word, tightened when too much is offered.

Enter: what homes offer to a buyer. Leave: its cut-off. Not here: how homes make their offers.
An order over all Wh that could come to a buyer stands behind it: first by the class of the home, then by the tick
at which the home, pouring its supply evenly over the slot from its public phase on, has poured that Wh, then by the
home's word of the slot. So the Wh of a class come in turn, pro rata to supply, and no two Wh are equal.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.eating.parts import poured
from sanchi.core.matching.kernel import ChoiceArray, IntArray, inlined
from sanchi.core.matching.sharing.phase_shares import phase_in_word

# Later than every class: nothing is cut off.
EVERY_CLASS_RANK: Final = 2**31


@inlined
def poured_wh(supply_wh: int, tick_t32: int, slot_word: Any) -> int:
    """Give the whole Wh that a home has poured by a tick; all of its supply at the last one."""
    whole_wh, _ = poured(supply_wh, tick_t32, phase_in_word(slot_word))
    return whole_wh


@inlined
def admitted_wh(supply_wh: int, slot_word: Any, class_rank: int, cut_rank: int, cut_t32: int, cut_word: Any) -> int:
    """Give how many of a home's Wh lie before a buyer's cut-off.

    Of the class cut off these are the Wh poured by the tick, and the one poured in the next tick for a home whose word
    is below the cut-off's.
    """
    if class_rank < cut_rank:
        return supply_wh
    if class_rank > cut_rank:
        return 0
    whole_wh = poured_wh(supply_wh, cut_t32, slot_word)
    if slot_word < cut_word:
        return poured_wh(supply_wh, cut_t32 + 1, slot_word)
    return whole_wh


@inlined
def marginal_class(class_rank: ChoiceArray, offered_wh: IntArray, capacity_wh: int) -> tuple[int, int, int]:
    """Find the class in which offers pass the capacity: its first and last + 1 entry, and the Wh left for it.

    class_rank, offered_wh : one entry a home, classes in ascending order; the offers exceed the capacity.
    """
    left_wh = capacity_wh
    first, after = 0, 0
    while after < len(class_rank):
        class_wh = 0
        first = after
        while after < len(class_rank) and class_rank[after] == class_rank[first]:
            class_wh += offered_wh[after]
            after += 1
        if class_wh > left_wh:
            break
        left_wh -= class_wh
    return first, after, left_wh


@inlined
def _taken_by(supply_wh: IntArray, offered_wh: IntArray, slot_word: NDArray[np.uint64], tick_t32: int) -> int:
    """Sum what homes have poured by a tick, each up to what it offers."""
    total_wh = 0
    for home in range(len(supply_wh)):
        total_wh += min(offered_wh[home], poured_wh(supply_wh[home], tick_t32, slot_word[home]))
    return total_wh


@inlined
def cut_within_class(
    supply_wh: IntArray, offered_wh: IntArray, slot_word: NDArray[np.uint64], left_wh: int, highest_t32: int
) -> tuple[int, Any]:
    """Give the tick and word that admit exactly the Wh left, of homes of one class that offer more.

    highest_t32 : a tick that is not before the one looked for; an earlier cut-off of the class, or the slot's end.
    """
    lowest_t32 = 0
    while lowest_t32 < highest_t32:
        middle_t32 = highest_t32 - (highest_t32 - lowest_t32) // 2
        if _taken_by(supply_wh, offered_wh, slot_word, middle_t32) <= left_wh:
            lowest_t32 = middle_t32
        else:
            highest_t32 = middle_t32 - 1
    stepping_word = np.empty(len(supply_wh), np.uint64)
    count = 0
    for home in range(len(supply_wh)):
        now_wh = poured_wh(supply_wh[home], lowest_t32, slot_word[home])
        if now_wh < offered_wh[home] and poured_wh(supply_wh[home], lowest_t32 + 1, slot_word[home]) > now_wh:
            stepping_word[count] = slot_word[home]
            count += 1
    missing_wh = left_wh - _taken_by(supply_wh, offered_wh, slot_word, lowest_t32)
    # More homes step than Wh are missing, or the next tick would still fit; the first that is refused is the word.
    return lowest_t32, np.sort(stepping_word[:count])[missing_wh]


@inlined
def before_end_t32(cut_rank: int, class_rank: int, cut_t32: int) -> int:
    """Give the tick that a cut-off in this class cannot be after: its earlier one, or the end of the slot."""
    if cut_rank == class_rank:
        return cut_t32
    return NEVER_CLOSED_T32
