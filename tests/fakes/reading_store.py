"""Deliveries and readings in memory, under the contract of app.ports.ReadingStore.

Enter and leave: deliveries, ReadingRows. Not here: persistence.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from sanchi.app.deliveries import (
    CONNECTED_KINDS,
    ConnectorOfDelivery,
    DecodedCounts,
    DeliveredFile,
    Delivery,
    RejectedRows,
    RowProblem,
    connector_of_name,
)
from sanchi.app.month_spreads import SpreadMonth
from sanchi.core.base.ids import MarketId
from sanchi.core.metering.decisions import Decision
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.formats.row_gathering import event_rows
from sanchi.core.metering.intake import EPOCH_S, SLOT_S
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import CHANNEL_END, ReadingRows
from sanchi.core.metering.rereading import AskedDay
from sanchi.core.metering.slot_sums import joined_parts


class MemoryReadingStore:
    """Keeps every delivery; `gaps` and `rests` are filled by a test, as a close would by its problems."""

    def __init__(self) -> None:
        self.deliveries: defaultdict[MarketId, list[Delivery]] = defaultdict(list)
        self.rejected: dict[tuple[MarketId, int], RejectedRows] = {}
        self.gaps: defaultdict[MarketId, dict[date, set[int]]] = defaultdict(dict)
        self.rests: defaultdict[MarketId, dict[date, set[tuple[int, str]]]] = defaultdict(dict)
        self.decoded: dict[tuple[MarketId, int], DecodedCounts] = {}
        self.parts: defaultdict[MarketId, list[PartRows]] = defaultdict(list)
        self.incomplete: dict[tuple[MarketId, str], RowProblem] = {}
        self.events: defaultdict[MarketId, set[tuple[int, int, str, int]]] = defaultdict(set)
        self.decisions: defaultdict[MarketId, list[Decision]] = defaultdict(list)
        self.months: defaultdict[MarketId, list[MonthValue]] = defaultdict(list)
        self.spreads: defaultdict[MarketId, list[SpreadMonth]] = defaultdict(list)
        self.asks: defaultdict[MarketId, list[AskedDay]] = defaultdict(list)
        self.month_findings: dict[MarketId, tuple[RowProblem, ...]] = {}
        self._rows: defaultdict[MarketId, list[ReadingRows]] = defaultdict(list)

    def delivery_by_digest(self, market_id: MarketId, file_digest: str) -> Delivery | None:
        same = [each for each in self.deliveries[market_id] if each.delivered.file_digest == file_digest]
        return same[0] if same else None

    def add_delivery(
        self, market_id: MarketId, delivered: DeliveredFile, rows: ReadingRows | None, rejected: RejectedRows
    ) -> Delivery:
        assert self.delivery_by_digest(market_id, delivered.file_digest) is None, "the same bytes twice"
        accepted_row_count = delivered.row_count if rows is None else rows.row_count
        delivery = Delivery(
            delivery_no=len(self.deliveries[market_id]) + 1,
            delivered=delivered,
            accepted_row_count=accepted_row_count,
            rejected_row_count=len(rejected.row_no),
        )
        assert delivered.row_count == accepted_row_count + delivery.rejected_row_count, "rows are lost"
        self.deliveries[market_id].append(delivery)
        self.rejected[market_id, delivery.delivery_no] = rejected
        if rows is not None:
            delivery_no = np.full(rows.row_count, delivery.delivery_no, dtype=np.int32)
            self._rows[market_id].append(replace(rows, delivery_no=delivery_no))
        return delivery

    def draft_delivery(self, market_id: MarketId) -> "MemoryDraft":
        return MemoryDraft(self, market_id)

    def decoded_counts(self, market_id: MarketId, delivery_no: int) -> DecodedCounts | None:
        return self.decoded.get((market_id, delivery_no))

    def decoded_totals(self, market_id: MarketId) -> DecodedCounts:
        return sum((counts for (owner, _), counts in self.decoded.items() if owner == market_id), DecodedCounts())

    def parts_between(
        self, market_id: MarketId, first_boundary: int, last_boundary: int, meter_nos: Collection[int]
    ) -> PartRows:
        parts = parts_of_slots(self.parts[market_id], first_boundary, last_boundary)
        return parts.take(np.isin(parts.series_key // CHANNEL_END, sorted(meter_nos)))

    def replace_slot_findings(self, market_id: MarketId, places: Sequence[str], findings: Sequence[RowProblem]) -> None:
        for place in places:
            self.incomplete.pop((market_id, place), None)
        self.incomplete |= {(market_id, each.problem.where): each for each in findings}

    def replace_month_findings(self, market_id: MarketId, findings: Sequence[RowProblem]) -> None:
        self.month_findings[market_id] = tuple(findings)

    def month_values(self, market_id: MarketId) -> tuple[MonthValue, ...]:
        return tuple(self.months[market_id])

    def month_spreads(self, market_id: MarketId) -> tuple[SpreadMonth, ...]:
        return tuple(self.spreads[market_id])

    def add_month_spreads(self, market_id: MarketId, spreads: Sequence[SpreadMonth]) -> None:
        assert all(each.value in self.months[market_id] for each in spreads), "a value that nobody told"
        self.spreads[market_id] += spreads

    def reread_asks(self, market_id: MarketId, first_date: date) -> tuple[AskedDay, ...]:
        return tuple(each for each in self.asks[market_id] if each.delivery_date >= first_date)

    def add_reread_asks(self, market_id: MarketId, asks: Sequence[AskedDay]) -> None:
        self.asks[market_id] += asks

    def events_between(self, market_id: MarketId, first_s: int, end_s: int) -> EventRows:
        return event_rows(sorted(event for event in self.events[market_id] if first_s <= event[0] < end_s))

    def rejected_between(self, market_id: MarketId, first_s: int, end_s: int) -> RejectedColumns:
        own = [rows.columns for (owner, _), rows in self.rejected.items() if owner == market_id]
        return RejectedColumns.joined(own).received_between(first_s, end_s)

    def connectors(self, market_id: MarketId) -> tuple[ConnectorOfDelivery, ...]:
        return tuple(
            ConnectorOfDelivery(
                delivery_no=each.delivery_no,
                file_kind=each.delivered.file_kind,
                connector=connector_of_name(each.delivered.file_name),
            )
            for each in self.deliveries[market_id]
            if each.delivered.file_kind in CONNECTED_KINDS
        )

    def rows_between(
        self,
        market_id: MarketId,
        first_boundary: int,
        last_boundary: int,
        meter_nos: Collection[int] | None = None,
    ) -> ReadingRows:
        rows = ReadingRows.joined(self._rows[market_id]).between(first_boundary, last_boundary)
        return rows if meter_nos is None else rows.of_meters(meter_nos)

    def add_decisions(self, market_id: MarketId, delivered: DeliveredFile, decisions: Sequence[Decision]) -> Delivery:
        nothing = RejectedRows(row_no=(), code=(), row_text=(), problems=())
        delivery = self.add_delivery(market_id, delivered, None, nothing)
        self.decisions[market_id] += [replace(each, delivery_no=delivery.delivery_no) for each in decisions]
        return delivery

    def decisions_between(self, market_id: MarketId, first_boundary: int, last_boundary: int) -> tuple[Decision, ...]:
        return tuple(each for each in self.decisions[market_id] if first_boundary <= each.boundary <= last_boundary)

    def parties_with_gaps(self, market_id: MarketId, first_date: date, last_date: date) -> dict[date, set[int]]:
        gaps = self.gaps[market_id]
        return {day: set(parties) for day, parties in gaps.items() if first_date <= day <= last_date}

    def midnight_rests(
        self, market_id: MarketId, first_date: date, last_date: date
    ) -> dict[date, set[tuple[int, str]]]:
        rests = self.rests[market_id]
        return {day: set(told) for day, told in rests.items() if first_date <= day <= last_date}


class MemoryDraft:
    """Keeps what a delivery in blocks brings until it is saved."""

    def __init__(self, store: MemoryReadingStore, market_id: MarketId) -> None:
        self._store = store
        self._market_id = market_id
        self._delivery_no = len(store.deliveries[market_id]) + 1
        self._rows: list[ReadingRows] = []
        self._parts: list[PartRows] = []
        self._events: set[tuple[int, int, str, int]] = set()
        self._rejected: list[RejectedRows] = []
        self._months: list[MonthValue] = []

    def add_readings(self, rows: ReadingRows) -> None:
        self._rows.append(rows)

    def add_parts(self, parts: PartRows) -> None:
        delivery_no = np.full(parts.row_count, self._delivery_no, dtype=np.int32)
        self._parts.append(replace(parts, delivery_no=delivery_no))

    def add_months(self, months: Sequence[MonthValue]) -> None:
        self._months += [replace(each, delivery_no=self._delivery_no) for each in months]

    def add_events(self, events: EventRows, connectors: Sequence[str]) -> None:
        assert len(connectors) == events.at_s.size, "an event that nobody noticed"
        subjects = [events.subject_texts[code] for code in events.subject_code.tolist()]
        columns = events.at_s.tolist(), events.event_no.tolist(), subjects, events.figure.tolist()
        self._events |= set(zip(*columns, strict=True))

    def add_rejected(self, rejected: RejectedRows) -> None:
        self._rejected.append(rejected)

    def parts_between(self, first_boundary: int, last_boundary: int) -> PartRows:
        return parts_of_slots(self._parts, first_boundary, last_boundary)

    def save(self, delivered: DeliveredFile, counts: DecodedCounts | None, problems: Sequence[RowProblem]) -> Delivery:
        store, market_id = self._store, self._market_id
        names = ("row_no", "code", "row_text")
        rejected = RejectedRows(
            **{name: tuple(each for block in self._rejected for each in getattr(block, name)) for name in names},
            problems=tuple(problems),
            columns=RejectedColumns.joined([block.columns for block in self._rejected]),
        )
        delivery = Delivery(
            delivery_no=self._delivery_no,
            delivered=delivered,
            accepted_row_count=delivered.row_count - len(rejected.row_no),
            rejected_row_count=len(rejected.row_no),
        )
        rows = ReadingRows.joined(self._rows)
        slot_count = counts.slot_reading_count if counts else 0
        n_parts = sum(parts.row_count for parts in self._parts)
        assert rows.row_count + n_parts + len(self._months) - slot_count == delivery.accepted_row_count, "rows are lost"
        store.deliveries[market_id].append(delivery)
        store.rejected[market_id, self._delivery_no] = rejected
        store.parts[market_id] += self._parts
        store.months[market_id] += self._months
        store.events[market_id] |= self._events
        if counts:
            store.decoded[market_id, self._delivery_no] = counts
        delivery_no = np.full(rows.row_count, self._delivery_no, dtype=np.int32)
        store._rows[market_id].append(replace(rows, delivery_no=delivery_no))
        return delivery


def parts_of_slots(several: Sequence[PartRows], first_boundary: int, last_boundary: int) -> PartRows:
    """Take the parts of some slots, both ends included."""
    parts = joined_parts(several)
    boundary = -(-(parts.stamp_s - EPOCH_S) // SLOT_S)
    return parts.take((first_boundary <= boundary) & (boundary <= last_boundary))
