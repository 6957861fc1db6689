"""Take in one delivered file: load what it has to agree with, judge it, save it, mark closed days stale.

Enters: an ArrivedFile. Leaves: an IngestReport. Not here: reading files (edge.delivery), closing days again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from sanchi.app.arrivals import ArrivedFile, DecodedBlocks, DeliveredReadings, MasterRows, OpenedDelivery, ReadingBlocks
from sanchi.app.deliveries import DecodedCounts, DeliveredFile, Delivery, FileKind, RejectedRows, RowProblem
from sanchi.app.ingest_decoded import MeterDirectory, ingest_decoded
from sanchi.app.market import MarketBook
from sanchi.app.master_data import (
    read_choices,
    read_meters,
    read_offers,
    read_overrides,
    read_parties,
    read_passing_on,
    read_perks,
    read_plants,
    read_preferences,
    read_terms,
)
from sanchi.app.master_reading import Known
from sanchi.app.meter_rules import dates_changed_by_meters
from sanchi.app.outside_data import dates_changed_by_claims, read_outside_claims, read_outside_lots
from sanchi.app.overrides import decisions_of
from sanchi.app.register_lots import register_lots
from sanchi.app.rejected_columns import columns_of_file
from sanchi.app.roster import metering_points
from sanchi.app.stores import Installation, Stores
from sanchi.core.base.errors import UnknownRecord, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import EPOCH_DATE, slot_ending_at
from sanchi.core.metering.intake import Intake, take_in
from sanchi.core.metering.intake_days import dates_touched
from sanchi.core.metering.windows import WINDOW_DAYS

# The energy of a gap depends on readings at most this far away.
REACH: Final = timedelta(days=WINDOW_DAYS)
# One file of a market at a time: deliveries, parties and meters are numbered as they come.
STEP: Final = "ingest"
SUBJECT: Final = "files"
NO_ROWS: Final = RejectedRows(row_no=(), code=(), row_text=(), problems=())


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What became of one file; row_count = accepted + rejected, whether it was taken now or earlier.

    stale_dates : closed days that have to be closed again because of this file, in order.
    decoded : the counts of a file of a foreign format. incomplete : half hours that still lack minutes, told anew by
    every file that brings some of theirs.
    """

    file_name: str
    file_kind: FileKind
    delivery_no: int
    row_count: int
    accepted_row_count: int
    rejected_row_count: int
    is_already_taken: bool
    problems: tuple[RowProblem, ...]
    stale_dates: tuple[date, ...]
    decoded: DecodedCounts | None = None
    incomplete: tuple[RowProblem, ...] = ()


def ingest_delivery(
    installation: Installation, opened: OpenedDelivery, named_id: MarketId | None
) -> Iterator[IngestReport]:
    """Take the files of a delivery one after the other, each in its own transaction, and report on each.

    named_id : the market that the request names, if any.
    Raises: as choose_market, ingest_file and the reading of each file; files before that one stay taken.
    """
    market_id: MarketId | None = None
    for arrived in opened.files:
        # market.toml comes first, so the first file speaks for a whole folder.
        market_id = market_id or choose_market(installation.stores, arrived, named_id)
        use_case = partial(ingest_file, installation.stores, market_id, arrived)
        yield installation.run_step(market_id, STEP, SUBJECT, use_case)


