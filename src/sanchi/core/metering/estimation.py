"""What a metering point usually measures in a slot, from like days near a gap.

Enters: the measured slots of a window. Leave: medians and how many days they rest on. Not here: using them.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY
from sanchi.core.metering.grids import BoolArray, IntArray
from sanchi.core.metering.readings import Channel

LIKE_DAYS_PER_SIDE: Final = 5
LIKE_DAYS_OF_PV: Final = 7
DAYS_PER_WEEK: Final = 7
SATURDAY: Final = 5


class LikeDays(NamedTuple):
    """Arrays of shape (48,): twice the median energy [Wh] (so that it is whole), and the days it rests on."""

    doubled_median_wh: IntArray
    n_days: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The measured slots of one metering point; arrays of shape (n_days, 48), 0 Wh where not measured."""

    channel: Channel
    first_day: int
    energy_wh: IntArray
    is_measured: BoolArray

    def like_days(self, day: int, gap_days: tuple[int, int], reach_days: int) -> LikeDays:
        """Take the median of a day's like days outside a gap, slot by slot.

        day : ordinal of a day in the gap; gap_days : ordinals of the first and last day that the gap touches.
        Returns: medians over the nearest days that measured the slot, at most reach_days outside the gap.
        The sun knows no weekdays: PV takes 7 days of any kind, other channels 5 on either side, weekdays for
        a weekday, weekends for a weekend.
        """
        before = [gap_days[0] - distance for distance in range(1, reach_days + 1)]
        after = [gap_days[1] + distance for distance in range(1, reach_days + 1)]
        if self.channel is Channel.PV:
            nearest_first = [day for pair in zip(before, after, strict=True) for day in pair]
            return _median_of([self._nearest(nearest_first, LIKE_DAYS_OF_PV)])
        is_weekend = _is_weekend(day)
        return _median_of(
            [
                self._nearest([day for day in side if _is_weekend(day) == is_weekend], LIKE_DAYS_PER_SIDE)
                for side in (before, after)
            ]
        )

    def _nearest(self, days: list[int], n_days_max: int) -> NDArray[np.int64]:
        """Give the energies of the first days of a list that measured a slot; others hold _ABSENT_WH."""
        inside = [day - self.first_day for day in days if 0 <= day - self.first_day < self.energy_wh.shape[0]]
        is_measured = self.is_measured[inside]
        is_near = is_measured & (np.cumsum(is_measured, axis=0) <= n_days_max)
        return np.where(is_near, self.energy_wh[inside], _ABSENT_WH)


# Larger than any energy, so that sorting puts it last.
_ABSENT_WH: Final = int(np.iinfo(np.int64).max)


def _median_of(sides: list[IntArray]) -> LikeDays:
    """Take the median of each column, entries of _ABSENT_WH left out; 0 where there are only those."""
    energy_wh = np.sort(np.concatenate([*sides, np.full((1, SLOTS_PER_DAY), _ABSENT_WH)]), axis=0)
    n_days = np.count_nonzero(energy_wh != _ABSENT_WH, axis=0)
    slot = np.arange(SLOTS_PER_DAY)
    lower_wh = energy_wh[np.maximum(n_days - 1, 0) // 2, slot]
    upper_wh = energy_wh[n_days // 2, slot]
    has_days = n_days > 0
    # Absent entries are kept out of the sum, which they would overflow.
    doubled_median_wh = np.where(has_days, lower_wh, 0) + np.where(has_days, upper_wh, 0)
    return LikeDays(doubled_median_wh=doubled_median_wh, n_days=n_days)


def _is_weekend(day: int) -> bool:
    """Tell Saturdays and Sundays from the others; public holidays count as their weekday."""
    return (EPOCH_DATE.weekday() + day) % DAYS_PER_WEEK >= SATURDAY
