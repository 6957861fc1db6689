"""A home's parts as a pure function of the published table of closing times and rounding numbers.

Enter: a home's supply, choices, phase and the table. Leave: Wh per choice. Not here: other homes, any carry.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel, inlined
from sanchi.core.matching.phase import phase_of_word

# Fractions of a Wh are counted in 2^-60 Wh.
WH_PHI60: Final = 2**60
# Beyond three Wh the sums of a rounding search would leave 64 bits.
ROUNDING_PHI60_MAX: Final = 3 * WH_PHI60
# The rounding number of a buyer that takes nothing, because even the lowest one would give it too much.
TAKES_NOTHING_PHI60: Final = -4 * WH_PHI60

_FRACTION_BITS: Final = 60
_FRACTION_MASK: Final = WH_PHI60 - 1
_TICK_BITS: Final = 32
_TICK_MASK: Final = 2**32 - 1
_TICK_TO_PHI60_BITS: Final = 28


class PerBuyer(Protocol):
    """Integers looked up by buyer: an array or list by buyer index, or a mapping by buyer number."""

    def __getitem__(self, buyer: Any, /) -> Any:
        """Give the integer of a buyer."""


@inlined
def poured(supply_wh: int, closing_t32: int, phase_u60: int) -> tuple[int, int]:
    """Give what a home has poured out by a tick, its phase included: whole Wh and 2^-60 Wh below."""
    energy_t32_wh = supply_wh * closing_t32
    fraction_phi60 = ((energy_t32_wh & _TICK_MASK) << _TICK_TO_PHI60_BITS) + phase_u60
    return (energy_t32_wh >> _TICK_BITS) + (fraction_phi60 >> _FRACTION_BITS), fraction_phi60 & _FRACTION_MASK


@inlined
def eaten_wh(supply_wh: int, closing_t32: int, phase_u60: int, rounding_phi60: int, eaten_before_wh: int) -> int:
    """Give what a home has given away when a buyer closes, in whole Wh.

    E = floor((supply * T * 2^28 + phase + rounding) / 2^60), never below what it had given before and
    never above its supply. All steps stay below 2^63 for |rounding| <= 3 * 2^60.
    """
    if rounding_phi60 == TAKES_NOTHING_PHI60:
        return eaten_before_wh
    whole_wh, fraction_phi60 = poured(supply_wh, closing_t32, phase_u60)
    eaten = whole_wh + ((fraction_phi60 + rounding_phi60) >> _FRACTION_BITS)
    return min(max(eaten, eaten_before_wh), supply_wh)


@inlined
def write_home_parts(
    supply_wh: int,
    choices: Sequence[int] | ChoiceArray,
    closing_t32: PerBuyer,
    rounding_phi60: PerBuyer,
    phase_u60: int,
    parts_wh: MutableSequence[int] | IntArray,
) -> None:
    """Write a home's part [Wh] of each choice into parts_wh; what is left of its supply is its rest.

    A choice that closed no later than one before it gets nothing: the home had not come yet.
    """
    eaten_before_wh = 0
    arrived_t32 = 0
    for choice in range(len(choices)):
        parts_wh[choice] = 0
        buyer = choices[choice]
        if buyer >= 0 and closing_t32[buyer] > arrived_t32:
            arrived_t32 = closing_t32[buyer]
            eaten = eaten_wh(supply_wh, arrived_t32, phase_u60, rounding_phi60[buyer], eaten_before_wh)
            parts_wh[choice] = eaten - eaten_before_wh
            eaten_before_wh = eaten


@inlined
def write_choice_parts(
    supply_wh: ChoiceArray,
    closing_t32: IntArray,
    rounding_phi60: IntArray,
    phase_u60: IntArray,
    arrived_t32: IntArray,
    given_wh: IntArray,
    parts_wh: IntArray,
) -> None:
    """Let a home go on to its next choice in all slots of a day at once: the rule of write_home_parts.

    Each array has a place a slot. Without a branch, so that a processor does several slots in one step.
    """
    for slot in range(len(phase_u60)):
        before_wh = given_wh[slot]
        after_wh = eaten_wh(supply_wh[slot], closing_t32[slot], phase_u60[slot], rounding_phi60[slot], before_wh)
        after_wh = after_wh if closing_t32[slot] > arrived_t32[slot] else before_wh
        arrived_t32[slot] = max(arrived_t32[slot], closing_t32[slot])
        given_wh[slot] = after_wh
        parts_wh[slot] = after_wh - before_wh


@entry_kernel
def write_day_parts(
    slot_index: IntArray,
    supply_wh: IntArray,
    choices: ChoiceArray,
    closing_t32: IntArray,
    rounding_phi60: IntArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    parts_wh: IntArray,
) -> None:
    """Write the parts of all homes in the listed slots from the day's table; each home and slot stands alone.

    slot_index : int64 (n,), the slots to work on; supply_wh : int64 (48, n_homes) [Wh]; closing_t32,
    rounding_phi60 : int64 (48, n_buyers); home_word, salt : uint64 from the module phase.
    Writes: parts_wh, int64 array of shape (48, n_homes, k_max) [Wh].
    """
    for slot in slot_index:
        for home in range(supply_wh.shape[1]):
            phase_u60: Any = np.int64(phase_of_word(home_word[home], salt[slot]))
            write_home_parts(
                supply_wh[slot, home],
                choices[home],
                closing_t32[slot],
                rounding_phi60[slot],
                phase_u60,
                parts_wh[slot, home],
            )
