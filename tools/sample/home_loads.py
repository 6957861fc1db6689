"""The measured loads (and measured generation) of the homes, read from their sources and re-dated.

Enters: the source folder; leaves: re-dated half-hour energies [Wh]. Not here: modelled roofs (see roofs).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from tools.sample.period import FIRST_DATE, SLOTS_PER_DAY, IntArray
from tools.sample.redating import Redated, SourceDays, missing_day_count, redate

# The Australian winter lies half a year from Tokyo's: 26 weeks from the period's first Friday.
SOUTHERN_FIRST_DAY: Final = (5, 22)
SOUTHERN_DAYS_OFF_MAX: Final = 24
# The source gives month, hour and weekday only; they fit the year from 2016-08-01 00:00.
FONTANA_FIRST_DATE: Final = date(2016, 8, 1)
FONTANA_WEEKS: Final = 209
# The source names no place; its sun stands highest at 11:40 UTC, so its clock is taken as UTC+1.
EMHASS_CLOCK: Final = timedelta(hours=1)
# The last 101 days before its closing gap, a Friday to a Sunday: late summer and autumn, it has no winter.
EMHASS_FIRST_DATE: Final = date(2024, 8, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHome:
    """A measured home: its load, and its generation where that was measured too."""

    source: str
    source_home: str
    load: Redated
    pv: Redated | None = None
    capacity_w: int = 0
    battery_capacity_wh: int = 0
    battery_power_w: int = 0


def source_homes(source_dir: Path) -> list[SourceHome]:
    """Read all homes: 40 of sgsc_halfhour, 11 of citylearn_fontana, 1 of emhass_home, in this order."""
    return [*sgsc_homes(source_dir), *fontana_homes(source_dir), emhass_home(source_dir)]


def sgsc_homes(source_dir: Path) -> list[SourceHome]:
    """Read the Australian homes (load only); each is moved from the winter that misses the fewest days."""
    readings = pd.read_parquet(source_dir / "sgsc_halfhour" / "readings.parquet")
    return [
        SourceHome(source="sgsc_halfhour", source_home=str(customer), load=sgsc_load(rows))
        for customer, rows in readings.groupby("customer_id", sort=True)
    ]


def sgsc_load(rows: pd.DataFrame) -> Redated:
    """Move one Australian home from the winter that misses the fewest days, then the nearest to the season.

    A day without any use counts as missing when a winter is chosen (some homes stood empty for one of them),
    but stays as measured where the chosen winter has it.
    """
    # The source does not say whether a stamp opens or ends its half hour; it is taken as the end.
    starts = rows.reading_datetime - pd.Timedelta(minutes=30)
    days = complete_days(starts, np.rint(rows.general_supply_kwh.to_numpy() * 1000).astype(np.int64))
    lived_in = {day: energy_wh for day, energy_wh in days.items() if energy_wh.any()}
    return redate(days, min(southern_first_dates(), key=lambda first: southern_rank(lived_in, first)))


def southern_first_dates() -> list[date]:
    """List the dates of the period's first weekday around the turn to the southern winter, 2012 and 2013."""
    turns = [date(year, *SOUTHERN_FIRST_DAY) for year in (2012, 2013)]
    around = [
        turn + timedelta(days=n) for turn in turns for n in range(-SOUTHERN_DAYS_OFF_MAX, SOUTHERN_DAYS_OFF_MAX + 1)
    ]
    return [day for day in around if day.weekday() == FIRST_DATE.weekday()]


def southern_rank(days: SourceDays, first: date) -> tuple[int, int]:
    """Rank a first date: missing days, then days away from the season."""
    return missing_day_count(days, first), abs((first - date(first.year, *SOUTHERN_FIRST_DAY)).days)


def fontana_homes(source_dir: Path) -> list[SourceHome]:
    """Read the Californian homes: load and generation measured hourly, battery a nameplate only."""
    hours = pd.read_parquet(source_dir / "citylearn_fontana" / "buildings.parquet")
    homes = pd.read_csv(source_dir / "citylearn_fontana" / "homes.csv").set_index("building")
    return [
        fontana_home(str(number), rows.sort_values("row"), homes.loc[number])
        for number, rows in hours.groupby("building", sort=True)
    ]


def fontana_home(number: str, rows: pd.DataFrame, nameplate: pd.Series) -> SourceHome:
    """Move one Californian home by whole weeks into the same calendar season.

    Generation centres on solar noon only if an hour's label is its start on the clock on the wall, so row 0
    is 00:00-01:00; the part used lies wholly in standard time, which summer time does not touch.
    """
    first = FIRST_DATE - timedelta(weeks=FONTANA_WEEKS)
    load_wh = np.rint(rows.non_shiftable_load.to_numpy() * 1000).astype(np.int64)
    pv_wh = np.rint(rows.solar_generation.to_numpy() * nameplate.pv_nominal_power_kw).astype(np.int64)
    return SourceHome(
        source="citylearn_fontana",
        source_home=number,
        load=redate(days_of_hours(load_wh), first),
        pv=redate(days_of_hours(pv_wh), first),
        capacity_w=round(nameplate.pv_nominal_power_kw * 1000),
        battery_capacity_wh=round(nameplate.battery_capacity * 1000),
        battery_power_w=round(nameplate.battery_nominal_power * 1000),
    )


def days_of_hours(hour_wh: IntArray) -> SourceDays:
    """Cut whole hours into halves that add up to them, and those into days."""
    first_half_wh = hour_wh // 2
    day_wh = np.stack([first_half_wh, hour_wh - first_half_wh], axis=1).reshape(-1, SLOTS_PER_DAY)
    return {FONTANA_FIRST_DATE + timedelta(days=n): energy_wh for n, energy_wh in enumerate(day_wh)}


def emhass_home(source_dir: Path) -> SourceHome:
    """Read the one home with half-hourly load and generation; days with a gap count as missing."""
    rows = pd.read_parquet(source_dir / "emhass_home" / "home_30min.parquet")
    starts = rows.timestamp_utc.dt.tz_localize(None) + EMHASS_CLOCK
    load_w, pv_w = rows["sensor.power_load_no_var_loads"], rows["sensor.power_photovoltaics"]
    # Generation is empty at night; by day an empty value next to an empty load is a gap.
    known = load_w.notna().to_numpy()
    load_days = complete_days(starts[known], half_hour_wh(load_w[known]))
    pv_days = complete_days(starts[known], half_hour_wh(pv_w[known].fillna(0)))
    return SourceHome(
        source="emhass_home",
        source_home="1",
        load=redate(load_days, EMHASS_FIRST_DATE),
        pv=redate(pv_days, EMHASS_FIRST_DATE),
        capacity_w=4500,  # not stated: the highest half hour is 4,411 W
    )


def half_hour_wh(mean_w: pd.Series) -> IntArray:
    """Give the energy of half hours from their mean power."""
    return np.rint(mean_w.to_numpy() / 2).astype(np.int64)


def complete_days(starts: pd.Series, energy_wh: IntArray) -> SourceDays:
    """Keep the days that have all their 48 half hours, in order of time."""
    frame = pd.DataFrame({"start": starts.to_numpy(), "energy_wh": energy_wh}).sort_values("start")
    by_day = frame.groupby(frame.start.dt.date, sort=True).energy_wh
    return {day: series.to_numpy() for day, series in by_day if len(series) == SLOTS_PER_DAY}