def choose_market(stores: Stores, arrived: ArrivedFile, named_id: MarketId | None) -> MarketId:
    """Find the market that a file, or the folder that begins with it, belongs to.

    named_id : the market that the request names, if any; market.toml names its own.
    Raises: WrongInput when both name different ones, UnknownRecord when nothing says which it is.
    """
    if arrived.delivered.file_kind is FileKind.MARKET and isinstance(arrived.content, MasterRows):
        own_id = read_terms(arrived.content, None).market_id
        if named_id not in (None, own_id):
            raise WrongInput(
                f"{arrived.delivered.file_name} is of the market {own_id}, but {named_id} was asked for.",
                hint="Name the market of the file, or none.",
            )
        return own_id
    market_ids = stores.market.market_ids()
    if named_id is None and len(market_ids) == 1:
        return market_ids[0]
    if named_id is not None and named_id in market_ids:
        return named_id
    what = f"There is no market {named_id}." if named_id else f"{arrived.delivered.file_name} names no market."
    if not market_ids:
        raise UnknownRecord(f"{what} There is none at all yet.", hint="Deliver its market.toml first.")
    known = f"The installation has {', '.join(sorted(market_ids))}."
    raise UnknownRecord(f"{what} {known}", hint="Name one of them with --market.")


def ingest_file(stores: Stores, market_id: MarketId, arrived: ArrivedFile) -> IngestReport:
    """Take one file into a market; the same bytes a second time change nothing.

    Raises: UnreadableDelivery when master data has a fault, UnknownRecord when there is no such market.
    """
    earlier = stores.readings.delivery_by_digest(market_id, arrived.delivered.file_digest)
    if earlier is not None:
        decoded = stores.readings.decoded_counts(market_id, earlier.delivery_no)
        return _report(arrived.delivered, earlier, is_already_taken=True, decoded=decoded)
    match arrived.content:
        case DeliveredReadings():
            return _ingest_readings(stores, market_id, arrived.delivered, arrived.content)
        case ReadingBlocks():
            return _ingest_readings(stores, market_id, arrived.delivered, arrived.content)
        case DecodedBlocks():
            return _ingest_decoded(stores, market_id, arrived.delivered, arrived.content)
        case MasterRows() if arrived.delivered.file_kind is FileKind.OVERRIDES:
            return _ingest_overrides(stores, market_id, arrived.delivered, arrived.content)
        case MasterRows():
            return _ingest_master(stores, market_id, arrived.delivered, arrived.content)


def _ingest_readings(
    stores: Stores, market_id: MarketId, delivered: DeliveredFile, readings: DeliveredReadings | ReadingBlocks
) -> IngestReport:
    """Judge the rows of a readings file, save them, and mark the closed days that they touch."""
    directory = _directory(stores.market.book(market_id))
    draft = stores.readings.draft_delivery(market_id)
    problems: list[RowProblem] = []
    dates_of_meters: defaultdict[int, set[date]] = defaultdict(set)
    row_count = 0
    for block in readings.read() if isinstance(readings, ReadingBlocks) else (readings,):
        intake = take_in(block.columns, directory.meters, delivered.file_name)
        draft.add_readings(intake.accepted)
        rejected = _rejected(block, intake, directory)
        draft.add_rejected(rejected)
        problems += rejected.problems
        for meter_no, dates in dates_touched(intake.accepted, directory.register_nos).items():
            dates_of_meters[meter_no] |= dates
        row_count += block.columns.row_count
    delivered = replace(delivered, row_count=row_count)
    delivery = draft.save(delivered, None, problems)
    stale_dates = _mark_stale(stores, market_id, dates_of_meters, directory)
    return _report(delivered, delivery, problems=tuple(problems), stale_dates=stale_dates)


def _rejected(readings: DeliveredReadings, intake: Intake, directory: MeterDirectory) -> RejectedRows:
    """Gather the rejected rows of a block as they were delivered."""
    return RejectedRows(
        row_no=tuple(readings.columns.row_no[intake.rejected_index].tolist()),
        code=intake.rejected_code,
        row_text=readings.row_texts(intake.rejected_index),
        problems=tuple(
            RowProblem(
                party_no=None if finding.meter_no is None else directory.party_nos[finding.meter_no],
                row_count=finding.row_count,
                problem=finding.problem,
            )
            for finding in intake.findings
        ),
        columns=columns_of_file(
            readings.columns,
            intake.rejected_index,
            intake.rejected_code,
            {str(spec.meter_id): spec.meter_no for spec in directory.meters},
        ),
    )


