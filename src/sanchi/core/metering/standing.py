"""Decide which counts of a register can be true beside each other.

Enter: the counts of a stretch of days, in order of time. Leave: those that stand, those set aside and why.
Not here: which days make a stretch, energy.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.counting import counted_wh, uncarried_wh_min
from sanchi.core.metering.gaps import SetAside
from sanchi.core.metering.grids import BoolArray, IntArray
from sanchi.core.metering.readings import MeterSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Counts of one register, arrays of shape (n_counts,) with rising boundaries.

    opens_firm, closes_firm : the first or last count belongs to a complete day beside the stretch; it stands.
    """

    spec: MeterSpec
    boundary: IntArray
    reading: IntArray
    opens_firm: bool
    closes_firm: bool

    def fits_throughout(self) -> bool:
        """Tell whether no count contradicts the next one; then none contradicts any other."""
        turn_count, unit_wh, plausible_wh_max = (
            np.asarray(number) for number in (self.spec.turn_count, self.spec.unit_wh, self.spec.plausible_wh_max)
        )
        energy_wh = counted_wh(self.reading[:-1], self.reading[1:], turn_count, unit_wh)
        return bool(np.all(energy_wh < uncarried_wh_min(np.diff(self.boundary), plausible_wh_max, unit_wh)))


class _Count(NamedTuple):
    """One count of a register."""

    boundary: int
    reading: int


def divide_stretch(stretch: Stretch) -> tuple[BoolArray, tuple[SetAside, ...]]:
    """Divide a stretch into counts that stand, a mask of shape (n_counts,), and counts set aside.

    A count stands unless it contradicts, in this order: the last one that stands; the firm one that closes
    the stretch (where that agrees with the firm one that opens it); the next one, if that agrees with the
    last one that stands. So a wild count is set aside alone, and after a lasting fall all are until they rise
    above it again.
    """
    n_counts = stretch.boundary.size
    if stretch.fits_throughout():
        return np.ones(n_counts, dtype=np.bool_), ()
    spec = stretch.spec
    counts = [_Count(*pair) for pair in zip(stretch.boundary.tolist(), stretch.reading.tolist(), strict=True)]
    closing = counts[-1] if stretch.closes_firm else None
    if closing and stretch.opens_firm and not _fit(spec, counts[0], closing):
        closing = None
    last = counts[0] if stretch.opens_firm else None
    stands = np.zeros(n_counts, dtype=np.bool_)
    set_aside = []
    for position, count in enumerate(counts):
        is_firm = (position == 0 and stretch.opens_firm) or (position == n_counts - 1 and stretch.closes_firm)
        following = counts[position + 1] if position + 1 < n_counts else None
        reference = None if is_firm else _contradiction(spec, count, last, closing, following)
        if reference is None:
            stands[position] = True
            last = count
        else:
            set_aside.append(_set_aside(count, reference))
    return stands, tuple(set_aside)


def _contradiction(
    spec: MeterSpec, count: _Count, last: _Count | None, closing: _Count | None, following: _Count | None
) -> _Count | None:
    """Find the count that speaks against a count, None where it stands."""
    if last and not _fit(spec, last, count):
        return last
    if closing and not _fit(spec, count, closing):
        return closing
    if following and not _fit(spec, count, following) and (last is None or _fit(spec, last, following)):
        return following
    return None


def _fit(spec: MeterSpec, earlier: _Count, later: _Count) -> bool:
    """Tell whether the connection can have carried what was counted between two readings."""
    energy_wh = counted_wh(earlier.reading, later.reading, spec.turn_count, spec.unit_wh)
    n_slots = later.boundary - earlier.boundary
    return energy_wh < uncarried_wh_min(n_slots, spec.plausible_wh_max, spec.unit_wh)


def _set_aside(count: _Count, reference: _Count) -> SetAside:
    """Tell a fall from a leap, whichever of the two counts came first."""
    earlier, later = sorted((count, reference))
    is_fall = later.reading < earlier.reading
    return SetAside(
        code=ProblemCode.REGISTER_BACKWARDS if is_fall else ProblemCode.ENERGY_IMPLAUSIBLE,
        boundary=count.boundary,
        count=count.reading,
        reference_boundary=reference.boundary,
        reference_count=reference.reading,
    )
