"""A roof's generation, modelled with pvlib from Tokyo's measured radiation, temperature and wind.

Enters: the weather of the period and a roof; leaves: half-hour energies [Wh]. Not here: whose roof it is.
Source: PVWatts version 5 (Dobos 2014), Erbs et al. 1982, Hay and Davies 1980, Faiman 2008, as pvlib has them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pvlib

from tools.sample.period import FIRST_DATE, LAST_DATE, N_SLOTS, IntArray

# Tokyo's station 47662.
LATITUDE_DEG: Final = 35.692
LONGITUDE_DEG: Final = 139.750
WEATHER_FILE: Final = "amedas_tokyo_hourly_2018-04_2023-03.csv.gz"
RADIATION, TEMPERATURE, WIND = "全天日射量(MJ/㎡)", "気温(℃)", "風速(m/s)"
W_PER_M2_OF_MJ_IN_AN_HOUR: Final = 1e6 / 3600
SUN_STEPS_PER_SLOT: Final = 6  # five minutes each
ALBEDO: Final = 0.2
# Silicon of 2010: -0.45 % per degree.
POWER_PER_DEGREE: Final = -0.0045
INVERTER_EFFICIENCY: Final = 0.955


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """A modelled roof: what it is rated, where it looks, and what it loses in wiring, dirt, shade and age."""

    capacity_w: int
    tilt_deg: int
    azimuth_deg: int  # 90 east, 180 south, 270 west
    loss_permille: int
    inverter_w: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Sun and weather at each half hour of the period; arrays of shape (N_SLOTS,)."""

    zenith_deg: pd.Series
    azimuth_deg: pd.Series
    beam_w_per_m2: pd.Series  # on a plane facing the sun (DNI)
    diffuse_w_per_m2: pd.Series  # on the level (DHI)
    global_w_per_m2: pd.Series  # on the level (GHI), as measured
    extra_w_per_m2: pd.Series  # outside the atmosphere, facing the sun
    air_degc: pd.Series
    wind_m_per_s: pd.Series


def read_sky(source_dir: Path) -> Sky:
    """Read the station's hours and give the sky of each half hour; the hourly radiation is kept exactly."""
    hours = period_hours(source_dir / "weather-tokyo" / WEATHER_FILE)
    middles = pd.date_range(f"{FIRST_DATE} 00:15", periods=N_SLOTS, freq="30min", tz="Asia/Tokyo")
    sun = pvlib.solarposition.get_solarposition(middles, LATITUDE_DEG, LONGITUDE_DEG)
    global_w_per_m2 = pd.Series(split_radiation(numbers(hours[RADIATION][1:]).fillna(0).to_numpy()), middles)
    day_of_year = pd.Series(middles.day_of_year, middles)
    parts = pvlib.irradiance.erbs(global_w_per_m2, sun.zenith, day_of_year)
    return Sky(
        zenith_deg=sun.zenith,
        azimuth_deg=sun.azimuth,
        beam_w_per_m2=parts["dni"],
        diffuse_w_per_m2=parts["dhi"],
        global_w_per_m2=global_w_per_m2,
        extra_w_per_m2=pvlib.irradiance.get_extra_radiation(day_of_year),
        air_degc=pd.Series(at_middles(numbers(hours[TEMPERATURE])), middles),
        wind_m_per_s=pd.Series(at_middles(numbers(hours[WIND])), middles),
    )


def period_hours(path: Path) -> pd.DataFrame:
    """Read the hours of the period and the midnight before it; an hour is named by its end."""
    rows = pd.read_csv(path, dtype=str)
    ends = pd.to_datetime(rows.date) + pd.to_timedelta(rows["時"].astype(int), unit="h")
    wanted = (ends >= f"{FIRST_DATE} 00:00") & (ends <= pd.Timestamp(LAST_DATE) + pd.Timedelta(days=1))
    hours = rows[wanted].reset_index(drop=True)
    assert len(hours) == N_SLOTS // 2 + 1, f"{path} does not have every hour of the period"
    return hours


def numbers(texts: pd.Series) -> pd.Series:
    """Read values as published: a mark after the number qualifies it, an empty field was not observed."""
    return pd.to_numeric(texts.str.replace(r"[ )\]]+$", "", regex=True), errors="raise")


def at_middles(at_hours: pd.Series) -> np.ndarray:
    """Draw straight lines between the hours and read them at the middle of each half hour."""
    middles_h = 0.25 + 0.5 * np.arange(N_SLOTS)
    known = at_hours.notna().to_numpy()
    return np.interp(middles_h, np.arange(len(at_hours))[known], at_hours.to_numpy()[known])


def split_radiation(hourly_mj_per_m2: np.ndarray) -> np.ndarray:
    """Split each hour's radiation as the height of the sun in its halves; gives mean W/m2 per half hour."""
    steps = pd.date_range(f"{FIRST_DATE} 00:02:30", periods=N_SLOTS * SUN_STEPS_PER_SLOT, freq="5min", tz="Asia/Tokyo")
    zenith_deg = pvlib.solarposition.get_solarposition(steps, LATITUDE_DEG, LONGITUDE_DEG).zenith.to_numpy()
    height = np.clip(np.cos(np.radians(zenith_deg)), 0, None).reshape(-1, 2, SUN_STEPS_PER_SLOT).sum(axis=2)
    total = height.sum(axis=1, keepdims=True)
    share = np.divide(height, total, out=np.full_like(height, 0.5), where=total > 0)
    mean_w_per_m2 = hourly_mj_per_m2[:, None] * W_PER_M2_OF_MJ_IN_AN_HOUR
    return (2 * share * mean_w_per_m2).reshape(-1)


def roof_energy_wh(roof: Roof, sky: Sky) -> IntArray:
    """Model what a roof gives in each half hour, shape (N_SLOTS,) [Wh]."""
    plane = pvlib.irradiance.get_total_irradiance(
        roof.tilt_deg, roof.azimuth_deg, sky.zenith_deg, sky.azimuth_deg,
        sky.beam_w_per_m2, sky.global_w_per_m2, sky.diffuse_w_per_m2,
        dni_extra=sky.extra_w_per_m2, albedo=ALBEDO, model="haydavies",
    )  # fmt: skip
    plane_w_per_m2 = plane["poa_global"].fillna(0)
    cell_degc = pvlib.temperature.faiman(plane_w_per_m2, sky.air_degc, sky.wind_m_per_s)
    direct_w = pvlib.pvsystem.pvwatts_dc(plane_w_per_m2, cell_degc, roof.capacity_w, POWER_PER_DEGREE)
    after_losses_w = direct_w * (1 - roof.loss_permille / 1000)
    mains_w = pvlib.inverter.pvwatts(after_losses_w, roof.inverter_w / INVERTER_EFFICIENCY, INVERTER_EFFICIENCY)
    return np.rint(np.clip(mains_w.to_numpy(), 0, None) / 2).astype(np.int64)