def _ingest_decoded(
    stores: Stores, market_id: MarketId, delivered: DeliveredFile, blocks: DecodedBlocks
) -> IngestReport:
    """Take a file of a foreign format in, and mark the closed days that its readings touch."""
    directory = _directory(stores.market.book(market_id))
    intake = ingest_decoded(stores, market_id, delivered, blocks, directory)
    return _report(
        delivered,
        intake.delivery,
        problems=intake.problems,
        stale_dates=_mark_stale(stores, market_id, intake.dates_of_meters, directory),
        decoded=intake.counts,
        incomplete=intake.incomplete,
    )


def _directory(book: MarketBook) -> MeterDirectory:
    """Lay the market's meters out as intake looks them up."""
    points = metering_points(book.meters, {party.party_id: party.party_no for party in book.parties})
    addresses: defaultdict[str, list[int]] = defaultdict(list)
    for meter in book.meters:
        if meter.address:
            addresses[meter.address].append(meter.meter_no)
    return MeterDirectory(
        meters=[spec for point in points for spec in point.meters],
        addresses=addresses,
        party_nos={spec.meter_no: point.party_no for point in points for spec in point.meters},
    )


def _mark_stale(
    stores: Stores, market_id: MarketId, dates_of_meters: Mapping[int, Collection[date]], directory: MeterDirectory
) -> tuple[date, ...]:
    """Mark the closed days that readings touch."""
    touched: defaultdict[int, set[date]] = defaultdict(set)
    for meter_no, dates in dates_of_meters.items():
        touched[directory.party_nos[meter_no]].update(dates)
    stale_dates = _dates_to_close_again(stores, market_id, touched)
    stores.days.mark_stale(market_id, stale_dates)
    return stale_dates


def _ingest_overrides(stores: Stores, market_id: MarketId, delivered: DeliveredFile, rows: MasterRows) -> IngestReport:
    """Check a file of decisions as a whole, save it, and mark the closed days that it is about."""
    known = _known(stores, market_id)
    decisions = decisions_of(read_overrides(rows, known), known.book.meters)
    delivery = stores.readings.add_decisions(market_id, delivered, decisions)
    decided_dates = {slot_ending_at(each.boundary).delivery_date for each in decisions}
    stale_dates = tuple(sorted(decided_dates.intersection(_closed_dates(stores, market_id))))
    stores.days.mark_stale(market_id, stale_dates)
    return _report(delivered, delivery, stale_dates=stale_dates)


def _dates_to_close_again(
    stores: Stores, market_id: MarketId, touched: Mapping[int, Collection[date]]
) -> tuple[date, ...]:
    """Name the closed days that readings touch, and those near them whose gaps the same parties have open."""
    touched_dates = {day for dates in touched.values() for day in dates}
    if not touched_dates:
        return ()
    first_date, last_date = min(touched_dates) - REACH, max(touched_dates) + REACH
    closed = {day.delivery_date for day in stores.days.market_days(market_id, first_date, last_date)}
    gaps = stores.readings.parties_with_gaps(market_id, first_date, last_date) if closed else {}
    near_gaps = {
        gap_date
        for gap_date, parties in gaps.items()
        for party_no in parties.intersection(touched)
        if any(abs(day - gap_date) <= REACH for day in touched[party_no])
    }
    return tuple(sorted(closed & (touched_dates | near_gaps)))


