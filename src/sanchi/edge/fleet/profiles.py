"""What all homes of a simulated fleet draw from: roofs in Tokyo by pvlib, and days of load of the shipped homes.

Enter: dates, the sample's folder. Leave: small integer arrays. Not here: which home has which (simulation).
"""

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY

# Sites in and around Tokyo: Chiyoda, Hachioji, Yokohama; their skies differ by minutes.
SITES_DEG: Final = ((35.69, 139.75), (35.66, 139.32), (35.44, 139.64))
TILTS_DEG: Final = (17, 24, 31)
AZIMUTHS_DEG: Final = (90, 135, 180, 225, 270)
N_ROOF_CLASSES: Final = len(SITES_DEG) * len(TILTS_DEG) * len(AZIMUTHS_DEG)
# Haze over a large city, the same all year: the clouds are drawn, and they vary far more.
LINKE_TURBIDITY: Final = 3.5
SYSTEM_LOSS: Final = 0.18
ALBEDO: Final = 0.2
STEP_MINUTES: Final = 30
COUNT_WH: Final = 100
# What the sample's README asks to be named wherever its data go.
LOAD_CREDITS: Final = (
    "load shapes from sanchi's sample: Smart-Grid Smart-City Customer Trial, Australian Government (CC BY 3.0 AU); "
    "CityLearn Challenge 2022, Copyright (c) 2020 Jose Ramon Vazquez-Canteli, Intelligent Environments Laboratory "
    "(MIT); "
    "EMHASS, Copyright (c) 2021-2026 David HERNANDEZ TORRES (MIT)"
)


def roof_profiles(delivery_date: date) -> NDArray[np.int64]:
    """Model a clear day of each class of roof, shape (N_ROOF_CLASSES, 48) [Wh per MW of panels].

    Source: Ineichen & Perez 2002 (clear sky), Hay & Davies 1980 (plane), as pvlib has them; losses PVWatts-like.
    """
    import pandas as pd  # noqa: PLC0415 - heavy, and needed by pvlib alone
    import pvlib  # noqa: PLC0415 - as above

    middles = pd.date_range(f"{delivery_date} 00:15", periods=SLOTS_PER_DAY, freq="30min", tz="Asia/Tokyo")
    extra = pvlib.irradiance.get_extra_radiation(pd.Series(middles.day_of_year, middles))
    profiles = []
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
                profiles.append(np.rint(share * 1_000_000 * STEP_MINUTES / 60))
    return np.array(profiles, dtype=np.int64)


def load_shapes(sample_folder: Path) -> NDArray[np.int64]:
    """Give days of load of the shipped homes, shape (n_days, 48) [Wh]: import - export + generation - battery.

    Only days whose every reading is there; a half hour below zero, which register steps make, counts as 0.
    """
    pilot = sample_folder / "pilot"
    energies = pa.concat_tables(map(pq.read_table, sorted(pilot.glob("energies-*.parquet"))))
    registers = pa.concat_tables(map(pq.read_table, sorted(pilot.glob("registers-*.parquet"))))
    pv_wh = _series(energies, "pv", "slot_end", "energy_wh")
    charge_wh = _series(energies, "charge", "slot_end", "energy_wh")
    discharge_wh = _series(energies, "discharge", "slot_end", "energy_wh")
    imports, exports = (_series(registers, name, "read_at", "register_count") for name in ("import", "export"))
    shapes = []
    for home in sorted(set(pv_wh) & set(imports) & set(exports)):
        grid_wh = np.diff(imports[home] - exports[home], prepend=np.nan) * COUNT_WH
        load_wh = grid_wh + pv_wh[home]
        if home in charge_wh and home in discharge_wh:
            load_wh += discharge_wh[home] - charge_wh[home]
        # The first stamp of a series ends the last slot of the day before.
        days = load_wh[1:].reshape(-1, SLOTS_PER_DAY)
        # A turn of the register or an exchanged meter makes a step that no home takes.
        is_whole = (days > -COUNT_WH * 10).all(axis=1) & (days < COUNT_WH * 100).all(axis=1)
        shapes.append(np.clip(days[is_whole], 0, None))
    return np.rint(np.concatenate(shapes)).astype(np.int64)


def _series(table: pa.Table, channel: str, stamp: str, reading: str) -> dict[str, NDArray[np.float64]]:
    """Give a channel's readings by home on one axis of half hours, the latest received one; NaN where none is."""
    rows = table.filter(pc.equal(table["channel"].cast(pa.string()), channel)).sort_by("received_at")
    first = pc.min(table[stamp]).cast(pa.timestamp("s", "UTC")).cast(pa.int64()).as_py()
    seconds = rows[stamp].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy() - first
    # Registers begin at the midnight before the first slot ends; energies get an empty place for it.
    place = seconds // (STEP_MINUTES * 60) + (stamp == "slot_end")
    n_places = (int(place.max()) // SLOTS_PER_DAY) * SLOTS_PER_DAY + 1
    homes = np.array([meter.partition("-")[0] for meter in rows["meter_id"].cast(pa.string()).to_pylist()])
    readings = rows[reading].to_numpy().astype(np.float64)
    series = {}
    for home in np.unique(homes).tolist():
        is_own = (homes == home) & (place < n_places)
        series[home] = np.full(n_places, np.nan)
        series[home][place[is_own]] = readings[is_own]
    return series
