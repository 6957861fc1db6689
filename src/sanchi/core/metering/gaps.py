"""What one meter says about a delivery date: measured slots, gaps between them, readings set aside.

Enter: interval readings, or what registers found. Leave: MeterDays of Gaps. Not here: filling them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray
from sanchi.core.metering.readings import MeterSpec
from sanchi.core.metering.windows import GAP_DAYS_MAX, Window

GAP_SLOTS_MAX: Final = GAP_DAYS_MAX * SLOTS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Slots without readings of their own, from one boundary to another; may reach over midnight.

    energy_wh : what the register counted over the whole gap; None where it is not known on both sides.
    """

    spec: MeterSpec
    first_boundary: int
    last_boundary: int
    energy_wh: int | None

    @property
    def n_slots(self) -> int:
        """Count the slots of the whole gap."""
        return self.last_boundary - self.first_boundary

    @property
    def is_recoverable(self) -> bool:
        """Tell whether the register's energy is spread over the gap: known, and the gap not too long."""
        return self.energy_wh is not None and self.n_slots <= GAP_SLOTS_MAX

    def slots_of_day(self, day_boundary: int) -> tuple[int, int]:
        """Give the slot_indexes [first, end) of the gap's part of a day; first >= end when it has none."""
        first = max(self.first_boundary - day_boundary, 0)
        return first, min(self.last_boundary - day_boundary, SLOTS_PER_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One reading that cannot stand beside the others, and the one that speaks against it."""

    code: ProblemCode
    boundary: int
    count: int
    reference_boundary: int
    reference_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDay:
    """What one meter measured on a delivery date; arrays of shape (48,).

    reading_count : readings that the screen let pass; set_aside : those of them that do not stand, in the
    order of time. A reading at the opening boundary belongs to the day before.
    """

    spec: MeterSpec
    energy_wh: IntArray
    is_measured: BoolArray
    gaps: tuple[Gap, ...]
    reading_count: int
    set_aside: tuple[SetAside, ...]


def read_intervals(spec: MeterSpec, reading: IntArray, window: Window) -> MeterDay:
    """Read the delivery date of a meter that delivers the energy of each slot.

    reading : int64 array of shape (n_boundaries,), screened; the energy of a slot stands at its end.
    """
    opening = window.opening_position(window.day_index)
    of_day = reading[opening + 1 : opening + 1 + SLOTS_PER_DAY]
    is_measured = of_day != NO_READING
    first, end = _service_of_day(spec, window)
    gaps = tuple(
        Gap(
            spec=spec,
            first_boundary=window.day_boundary + first + start,
            last_boundary=window.day_boundary + first + stop,
            energy_wh=None,
        )
        for start, stop in runs_of(~is_measured[first:end])
    )
    return MeterDay(
        spec=spec,
        energy_wh=np.where(is_measured, of_day * spec.unit_wh, 0),
        is_measured=is_measured,
        gaps=gaps,
        reading_count=int(is_measured.sum()),
        set_aside=(),
    )


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the runs of true entries as half-open ranges.

    >>> runs_of(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _service_of_day(spec: MeterSpec, window: Window) -> tuple[int, int]:
    """Give the slot_indexes [first, end) of the delivery date in which a meter is in service."""
    first = min(max(spec.installed_boundary - window.day_boundary, 0), SLOTS_PER_DAY)
    if spec.removed_boundary is None:
        return first, SLOTS_PER_DAY
    return first, max(first, min(spec.removed_boundary - window.day_boundary, SLOTS_PER_DAY))
