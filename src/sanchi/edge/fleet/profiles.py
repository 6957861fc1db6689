"""What all homes of a simulated fleet draw from: clear days of roofs in Tokyo, and days of load of the shipped homes.

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

# Clear days of roofs in and around Tokyo, made with pvlib by tools/build_clear_days.py: no command waits for it, and
# the same seed gives the same bytes whatever its version.
CLEAR_DAYS: Final = Path(__file__).with_name("clear_days.parquet")
# The table has every fifth day of a year; the sun's height moves by less than a degree from a day to its nearest.
STEP_DAYS: Final = 5
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
    """Give a clear day of each class of roof, shape (n_roof_classes, 48) [Wh per MW of panels]."""
    step_no = (delivery_date.timetuple().tm_yday - 1) // STEP_DAYS
    rows = pq.read_table(CLEAR_DAYS, filters=pc.field("day_of_year") == 1 + STEP_DAYS * step_no)
    return rows["energy_wh_per_mw"].to_numpy().astype(np.int64).reshape(-1, SLOTS_PER_DAY)


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
