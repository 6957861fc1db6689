"""Fill the gaps of a delivery date: energy from the register, or else from like days, or nothing.

Enter: a Gap and the point's History. Leaves: a Fill of the date's part of it. Not here: finding gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.base.shares import split_by_weights
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.estimation import History
from sanchi.core.metering.gaps import Gap, runs_of
from sanchi.core.metering.grids import IntArray
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Quality
from sanchi.core.metering.windows import LIKE_DAY_REACH_DAYS, WINDOW_DAYS

LIKE_DAYS_MIN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """Slots of the delivery date, all in one gap, filled with one quality.

    energy_wh : int64 array of shape (n_slots,).
    is_counted : another way, or a decision, does not stand in place of it in every slot.
    """

    gap: Gap
    quality: Quality
    first_slot_index: int
    energy_wh: IntArray
    method: Method
    is_counted: bool = True

    @property
    def is_shaped(self) -> bool:
        """Tell whether it follows something that was measured; otherwise it lies flat."""
        return self.method is not Method.RECOVERED_FLAT

    @property
    def end_slot_index(self) -> int:
        """Give the slot_index behind the last slot."""
        return self.first_slot_index + self.energy_wh.size


def fill_gap(
    gap: Gap, history: History, day_boundary: int, other_way_wh: Sequence[int] | None = None
) -> tuple[Fill, ...]:
    """Fill the part of a gap that lies on a delivery date, in the order of time.

    A recoverable gap is spread as a whole, by weights that depend on the gap and on days outside it alone. So
    each of its days, computed by itself, cuts its part from the same whole: the parts add up to the register.
    other_way_wh : what another way measured in every slot of the gap; then that is its shape.
    """
    if gap.is_recoverable:
        return (_recover(gap, history, day_boundary, other_way_wh),)
    return _estimate(gap, history, day_boundary)


def _recover(gap: Gap, history: History, day_boundary: int, other_way_wh: Sequence[int] | None) -> Fill:
    """Spread the register's energy over the whole gap and cut out the delivery date's part."""
    assert gap.energy_wh is not None, "only a gap that the register has counted is recovered"
    method, weights = _shape(gap, history, other_way_wh)
    parts_wh = split_by_weights(gap.energy_wh, weights)
    first, end = gap.slots_of_day(day_boundary)
    skipped = day_boundary + first - gap.first_boundary
    return Fill(
        gap=gap,
        quality=Quality.RECOVERED,
        first_slot_index=first,
        energy_wh=np.array(parts_wh[skipped : skipped + end - first], dtype=np.int64),
        method=method,
    )


def _shape(gap: Gap, history: History, other_way_wh: Sequence[int] | None) -> tuple[Method, Sequence[int]]:
    """Give the weights of all slots of a gap, the best that there are, and what they rest on."""
    if other_way_wh is not None and any(other_way_wh):
        return Method.RECOVERED_OTHER_WAY, other_way_wh
    weights = _weights(gap, history)
    if any(weights):
        return Method.RECOVERED_LIKE_DAYS, weights
    return Method.RECOVERED_FLAT, [1] * gap.n_slots


def _estimate(gap: Gap, history: History, day_boundary: int) -> tuple[Fill, ...]:
    """Take the median of the date's like days; slots with too few of them are missing, at 0 Wh."""
    first, end = gap.slots_of_day(day_boundary)
    day = day_boundary // SLOTS_PER_DAY
    like = history.like_days(day, (day, day), WINDOW_DAYS)
    is_known = like.n_days >= LIKE_DAYS_MIN
    energy_wh = np.where(is_known, like.doubled_median_wh // 2, 0)
    known = [(start, stop, Quality.ESTIMATED) for start, stop in runs_of(is_known[first:end])]
    unknown = [(start, stop, Quality.MISSING) for start, stop in runs_of(~is_known[first:end])]
    return tuple(
        Fill(
            gap=gap,
            quality=quality,
            first_slot_index=first + start,
            energy_wh=energy_wh[first + start : first + stop],
            method=Method.ESTIMATED_LIKE_DAYS if quality is Quality.ESTIMATED else Method.MISSING,
        )
        for start, stop, quality in sorted(known + unknown)
    )


def _weights(gap: Gap, history: History) -> list[int]:
    """Weigh each slot of a gap by its like days; a slot that has none by the mean of the others."""
    first_day = gap.first_boundary // SLOTS_PER_DAY
    last_day = (gap.last_boundary - 1) // SLOTS_PER_DAY
    days = [
        history.like_days(day, (first_day, last_day), LIKE_DAY_REACH_DAYS) for day in range(first_day, last_day + 1)
    ]
    skipped = gap.first_boundary - first_day * SLOTS_PER_DAY
    of_gap = slice(skipped, skipped + gap.n_slots)
    doubled_wh = np.concatenate([like.doubled_median_wh for like in days])[of_gap]
    is_known = np.concatenate([like.n_days for like in days])[of_gap] > 0
    if not is_known.any():
        return [0] * gap.n_slots
    mean_wh = int(doubled_wh[is_known].sum()) // int(is_known.sum())
    weights: list[int] = np.where(is_known, doubled_wh, mean_wh).tolist()
    return weights
