"""Instants of a meter's clock, many at once.

Enter: bytes of shape (n, 7): year of two bytes, month, day, hour, minute, second. Leave: Unix seconds and which of them
are instants. Not here: one instant (echonet_values).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import JST

_YEAR_MAX: Final = 9_999
_DAYS_OF_MONTH: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 243)
# Days of a common year before each month.
_DAYS_BEFORE: Final = np.array([0, *np.cumsum(_DAYS_OF_MONTH[:255])])
_EPOCH_DAY: Final = 719_162  # days from 0001-01-01 to 1970-01-01
_FEBRUARY: Final = 2
_JST_AHEAD_S: Final = int(JST.utcoffset(None).total_seconds())


def stamps_of(clock_bytes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give the Unix seconds of clocks in JST, and which of them can be; the others' seconds mean nothing.

    >>> stamps_of(np.array([[0x07, 0xB2, 1, 1, 9, 0, 0]], np.uint8))
    (array([0]), array([ True]))
    """
    whole = clock_bytes.astype(np.int64)
    year = (whole[:, 0] << 8) | whole[:, 1]
    month, day, hour, minute, second = whole[:, 2:].T
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    n_days = _DAYS_OF_MONTH[month] + (is_leap & (month == _FEBRUARY))
    is_date = (year >= 1) & (year <= _YEAR_MAX) & (day >= 1) & (day <= n_days)
    is_stamp = is_date & (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - as clocks have it
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    days += _DAYS_BEFORE[month] + (is_leap & (month > _FEBRUARY)) + day - 1 - _EPOCH_DAY
    return days * 86_400 + hour * 3_600 + minute * 60 + second - _JST_AHEAD_S, is_stamp
