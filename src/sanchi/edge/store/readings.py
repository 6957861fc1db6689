"""Keeps deliveries in the database and their readings in the lake; every version stays.

Enter: a delivered file with its rows. Leave: Delivery, ReadingRows. Not here: judging rows.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sanchi.app.deliveries import (
    CONNECTED_KINDS,
    ConnectorOfDelivery,
    DecodedCounts,
    DeliveredFile,
    Delivery,
    FileKind,
    RejectedRows,
    RowProblem,
    connector_of_name,
)
from sanchi.app.month_spreads import SpreadMonth
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import slot_ending_at
from sanchi.core.metering.decisions import Decision
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import ReadingRows
from sanchi.core.metering.rereading import AskedDay
from sanchi.edge.store.decisions import fetch_decisions, insert_decisions
from sanchi.edge.store.delivery_draft import DECODED_COUNTS, DELIVERY, LakeDeliveryDraft
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import dated_paths, delivered_paths
from sanchi.edge.store.lake_schemas import EVENTS, PARTS, READINGS, REJECTED_COLUMNS
from sanchi.edge.store.months import fetch_months, fetch_spreads, insert_spreads
from sanchi.edge.store.parts import events_in, month_at, parts_in
from sanchi.edge.store.problems import replace_month_problems, replace_slot_problems
from sanchi.edge.store.rejected import rejected_in
from sanchi.edge.store.reread_asks import fetch_asks, insert_asks
from sanchi.edge.store.sql import fetch, placeholders

_GAP_CODES: Final = (
    ProblemCode.GAP_RECOVERED.value,
    ProblemCode.GAP_ESTIMATED.value,
    ProblemCode.GAP_MISSING.value,
    ProblemCode.METER_SILENT.value,
)
_REST_CODES: Final = (ProblemCode.STOOD_STILL_OVER_MIDNIGHT.value,)
_NO_ROWS: Final = ReadingRows.joined([])


class LakeReadingStore:
    """Fulfils app.ports.ReadingStore."""

    def __init__(self, lake: Lake) -> None:
        """Keep the lake that readings go to."""
        self._lake = lake

    def delivery_by_digest(self, market_id: MarketId, file_digest: str) -> Delivery | None:
        """Find an earlier delivery of the same bytes."""
        found = fetch(
            f"SELECT {', '.join(DELIVERY[1:])} FROM delivery WHERE market = %s AND file_digest = %s",
            [market_id, file_digest],
        )
        if not found:
            return None
        delivery_no, file_name, digest, file_kind, row_count, accepted_row_count, rejected_row_count = found[0]
        return Delivery(
            delivery_no=delivery_no,
            delivered=DeliveredFile(
                file_name=file_name, file_digest=digest, file_kind=FileKind(file_kind), row_count=row_count
            ),
            accepted_row_count=accepted_row_count,
            rejected_row_count=rejected_row_count,
        )

    def add_delivery(
        self, market_id: MarketId, delivered: DeliveredFile, rows: ReadingRows | None, rejected: RejectedRows
    ) -> Delivery:
        """Record a delivered file with its accepted readings and rejected rows (delivery_no is given here)."""
        draft = self.draft_delivery(market_id)
        assert rows is not None or not rejected.row_no, f"{delivered.file_name}: master data are taken whole"
        if rows is not None:
            accepted_row_count = rows.row_count + len(rejected.row_no)
            assert accepted_row_count == delivered.row_count, f"{delivered.file_name}: rows got lost"
            draft.add_readings(rows)
        draft.add_rejected(rejected)
        return draft.save(delivered, None, rejected.problems)

    def draft_delivery(self, market_id: MarketId) -> LakeDeliveryDraft:
        """Begin a delivery that comes in blocks; one at a time."""
        return LakeDeliveryDraft(self._lake, market_id)

    def decoded_counts(self, market_id: MarketId, delivery_no: int) -> DecodedCounts | None:
        """Give what became of a decoded file; None for a delivery of another kind."""
        found = fetch(
            f"SELECT {', '.join(DECODED_COUNTS)} FROM decoded_delivery WHERE market = %s AND delivery_no = %s",
            [market_id, delivery_no],
        )
        return DecodedCounts(**dict(zip(DECODED_COUNTS, found[0], strict=True))) if found else None

    def decoded_totals(self, market_id: MarketId) -> DecodedCounts:
        """Add up what became of all decoded files."""
        sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in DECODED_COUNTS)
        found = fetch(f"SELECT {sums} FROM decoded_delivery WHERE market = %s", [market_id])
        return DecodedCounts(**dict(zip(DECODED_COUNTS, map(int, found[0]), strict=True)))

    def parts_between(
        self, market_id: MarketId, first_boundary: int, last_boundary: int, meter_nos: Collection[int]
    ) -> PartRows:
        """Load the parts, every version, of slots that close at first_boundary <= boundary <= last_boundary."""
        span = slot_ending_at(first_boundary).delivery_date, slot_ending_at(last_boundary).delivery_date
        paths = dated_paths(market_id, PARTS, *span)
        tables = ((delivery_no, self._lake.read(path)) for delivery_no, path in paths)
        return parts_in(tables, first_boundary, last_boundary, meter_nos)

    def replace_slot_findings(self, market_id: MarketId, places: Sequence[str], findings: Sequence[RowProblem]) -> None:
        """Let these be the findings about incomplete half hours at some places."""
        replace_slot_problems(market_id, places, findings)

    def replace_month_findings(self, market_id: MarketId, findings: Sequence[RowProblem]) -> None:
        """Let these be the findings about months of monthly meters."""
        replace_month_problems(market_id, findings)

    def month_values(self, market_id: MarketId) -> tuple[MonthValue, ...]:
        """Load the values of months, every version, in the order of delivery and row."""
        return fetch_months(market_id)

    def month_spreads(self, market_id: MarketId) -> tuple[SpreadMonth, ...]:
        """Load which values were spread over half hours by which delivery, in the order of delivery."""
        return fetch_spreads(market_id)

    def add_month_spreads(self, market_id: MarketId, spreads: Sequence[SpreadMonth]) -> None:
        """Note which values a delivery spread."""
        insert_spreads(market_id, spreads)

    def reread_asks(self, market_id: MarketId, first_date: date) -> tuple[AskedDay, ...]:
        """Load what gateways were to ask their meters for, of delivery dates from one on, as it was asked."""
        return fetch_asks(market_id, first_date)

    def add_reread_asks(self, market_id: MarketId, asks: Sequence[AskedDay]) -> None:
        """Note that days are asked for."""
        insert_asks(market_id, asks)

    def events_between(self, market_id: MarketId, first_s: int, end_s: int) -> EventRows:
        """Load events with first_s <= at_s < end_s in the order of time; one that came twice counts once."""
        paths = delivered_paths(market_id, EVENTS, month_at(first_s), month_at(end_s))
        return events_in((self._lake.read(path) for _, path in paths), first_s, end_s)

    def rejected_between(self, market_id: MarketId, first_s: int, end_s: int) -> RejectedColumns:
        """Load the rejected rows that say when they are of, received at first_s <= received_s < end_s."""
        paths = delivered_paths(market_id, REJECTED_COLUMNS, month_at(first_s), month_at(end_s))
        return rejected_in((self._lake.read(path) for _, path in paths), first_s, end_s)

    def connectors(self, market_id: MarketId) -> tuple[ConnectorOfDelivery, ...]:
        """Name the connector of each delivery of a kind that connectors write, in the order of delivery."""
        kinds = [kind.value for kind in CONNECTED_KINDS]
        found = fetch(
            "SELECT delivery_no, file_kind, file_name FROM delivery "
            f"WHERE market = %s AND file_kind IN ({placeholders(len(kinds))}) ORDER BY delivery_no",
            [market_id, *kinds],
        )
        return tuple(
            ConnectorOfDelivery(
                delivery_no=delivery_no, file_kind=FileKind(file_kind), connector=connector_of_name(file_name)
            )
            for delivery_no, file_kind, file_name in found
        )

    def add_decisions(self, market_id: MarketId, delivered: DeliveredFile, decisions: Sequence[Decision]) -> Delivery:
        """Record a delivered file of decisions; delivery_no of the argument is ignored, the delivery gives it."""
        nothing = RejectedRows(row_no=(), code=(), row_text=(), problems=())
        delivery = self.add_delivery(market_id, delivered, None, nothing)
        insert_decisions(market_id, delivery.delivery_no, decisions)
        return delivery

    def decisions_between(self, market_id: MarketId, first_boundary: int, last_boundary: int) -> tuple[Decision, ...]:
        """Load all decisions, replaced and withdrawn ones too, with first_boundary <= boundary <= last_boundary."""
        return fetch_decisions(market_id, first_boundary, last_boundary)

    def rows_between(
        self, market_id: MarketId, first_boundary: int, last_boundary: int, meter_nos: Collection[int] | None = None
    ) -> ReadingRows:
        """Load readings of every version with first_boundary <= boundary <= last_boundary."""
        paths = delivered_paths(market_id, READINGS, _month_of(first_boundary), _month_of(last_boundary))
        wanted = None if meter_nos is None else np.array(sorted(meter_nos), dtype=np.int32)
        parts = []
        for delivery_no, path in paths:
            table = self._lake.read(path)
            boundary = table.column("boundary").to_numpy()
            taken = np.flatnonzero((first_boundary <= boundary) & (boundary <= last_boundary))
            if wanted is not None:
                taken = taken[np.isin(table.column("meter_no").to_numpy()[taken], wanted)]
            if taken.size:
                parts.append(_taken_rows(table, taken, delivery_no))
        return ReadingRows.joined(parts) if parts else _NO_ROWS

    def parties_with_gaps(self, market_id: MarketId, first_date: date, last_date: date) -> dict[date, set[int]]:
        """Name, for each closed day, the party_nos with a problem of a code GAP_* or METER_SILENT in force."""
        parties: dict[date, set[int]] = {}
        for delivery_date, party_no, _ in _told(_GAP_CODES, market_id, first_date, last_date):
            parties.setdefault(delivery_date, set()).add(party_no)
        return parties

    def midnight_rests(
        self, market_id: MarketId, first_date: date, last_date: date
    ) -> dict[date, set[tuple[int, str]]]:
        """Name, for each closed day, party_no and detail of its problems STOOD_STILL_OVER_MIDNIGHT in force."""
        rests: dict[date, set[tuple[int, str]]] = {}
        for delivery_date, *rest in _told(_REST_CODES, market_id, first_date, last_date):
            rests.setdefault(delivery_date, set()).add((rest[0], rest[1]))
        return rests


def _told(codes: tuple[str, ...], market_id: MarketId, first_date: date, last_date: date) -> list[tuple[Any, ...]]:
    """Load (delivery_date, party_no, detail) of the closed days' problems of some codes in force."""
    return fetch(
        "SELECT DISTINCT market_day.delivery_date, problem.party_no, problem.detail FROM market_day JOIN problem "
        "ON problem.market = market_day.market AND problem.delivery_date = market_day.delivery_date "
        "AND problem.revision = market_day.revision_in_force "
        "WHERE market_day.market = %s AND market_day.delivery_date BETWEEN %s AND %s "
        f"AND problem.party_no IS NOT NULL AND problem.code IN ({placeholders(len(codes))})",
        [market_id, first_date, last_date, *codes],
    )


def _taken_rows(table: pa.Table, taken: np.ndarray[Any, Any], delivery_no: int) -> ReadingRows:
    """Take rows of a file by position."""
    columns: dict[str, Any] = {name: table.column(name).to_numpy()[taken] for name in table.column_names}
    return ReadingRows(**columns, delivery_no=np.full(taken.size, delivery_no, dtype=np.int32))


def _month_of(boundary: int) -> Month:
    """Name the month of the slot that a boundary closes: midnight belongs to the day before."""
    return Month.of(slot_ending_at(boundary).delivery_date)
