"""Fill the gaps of a delivery date: energy from the register, or else from like days, or nothing.

Enter: a Gap and the point's History. Leaves: a Fill of the date's part of it. Not here: finding gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from sanchi.core.base.shares import split_by_weights
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.estimation import History, Samples, Span
from sanchi.core.metering.gaps import Gap, runs_of
from sanchi.core.metering.grids import IntArray
from sanchi.core.metering.levels import LEVEL_TOP, Ladder
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
    """Take the median of like slots; slots that too few days have measured are missing, at 0 Wh."""
    first, end = gap.slots_of_day(day_boundary)
    span = Span(
        first_boundary=day_boundary + first,
        last_boundary=day_boundary + end,
        energy_wh=None,
        meets_start=day_boundary + first == gap.first_boundary,
        meets_end=day_boundary + end == gap.last_boundary,
    )
    samples = history.around((gap.first_boundary, gap.last_boundary), WINDOW_DAYS).samples_of(span)
    is_known = samples.n_days >= LIKE_DAYS_MIN
    energy_wh = np.zeros(end - first, dtype=np.int64)
    if is_known.any():
        banded_wh, width = Ladder.of(samples.energy_wh[:, is_known], samples.weights[:, is_known]).at(LEVEL_TOP // 2)
        energy_wh[is_known] = banded_wh // width
    known = [(start, stop, Quality.ESTIMATED) for start, stop in runs_of(is_known)]
    unknown = [(start, stop, Quality.MISSING) for start, stop in runs_of(~is_known)]
    return tuple(
        Fill(
            gap=gap,
            quality=quality,
            first_slot_index=first + start,
            energy_wh=energy_wh[start:stop],
            method=Method.ESTIMATED_LIKE_DAYS if quality is Quality.ESTIMATED else Method.MISSING,
        )
        for start, stop, quality in sorted(known + unknown)
    )


def _weights(gap: Gap, history: History) -> list[int]:
    """Weigh each slot of a gap by its energy at the level that the register tells; without samples as the mean."""
    assert gap.energy_wh is not None, "only a gap that the register has counted is recovered"
    surroundings = history.around((gap.first_boundary, gap.last_boundary), LIKE_DAY_REACH_DAYS)
    samples = _joined([surroundings.samples_of(span) for span in _spans(gap)])
    is_known = samples.weights.any(axis=0)
    if not is_known.any():
        return [0] * gap.n_slots
    ladder = Ladder.of(samples.energy_wh[:, is_known], samples.weights[:, is_known])
    n_known = int(is_known.sum())
    known = ladder.weights_for(gap.energy_wh * n_known // gap.n_slots)
    weights = np.full(gap.n_slots, int(known.sum()) // n_known, dtype=np.int64)
    weights[is_known] = known
    of_slots: list[int] = weights.tolist()
    return of_slots


def _spans(gap: Gap) -> list[Span]:
    """Take a gap of up to a day whole, since its energy is known; cut a longer one at midnights."""
    if gap.n_slots <= SLOTS_PER_DAY:
        return [Span(gap.first_boundary, gap.last_boundary, gap.energy_wh, meets_start=True, meets_end=True)]
    first_midnight = (gap.first_boundary // SLOTS_PER_DAY + 1) * SLOTS_PER_DAY
    edges = [gap.first_boundary, *range(first_midnight, gap.last_boundary, SLOTS_PER_DAY), gap.last_boundary]
    return [
        Span(first, last, None, meets_start=first == gap.first_boundary, meets_end=last == gap.last_boundary)
        for first, last in pairwise(edges)
    ]


def _joined(parts: list[Samples]) -> Samples:
    """Set the slots of parts side by side; a part with fewer samples gets some of no weight."""
    n_samples = max(part.weights.shape[0] for part in parts)
    energy_wh, weights = (
        np.concatenate([np.pad(array, ((0, n_samples - array.shape[0]), (0, 0))) for array in arrays], axis=1)
        for arrays in ([part.energy_wh for part in parts], [part.weights for part in parts])
    )
    return Samples(energy_wh, weights, np.concatenate([part.n_days for part in parts]))
