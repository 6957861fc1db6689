"""Measure a delivery date: readings of all metering points become slot energy with quality and findings.

Enter: ReadingRows and MeteringPoints. Leaves: a MeasuredDay. Not here: how homes balance (see balance).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode
from sanchi.core.base.slots import SLOTS_PER_DAY, slot_ending_at
from sanchi.core.metering import midnights
from sanchi.core.metering.decisions import (
    DECIDED_RANK,
    Action,
    DecidedSlot,
    Decision,
    PlacedDecision,
    describe_decisions,
    place_decisions,
)
from sanchi.core.metering.filling import Fill
from sanchi.core.metering.findings import (
    describe_fills,
    describe_foreign,
    describe_screened,
    describe_set_aside,
    describe_silence,
)
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray, MeterTable, ReadingGrid, lay_out
from sanchi.core.metering.methods import Method
from sanchi.core.metering.pointwise import PointDay, gap_dates, measure_points, with_standing_fills
from sanchi.core.metering.provenance import DaySlots, Provenance
from sanchi.core.metering.readings import Channel, MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.siblings import Siblings
from sanchi.core.metering.slotwise import SlotTable, measure_slots
from sanchi.core.metering.sources import source_of, stage_of
from sanchi.core.metering.standstills import standstill_findings
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

    energy_wh : 0 where the quality is MISSING; quality, method_no : members of Quality and Method.
    is_counted : of points that measure the same energy the one that counts; only what counts is ever added up.
    meter_no : of the meter in service, -1 where none is.
    source_no, stage_no : members of Source and Stage, the weaker one where two counts make the energy; 0 = no reading.
    original_wh : what the meter's own reading in force says of the slot before any rule, -1 = nothing.
    rule_wh : what the rules give; differs from energy_wh only where an operator decided.
    gap_dates : other dates that a recovered gap of this one reaches into, each with the party_nos that have it.
    Their parts of the gap add up only if all of them are measured from the same readings.
    rest_findings : what other dates have to tell of registers that stood still over midnight on this one and them.
    The counts cover rows of the points' meters stamped after the day's start, until its end, every version:
    used + superseded + set aside = rows.
    """

    energy_wh: NDArray[np.int64]
    quality: NDArray[np.int8]
    is_counted: NDArray[np.bool_]
    meter_no: NDArray[np.int32]
    method_no: NDArray[np.int8]
    source_no: NDArray[np.int8]
    stage_no: NDArray[np.int8]
    original_wh: NDArray[np.int64]
    rule_wh: NDArray[np.int64]
    problems: tuple[PointProblem, ...]
    gap_dates: dict[date, frozenset[int]]
    rest_findings: dict[date, tuple[PointProblem, ...]]
    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _DayTable:
    """The delivery date of every meter, judged by its own readings alone."""

    window: Window
    table: MeterTable
    grid: ReadingGrid
    passed: IntArray
    slots: SlotTable
    is_serving: BoolArray
    siblings: Siblings

    @property
    def is_complete(self) -> BoolArray:
        """Tell which meters measured every slot of the day, shape (n_meters,)."""
        return self.slots.is_complete_day[:, 0]

    @property
    def is_incomplete_point(self) -> BoolArray:
        """Tell which points have a meter in service that did not measure the whole day, shape (n_points,).

        A meter of energies beside another way that is complete is none of them: what it lacks, nobody waits for. Nor
        is a monthly one, whose half hours come with its month.
        """
        is_incomplete = self._points_of(self.is_serving & ~self.is_complete & ~self.table.is_monthly)
        if not self.siblings.has_any:
            return is_incomplete
        is_spared = self.siblings.joined_by(self._points_of(self.is_complete)) & ~self._points_of(
            self.table.is_register
        )
        return is_incomplete & ~is_spared

    def positions_over_midnight(self, points: Sequence[MeteringPoint], resting_nos: Collection[int]) -> list[int]:
        """Give the positions of points whose register may have rested over midnight, in order."""
        found = midnights.looked_at_over_midnight(self.table, self.passed, points, resting_nos)
        return sorted(set(self.table.point_index[found].tolist()))

    def _points_of(self, is_meant: BoolArray) -> BoolArray:
        """Tell which points have a meter that is meant, shape (n_points,)."""
        is_point_meant = np.zeros(self.siblings.energy_index.size, dtype=np.bool_)
        is_point_meant[self.table.point_index[is_meant]] = True
        return is_point_meant


