"""Spread the value of a month over its half hours by the shape of homes that were measured.

Enter: the value's energy, what other homes measured day by day. Leave: energies of slots that sum to the value.
Not here: which value counts (values). Source: docs/decisions/0010-monthly-homes.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.months import Month
from sanchi.core.base.shares import split_by_weights
from sanchi.core.base.slots import SLOTS_PER_DAY, boundary_ordinal, dates_between
from sanchi.core.metering.readings import Channel, MeterSpec

# The mean of homes is kept in thousandths of a Wh: it decides on shares, never on energy.
MWH_PER_WH: Final = 1_000
# Between these two slot indices any roof of Japan may see the sun in some month: 04:30 to 19:30.
DAYLIGHT: Final = slice(9, 39)

IntArray = NDArray[np.int64]


class SpreadShape(IntEnum):
    """What a month was shaped by; the numbers stand in the database and never change."""

    LIKE_HOMES = 1  # what the market's measured homes did in the same half hours
    FLAT = 2  # nobody was measured: the same in each half hour, export in daylight alone
    KEPT = 3  # a corrected value: the shape that the month has already


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredHomes:
    """What homes measured of a channel on one day, int64 arrays of shape (48,).

    energy_wh : of all homes together. home_count : homes with a measured or recovered value.
    """

    energy_wh: IntArray
    home_count: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSpread:
    """A month in half hours: first_boundary closes the first of them; energy_wh sums to the month's value.

    stand_in_count : half hours in which no home was measured, shaped by the same half hour of other days.
    """

    first_boundary: int
    energy_wh: tuple[int, ...]
    shape: SpreadShape
    stand_in_count: int

    @property
    def boundaries(self) -> range:
        """Give the boundaries that close the half hours."""
        return range(self.first_boundary, self.first_boundary + len(self.energy_wh))


def served_boundaries(spec: MeterSpec, month: Month) -> range:
    """Give the boundaries that close the half hours of a month in which a meter is in service; maybe none."""
    opening = boundary_ordinal(month.first_date, 0)
    closing = boundary_ordinal(month.next_month.first_date, 0)
    first = max(opening, spec.installed_boundary)
    last = closing if spec.removed_boundary is None else min(closing, spec.removed_boundary)
    return range(first + 1, max(last, first) + 1)


def spread_month(
    energy_wh: int, spec: MeterSpec, month: Month, measured: Mapping[date, MeasuredHomes], kept_wh: Sequence[int] = ()
) -> MonthSpread:
    """Spread a month's energy over the half hours in which its meter was in service.

    measured : other homes of the same channel, by day of the month; days without any may be left out.
    kept_wh : the half hours of the value that this one corrects: where there is any energy in them, they are the
    shape, so that a correction moves all of them the same way, and other homes' corrections move none.
    """
    served = served_boundaries(spec, month)
    assert len(served), f"meter {spec.meter_id} is not in service in {month}"
    if sum(kept_wh) > 0:
        assert len(kept_wh) == len(served), "the half hours of a value that was spread over others"
        return _spread(energy_wh, served, kept_wh, SpreadShape.KEPT, 0)
    shape_mwh, stand_in = _month_shape(month, measured)
    offset = served.start - boundary_ordinal(month.first_date, 0) - 1
    own = slice(offset, offset + len(served))
    weights: list[int] = shape_mwh.ravel()[own].tolist()
    if sum(weights) > 0:
        return _spread(energy_wh, served, weights, SpreadShape.LIKE_HOMES, int(stand_in.ravel()[own].sum()))
    return _spread(energy_wh, served, _flat(spec.channel, served), SpreadShape.FLAT, 0)


def _spread(
    energy_wh: int, served: range, weights: Sequence[int], shape: SpreadShape, stand_in_count: int
) -> MonthSpread:
    """Share the energy exactly."""
    return MonthSpread(
        first_boundary=served.start,
        energy_wh=tuple(split_by_weights(energy_wh, weights)),
        shape=shape,
        stand_in_count=stand_in_count,
    )


def _month_shape(month: Month, measured: Mapping[date, MeasuredHomes]) -> tuple[IntArray, NDArray[np.bool_]]:
    """Give the mean home [mWh] in each half hour, shape (n_days, 48), and where other days stand in for it."""
    days = dates_between(month.first_date, month.last_date)
    mean_mwh = np.zeros((len(days), SLOTS_PER_DAY), dtype=np.int64)
    is_known = np.zeros(mean_mwh.shape, dtype=np.bool_)
    for row, day in enumerate(days):
        if day in measured:
            homes = measured[day]
            is_known[row] = homes.home_count > 0
            mean_mwh[row] = homes.energy_wh * MWH_PER_WH // np.maximum(homes.home_count, 1)
    of_slot = mean_mwh.sum(axis=0, where=is_known) // np.maximum(is_known.sum(axis=0), 1)
    return np.where(is_known, mean_mwh, of_slot[None, :]), ~is_known


def _flat(channel: Channel, served: range) -> list[int]:
    """Weigh half hours alike; export only in daylight, where the meter was in service in any."""
    if channel is not Channel.EXPORT:
        return [1] * len(served)
    is_light = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    is_light[DAYLIGHT] = 1
    weights: list[int] = is_light[(np.array(served) - 1) % SLOTS_PER_DAY].tolist()
    return weights if any(weights) else [1] * len(served)
