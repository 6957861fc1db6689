"""The delivery period of the sample: its days, its half-hour stamps, and chance with a name.

Enters and leaves: dates, Unix seconds, seeded generators. Not here: any clock.
"""

import zlib
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import JST, SLOTS_PER_DAY, dates_between

FIRST_DATE: Final = date(2020, 11, 20)
LAST_DATE: Final = date(2021, 2, 28)
DATES: Final = dates_between(FIRST_DATE, LAST_DATE)
N_SLOTS: Final = len(DATES) * SLOTS_PER_DAY
MONTHS: Final = ("2020-11", "2020-12", "2021-01", "2021-02")
SLOT_S: Final = 1800
SEED: Final = 20201120

IntArray = NDArray[np.int64]


def chance(name: str) -> np.random.Generator:
    """Give the generator of one named draw, so that a change to one draw moves no other."""
    return np.random.Generator(np.random.PCG64([SEED, zlib.crc32(name.encode())]))


def instant_s(jst_text: str) -> int:
    """Read `2020-12-05 10:30` (JST) as Unix seconds."""
    return int(datetime.fromisoformat(jst_text).replace(tzinfo=JST).timestamp())


def instant_text(unix_s: int) -> str:
    """Write Unix seconds as `2020-12-05 10:30` (JST)."""
    return datetime.fromtimestamp(unix_s, JST).strftime("%Y-%m-%d %H:%M")


def stamps_s() -> IntArray:
    """List the N_SLOTS + 1 boundaries of the period [Unix s]: the first opens it, the others end a slot."""
    opening_s = instant_s(f"{FIRST_DATE} 00:00")
    return opening_s + SLOT_S * np.arange(N_SLOTS + 1, dtype=np.int64)


def month_indexes(stamp_s: IntArray) -> NDArray[np.intp]:
    """Give the month (position in MONTHS) of the slot that each stamp closes; midnight closes a day."""
    edges_s = [instant_s(f"{month}-01 00:00") for month in MONTHS[1:]]
    return np.searchsorted(edges_s, stamp_s, side="left")
