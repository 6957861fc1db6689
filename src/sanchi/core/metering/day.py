"""Measure a delivery date: readings of all metering points become slot energy with quality and findings.

Enter: ReadingRows and MeteringPoints. Leaves: a MeasuredDay. Not here: how homes balance (see balance).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode
from sanchi.core.base.slots import SLOTS_PER_DAY, dates_between, slot_ending_at
from sanchi.core.metering.filling import Fill
from sanchi.core.metering.findings import (
    describe_fills,
    describe_foreign,
    describe_screened,
    describe_set_aside,
    describe_silence,
)
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray, MeterTable, ReadingGrid, lay_out
from sanchi.core.metering.pointwise import PointDay, measure_points
from sanchi.core.metering.readings import Channel, MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.slotwise import SlotTable, measure_slots
from sanchi.core.metering.versions import positions_in_force
from sanchi.core.metering.windows import WINDOW_DAYS, Window

# Of a window of one day: the boundaries that close its slots.
_CLOSING = slice(2, 2 + SLOTS_PER_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointProblem:
    """A finding, the party whose meter it concerns, and how many rows it sets aside (0: a gap or silence)."""

    party_no: int
    problem: Problem
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDay:
    """Slot energy of a delivery date; arrays of shape (n_points, 48) in the order of the points.

    energy_wh : 0 where the quality is MISSING; quality : members of Quality.
    gap_dates : other dates that a recovered gap of this one reaches into, each with the party_nos that have it.
    Their parts of the gap add up only if all of them are measured from the same readings.
    The counts cover rows of the points' meters stamped after the day's start, until its end, every version:
    used + superseded + set aside = rows.
    """

    energy_wh: NDArray[np.int64]
    quality: NDArray[np.int8]
    problems: tuple[PointProblem, ...]
    gap_dates: dict[date, frozenset[int]]
    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _DayTable:
    """The delivery date of every meter, judged by its own readings alone."""

    window: Window
    table: MeterTable
    grid: ReadingGrid
    slots: SlotTable
    is_serving: BoolArray

    @property
    def is_complete(self) -> BoolArray:
        """Tell which meters measured every slot of the day, shape (n_meters,)."""
        return self.slots.is_complete_day[:, 0]

    @property
    def incomplete_point_indexes(self) -> IntArray:
        """Name the points with a meter in service that did not measure the whole day."""
        return np.unique(self.table.point_index[self.is_serving & ~self.is_complete])


def measure_day(rows: ReadingRows, points: Sequence[MeteringPoint], delivery_date: date) -> MeasuredDay:
    """Measure the slots of a delivery date and fill gaps by rule; every row is used, superseded or set aside.

    rows : each delivered row once, in any order; within day_span for all points, within window_span for the
    meters that window_needed names. Rows of other meters or boundaries are passed over; those of a channel that
    a meter of the points does not measure, as it is told now, are set aside.
    """
    day = _judge_day(rows, points, delivery_date)
    energy_wh = np.zeros((len(points), SLOTS_PER_DAY), dtype=np.int64)
    quality = np.full((len(points), SLOTS_PER_DAY), Quality.MISSING, dtype=np.int8)
    complete_points = day.table.point_index[day.is_complete]
    energy_wh[complete_points] = day.slots.energy_wh[day.is_complete, 0]
    quality[complete_points] = Quality.MEASURED

    incomplete = day.incomplete_point_indexes
    window = Window.around(delivery_date, WINDOW_DAYS)
    point_days = measure_points(rows, [points[n] for n in incomplete], window)
    for point_index, point_day in zip(incomplete, point_days, strict=True):
        energy_wh[point_index] = point_day.energy_wh
        quality[point_index] = point_day.quality

    set_aside_count = sum(int(cells[:, _CLOSING].sum()) for cells in day.grid.screened.values())
    set_aside_count += sum(len(one.set_aside) for point_day in point_days for one in point_day.meter_days)
    in_force_count = int(np.count_nonzero(day.grid.reading[:, _CLOSING] != NO_READING))
    foreign_rows = _foreign_rows(rows, day)
    foreign = foreign_rows.take(positions_in_force(foreign_rows))
    return MeasuredDay(
        energy_wh=energy_wh,
        quality=quality,
        problems=(
            *_screened_problems(day, points),
            *_foreign_problems(foreign, day, points),
            *_gap_problems(day, point_days),
        ),
        gap_dates=_gap_dates(point_days, delivery_date),
        used_row_count=in_force_count - set_aside_count,
        superseded_row_count=(
            int(day.grid.row_count[:, _CLOSING].sum()) - in_force_count + foreign_rows.row_count - foreign.row_count
        ),
        set_aside_row_count=set_aside_count + foreign.row_count,
    )


def window_needed(rows_of_day: ReadingRows, points: Sequence[MeteringPoint], delivery_date: date) -> tuple[int, ...]:
    """Name the meter_nos whose readings measure_day needs within window_span, as their day is not complete.

    rows_of_day : the rows within day_span.
    """
    incomplete = _judge_day(rows_of_day, points, delivery_date).incomplete_point_indexes
    return tuple(sorted({spec.meter_no for n in incomplete for spec in points[n].meters}))


def _judge_day(rows: ReadingRows, points: Sequence[MeteringPoint], delivery_date: date) -> _DayTable:
    """Lay out the delivery date alone and measure what is complete."""
    window = Window.around(delivery_date, 0)
    table = MeterTable.of(points)
    grid = lay_out(rows, table, window)
    return _DayTable(
        window=window,
        table=table,
        grid=grid,
        slots=measure_slots(grid.passed(), table),
        is_serving=table.serves(window.day_boundary, window.day_boundary + SLOTS_PER_DAY),
    )


def _foreign_rows(rows: ReadingRows, day: _DayTable) -> ReadingRows:
    """Take the day's rows of channels that their meters measured when they were taken in, and now do not."""
    of_day = rows.between(day.window.day_boundary + 1, day.window.day_boundary + SLOTS_PER_DAY)
    if of_day.row_count == day.grid.row_count[:, _CLOSING].sum():
        return of_day.take(np.empty(0, dtype=np.intp))
    meter_nos = sorted({spec.meter_no for spec in day.table.specs})
    return of_day.take((day.table.locate(of_day) < 0) & np.isin(of_day.meter_no, meter_nos))


