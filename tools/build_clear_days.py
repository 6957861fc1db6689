"""Builds the clear days that simulated fleets draw roofs from: `python -m tools.build_clear_days`.

Enters: nothing. Leaves: src/sanchi/edge/fleet/clear_days.parquet. Not here: clouds, which are drawn, and any home.
Source: Ineichen & Perez 2002 (clear sky), Hay & Davies 1980 (plane), as pvlib has them; losses PVWatts-like.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.edge.fleet.profiles import CLEAR_DAYS, STEP_DAYS, STEP_MINUTES

# Sites in and around Tokyo: Chiyoda, Hachioji, Yokohama; their skies differ by minutes.
SITES_DEG = ((35.69, 139.75), (35.66, 139.32), (35.44, 139.64))
TILTS_DEG = (17, 24, 31)
AZIMUTHS_DEG = (90, 135, 180, 225, 270)
N_ROOF_CLASSES = len(SITES_DEG) * len(TILTS_DEG) * len(AZIMUTHS_DEG)
# Haze over a large city, the same all year: the clouds are drawn, and they vary far more.
LINKE_TURBIDITY = 3.5
SYSTEM_LOSS = 0.18
ALBEDO = 0.2
# Any year without a leap day; day 366 falls to the last step.
YEAR_BEGIN = date(2026, 1, 1)
N_STEPS = 366 // STEP_DAYS + 1


def clear_day(delivery_date: date) -> np.ndarray:
    """Model a clear day of each class of roof, int64 (N_ROOF_CLASSES, 48) [Wh per MW of panels]."""
    middles = pd.date_range(f"{delivery_date} 00:15", periods=SLOTS_PER_DAY, freq="30min", tz="Asia/Tokyo")
    extra = pvlib.irradiance.get_extra_radiation(pd.Series(middles.day_of_year, middles))
    days = []
    for latitude_deg, longitude_deg in SITES_DEG:
        sun = pvlib.solarposition.get_solarposition(middles, latitude_deg, longitude_deg)
        air_mass = pvlib.atmosphere.get_absolute_airmass(pvlib.atmosphere.get_relative_airmass(sun.apparent_zenith))
        sky = pvlib.clearsky.ineichen(sun.apparent_zenith, air_mass, LINKE_TURBIDITY, dni_extra=extra)
        for tilt_deg in TILTS_DEG:
            for azimuth_deg in AZIMUTHS_DEG:
                plane = pvlib.irradiance.get_total_irradiance(
                    tilt_deg, azimuth_deg, sun.apparent_zenith, sun.azimuth, sky.dni, sky.ghi, sky.dhi,
                    dni_extra=extra, albedo=ALBEDO, model="haydavies",
                )  # fmt: skip
                share = plane.poa_global.fillna(0).clip(lower=0).to_numpy() / 1000 * (1 - SYSTEM_LOSS)
                days.append(np.rint(share * 1_000_000 * STEP_MINUTES / 60))
    return np.array(days, dtype=np.int64)


def clear_days() -> pa.Table:
    """Lay every fifth day of a year out as rows by day, class of roof and slot."""
    ordinals = np.arange(N_STEPS, dtype=np.int16) * STEP_DAYS + 1
    days = np.stack([clear_day(YEAR_BEGIN + timedelta(days=int(ordinal) - 1)) for ordinal in ordinals])
    return pa.table(
        {
            "day_of_year": np.repeat(ordinals, N_ROOF_CLASSES * SLOTS_PER_DAY),
            "energy_wh_per_mw": days.ravel().astype(np.int32),
        }
    )


def write(path: Path) -> None:
    """Write the table, a row group a day, so that one day is read without the others."""
    pq.write_table(clear_days(), path, compression="zstd", row_group_size=N_ROOF_CLASSES * SLOTS_PER_DAY)


if __name__ == "__main__":
    write(CLEAR_DAYS)
