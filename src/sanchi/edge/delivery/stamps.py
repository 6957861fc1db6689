"""Turn instants into whole Unix seconds, without letting any look like a half hour that is none.

Enter: texts or microseconds. Leave: int64 seconds. Not here: which stamps a meter may have.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import JST

UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
US_PER_S: Final = 1_000_000


def microseconds_of(text: str) -> int | None:
    """Read an ISO 8601 stamp with offset as microseconds since 1970 UTC; None when it is anything else.

    >>> microseconds_of("1970-01-01T09:30:00+09:00")
    1800000000
    >>> microseconds_of("1970-01-01T09:30:00") is None
    True
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if instant.tzinfo is None else (instant - UNIX_EPOCH) // MICROSECOND


def stamp_text_of(instant_us: int) -> str:
    """Write microseconds since 1970 UTC as an ISO 8601 stamp in Japan Standard Time."""
    try:
        return (UNIX_EPOCH + timedelta(microseconds=instant_us)).astimezone(JST).isoformat()
    except OverflowError:
        return f"{instant_us} microseconds after 1970"


def seconds_of_stamps(stamp_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give whole seconds; a stamp with a fraction becomes an odd second, which is never on a half hour."""
    stamp_s = stamp_us // US_PER_S
    return stamp_s | (stamp_s * US_PER_S != stamp_us)


def seconds_of_receipts(received_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give whole seconds; the fraction of a time of receipt orders nothing."""
    return received_us // US_PER_S