def _gap_dates(point_days: Sequence[PointDay], delivery_date: date) -> dict[date, frozenset[int]]:
    """Name the other dates that share a recovered gap with the delivery date, in order, and whose gaps they are."""
    touched: defaultdict[date, set[int]] = defaultdict(set)
    for point_day in point_days:
        for gap in [fill.gap for fill in point_day.fills if fill.quality is Quality.RECOVERED]:
            first_date = slot_ending_at(gap.first_boundary + 1).delivery_date
            for touched_date in dates_between(first_date, slot_ending_at(gap.last_boundary).delivery_date):
                touched[touched_date].add(point_day.point.party_no)
    return {day: frozenset(party_nos) for day, party_nos in sorted(touched.items()) if day != delivery_date}


def _silent_meter_nos(day: _DayTable) -> set[int]:
    """Name the meters in service that delivered no reading for any channel of the points on the day."""
    outside = day.grid.screened[ProblemCode.STAMP_OUTSIDE_METER_LIFE]
    has_reading = ((day.grid.reading != NO_READING) & ~outside)[:, _CLOSING].any(axis=1)
    serving = {day.table.specs[n].meter_no for n in np.flatnonzero(day.is_serving)}
    return serving - {day.table.specs[n].meter_no for n in np.flatnonzero(has_reading)}


def _screened_problems(day: _DayTable, points: Sequence[MeteringPoint]) -> list[PointProblem]:
    """Describe readings that no meter can have shown, one finding per meter, channel and rule."""
    problems = []
    for code, cells in day.grid.screened.items():
        of_day = cells[:, _CLOSING]
        for n in np.flatnonzero(of_day.any(axis=1)).tolist():
            offsets = np.flatnonzero(of_day[n])
            problem = describe_screened(
                day.table.specs[n],
                code,
                boundaries=(day.window.day_boundary + 1 + offsets).tolist(),
                reading=int(day.grid.reading[n, _CLOSING][offsets[0]]),
            )
            party_no = points[day.table.point_index[n]].party_no
            problems.append(PointProblem(party_no=party_no, problem=problem, row_count=len(offsets)))
    return problems


def _foreign_problems(foreign: ReadingRows, day: _DayTable, points: Sequence[MeteringPoint]) -> Iterator[PointProblem]:
    """Describe readings in force of channels that their meters do not measure, one finding per meter and channel."""
    spec_of = {spec.meter_no: (spec, points[n]) for spec, n in zip(day.table.specs, day.table.point_index, strict=True)}
    for series_key in np.unique(foreign.series_key).tolist():
        rows = foreign.take(foreign.series_key == series_key)
        spec, point = spec_of[int(rows.meter_no[0])]
        problem = describe_foreign(spec, Channel(int(rows.channel_no[0])), sorted(rows.boundary.tolist()))
        yield PointProblem(party_no=point.party_no, problem=problem, row_count=rows.row_count)


def _gap_problems(day: _DayTable, point_days: Sequence[PointDay]) -> list[PointProblem]:
    """Describe gaps and counts set aside per point, and silent meters once for all their channels."""
    silent_meter_nos = _silent_meter_nos(day)
    silence: dict[int, tuple[int, list[Fill]]] = {}
    problems = []
    for point_day in point_days:
        told = []
        for fill in point_day.fills:
            meter_no = fill.gap.spec.meter_no
            if meter_no in silent_meter_nos:
                silence.setdefault(meter_no, (point_day.point.party_no, []))[1].append(fill)
            else:
                told.append(fill)
        found = [pair for one in point_day.meter_days for pair in describe_set_aside(one)]
        found += [(problem, 0) for problem in describe_fills(told, day.window.day_boundary)]
        problems += [
            PointProblem(party_no=point_day.point.party_no, problem=problem, row_count=row_count)
            for problem, row_count in found
        ]
    problems += [
        PointProblem(party_no=party_no, problem=describe_silence(fills, day.window.day_boundary), row_count=0)
        for party_no, fills in silence.values()
    ]
    return problems