@dataclass(slots=True, kw_only=True)
class _Slots:
    """What is known of the points' slots so far; arrays of shape (n_points, 48)."""

    energy_wh: IntArray
    quality: NDArray[np.int8]
    provenance: Provenance

    @classmethod
    def measured(cls, day: _DayTable, n_points: int) -> "_Slots":
        """Take what the readings of the day alone measure; nothing else is known yet."""
        found = DaySlots.of(day.grid, day.slots, day.table, day.window)
        slots = cls(
            energy_wh=np.zeros((n_points, SLOTS_PER_DAY), dtype=np.int64),
            quality=np.full((n_points, SLOTS_PER_DAY), Quality.MISSING, dtype=np.int8),
            provenance=found.by_point(day.table, n_points),
        )
        meter, slot = np.nonzero(found.is_served & day.slots.is_measured[:, 0])
        point = day.table.point_index[meter]
        slots.energy_wh[point, slot] = day.slots.energy_wh[meter, 0, slot]
        is_monthly = day.table.is_monthly[meter]
        slots.quality[point, slot] = np.where(is_monthly, Quality.RECOVERED, Quality.MEASURED)
        slots.provenance.method_no[point, slot] = np.select(
            [is_monthly, day.table.is_register[meter]], [Method.MONTHLY_LIKE_DAYS, Method.COUNTS], Method.DELIVERED
        )
        slots.provenance.rank[slots.quality == Quality.MISSING] = 0
        return slots

    def fill(self, point_index: int, point_day: PointDay) -> None:
        """Let a point be as it was measured by itself, gaps filled."""
        is_measured = point_day.quality == Quality.MEASURED
        rank = self.provenance.rank[point_index]
        self.energy_wh[point_index] = point_day.energy_wh
        self.quality[point_index] = point_day.quality
        self.provenance.method_no[point_index] = point_day.method_no
        self.provenance.rank[point_index] = np.where(is_measured, rank, point_day.filled_rank)

    def decide(self, placed: PlacedDecision, energy_wh: int) -> None:
        """Let a slot be what an operator decided: traded, but not measured in its half hour."""
        place = placed.point_index, placed.slot_index
        self.energy_wh[place] = energy_wh
        self.quality[place] = Quality.RECOVERED
        self.provenance.method_no[place] = Method.AGREED
        self.provenance.rank[place] = DECIDED_RANK


def measure_day(
    rows: ReadingRows,
    points: Sequence[MeteringPoint],
    delivery_date: date,
    decisions: Sequence[Decision] = (),
    resting_nos: Collection[int] = (),
) -> MeasuredDay:
    """Measure the slots of a delivery date and fill gaps by rule; every row is used, superseded or set aside.

    rows : each delivered row once, in any order; within day_span for all points, within window_span for the
    meters that window_needed names. Rows of other meters or boundaries are passed over; those of a channel that
    a meter of the points does not measure, as it is told now, are set aside.
    decisions : of operators, about any slots and of any time; resting_nos : as window_needed was told.
    """
    day = _judge_day(rows, points, delivery_date)
    slots = _Slots.measured(day, len(points))
    point_days = _measured_pointwise(rows, points, day)
    for point_index, point_day in point_days.items():
        slots.fill(point_index, point_day)
    rule_wh = slots.energy_wh.copy()
    rests = midnights.midnight_rests(rows, points, day.positions_over_midnight(points, resting_nos), delivery_date)
    doubts = _doubts(points, day, slots, rests)
    placed = place_decisions(decisions, points, day.window.day_boundary)
    is_counted, decided = _decide(slots, day.siblings, placed, rule_wh)
    is_standing = is_counted & (slots.provenance.method_no != Method.AGREED)
    point_days = {n: with_standing_fills(each, is_standing[n]) for n, each in point_days.items()}

    set_aside_count = sum(int(cells[:, _CLOSING].sum()) for cells in day.grid.screened.values())
    set_aside_count += sum(len(one.set_aside) for point_day in point_days.values() for one in point_day.meter_days)
    in_force_count = int(np.count_nonzero(day.grid.reading[:, _CLOSING] != NO_READING))
    foreign_rows = _foreign_rows(rows, day)
    foreign = foreign_rows.take(positions_in_force(foreign_rows))
    return MeasuredDay(
        energy_wh=slots.energy_wh,
        quality=slots.quality,
        is_counted=is_counted,
        meter_no=slots.provenance.meter_no,
        method_no=slots.provenance.method_no,
        source_no=source_of(slots.provenance.rank),
        stage_no=stage_of(slots.provenance.rank),
        original_wh=slots.provenance.original_wh,
        rule_wh=rule_wh,
        problems=(
            *_screened_problems(day, points),
            *_foreign_problems(foreign, day, points),
            *_gap_problems(day, list(point_days.values())),
            *doubts,
            *_told_of(points, describe_decisions(decided)),
        ),
        gap_dates=gap_dates(list(point_days.values()), delivery_date),
        rest_findings={day: _told_of(points, found) for day, found in midnights.told_by_others(rests, delivery_date)},
        used_row_count=in_force_count - set_aside_count,
        superseded_row_count=(
            int(day.grid.row_count[:, _CLOSING].sum()) - in_force_count + foreign_rows.row_count - foreign.row_count
        ),
        set_aside_row_count=set_aside_count + foreign.row_count,
    )


