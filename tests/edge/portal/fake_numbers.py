"""Made numbers of a made market: 58 roofs, 11 buyers, 101 days, matched by the real engine.

Leaves: arrays of whole Wh. Nothing of it was measured; only the pages are tested with it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching import DayMatchInput, match_day

N_HOMES = 58
N_BUYERS = 11
N_DAYS = 101
N_BATTERIES = 14
VALUE_BUYER = 10  # takes environmental value only
FIRST_DATE = date(2020, 11, 20)
DATES = tuple(FIRST_DATE + timedelta(days=day) for day in range(N_DAYS))
CLOSED_DAYS = 72  # 20 November to 30 January are final
K_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """Energies [Wh]; axes are (home, day, slot), parts have the choice last."""

    capacity_w: np.ndarray
    has_battery: np.ndarray
    group_no: np.ndarray  # 0 surplus, 1 self-consumption, 2 outside
    choices: np.ndarray  # (kind, home, choice) buyer index or -1
    pv_wh: np.ndarray
    use_wh: np.ndarray
    self_wh: np.ndarray
    export_wh: np.ndarray
    buyer_use_wh: np.ndarray  # (buyer, day, slot)
    quality: np.ndarray  # (home, day, slot), 0 missing .. 3 measured
    parts_wh: np.ndarray  # (kind, home, day, slot, choice)
    rest_wh: np.ndarray  # (kind, home, day, slot)
    closing_t32: np.ndarray  # (kind, day, slot, buyer)


@cache
def pilot() -> Pilot:
    """Make the market once."""
    rng = np.random.default_rng(20)
    capacity_w = rng.integers(28, 62, N_HOMES) * 100
    has_battery = np.zeros(N_HOMES, bool)
    has_battery[rng.choice(N_HOMES, N_BATTERIES, replace=False)] = True
    group_no = np.repeat([0, 1, 2], [34, 18, 6])[rng.permutation(N_HOMES)]
    pv_wh = _generation(rng, capacity_w)
    use_wh = _home_use(rng)
    wanted_wh = np.where(has_battery[:, None, None], use_wh * 3, use_wh)
    self_wh = np.minimum(pv_wh, wanted_wh)
    export_wh = pv_wh - self_wh
    choices = _choices(rng, group_no)
    quality = _quality(rng)
    buyer_use_wh = _buyer_use(rng)
    parts_wh, rest_wh, closing_t32 = _matched(choices, [export_wh, self_wh], quality, buyer_use_wh, group_no != 2)
    return Pilot(
        capacity_w=capacity_w,
        has_battery=has_battery,
        group_no=group_no,
        choices=choices,
        pv_wh=pv_wh,
        use_wh=use_wh,
        self_wh=self_wh,
        export_wh=export_wh,
        buyer_use_wh=buyer_use_wh,
        quality=quality,
        parts_wh=parts_wh,
        rest_wh=rest_wh,
        closing_t32=closing_t32,
    )


def _generation(rng: np.random.Generator, capacity_w: np.ndarray) -> np.ndarray:
    """Make a winter sun over changing skies."""
    hour = np.arange(SLOTS_PER_DAY) / 2 + 0.25
    sun = np.clip(np.cos((hour - 11.8) / 10.2 * np.pi), 0, None) ** 1.25
    sky = np.clip(rng.beta(2.4, 1.1, N_DAYS), 0.06, 0.97)
    cloud = np.clip(rng.normal(1, 0.14, (N_HOMES, N_DAYS, SLOTS_PER_DAY)), 0.3, 1.2)
    season = 1 + 0.28 * (np.arange(N_DAYS) / N_DAYS) ** 2
    peak_wh = capacity_w[:, None, None] / 2 * 0.43
    return (peak_wh * sun * (sky * season)[None, :, None] * cloud).astype(np.int64)


def _home_use(rng: np.random.Generator) -> np.ndarray:
    """Make mornings and evenings."""
    hour = np.arange(SLOTS_PER_DAY) / 2
    shape = 230 + 260 * np.exp(-(((hour - 7.5) / 1.4) ** 2)) + 420 * np.exp(-(((hour - 19.5) / 2.4) ** 2))
    size = rng.uniform(0.6, 1.7, N_HOMES)[:, None, None]
    return (shape * size * rng.uniform(0.6, 1.4, (N_HOMES, N_DAYS, SLOTS_PER_DAY))).astype(np.int64)


def _buyer_use(rng: np.random.Generator) -> np.ndarray:
    """Make shops that open at ten and offices that rest on Sundays; the last buyer has no meter."""
    hour = np.arange(SLOTS_PER_DAY) / 2
    is_open = ((hour >= 9.5) & (hour < 21)).astype(float)
    weekday = np.array([day.weekday() for day in DATES])
    size_wh = np.array([1500, 1150, 2100, 900, 1000, 1300, 800, 3600, 2900, 2300, 0])
    rests = np.arange(N_BUYERS) >= 7
    week = np.where(rests[:, None] & (weekday == 6)[None, :], 0.25, 1.0)
    noise = rng.uniform(0.8, 1.2, (N_BUYERS, N_DAYS, SLOTS_PER_DAY))
    return (size_wh[:, None, None] * (0.22 + 0.78 * is_open) * week[:, :, None] * noise).astype(np.int64)


def _choices(rng: np.random.Generator, group_no: np.ndarray) -> np.ndarray:
    """Let surplus homes rank three shops, the others the buyer of value and one shop."""
    choices = np.full((2, N_HOMES, K_MAX), -1, np.int32)
    for home in range(N_HOMES):
        if group_no[home] == 0:
            weights = np.array([5, 4, 3, 2, 2, 1, 1, 3, 2, 2]) / 25
            choices[0, home] = rng.choice(N_BUYERS - 1, K_MAX, replace=False, p=weights)
        if group_no[home] == 1:
            choices[1, home, :2] = (VALUE_BUYER, int(rng.integers(0, N_BUYERS - 1)))
    return choices


def _quality(rng: np.random.Generator) -> np.ndarray:
    """Measure nearly everything; lose some hours, some days, one meter for two weeks."""
    quality = np.full((N_HOMES, N_DAYS, SLOTS_PER_DAY), 3, np.int8)
    for state, n_gaps, slots_max in ((2, 150, 30), (1, 34, 48), (0, 12, 48)):
        for _gap in range(n_gaps):
            home, day = rng.integers(N_HOMES), rng.integers(N_DAYS)
            first = rng.integers(0, SLOTS_PER_DAY)
            quality[home, day, first : first + rng.integers(1, slots_max + 1)] = state
    quality[16, 40:54] = 1
    quality[43, 88:95] = 0
    return quality


def _matched(
    choices: np.ndarray,
    supplies_wh: list[np.ndarray],
    quality: np.ndarray,
    buyer_use_wh: np.ndarray,
    is_inside: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run the real matching over every day, surplus first."""
    parts_wh = np.zeros((2, N_HOMES, N_DAYS, SLOTS_PER_DAY, K_MAX), np.int64)
    rest_wh = np.zeros((2, N_HOMES, N_DAYS, SLOTS_PER_DAY), np.int64)
    closing_t32 = np.zeros((2, N_DAYS, SLOTS_PER_DAY, N_BUYERS), np.int64)
    for day, delivery_date in enumerate(DATES):
        capacity_wh = np.ascontiguousarray(buyer_use_wh[:, day].T)
        for kind in (0, 1):
            capacity_wh = capacity_wh.copy()
            capacity_wh[:, VALUE_BUYER] = 3_000 * kind
            is_offered = (quality[:, day] >= 2) & is_inside[:, None]
            supply_wh = np.where(is_offered, supplies_wh[kind][:, day], 0)
            match = match_day(
                DayMatchInput(
                    home_key=np.arange(1, N_HOMES + 1),
                    choice_buyer_index=choices[kind].copy(),
                    supply_wh=np.ascontiguousarray(supply_wh.T),
                    capacity_wh=capacity_wh,
                    delivery_date=delivery_date,
                )
            )
            parts_wh[kind, :, day] = match.parts_wh.transpose(1, 0, 2)
            rest_wh[kind, :, day] = match.rest_wh.T
            closing_t32[kind, day] = match.closing_t32
            capacity_wh = capacity_wh - match.intake_wh
    return parts_wh, rest_wh, closing_t32
