"""From the parts of half hours to readings: what a delivery makes whole or changes, and what is still incomplete.

Enter: parts of some days, of earlier deliveries and of the new one. Leave: ReadingRows, findings.
Not here: the rule by which parts are added up (parts.adding).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import slot_ending_at
from sanchi.core.metering.intake import EPOCH_S, SLOT_S
from sanchi.core.metering.parts.adding import MISSING_S_MAX, SlotSums, add_up_parts
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import BOUNDARY_END, CHANNEL_END, MeterSpec, ReadingRows
from sanchi.core.metering.sources import Source, Stage

MINUTE_S: Final = 60
NO_PARTS: Final = PartRows(
    series_key=np.empty(0, dtype=np.int64),
    stamp_s=np.empty(0, dtype=np.int64),
    interval_s=np.empty(0, dtype=np.int32),
    energy_ws=np.empty(0, dtype=np.int64),
    received_s=np.empty(0, dtype=np.int64),
    delivery_no=np.empty(0, dtype=np.int32),
    row_no=np.empty(0, dtype=np.int32),
)
INCOMPLETE_HINT: Final = (
    "Nothing to do while the rest may still come: it completes them. Otherwise the half hours count as not read; look "
    "at the device's connection."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFinding:
    """A finding about the incomplete half hours of one series and day.

    problem.where names series and day; a later finding of the same place takes its place, and so does none.
    """

    meter_no: int
    slot_count: int
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChanges:
    """What a delivery does to the half hours of a day.

    rows : energies of slots that are whole now and were not, or whose energy is another one; the newest of their
    versions, since their time of receipt is that of the slot's newest part.
    findings : of every series and day that the parts touch and that has incomplete slots; places : all of these
    series and days, so that findings of those that are whole now go away.
    """

    rows: ReadingRows
    findings: tuple[SlotFinding, ...]
    places: tuple[str, ...]


def joined_parts(several: Sequence[PartRows]) -> PartRows:
    """Put several values one behind the other."""
    return PartRows(
        **{
            each.name: np.concatenate([getattr(rows, each.name) for rows in (NO_PARTS, *several)])
            for each in fields(PartRows)
        }
    )


def slot_changes(earlier: PartRows, new: PartRows, meters: Sequence[MeterSpec], first_row_no: int) -> SlotChanges:
    """Compare what the parts of whole days give with and without the new ones.

    earlier : all parts of earlier deliveries in the days and series that the new ones touch. The energy in force of
    a whole slot is that of all its parts together, in whatever order and files they came.
    first_row_no : from where on the readings are numbered in their delivery.
    """
    parts = joined_parts([earlier, new])
    before, after = add_up_parts(earlier), add_up_parts(parts)
    known_wh = _known_wh(before, after)
    changed = np.flatnonzero(after.is_whole & (after.energy_wh != known_wh))
    series_key = after.series_key[changed]
    rows = ReadingRows(
        meter_no=(series_key // CHANNEL_END).astype(np.int32),
        channel_no=(series_key % CHANNEL_END).astype(np.int8),
        boundary=after.boundary[changed],
        reading=after.energy_wh[changed],
        received_s=_newest_s(parts, after)[changed],
        delivery_no=np.zeros(changed.size, dtype=np.int32),
        row_no=np.arange(first_row_no, first_row_no + changed.size, dtype=np.int32),
        source_no=np.full(changed.size, Source.CT, dtype=np.int8),
        stage_no=np.full(changed.size, Stage.FLASH, dtype=np.int8),
    )
    spec_of = {spec.series_key: spec for spec in meters}
    places = {(key, day): _place(spec_of[key], day) for key, day in _series_and_days(new)}
    return SlotChanges(rows=rows, findings=_findings(after, spec_of, places), places=tuple(places.values()))


def _known_wh(before: SlotSums, after: SlotSums) -> NDArray[np.int64]:
    """Give the energy that each slot had before, -1 where it was not whole."""
    known_wh = np.full(after.boundary.size, -1, dtype=np.int64)
    cells = _cells(after.series_key, after.boundary)
    at = np.searchsorted(cells, _cells(before.series_key, before.boundary))
    known_wh[at] = np.where(before.is_whole, before.energy_wh, -1)
    return known_wh


def _newest_s(parts: PartRows, slots: SlotSums) -> NDArray[np.int64]:
    """Give the time of receipt of each slot's newest part, superseded ones included: it never goes back."""
    newest_s = np.full(slots.boundary.size, np.iinfo(np.int64).min, dtype=np.int64)
    at = np.searchsorted(
        _cells(slots.series_key, slots.boundary), _cells(parts.series_key, _boundary_of(parts.stamp_s))
    )
    np.maximum.at(newest_s, at, parts.received_s)
    return newest_s


