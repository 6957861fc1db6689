"""Measure a file of counts with gaps without a market: every slot with its energy and how it came about.

Enter: counts by a port. Leaves: an EstimateReport, and tables written. Not here: formats, the rules of filling.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.estimate_tables import (
    CountSummary,
    EstimatedSlots,
    EstimateFiles,
    EstimateReport,
    EstimateRun,
    EstimateTables,
    MeterCounts,
)
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MeterId
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY, day_ordinal
from sanchi.core.metering import (
    Channel,
    MeasuredDay,
    MeteringPoint,
    MeterSpec,
    Quality,
    ReadingRows,
    day_span,
    measure_day,
    window_needed,
    window_span,
)
from sanchi.core.metering.deriving import MeterSpans, derive_spans, derived_digits
from sanchi.core.metering.readings import METER_DIGITS_MAX
from sanchi.core.metering.sources import Source, Stage

# Meter, day, slot_no, energy and quality.
_Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]

METHODS: Final = tuple(quality.name.lower() for quality in sorted(Quality, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateTerms:
    """What the caller tells; None: derived from the counts, or for the dates: all that there are."""

    channel: Channel
    unit_wh: int | None = None
    digits: int | None = None
    plausible_wh_max: int | None = None
    first_date: date | None = None
    last_date: date | None = None


@dataclass(slots=True, kw_only=True)
class _Tally:
    """Counts of a run on its way."""

    used_row_count: int = 0
    superseded_row_count: int = 0
    set_aside_row_count: int = 0
    outside_row_count: int = 0
    slot_count: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Quality), dtype=np.int64))
    energy_wh: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Quality), dtype=np.int64))
    findings: Counter[ProblemCode] = field(default_factory=Counter)
    plausible_wh: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)


def estimate_readings(tables: EstimateTables, files: EstimateFiles, terms: EstimateTerms) -> EstimateReport:
    """Measure every meter of a file from its first to its last count, and write what came out.

    Raises: WrongInput for terms that no register has, or that the counts contradict.
    """
    with tables.run(files) as run:
        unit_wh, digits = _register_of(terms, run.summary)
        tally = _Tally()
        for counts in run.meters():
            group = _Group.of(counts, terms, unit_wh, digits)
            tally.plausible_wh += [min(group.plausible_wh), max(group.plausible_wh)]
            _measure_group(group, terms, run, tally)
    report = _report(run.summary, unit_wh, digits, tally)
    assert report.summary.kept_row_count == (
        report.used_row_count + report.superseded_row_count + report.set_aside_row_count + report.outside_row_count
    ), "a row is neither used, superseded, set aside nor outside the dates"
    return report


def _register_of(terms: EstimateTerms, summary: CountSummary) -> tuple[int, int]:
    """Give unit and digits as told, or else as derived."""
    unit_wh = terms.unit_wh or summary.unit_wh
    if unit_wh < 1 or (terms.unit_wh and summary.meter_count and summary.unit_wh % unit_wh):
        raise WrongInput(
            f"A unit of {unit_wh} Wh does not divide every count: they are multiples of {summary.unit_wh} Wh.",
            hint="Leave --unit-wh out, or give a unit that divides them.",
        )
    digits = terms.digits if terms.digits is not None else derived_digits(summary.reading_wh_max // unit_wh)
    if not 1 <= digits <= METER_DIGITS_MAX:
        raise WrongInput(f"A register of {digits} digits cannot be read; 1 to {METER_DIGITS_MAX} can.")
    return unit_wh, digits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Some meters, in the order of their texts, and their rows in the order of time."""

    counts: MeterCounts
    rows: ReadingRows
    spans: MeterSpans
    points: tuple[MeteringPoint, ...]
    plausible_wh: tuple[int, ...]

    @classmethod
    def of(cls, counts: MeterCounts, terms: EstimateTerms, unit_wh: int, digits: int) -> "_Group":
        """Make a metering point of each meter."""
        turn_wh = 10**digits * unit_wh
        spans = derive_spans(counts.meter_index, counts.boundary, counts.reading_wh, turn_wh)
        told_wh = terms.plausible_wh_max
        plausible_wh = [told_wh] * len(counts.meter_texts) if told_wh else spans.plausible_wh_max.tolist()
        lives = zip(spans.first_boundary.tolist(), spans.last_boundary.tolist(), plausible_wh, strict=True)
        points = tuple(
            _point(no, text, terms.channel, unit_wh, digits, life)
            for no, (text, life) in enumerate(zip(counts.meter_texts, lives, strict=True))
        )
        by_time = np.argsort(counts.boundary, kind="stable")
        n_rows = by_time.size
        rows = ReadingRows(
            meter_no=counts.meter_index[by_time].astype(np.int32),
            channel_no=np.full(n_rows, terms.channel, dtype=np.int8),
            boundary=counts.boundary[by_time].astype(np.int32),
            reading=counts.reading_wh[by_time] // unit_wh,
            received_s=np.zeros(n_rows, dtype=np.int64),
            delivery_no=np.zeros(n_rows, dtype=np.int32),
            row_no=counts.row_no[by_time],
            source_no=np.full(n_rows, Source.B_ROUTE, dtype=np.int8),
            stage_no=np.full(n_rows, Stage.FLASH, dtype=np.int8),
        )
        return cls(counts=counts, rows=rows, spans=spans, points=points, plausible_wh=tuple(plausible_wh))

    def between(self, first_boundary: int, last_boundary: int) -> ReadingRows:
        """Cut the rows of a window of boundaries out of those in the order of time, both ends included."""
        first = int(np.searchsorted(self.rows.boundary, first_boundary))
        end = int(np.searchsorted(self.rows.boundary, last_boundary, side="right"))
        return self.rows.take(np.arange(first, end))


