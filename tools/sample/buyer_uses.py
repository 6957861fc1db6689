"""The measured use of the buyers: seven businesses, scaled to the pilot and repeated to cover it.

Enters: the source folder; leaves: half-hour use per sub-meter [Wh]. Not here: what buyers pay (see offers).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from tools.sample.home_loads import complete_days
from tools.sample.period import DATES, FIRST_DATE, IntArray

# 63 whole days, a Monday to a Sunday: nine weeks, repeated until the period is full.
SOURCE_FIRST_DATE: Final = date(2017, 2, 27)
SOURCE_N_DAYS: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class UseMeter:
    """One metered business: whose it is in the sample, which business it was, and how it was scaled."""

    meter_id: str
    buyer_id: str
    participant: int
    scale_permille: int


# Two of the seven have generation of their own (participants 4 and 6); the source calls its columns loads.
USE_METERS: Final = (
    UseMeter(meter_id="B01-use", buyer_id="B01", participant=3, scale_permille=400),
    UseMeter(meter_id="B02-use", buyer_id="B02", participant=5, scale_permille=1300),
    UseMeter(meter_id="B03-use", buyer_id="B03", participant=6, scale_permille=1300),
    UseMeter(meter_id="B04-use-1", buyer_id="B04", participant=4, scale_permille=2000),
    UseMeter(meter_id="B04-use-2", buyer_id="B04", participant=7, scale_permille=1500),
    UseMeter(meter_id="B04-use-3", buyer_id="B04", participant=2, scale_permille=3000),
    UseMeter(meter_id="B05-use", buyer_id="B05", participant=1, scale_permille=2000),
)


def read_uses(source_dir: Path) -> dict[str, IntArray]:
    """Read the use of each sub-meter in the period, meter_id -> int64 array of shape (N_SLOTS,) [Wh]."""
    load = pd.read_parquet(source_dir / "byron_bay_businesses" / "load.parquet")
    # The source does not say whether a stamp opens or ends its half hour; it is taken as the end.
    starts = pd.to_datetime(load.date_time, format="%d/%m/%Y %H:%M") - pd.Timedelta(minutes=30)
    return {meter.meter_id: use_wh(load, starts, meter) for meter in USE_METERS}


def use_wh(load: pd.DataFrame, starts: pd.Series, meter: UseMeter) -> IntArray:
    """Scale one business and lay its nine weeks onto the period, Mondays on Mondays."""
    kwh = load[f"participant_{meter.participant}"].to_numpy()
    days = complete_days(starts, np.rint(kwh * meter.scale_permille).astype(np.int64))
    monday = FIRST_DATE - timedelta(days=FIRST_DATE.weekday())
    source_days = [SOURCE_FIRST_DATE + timedelta(days=(day - monday).days % SOURCE_N_DAYS) for day in DATES]
    return np.concatenate([days[day] for day in source_days])
