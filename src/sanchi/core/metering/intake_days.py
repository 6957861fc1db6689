"""Name the delivery dates whose energy a reading helps to fix.

Enter: ReadingRows. Leaves: dates per meter. Not here: which of them are closed.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

import numpy as np

from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY
from sanchi.core.metering.readings import ReadingRows

# More days than boundary ordinals can name; keeps (meter, day) pairs apart in one number.
DAY_END: Final = 2**31


def dates_touched(rows: ReadingRows, register_nos: Collection[int]) -> dict[int, frozenset[date]]:
    """Give, per meter_no, the dates in which its readings close a slot or open the day.

    register_nos : the meter_nos that count. A stamp closes the slot before it; theirs at midnight also opens the day
    that begins.
    """
    meter_no = rows.meter_no.astype(np.int64)
    closes_day = (rows.boundary.astype(np.int64) - 1) // SLOTS_PER_DAY
    is_register = np.isin(rows.meter_no, np.array(sorted(register_nos), dtype=np.int32))
    opens = is_register & (rows.boundary % SLOTS_PER_DAY == 0)
    pairs = np.unique(
        np.concatenate([meter_no * DAY_END + closes_day, meter_no[opens] * DAY_END + closes_day[opens] + 1])
    )
    touched: defaultdict[int, set[date]] = defaultdict(set)
    for pair in pairs.tolist():
        meter, day = divmod(pair, DAY_END)
        touched[meter].add(EPOCH_DATE + timedelta(days=day))
    return {meter: frozenset(dates) for meter, dates in touched.items()}
