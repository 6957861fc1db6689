"""What a metering point may have measured in a span of slots: samples from like slots near it, with weights.

Enters: the measured slots of a window. Leave: Samples. Not here: using them.

A sample is the span laid over other slots: over each day near it at the same time of day, and some slots earlier and
later. It weighs less the more it differs from the span: in days, in kind of day, in time of day, in the energy of the
whole, and in the slots just beside it.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY
from sanchi.core.metering.grids import BoolArray, IntArray
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.steps import evened

DAYS_PER_WEEK: Final = 7
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What each difference from the span costs a sample, in points; a point takes a sixteenth of its weight.

    shift_points : at 0, 1, 2, ... slots from the time of day; day_away_points : each day; other_kind_points : a weekday
    for a weekend or the other way; other_weekday_points : not whole weeks away; energy_points : where one has energy
    and the other none, and less the nearer they are; edge_points : the same for the slots beside the span, as its
    first slot feels it; edge_half_slots : as many slots inside, it costs half; level_wh : energy of a slot below
    which differences mean little.
    """

    shift_points: tuple[int, ...]
    day_away_points: int
    other_kind_points: int
    other_weekday_points: int
    energy_points: int
    edge_points: int
    edge_half_slots: int
    level_wh: int


# Chosen on half of the homes and seeds of docs/reference/filling.md; half or twice of any figure changes little.
LOAD: Final = Likeness(
    shift_points=(0, 11, 25, 36),
    day_away_points=1,
    other_kind_points=16,
    other_weekday_points=8,
    energy_points=64,
    edge_points=112,
    edge_half_slots=4,
    level_wh=20,
)
# The sun knows no weekdays, and moves little from one day to the next.
SUN: Final = replace(LOAD, shift_points=(0, 11), other_kind_points=0, other_weekday_points=0)
EDGE_SLOTS: Final = 2
FULL_WEIGHT: Final = 1 << 20
LEAST_WEIGHT: Final = 16


