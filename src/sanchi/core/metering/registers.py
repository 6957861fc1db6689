"""Read a register's delivery date around its gaps: measured slots, and gaps with what was counted meanwhile.

Enter: screened counts of a window. Leaves: a MeterDay. Not here: complete days (see slotwise), filling gaps.
"""

from itertools import pairwise

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.counting import counted_wh, uncarried_wh_min
from sanchi.core.metering.gaps import Gap, MeterDay
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray
from sanchi.core.metering.readings import MeterSpec
from sanchi.core.metering.standing import Stretch, divide_stretch
from sanchi.core.metering.windows import Window


def read_register(spec: MeterSpec, reading: IntArray, is_complete_day: BoolArray, window: Window) -> MeterDay:
    """Read the delivery date of a register whose day is not complete.

    reading : int64 array of shape (n_boundaries,), screened; is_complete_day : shape (n_days,).
    Returns: slots between two standing counts are measured; all others in service lie in gaps.
    """
    stretch = _stretch_around(spec, reading, is_complete_day, window)
    stands, set_aside = divide_stretch(stretch)
    day_boundary, day_end = window.day_boundary, window.day_boundary + SLOTS_PER_DAY
    pieces = _pieces(spec, stretch.boundary[stands], stretch.reading[stands], window)
    energy_wh = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    is_measured = np.zeros(SLOTS_PER_DAY, dtype=np.bool_)
    gaps = []
    for piece in pieces:
        first, end = piece.slots_of_day(day_boundary)
        if piece.n_slots == 1 and piece.energy_wh is not None and first < end:
            energy_wh[first], is_measured[first] = piece.energy_wh, True
        elif first < end:
            gaps.append(piece)
    opening = window.opening_position(window.day_index)
    return MeterDay(
        spec=spec,
        energy_wh=energy_wh,
        is_measured=is_measured,
        gaps=tuple(gaps),
        reading_count=int(np.count_nonzero(reading[opening + 1 : opening + 1 + SLOTS_PER_DAY] != NO_READING)),
        set_aside=tuple(one for one in set_aside if day_boundary < one.boundary <= day_end),
    )


def _stretch_around(spec: MeterSpec, reading: IntArray, is_complete_day: BoolArray, window: Window) -> Stretch:
    """Gather the counts from the last complete day before the delivery date to the first one after it."""
    before = np.flatnonzero(is_complete_day[: window.day_index])
    after = np.flatnonzero(is_complete_day[window.day_index + 1 :]) + window.day_index + 1
    first = window.opening_position(int(before[-1]) + 1) if before.size else 0
    end = window.opening_position(int(after[0])) + 1 if after.size else window.n_boundaries
    positions = first + np.flatnonzero(reading[first:end] != NO_READING)
    return Stretch(
        spec=spec,
        boundary=window.first_boundary + positions,
        reading=reading[positions],
        opens_firm=before.size > 0,
        closes_firm=after.size > 0,
    )


def _pieces(spec: MeterSpec, boundary: IntArray, reading: IntArray, window: Window) -> list[Gap]:
    """Cut the service of a register at its standing counts; pieces of one slot are what it measured.

    Returns: the pieces that touch the delivery date, the energy None where only one side or none has a count,
    where the two sides contradict each other, or where the register could have turned over unseen.
    """
    day_boundary, day_end = window.day_boundary, window.day_boundary + SLOTS_PER_DAY
    service_first = max(spec.installed_boundary, day_boundary)
    service_end = day_end if spec.removed_boundary is None else min(spec.removed_boundary, day_end)
    # Of the counts outside the date only the nearest on either side bound one of its gaps.
    near = slice(
        max(0, int(np.searchsorted(boundary, day_boundary, side="right")) - 1),
        int(np.searchsorted(boundary, day_end)) + 1,
    )
    cuts = list(zip(boundary[near].tolist(), reading[near].tolist(), strict=True))
    edges = [service_first, *(cut for cut, _ in cuts), service_end]
    energies: list[int | None] = [None, *(_energy_wh(spec, *pair) for pair in pairwise(cuts)), None]
    return [
        Gap(spec=spec, first_boundary=first, last_boundary=last, energy_wh=energy_wh)
        for (first, last), energy_wh in zip(pairwise(edges), energies, strict=False)
    ]


def _energy_wh(spec: MeterSpec, earlier: tuple[int, int], later: tuple[int, int]) -> int | None:
    """Give the energy between two standing (boundary, count), None where the counts do not tell it."""
    n_slots = later[0] - earlier[0]
    energy_wh = counted_wh(earlier[1], later[1], spec.turn_count, spec.unit_wh)
    uncarried_wh = uncarried_wh_min(n_slots, spec.plausible_wh_max, spec.unit_wh)
    is_known = energy_wh < uncarried_wh <= spec.turn_count * spec.unit_wh
    return energy_wh if is_known else None