def _ingest_master(stores: Stores, market_id: MarketId, delivered: DeliveredFile, rows: MasterRows) -> IngestReport:
    """Check a master data file as a whole and save it."""
    stale_dates: tuple[date, ...] = ()
    if delivered.file_kind is FileKind.MARKET:
        is_known = market_id in stores.market.market_ids()
        terms = read_terms(rows, _known(stores, market_id) if is_known else None)
        if terms.market_id != market_id:
            raise WrongInput(f"{delivered.file_name} is of the market {terms.market_id}, not of {market_id}.")
        stores.market.save_terms(terms)
    else:
        stale_dates = _save_records(stores, market_id, delivered.file_kind, rows)
    delivery = stores.readings.add_delivery(market_id, delivered, None, NO_ROWS)
    return _report(delivered, delivery, stale_dates=stale_dates)


def _save_records(stores: Stores, market_id: MarketId, file_kind: FileKind, rows: MasterRows) -> tuple[date, ...]:
    """Read the records of a file, save them, and name the closed days that they change (meters and claims may)."""
    known = _known(stores, market_id)
    match file_kind:
        case FileKind.PARTIES:
            stores.market.save_parties(market_id, read_parties(rows, known))
        case FileKind.PLANTS:
            stores.market.save_plants(market_id, read_plants(rows, known))
        case FileKind.OFFERS:
            stores.market.save_offers(market_id, read_offers(rows, known))
        case FileKind.PERKS:
            stores.market.save_perks(market_id, read_perks(rows, known))
        case FileKind.CHOICES:
            stores.market.save_choices(market_id, read_choices(rows, known))
        case FileKind.PREFERENCES:
            stores.market.save_preferences(market_id, read_preferences(rows, known))
        case FileKind.PASSING_ON:
            stores.market.save_passing_on(market_id, read_passing_on(rows, known))
        case FileKind.OUTSIDE_LOTS:
            register_lots(stores, market_id, read_outside_lots(rows, known))
        case FileKind.OUTSIDE_CLAIMS:
            claims = read_outside_claims(rows, known)
            stores.market.save_outside_claims(market_id, claims)
            stale_dates = dates_changed_by_claims(claims, known.book, _closed_dates(stores, market_id))
            stores.days.mark_stale(market_id, stale_dates)
            return stale_dates
        case _:
            assert file_kind is FileKind.METERS, f"{file_kind} is not a kind of master data"
            meters = read_meters(rows, known)
            stores.market.save_meters(market_id, meters)
            gaps = stores.readings.parties_with_gaps(market_id, EPOCH_DATE, date.max)
            stale_dates = dates_changed_by_meters(meters, known.book, _closed_dates(stores, market_id), gaps)
            stores.days.mark_stale(market_id, stale_dates)
            return stale_dates
    return ()


def _known(stores: Stores, market_id: MarketId) -> Known:
    """Load what a master data file of a known market has to agree with."""
    days = stores.days.market_days(market_id, EPOCH_DATE, date.max)
    return Known(
        book=stores.market.book(market_id),
        last_closed_date=max((day.delivery_date for day in days), default=None),
        final_dates=frozenset(day.delivery_date for day in days if day.is_finalised),
    )


def _closed_dates(stores: Stores, market_id: MarketId) -> list[date]:
    """List the market's closed days."""
    return [day.delivery_date for day in stores.days.market_days(market_id, EPOCH_DATE, date.max)]


def _report(
    delivered: DeliveredFile,
    delivery: Delivery,
    *,
    is_already_taken: bool = False,
    problems: tuple[RowProblem, ...] = (),
    stale_dates: tuple[date, ...] = (),
    decoded: DecodedCounts | None = None,
    incomplete: tuple[RowProblem, ...] = (),
) -> IngestReport:
    """Put together what became of a file; the counts are those of the delivery that took it."""
    return IngestReport(
        file_name=delivered.file_name,
        file_kind=delivered.file_kind,
        delivery_no=delivery.delivery_no,
        row_count=delivery.delivered.row_count,
        accepted_row_count=delivery.accepted_row_count,
        rejected_row_count=delivery.rejected_row_count,
        is_already_taken=is_already_taken,
        problems=problems,
        stale_dates=stale_dates,
        decoded=decoded,
        incomplete=incomplete,
    )
