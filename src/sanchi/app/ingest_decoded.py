"""Take in a file of a foreign format, block by block: readings, parts of half hours, months, events, and the rest.

Enter: decoded blocks and the market's meters. Leaves: DecodedIntake. Not here: decoding (edge.delivery, core.metering.
formats), which days have to be closed again (ingest).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from sanchi.app.arrivals import DecodedBlock, DecodedBlocks
from sanchi.app.deliveries import DecodedCounts, DeliveredFile, Delivery, RejectedRows, RowProblem
from sanchi.app.ports import DeliveryDraft
from sanchi.app.rejected_columns import columns_of_decoded
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.intake import EPOCH_S, SLOT_S, IntakeFinding
from sanchi.core.metering.intake_days import dates_touched
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import CHANNEL_END, MeterSpec, ReadingRows
from sanchi.core.metering.resolving import ResolvedRows, resolve
from sanchi.core.metering.resolving_findings import describe_records, row_texts
from sanchi.core.metering.slot_sums import SlotFinding, slot_changes

# More meters than numbers can name; keeps (day, meter) pairs apart in one number.
METER_END: Final = 1 << 31

DatesOfMeters = defaultdict[int, set[date]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDirectory:
    """The market's meters as intake looks them up.

    addresses : the meter_nos that a source knows by an address. party_nos : by meter_no.
    """

    meters: Sequence[MeterSpec]
    addresses: Mapping[str, Sequence[int]]
    party_nos: Mapping[int, int]

    @property
    def register_nos(self) -> frozenset[int]:
        """Name the meters that count."""
        return frozenset(spec.meter_no for spec in self.meters if spec.is_register)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedIntake:
    """What became of a decoded file; dates_of_meters : the dates whose energy its readings help to fix."""

    delivery: Delivery
    counts: DecodedCounts
    problems: tuple[RowProblem, ...]
    incomplete: tuple[RowProblem, ...]
    dates_of_meters: Mapping[int, Collection[date]]


def ingest_decoded(
    stores: Stores, market_id: MarketId, delivered: DeliveredFile, blocks: DecodedBlocks, directory: MeterDirectory
) -> DecodedIntake:
    """Save a decoded file as one delivery; the parts of half hours are added up once all of them are there."""
    draft = stores.readings.draft_delivery(market_id)
    counts = DecodedCounts()
    problems: list[RowProblem] = []
    dates: DatesOfMeters = defaultdict(set)
    part_meters: defaultdict[int, set[int]] = defaultdict(set)
    for block in blocks.read():
        resolved = resolve(
            block.decoded.rows, directory.meters, directory.addresses, delivered.file_name, counts.row_count + 1
        )
        rejected = _rejected(block, resolved, directory, delivered.file_name)
        _add_block(draft, block, resolved, rejected)
        problems += rejected.problems
        _note_dates(dates, resolved.accepted, directory)
        for day, meter_nos in _days_of_parts(resolved.parts).items():
            part_meters[day] |= meter_nos
        counts += _counts(block, resolved)
    slot_count, incomplete = 0, list[RowProblem]()
    for day in sorted(part_meters):
        first_row_no = counts.row_count + slot_count + 1
        rows, findings = _add_up_day(stores, market_id, draft, day, part_meters[day], directory, first_row_no)
        slot_count += rows.row_count
        incomplete += findings
        _note_dates(dates, rows, directory)
    counts += DecodedCounts(slot_reading_count=slot_count)
    row_count = counts.row_count + counts.record_problem_count
    delivery = draft.save(replace(delivered, row_count=row_count), counts, problems)
    return DecodedIntake(
        delivery=delivery,
        counts=counts,
        problems=tuple(problems),
        incomplete=tuple(incomplete),
        dates_of_meters=dates,
    )


def _add_block(draft: DeliveryDraft, block: DecodedBlock, resolved: ResolvedRows, rejected: RejectedRows) -> None:
    """Write what a block brought."""
    draft.add_readings(resolved.accepted)
    draft.add_parts(resolved.parts)
    draft.add_months(resolved.months)
    draft.add_events(block.events, block.connectors)
    draft.add_rejected(rejected)


def _add_up_day(
    stores: Stores,
    market_id: MarketId,
    draft: DeliveryDraft,
    day: int,
    meter_nos: Collection[int],
    directory: MeterDirectory,
    first_row_no: int,
) -> tuple[ReadingRows, list[RowProblem]]:
    """Add up the half hours of a day that new parts touch, and let its findings be those of now."""
    span = day * SLOTS_PER_DAY + 1, (day + 1) * SLOTS_PER_DAY
    earlier = stores.readings.parts_between(market_id, *span, meter_nos)
    changes = slot_changes(earlier, draft.parts_between(*span), directory.meters, first_row_no)
    draft.add_readings(changes.rows)
    findings = [_row_problem(finding, finding.slot_count, directory) for finding in changes.findings]
    stores.readings.replace_slot_findings(market_id, changes.places, findings)
    return changes.rows, findings


def _rejected(block: DecodedBlock, resolved: ResolvedRows, directory: MeterDirectory, file_name: str) -> RejectedRows:
    """Gather the records and rows of a block that are no readings, as delivered."""
    decoded = block.decoded
    findings = [*describe_records(decoded.problems, directory.addresses, file_name), *resolved.findings]
    index = resolved.rejected_index
    return RejectedRows(
        row_no=(*(problem.record_no for problem in decoded.problems), *decoded.rows.record_no[index].tolist()),
        code=(*(problem.code for problem in decoded.problems), *resolved.rejected_code),
        row_text=(*(problem.text for problem in decoded.problems), *row_texts(decoded.rows, index)),
        problems=tuple(_row_problem(finding, finding.row_count, directory) for finding in findings),
        columns=columns_of_decoded(decoded.rows, index, resolved.rejected_code, directory.addresses),
    )


def _row_problem(finding: IntakeFinding | SlotFinding, row_count: int, directory: MeterDirectory) -> RowProblem:
    """Attribute a finding to the party of its meter."""
    party_no = None if finding.meter_no is None else directory.party_nos[finding.meter_no]
    return RowProblem(party_no=party_no, row_count=row_count, problem=finding.problem)


def _counts(block: DecodedBlock, resolved: ResolvedRows) -> DecodedCounts:
    """Count a block."""
    decoded = block.decoded
    carrying = set(np.unique(decoded.rows.record_no).tolist())
    return DecodedCounts(
        record_count=decoded.record_count,
        carrying_record_count=len(carrying),
        problem_record_count=len({problem.record_no for problem in decoded.problems} - carrying),
        passed_over_record_count=sum(decoded.passed_over.values()),
        row_count=decoded.rows.row_count,
        accepted_row_count=resolved.accepted.row_count,
        part_row_count=resolved.parts.row_count,
        month_row_count=len(resolved.months),
        rejected_row_count=int(resolved.rejected_index.size),
        record_problem_count=len(decoded.problems),
        event_count=int(block.events.at_s.size),
    )


def _note_dates(dates: DatesOfMeters, rows: ReadingRows, directory: MeterDirectory) -> None:
    """Note the dates whose energy readings help to fix."""
    for meter_no, touched in dates_touched(rows, directory.register_nos).items():
        dates[meter_no] |= touched


def _days_of_parts(parts: PartRows) -> dict[int, set[int]]:
    """Give, per day ordinal, the meters of which there are parts."""
    boundary = -(-(parts.stamp_s - EPOCH_S) // SLOT_S)
    meter_no = parts.series_key // CHANNEL_END
    found = np.unique((boundary - 1) // SLOTS_PER_DAY * METER_END + meter_no)
    days: defaultdict[int, set[int]] = defaultdict(set)
    for pair in found.tolist():
        day, meter = divmod(pair, METER_END)
        days[day].add(meter)
    return days