def _decay() -> IntArray:
    """Take a sixteenth away again and again, until the weight has nearly gone; more points take no more."""
    weights = [FULL_WEIGHT]
    while weights[-1] > LEAST_WEIGHT:
        weights.append(weights[-1] * 15 // 16)
    return np.array(weights, dtype=np.int64)


_WEIGHT_OF_POINTS: Final = _decay()


class Span(NamedTuple):
    """Slots [first, last) of a gap that are sampled together, as boundary ordinals, and what is known of them.

    energy_wh : of the span; None if not known. meets_start, meets_end : the span begins or ends where the gap does.
    """

    first_boundary: int
    last_boundary: int
    energy_wh: int | None
    meets_start: bool
    meets_end: bool


class Samples(NamedTuple):
    """Arrays of shape (n_samples, n_slots): energy [Wh] and weights, 0 where not measured; n_days: shape (n_slots,).

    n_days : days that measured the slot itself.
    """

    energy_wh: IntArray
    weights: IntArray
    n_days: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The measured slots of one metering point; arrays of shape (n_days, 48), 0 Wh where not measured.

    step_wh : what one count of the slot's register stands for; 0 where the energy itself was delivered.
    """

    channel: Channel
    first_day: int
    energy_wh: IntArray
    is_measured: BoolArray
    step_wh: IntArray

    def around(self, gap: tuple[int, int], reach_days: int) -> "Surroundings":
        """Show the days that a gap [first, last) touches and reach_days on either side, without the gap.

        What is shown does not depend on anything further away, so all days of a gap are shown the same.
        """
        first_day = max(gap[0] // SLOTS_PER_DAY - reach_days, self.first_day)
        end_day = min((gap[1] - 1) // SLOTS_PER_DAY + reach_days + 1, self.first_day + self.energy_wh.shape[0])
        days = slice(first_day - self.first_day, end_day - self.first_day)
        first = first_day * SLOTS_PER_DAY
        is_known = self.is_measured[days].reshape(-1).copy()
        is_known[max(gap[0] - first, 0) : max(gap[1] - first, 0)] = False
        return Surroundings(
            likeness=SUN if self.channel is Channel.PV else LOAD,
            first_boundary=first,
            energy_wh=evened(self.energy_wh[days].reshape(-1), is_known, self.step_wh[days].reshape(-1)),
            is_known=is_known,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The slots near a gap in one row from a boundary on, shape (n_slots,); those of the gap are not known."""

    likeness: Likeness
    first_boundary: int
    energy_wh: IntArray
    is_known: BoolArray

    def samples_of(self, span: Span) -> Samples:
        """Lay the span over every day near it, some slots earlier and later too, and weigh what lies under it."""
        day = span.first_boundary // SLOTS_PER_DAY
        first_day = self.first_boundary // SLOTS_PER_DAY
        end_day = first_day + self.is_known.size // SLOTS_PER_DAY
        days_away = np.arange(first_day - day - 1, end_day - day + 1)
        shifts = np.arange(1 - len(self.likeness.shift_points), len(self.likeness.shift_points))
        days_away, shifts = np.repeat(days_away, shifts.size), np.tile(shifts, days_away.size)
        start = span.first_boundary + days_away * SLOTS_PER_DAY + shifts
        slot = np.arange(span.last_boundary - span.first_boundary)
        energy_wh, is_known = self._take(start[:, None] + slot)
        points = self._points_of_days(span, days_away, shifts)
        points = points + self._points_of_energy(span, energy_wh, is_known)[:, None]
        if span.meets_start:
            points = points + self._points_of_edge(span.first_boundary, start, -1, slot)
        if span.meets_end:
            points = points + self._points_of_edge(span.last_boundary - 1, start + slot.size - 1, 1, slot[::-1])
        points = np.minimum(points, _WEIGHT_OF_POINTS.size - 1)
        return Samples(
            energy_wh=energy_wh,
            weights=np.where(is_known, _WEIGHT_OF_POINTS[points], 0),
            n_days=is_known[shifts == 0].sum(axis=0),
        )

    def _take(self, boundary: IntArray) -> tuple[IntArray, BoolArray]:
        """Give energies of slots and whether they are known; 0 Wh where not."""
        place = np.clip(boundary - self.first_boundary, 0, self.is_known.size - 1)
        is_known = self.is_known[place] & (place == boundary - self.first_boundary)
        return np.where(is_known, self.energy_wh[place], 0), is_known

    def _points_of_days(self, span: Span, days_away: IntArray, shifts: IntArray) -> IntArray:
        """Count points for the time between, shape (n_samples, n_slots)."""
        like = self.likeness
        day = np.arange(span.first_boundary, span.last_boundary) // SLOTS_PER_DAY
        is_other_kind = _is_weekend(day + days_away[:, None]) != _is_weekend(day)
        points: IntArray = (
            np.array(like.shift_points)[np.abs(shifts)]
            + like.day_away_points * np.abs(days_away)
            + np.where(days_away % DAYS_PER_WEEK == 0, 0, like.other_weekday_points)
        )
        of_slots: IntArray = points[:, None] + like.other_kind_points * is_other_kind
        return of_slots

    def _points_of_energy(self, span: Span, energy_wh: IntArray, is_known: BoolArray) -> IntArray:
        """Count points for the energy of the whole span, shape (n_samples,); parts are held against parts."""
        if span.energy_wh is None:
            return np.zeros(energy_wh.shape[0], dtype=np.int64)
        n_slots = span.last_boundary - span.first_boundary
        n_known = is_known.sum(axis=1)
        level_wh = self.likeness.level_wh * n_slots * n_known
        return _unlike(energy_wh.sum(axis=1) * n_slots, span.energy_wh * n_known, level_wh, self.likeness.energy_points)

    def _points_of_edge(self, inner: int, starts: IntArray, step: int, slots_inside: IntArray) -> IntArray:
        """Count points for the slots beside the span on one side, fading with the slots inside."""
        like = self.likeness
        beside = step * np.arange(1, EDGE_SLOTS + 1)
        ours_wh, is_ours = self._take(inner + beside)
        theirs_wh, is_theirs = self._take(starts[:, None] + beside)
        is_both = is_ours & is_theirs
        points = np.where(
            is_both, _unlike(theirs_wh, ours_wh, np.array(like.level_wh), like.edge_points), like.edge_points // 2
        )
        mean = points[:, is_ours].sum(axis=1) // max(int(is_ours.sum()), 1)
        fading: IntArray = mean[:, None] * like.edge_half_slots // (like.edge_half_slots + slots_inside)
        return fading


def _unlike(one_wh: IntArray, other_wh: IntArray, level_wh: IntArray, points_max: int) -> IntArray:
    """Count points from 0 for two equal energies up to points_max where one is nothing beside the other."""
    points: IntArray = points_max * np.abs(one_wh - other_wh) // np.maximum(one_wh + other_wh + level_wh, 1)
    return points


def _is_weekend(day: IntArray) -> NDArray[np.bool_]:
    """Tell Saturdays and Sundays from the others; public holidays count as their weekday."""
    return (EPOCH_DATE.weekday() + day) % DAYS_PER_WEEK >= SATURDAY
