"""The public phase of a home in a slot: which fraction of a Wh it starts with.

Enter: home keys, date, slot. Leave: numbers in [0, 2^60) in units of 2^-60 Wh. Not here: any secret or state.
"""

from datetime import date
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.kernel import IntArray, inlined

SALT_BITS: Final = 62
PHASE_BITS: Final = 60

# The increment and the finaliser of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
# generators"). Typed constants: in compiled code a uint64 beside a plain int would become a float.
_INCREMENT: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_FACTOR: Final = np.uint64(0x94D049BB133111EB)
_FIRST_SHIFT: Final = np.uint64(30)
_SECOND_SHIFT: Final = np.uint64(27)
_THIRD_SHIFT: Final = np.uint64(31)
_PHASE_SHIFT: Final = np.uint64(64 - PHASE_BITS)


@inlined
def mix_word(word: Any) -> Any:
    """Mix the bits of a uint64 (an array from Python, one word in a kernel) with splitmix64's finaliser."""
    word = (word ^ (word >> _FIRST_SHIFT)) * _FIRST_FACTOR
    word = (word ^ (word >> _SECOND_SHIFT)) * _SECOND_FACTOR
    return word ^ (word >> _THIRD_SHIFT)


@inlined
def phase_of_word(home_word: Any, salt: Any) -> Any:
    """Give the phase [2^-60 Wh] as uint64 from a home's mixed word and the salt of the slot."""
    return mix_word(home_word ^ salt) >> _PHASE_SHIFT


def slot_salt(delivery_date: date, slot_no: int) -> int:
    """Give the 62-bit public salt of a slot.

    The salted text is the ISO date, a slash and the slot number without padding, in ASCII:
    b"2020-11-20/25" is 12:00-12:30, b"2020-11-20/7" is 03:00-03:30. The salt is the first 62 bits of its
    BLAKE2b digest of 8 bytes, read big-endian. It never contains the revision, so that re-matching a
    day moves few homes.

    >>> slot_salt(date(2020, 11, 20), 25) < 2**62
    True
    """
    assert 1 <= slot_no <= SLOTS_PER_DAY, f"slot_no {slot_no} is not in 1..{SLOTS_PER_DAY}"
    text = f"{delivery_date.isoformat()}/{slot_no}".encode("ascii")
    digest = blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - SALT_BITS)


def day_salts(delivery_date: date) -> NDArray[np.uint64]:
    """Give the salts of a day's 48 slots in order, uint64 array of shape (48,)."""
    return np.array([slot_salt(delivery_date, slot_no) for slot_no in range(1, SLOTS_PER_DAY + 1)], dtype=np.uint64)


def home_words(home_key: IntArray) -> NDArray[np.uint64]:
    """Mix stable home keys (int64, shape (n_homes,)) once a day; negative keys count as two's complement."""
    mixed: NDArray[np.uint64] = mix_word(home_key.astype(np.uint64) + _INCREMENT)
    return mixed


def home_phases_u60(home_key: IntArray, delivery_date: date, slot_no: int) -> IntArray:
    """Give the phases of homes in one slot, int64 array of shape (n_homes,) [2^-60 Wh] in [0, 2^60)."""
    salt = np.uint64(slot_salt(delivery_date, slot_no))
    phases: IntArray = phase_of_word(home_words(home_key), salt).astype(np.int64)
    return phases


def home_phase_u60(home_key: int, delivery_date: date, slot_no: int) -> int:
    """Give the phase of one home in one slot as a plain integer [2^-60 Wh]."""
    return int(home_phases_u60(np.array([home_key], dtype=np.int64), delivery_date, slot_no)[0])
