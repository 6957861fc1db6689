"""Deliveries and readings in memory, under the contract of app.ports.ReadingStore.

Enter and leave: deliveries, ReadingRows. Not here: persistence.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from sanchi.app.deliveries import DeliveredFile, Delivery, RejectedRows
from sanchi.core.base.ids import MarketId
from sanchi.core.metering.decisions import Decision
from sanchi.core.metering.readings import ReadingRows


class MemoryReadingStore:
    """Keeps every delivery; `gaps` is filled by a test, as a close would by its problems."""

    def __init__(self) -> None:
        self.deliveries: defaultdict[MarketId, list[Delivery]] = defaultdict(list)
        self.rejected: dict[tuple[MarketId, int], RejectedRows] = {}
        self.gaps: defaultdict[MarketId, dict[date, set[int]]] = defaultdict(dict)
        self.decisions: defaultdict[MarketId, list[Decision]] = defaultdict(list)
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
