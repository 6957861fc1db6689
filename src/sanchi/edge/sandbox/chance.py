"""Chance that is the same on every machine: numbers drawn from a seed and the name of what they are for.

Enter: a seed and words. Leave: whole numbers. Not here: what they decide. No state is kept between programmes, and
no library's generator is used: a new version of one would be another world.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)


class Chance:
    """A row of draws that belongs to a seed and a name; each draw moves one further.

    >>> Chance(1, "lots").integer(1, 6) == Chance(1, "lots").integer(1, 6)
    True
    """

    def __init__(self, seed_no: int, *names: object) -> None:
        """Begin the row that belongs to these names."""
        self._key = "|".join(map(str, (seed_no, *names)))
        self._draw_no = 0

    def _next(self) -> int:
        """Draw 64 bits."""
        self._draw_no += 1
        return int.from_bytes(hashlib.sha256(f"{self._key}|{self._draw_no}".encode()).digest()[:8], "big")

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included."""
        return low + self._next() * (high - low + 1) // 2**64

    def is_one_in(self, permille: int) -> bool:
        """Draw yes with a chance of permille in a thousand."""
        return self.integer(0, 999) < permille

    def one_of(self, items: Sequence[Item]) -> Item:
        """Draw one of the items."""
        return items[self.integer(0, len(items) - 1)]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Give the items in a drawn order."""
        left = list(items)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in range(len(left))]

    def length(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included, so that every doubling is about as likely."""
        doublings = (high // low).bit_length()
        begin = low << self.integer(0, doublings - 1)
        return self.integer(begin, max(begin, min(high, 2 * begin - 1)))

    def count(self, mean_millis: int) -> int:
        """Draw a count whose mean is mean_millis / 1000: the whole part always, one more by the rest's chance."""
        whole, rest = divmod(mean_millis, 1000)
        return whole + int(self.is_one_in(rest))


def noise(seed_no: int, name: str, shape: tuple[int, ...], below: int) -> NDArray[np.int64]:
    """Draw an array of whole numbers from 0 to below - 1, each by its position."""
    key = int.from_bytes(hashlib.sha256(f"{seed_no}|{name}".encode()).digest()[:8], "big")
    mixed = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * _GOLDEN + np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    drawn = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(33)
    return (drawn.astype(np.int64) % below).reshape(shape)