def window_needed(
    rows_of_day: ReadingRows, points: Sequence[MeteringPoint], delivery_date: date, resting_nos: Collection[int] = ()
) -> tuple[int, ...]:
    """Name the meter_nos whose readings measure_day needs within window_span: not complete, or at rest over midnight.

    rows_of_day : the rows within day_span. Meters that measure the same energy by another way are among them.
    resting_nos : the party_nos of whom a day nearby told a rest over midnight; who leaps on this one is found anyway.
    """
    day = _judge_day(rows_of_day, points, delivery_date)
    needed = np.flatnonzero(day.siblings.joined_by(day.is_incomplete_point)).tolist()
    needed += day.positions_over_midnight(points, resting_nos)
    return tuple(sorted({spec.meter_no for n in needed for spec in points[n].meters}))


def _measured_pointwise(rows: ReadingRows, points: Sequence[MeteringPoint], day: _DayTable) -> dict[int, PointDay]:
    """Measure the points that are not complete, each by its position."""
    is_incomplete = day.is_incomplete_point
    looked_at = np.flatnonzero(day.siblings.joined_by(is_incomplete)).tolist()
    window = Window.around(slot_ending_at(day.window.day_boundary + 1).delivery_date, WINDOW_DAYS)
    point_days = measure_points(rows, [points[n] for n in looked_at], window)
    # A complete day stands as it is; its point was looked at for the shape that it gives to others.
    return {n: each for n, each in zip(looked_at, point_days, strict=True) if is_incomplete[n]}


def _decide(
    slots: _Slots, siblings: Siblings, placed: Sequence[PlacedDecision], rule_wh: IntArray
) -> tuple[BoolArray, list[DecidedSlot]]:
    """Let decisions take effect and tell which point counts in each slot.

    What is set counts whatever else is read; an estimate is accepted only where it is what counts.
    """
    meter_no = slots.provenance.meter_no
    served = [each for each in placed if meter_no[each.point_index, each.slot_index] == each.decision.meter_no]
    for each in served:
        if each.decision.action is Action.SET:
            slots.decide(each, each.decision.energy_wh)
    is_counted = siblings.counted(slots.quality, slots.provenance.rank, slots.provenance.is_served)
    for each in served:
        place = each.point_index, each.slot_index
        is_accepted = each.decision.action is Action.ACCEPT_ESTIMATE
        if is_accepted and is_counted[place] and slots.quality[place] == Quality.ESTIMATED:
            slots.decide(each, int(slots.energy_wh[place]))
    decided = [
        DecidedSlot(
            placed=each,
            energy_wh=int(slots.energy_wh[each.point_index, each.slot_index]),
            rule_wh=int(rule_wh[each.point_index, each.slot_index]),
            has_effect=bool(
                is_counted[each.point_index, each.slot_index]
                and meter_no[each.point_index, each.slot_index] == each.decision.meter_no
                and slots.provenance.method_no[each.point_index, each.slot_index] == Method.AGREED
            ),
        )
        for each in placed
    ]
    return is_counted, decided


def _doubts(
    points: Sequence[MeteringPoint], day: _DayTable, slots: _Slots, rests: Sequence[midnights.MidnightRest]
) -> tuple[PointProblem, ...]:
    """Describe what is measured and yet hardly true: it stands, and somebody has to look."""
    boundary = day.window.day_boundary
    began_before = {rest.point_index for rest in rests if rest.first_boundary < boundary}
    found = standstill_findings(points, slots.energy_wh, slots.quality, boundary, began_before)
    found += [(rest.point_index, midnights.describe_midnight_rest(rest, boundary)) for rest in rests]
    return _told_of(points, found)


def _told_of(points: Sequence[MeteringPoint], found: Iterable[tuple[int, Problem]]) -> tuple[PointProblem, ...]:
    """Give findings that set no row aside to the parties of their points."""
    return tuple(PointProblem(party_no=points[n].party_no, problem=problem, row_count=0) for n, problem in found)


def _judge_day(rows: ReadingRows, points: Sequence[MeteringPoint], delivery_date: date) -> _DayTable:
    """Lay out the delivery date alone and measure what is complete."""
    window = Window.around(delivery_date, 0)
    table = MeterTable.of(points)
    grid = lay_out(rows, table, window)
    passed = grid.passed()
    return _DayTable(
        window=window,
        table=table,
        grid=grid,
        passed=passed,
        slots=measure_slots(passed, table),
        is_serving=table.serves(window.day_boundary, window.day_boundary + SLOTS_PER_DAY),
        siblings=Siblings.of(points),
    )


def _foreign_rows(rows: ReadingRows, day: _DayTable) -> ReadingRows:
    """Take the day's rows of channels that their meters measured when they were taken in, and now do not."""
    of_day = rows.between(day.window.day_boundary + 1, day.window.day_boundary + SLOTS_PER_DAY)
    if of_day.row_count == day.grid.row_count[:, _CLOSING].sum():
        return of_day.take(np.empty(0, dtype=np.intp))
    meter_nos = sorted({spec.meter_no for spec in day.table.specs})
    return of_day.take((day.table.locate(of_day) < 0) & np.isin(of_day.meter_no, meter_nos))


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
