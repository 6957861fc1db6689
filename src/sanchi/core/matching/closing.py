"""When each buyer is full: closing times from sums alone, before any fraction of a Wh is settled.

Enter: supplies, choices, capacities of a day. Leave: closing times in 2^-32 of the slot. Not here: parts.
"""

from typing import Final

import numpy as np

from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel, inlined

# The end of the slot in ticks of 2^-32 of a slot; a buyer with this closing time never closed.
NEVER_CLOSED_T32: Final = 2**32
_TICK_BITS: Final = 32
_TICK_MASK: Final = 2**32 - 1
# Dividing 32 bits in two steps of 16 keeps every dividend below 2^63 for masses below 2^46 Wh.
_STEP_BITS: Final = 16
_STEP_MASK: Final = 2**16 - 1
_NOBODY: Final = -1


@inlined
def last_tick_within(capacity_wh: int, late_wh: int, late_t32_wh: int, mass_wh: int) -> int:
    """Give the last tick T at which mass_wh * T - O is not above the capacity, O = mass times its arrival.

    O is kept in two limbs, late_wh * 2^32 + late_t32_wh with 0 <= late_t32_wh < 2^32 and
    late_wh <= mass_wh < 2^46. Returns: min(2^32, floor((capacity_wh * 2^32 + O) / mass_wh)), exactly.
    """
    if mass_wh == 0 or capacity_wh >= mass_wh - late_wh:
        return NEVER_CLOSED_T32
    whole_wh = capacity_wh + late_wh
    high_dividend = (whole_wh << _STEP_BITS) | (late_t32_wh >> _STEP_BITS)
    high_ticks = high_dividend // mass_wh
    left_wh = high_dividend - high_ticks * mass_wh
    low_dividend = (left_wh << _STEP_BITS) | (late_t32_wh & _STEP_MASK)
    return (high_ticks << _STEP_BITS) | (low_dividend // mass_wh)


@inlined
def _next_open_choice(choices: ChoiceArray, home: int, first_choice: int, is_closed: IntArray) -> int:
    """Give the position of a home's best open choice at or behind first_choice, or -1."""
    choice = first_choice
    while choice < choices.shape[1] and choices[home, choice] >= 0:
        if not is_closed[choices[home, choice]]:
            return choice
        choice += 1
    return _NOBODY


@inlined
def _first_to_close(closing_t32: IntArray, is_closed: IntArray) -> int:
    """Give the open buyer with the smallest (closing time, index), or -1 when the others never close."""
    now_t32, first = NEVER_CLOSED_T32, _NOBODY
    for buyer in range(len(closing_t32)):
        if not is_closed[buyer] and closing_t32[buyer] < now_t32:
            now_t32, first = closing_t32[buyer], buyer
    return first


@inlined
def _slot_closing_times(
    supply_wh: IntArray,
    choices: ChoiceArray,
    capacity_wh: IntArray,
    choosers: tuple[IntArray, IntArray, IntArray],
    closing_t32: IntArray,
) -> None:
    """Close the buyers of one slot one by one and write their closing times into closing_t32."""
    chooser_home_index, chooser_choice_index, buyer_first_index = choosers
    n_homes, n_buyers = len(supply_wh), len(capacity_wh)
    mass_wh = np.zeros(n_buyers, np.int64)
    late_wh = np.zeros(n_buyers, np.int64)
    late_t32_wh = np.zeros(n_buyers, np.int64)
    is_closed = np.zeros(n_buyers, np.int64)
    eating_at = np.empty(n_homes, np.int64)
    for home in range(n_homes):
        eating_at[home] = _next_open_choice(choices, home, 0, is_closed)
        if eating_at[home] != _NOBODY:
            mass_wh[choices[home, 0]] += supply_wh[home]
    for buyer in range(n_buyers):
        closing_t32[buyer] = last_tick_within(capacity_wh[buyer], 0, 0, mass_wh[buyer])
    closer = _first_to_close(closing_t32, is_closed)
    while closer != _NOBODY:
        now_t32 = closing_t32[closer]
        is_closed[closer] = 1
        for entry in range(buyer_first_index[closer], buyer_first_index[closer + 1]):
            home, choice = chooser_home_index[entry], chooser_choice_index[entry]
            if eating_at[home] != choice:
                continue
            eating_at[home] = _next_open_choice(choices, home, choice + 1, is_closed)
            if eating_at[home] == _NOBODY:
                continue
            buyer = choices[home, eating_at[home]]
            energy_t32_wh = supply_wh[home] * now_t32
            late_sum = late_t32_wh[buyer] + (energy_t32_wh & _TICK_MASK)
            late_wh[buyer] += (energy_t32_wh >> _TICK_BITS) + (late_sum >> _TICK_BITS)
            late_t32_wh[buyer] = late_sum & _TICK_MASK
            mass_wh[buyer] += supply_wh[home]
            closing_t32[buyer] = last_tick_within(
                capacity_wh[buyer], late_wh[buyer], late_t32_wh[buyer], mass_wh[buyer]
            )
        closer = _first_to_close(closing_t32, is_closed)


@entry_kernel
def write_closing_times(
    slot_index: IntArray,
    supply_wh: IntArray,
    choices: ChoiceArray,
    capacity_wh: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    buyer_first_index: IntArray,
    closing_t32: IntArray,
) -> None:
    """Close the buyers of the listed slots in the order of (closing time, buyer).

    slot_index : int64 (n,), the slots to work on; supply_wh : int64 (48, n_homes) [Wh]; choices : int32
    (n_homes, k_max); capacity_wh : int64 (48, n_buyers) [Wh]; the next three are the fields of Choosers.
    Writes: closing_t32, int64 array of shape (48, n_buyers) in 2^-32 of the slot, 2^32 = never closed.

    A closing time only falls when mass arrives and never below now, so the first to close is final.
    Rational times are no way: their denominators multiply at each closing.
    """
    choosers = (chooser_home_index, chooser_choice_index, buyer_first_index)
    for slot in slot_index:
        _slot_closing_times(supply_wh[slot], choices, capacity_wh[slot], choosers, closing_t32[slot])
