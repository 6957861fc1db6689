"""When a buyer is full: ticks from sums alone, before any fraction of a Wh is settled; and who is full first.

Enter: capacity, mass, and when the mass came. Leave: closing times in 2^-32 of the slot. Not here: homes, parts.
"""

from typing import Final

from sanchi.core.matching.kernel import IntArray, inlined

# The end of the slot in ticks of 2^-32 of a slot; a buyer with this closing time never closed.
NEVER_CLOSED_T32: Final = 2**32
_TICK_BITS: Final = 32
_TICK_MASK: Final = 2**32 - 1
# Dividing and multiplying 32 bits in two steps of 16 keeps every number below 2^63 for masses below 2^46 Wh.
_STEP_BITS: Final = 16
_STEP_MASK: Final = 2**16 - 1
# A closing time below 2^32 and a buyer below 2^31 in one word: the smaller word closes first, ties by buyer.
_BUYER_BITS: Final = 31
_BUYER_MASK: Final = 2**31 - 1
_NO_PLACE: Final = -1


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
def later_by(late_wh: int, late_t32_wh: int, mass_wh: int, arrived_t32: int) -> tuple[int, int]:
    """Add mass_wh * arrived_t32 to the two limbs late_wh * 2^32 + late_t32_wh, exactly for masses below 2^46 Wh."""
    high = mass_wh * (arrived_t32 >> _STEP_BITS)
    low = mass_wh * (arrived_t32 & _STEP_MASK)
    sum_t32_wh = late_t32_wh + ((high & _STEP_MASK) << _STEP_BITS) + (low & _TICK_MASK)
    late_wh += (high >> _STEP_BITS) + (low >> _TICK_BITS) + (sum_t32_wh >> _TICK_BITS)
    return late_wh, sum_t32_wh & _TICK_MASK


@inlined
def closing_word(closing_t32: int, buyer_index: int) -> int:
    """Put a closing time below 2^32 and its buyer into one word; words sort as (closing time, buyer)."""
    return (closing_t32 << _BUYER_BITS) | buyer_index


@inlined
def word_parts(word: int) -> tuple[int, int]:
    """Give closing time and buyer of a word."""
    return word >> _BUYER_BITS, word & _BUYER_MASK


@inlined
def lower_word(queue_word: IntArray, queue_position: IntArray, n_queued: int, word: int) -> int:
    """Put a buyer's word into the queue, or a smaller one in its place; give how many are queued now.

    queue_word is a heap of n_queued words; queue_position is where each buyer stands in it, -1 = nowhere.
    """
    buyer = word & _BUYER_MASK
    place = queue_position[buyer]
    if place == _NO_PLACE:
        place = n_queued
        n_queued += 1
    while place > 0:
        parent = (place - 1) >> 1
        above = queue_word[parent]
        if above <= word:
            break
        queue_word[place] = above
        queue_position[above & _BUYER_MASK] = place
        place = parent
    queue_word[place] = word
    queue_position[buyer] = place
    return n_queued


@inlined
def take_first(queue_word: IntArray, queue_position: IntArray, n_queued: int) -> int:
    """Take the smallest word out of a queue of n_queued words and give it; the caller counts one less."""
    first = queue_word[0]
    queue_position[first & _BUYER_MASK] = _NO_PLACE
    last = n_queued - 1
    word = queue_word[last]
    place = 0
    while last > 0:
        child = 2 * place + 1
        if child + 1 < last and queue_word[child + 1] < queue_word[child]:
            child += 1
        if child >= last or queue_word[child] >= word:
            queue_word[place] = word
            queue_position[word & _BUYER_MASK] = place
            break
        queue_word[place] = queue_word[child]
        queue_position[queue_word[child] & _BUYER_MASK] = place
        place = child
    return int(first)