def _cells(series_key: NDArray[np.int64], boundary: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Give one number to each slot of a series, in the order in which sums stand."""
    return series_key * BOUNDARY_END + boundary


def _boundary_of(stamp_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the boundary that closes the slot of a part."""
    boundary: NDArray[np.int64] = -(-(stamp_s - EPOCH_S) // SLOT_S)
    return boundary


def _day_of(boundary: int) -> date:
    """Give the delivery date of the slot that a boundary closes."""
    return slot_ending_at(boundary).delivery_date


def _series_and_days(parts: PartRows) -> list[tuple[int, date]]:
    """List the series and days that parts touch, in order."""
    cells = np.unique(_cells(parts.series_key, _boundary_of(parts.stamp_s)))
    return list(dict.fromkeys((cell // BOUNDARY_END, _day_of(cell % BOUNDARY_END)) for cell in cells.tolist()))


def _place(spec: MeterSpec, day: date) -> str:
    """Name a series and a day."""
    return f"meter {spec.meter_id} {spec.channel.text}, {day}"


def _findings(
    slots: SlotSums, spec_of: Mapping[int, MeterSpec], places: Mapping[tuple[int, date], str]
) -> tuple[SlotFinding, ...]:
    """Describe the incomplete slots of some series and days."""
    open_slots = [
        (int(slots.series_key[n]), _day_of(int(slots.boundary[n])), int(slots.boundary[n]), int(slots.missing_s[n]))
        for n in np.flatnonzero(~slots.is_whole)
    ]
    return tuple(
        _finding(spec_of[place[0]], places[place], [(boundary, missing_s) for *_, boundary, missing_s in of_place])
        for place, of_place in groupby(open_slots, key=lambda each: each[:2])
        if place in places
    )


def _finding(spec: MeterSpec, where: str, open_slots: Sequence[tuple[int, int]]) -> SlotFinding:
    """Describe the incomplete slots of one series and day; open_slots : (boundary, missing_s) in order."""
    numbers = [slot_ending_at(boundary).slot_no for boundary, _ in open_slots]
    counted = "1 half hour lacks" if len(open_slots) == 1 else f"{len(open_slots)} half hours lack"
    missing_minutes = sum(missing_s for _, missing_s in open_slots) // MINUTE_S
    return SlotFinding(
        meter_no=spec.meter_no,
        slot_count=len(open_slots),
        problem=Problem(
            code=ProblemCode.INCOMPLETE_SLOT,
            severity=Severity.WATCH,
            where=where,
            detail=(
                f"{counted} more than {MISSING_S_MAX // MINUTE_S} minutes, {missing_minutes} together: "
                f"slots {_runs_text(numbers)}"
            ),
            hint=INCOMPLETE_HINT,
        ),
    )


def _runs_text(numbers: Sequence[int]) -> str:
    """Write rising numbers as runs.

    >>> _runs_text([3, 4, 5, 9])
    '3-5, 9'
    """
    runs = [list(run) for _, run in groupby(enumerate(numbers), key=lambda each: each[1] - each[0])]
    return ", ".join(f"{run[0][1]}" if len(run) == 1 else f"{run[0][1]}-{run[-1][1]}" for run in runs)
