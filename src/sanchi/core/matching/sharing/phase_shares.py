"""Split whole Wh by integer weights over homes: sums exact, the odd Wh settled by the homes' public phases.

Enter: a total, weights, a phase. Leave: whole Wh. Not here: who asks whom for how much.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import IntArray, inlined
from sanchi.core.matching.phase import PHASE_BITS

# Dividing 16 bits a step keeps each dividend below 2^63 for totals and sums of weights below 2^46.
_DIGIT_BITS: Final = 16
_DIGIT_MASK: Final = 2**16 - 1
_DIGIT_SHIFTS: Final = (32, 16, 0)
_FRACTION_STEPS: Final = 4
_FRACTION_STEP_BITS: Final = 15
_FRACTION_MASK: Final = 2**60 - 1
_PHASE_SHIFT: Final = np.uint64(64 - PHASE_BITS)


@inlined
def phase_in_word(slot_word: Any) -> Any:
    """Give the phase [2^-60 Wh] as int64: the upper 60 bits of a home's word of the slot."""
    return np.int64(slot_word >> _PHASE_SHIFT)


@inlined
def share_of(total: Any, weight_wh: Any, weights: Any) -> tuple[Any, Any]:
    """Divide total * weight by the sum of the weights: quotient and remainder, exactly.

    total, weights (the sum) : 0..2^46-1, the sum above zero; weight_wh : 0..2^48-1. The product may have 94 bits, so
    the weight is multiplied in by digits of 16 bits. Works on integers and, element by element, on arrays.

    >>> share_of(10, 1, 3)
    (3, 1)
    """
    whole = 0
    left = 0
    for shift in _DIGIT_SHIFTS:
        dividend = (left << _DIGIT_BITS) + total * ((weight_wh >> shift) & _DIGIT_MASK)
        whole = (whole << _DIGIT_BITS) + dividend // weights
        left = dividend % weights
    return whole, left


@inlined
def fraction_of(remainder_count: Any, weights: Any) -> Any:
    """Give what a remainder is of the sum of the weights, rounded down to 2^-60; both as share_of has them."""
    fraction_phi60 = 0
    for _ in range(_FRACTION_STEPS):
        dividend = remainder_count << _FRACTION_STEP_BITS
        fraction_phi60 = (fraction_phi60 << _FRACTION_STEP_BITS) + dividend // weights
        remainder_count = dividend % weights
    return fraction_phi60


@inlined
def common_phase(slot_word: NDArray[np.uint64]) -> int:
    """Give the phase that homes have in common [2^-60 Wh]: the fraction of the sum of theirs, in whatever order."""
    common_u60 = 0
    for home in range(len(slot_word)):
        common_u60 = (common_u60 + phase_in_word(slot_word[home])) & _FRACTION_MASK
    return common_u60


@inlined
def write_phase_shares(total_wh: int, weight_wh: IntArray, phase_u60: int, parts_wh: IntArray) -> None:
    """Write whole parts that sum to the total, each less than 1 Wh from total * weight / sum of weights.

    The shares are laid end to end and cut at floor(share so far + phase). A share that is whole stays so; another
    is rounded up as often as its fraction says, since a phase is even over [0, 1). The parts follow the order of
    the weights, so that has to be one which no row decides: the homes' keys, or a home's own choices.

    total_wh : 0..2^46-1; weight_wh : int64 (n,), the sum above zero and below 2^46; phase_u60 : 0..2^60-1;
    parts_wh : int64 (n,), written.
    Source: systematic sampling (Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics
    20, 1949), the public phase in place of the random start.
    """
    weights = 0
    for place in range(len(weight_wh)):
        weights += weight_wh[place]
    weights_so_far, cut_wh = 0, 0
    for place in range(len(weight_wh)):
        parts_wh[place] = 0
        if weight_wh[place] > 0:
            weights_so_far += weight_wh[place]
            whole_wh, left = share_of(total_wh, weights_so_far, weights)
            whole_wh += (fraction_of(left, weights) + phase_u60) >> PHASE_BITS
            parts_wh[place] = whole_wh - cut_wh
            cut_wh = whole_wh