def _point(
    meter_no: int, text: str, channel: Channel, unit_wh: int, digits: int, life: tuple[int, int, int]
) -> MeteringPoint:
    """Make a point of one register that serves from its first to its last count."""
    spec = MeterSpec(
        meter_no=meter_no,
        meter_id=MeterId(text),
        channel=channel,
        unit_wh=unit_wh,
        digits=digits,
        installed_boundary=life[0],
        removed_boundary=life[1],
        plausible_wh_max=life[2],
    )
    return MeteringPoint(party_no=meter_no, label=text, channel=channel, meters=(spec,))


def _measure_group(group: _Group, terms: EstimateTerms, run: EstimateRun, tally: _Tally) -> None:
    """Measure the dates of a group and write its slots, ordered by meter."""
    closes_day = (group.rows.boundary - 1) // SLOTS_PER_DAY
    first_day, last_day = int(closes_day[0]), int(closes_day[-1])
    if terms.first_date is not None:
        first_day = max(first_day, day_ordinal(terms.first_date))
    if terms.last_date is not None:
        last_day = min(last_day, day_ordinal(terms.last_date))
    tally.outside_row_count += int(np.count_nonzero((closes_day < first_day) | (closes_day > last_day)))
    pieces: list[_Columns] = []
    for day in range(first_day, last_day + 1):
        opens, ends = day * SLOTS_PER_DAY, (day + 1) * SLOTS_PER_DAY
        has_part = (group.spans.first_boundary <= ends) & (group.spans.last_boundary > opens)
        meters = np.flatnonzero(has_part)
        if meters.size:
            measured = _measured(group, meters, EPOCH_DATE + timedelta(days=day))
            _count(measured, tally)
            run.tell([(each.problem, each.row_count) for each in measured.problems])
            pieces.append(_served(group, meters, day, measured))
    if pieces:
        slots = _joined(group, pieces)
        tally.slot_count += np.bincount(slots.method_quality, minlength=len(Quality))
        np.add.at(tally.energy_wh, slots.method_quality, slots.energy_wh)
        if slots.slot_no.size:
            tally.days += [int(slots.delivery_day.min()), int(slots.delivery_day.max())]
        run.write(slots)


def _measured(group: _Group, meters: NDArray[np.intp], delivery_date: date) -> MeasuredDay:
    """Measure a date of some meters of a group, with the window around it for those with gaps."""
    points = [group.points[n] for n in meters.tolist()]
    rows = group.between(*day_span(delivery_date))
    wide_nos = window_needed(rows, points, delivery_date)
    if wide_nos:
        wide = group.between(*window_span(delivery_date)).of_meters(wide_nos)
        rows = ReadingRows.joined([rows.without_meters(wide_nos), wide])
    return measure_day(rows, points, delivery_date)


def _count(measured: MeasuredDay, tally: _Tally) -> None:
    """Add a date's rows and findings to the tally."""
    tally.used_row_count += measured.used_row_count
    tally.superseded_row_count += measured.superseded_row_count
    tally.set_aside_row_count += measured.set_aside_row_count
    tally.findings.update(each.problem.code for each in measured.problems)


def _served(group: _Group, meters: NDArray[np.intp], day: int, measured: MeasuredDay) -> _Columns:
    """Give meter, day, slot_no, energy and quality of the slots between each meter's first and last count."""
    closing = day * SLOTS_PER_DAY + np.arange(1, SLOTS_PER_DAY + 1)
    first, last = (of[meters][:, None] for of in (group.spans.first_boundary, group.spans.last_boundary))
    place, slot_index = np.nonzero((first < closing) & (closing <= last))
    return (
        meters[place].astype(np.int64),
        np.full(place.size, day, dtype=np.int64),
        slot_index + 1,
        measured.energy_wh[place, slot_index],
        measured.quality[place, slot_index],
    )


def _joined(group: _Group, pieces: list[_Columns]) -> EstimatedSlots:
    """Put the dates of a group behind one another, meter by meter."""
    meter, day, slot_no, energy_wh, quality = (np.concatenate(column) for column in zip(*pieces, strict=True))
    if len(pieces) > 1:
        order = np.argsort(meter, kind="stable")
        meter, day, slot_no, energy_wh, quality = (
            column[order] for column in (meter, day, slot_no, energy_wh, quality)
        )
    return EstimatedSlots(
        meter_texts=group.counts.meter_texts,
        meter_index=meter,
        delivery_day=day,
        slot_no=slot_no,
        energy_wh=energy_wh,
        method_quality=quality,
    )


def _report(summary: CountSummary, unit_wh: int, digits: int, tally: _Tally) -> EstimateReport:
    """Put together what a run found."""
    dates = (
        [EPOCH_DATE + timedelta(days=day) for day in (min(tally.days), max(tally.days))] if tally.days else [None] * 2
    )
    return EstimateReport(
        summary=summary,
        unit_wh=unit_wh,
        digits=digits,
        plausible_wh_min=min(tally.plausible_wh, default=0),
        plausible_wh_max=max(tally.plausible_wh, default=0),
        used_row_count=tally.used_row_count,
        superseded_row_count=tally.superseded_row_count,
        set_aside_row_count=tally.set_aside_row_count,
        outside_row_count=tally.outside_row_count,
        slots={
            method: (int(tally.slot_count[Quality[method.upper()]]), int(tally.energy_wh[Quality[method.upper()]]))
            for method in METHODS
        },
        findings=dict(sorted(tally.findings.items())),
        first_date=dates[0],
        last_date=dates[1],
    )
