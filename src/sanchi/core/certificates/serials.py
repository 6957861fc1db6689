"""Serials of certificates of other schemes: which of them stand between two, and whether two ranges share any.

Enter: a scheme and its first and last serial as text. Leaves: a SerialRange. Not here: what the certificates are worth.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sanchi.core.base.errors import WrongInput

_NUMBERED: Final = re.compile(r"(.*?)([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SerialRange:
    """The serials prefix + number, first_no to last_no, both included; leading zeros make no other serial."""

    scheme: str
    prefix: str
    first_no: int
    last_no: int


def serial_range(scheme: str, serial_first: str, serial_last: str) -> SerialRange:
    """Read a range; both serials have the same prefix and end with a number of up to 18 digits.

    Raises: WrongInput.

    >>> serial_range("NFC", "2020-A-0007", "2020-A-0010")
    SerialRange(scheme='NFC', prefix='2020-A-', first_no=7, last_no=10)
    """
    first, last = _NUMBERED.fullmatch(serial_first), _NUMBERED.fullmatch(serial_last)
    if first is None or last is None or first[1] != last[1] or int(first[2]) > int(last[2]):
        raise WrongInput(
            f"the serials {serial_first} to {serial_last} are no range, expected the same text before two numbers, "
            "the first not above the last"
        )
    return SerialRange(scheme=scheme, prefix=first[1], first_no=int(first[2]), last_no=int(last[2]))


def overlapping(ranges: Iterable[SerialRange]) -> tuple[SerialRange, SerialRange] | None:
    """Give the first two ranges that share a serial; None where all are apart."""
    furthest: SerialRange | None = None
    for earlier, later in pairwise(sorted(ranges)):
        is_same_run = furthest is not None and (furthest.scheme, furthest.prefix) == (earlier.scheme, earlier.prefix)
        if furthest is None or not is_same_run or earlier.last_no > furthest.last_no:
            furthest = earlier
        if (furthest.scheme, furthest.prefix) == (later.scheme, later.prefix) and later.first_no <= furthest.last_no:
            return furthest, later
    return None
