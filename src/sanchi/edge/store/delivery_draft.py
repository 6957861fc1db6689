"""A delivery while it is taken in: its rows go into the lake block by block, the database hears of it at the end.

Enter: rows, parts, events, rejected rows. Leaves: a Delivery. Not here: judging rows; loading them (readings).
"""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sanchi.app.deliveries import DecodedCounts, DeliveredFile, Delivery, RejectedRows, RowProblem
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import ReadingRows
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import LakeEntry, add_entries
from sanchi.edge.store.lake_schemas import EVENTS, LAKE_SCHEMAS, PARTS, READINGS, REJECTED, REJECTED_COLUMNS
from sanchi.edge.store.months import insert_months
from sanchi.edge.store.parts import event_tables, part_tables, parts_in
from sanchi.edge.store.problems import add_delivery_problems
from sanchi.edge.store.rejected import rejected_tables
from sanchi.edge.store.sql import fetch_number, insert, take_turn

DELIVERY: Final = (
    "market", "delivery_no", "file_name", "file_digest", "file_kind", "row_count", "accepted_row_count",
    "rejected_row_count",
)  # fmt: skip
DECODED_COUNTS: Final = tuple(each.name for each in fields(DecodedCounts))


class LakeDeliveryDraft:
    """Fulfils app.ports.DeliveryDraft."""

    def __init__(self, lake: Lake, market_id: MarketId) -> None:
        """Take the next number; nobody else does before the transaction ends."""
        take_turn(market_id)
        self._lake = lake
        self._market_id = market_id
        self._delivery_no = 1 + fetch_number("SELECT max(delivery_no) FROM delivery WHERE market = %s", [market_id])
        self._entries: list[LakeEntry] = []
        self._reading_count = 0
        self._part_count = 0
        self._rejected_count = 0
        self._months: list[MonthValue] = []

    def add_readings(self, rows: ReadingRows) -> None:
        """Write accepted rows, one file a month, ordered by meter, channel and stamp."""
        rows = rows.take(np.lexsort((rows.row_no, rows.boundary, rows.channel_no, rows.meter_no)))
        month_of_row = _months_of(rows.boundary)
        for month in np.unique(month_of_row):
            table = _readings_table(rows.take(month_of_row == month))
            self._write(READINGS, table, month.astype("datetime64[D]").item())
        self._reading_count += rows.row_count

    def add_parts(self, parts: PartRows) -> None:
        """Write parts of half hours, one file a day."""
        for day, table in part_tables(parts):
            self._write(PARTS, table, day)
        self._part_count += parts.row_count

    def add_months(self, months: Sequence[MonthValue]) -> None:
        """Keep values of months for the end: they are rows of the database."""
        self._months += months

    def add_events(self, events: EventRows, connectors: Sequence[str]) -> None:
        """Write events, one file a month."""
        for first_date, table in event_tables(events, connectors):
            self._write(EVENTS, table, first_date)

    def add_rejected(self, rejected: RejectedRows) -> None:
        """Write rejected rows as they were delivered."""
        if rejected.row_no:
            columns = {name: list(getattr(rejected, name)) for name in LAKE_SCHEMAS[REJECTED].names}
            self._write(REJECTED, pa.table(columns, schema=LAKE_SCHEMAS[REJECTED]), None)
        for month, table in rejected_tables(rejected.columns):
            self._write(REJECTED_COLUMNS, table, month)
        self._rejected_count += len(rejected.row_no)

    def parts_between(self, first_boundary: int, last_boundary: int) -> PartRows:
        """Give the parts added so far of some slots, under the number that the delivery will have."""
        tables = ((self._delivery_no, self._lake.read(each.info.path)) for each in self._entries_of(PARTS))
        return parts_in(tables, first_boundary, last_boundary)

    def save(self, delivered: DeliveredFile, counts: DecodedCounts | None, problems: Sequence[RowProblem]) -> Delivery:
        """Record the delivery, its files and its findings."""
        slot_count = counts.slot_reading_count if counts else 0
        # Master data have records and no rows; they are taken whole.
        has_rows = self._reading_count or self._part_count or self._months or self._rejected_count or counts
        taken_count = self._reading_count + self._part_count + len(self._months) - slot_count
        delivery = Delivery(
            delivery_no=self._delivery_no,
            delivered=delivered,
            accepted_row_count=taken_count if has_rows else delivered.row_count,
            rejected_row_count=self._rejected_count,
        )
        return self._saved(delivery, counts, problems)

    def _saved(self, delivery: Delivery, counts: DecodedCounts | None, problems: Sequence[RowProblem]) -> Delivery:
        """Insert all rows of a delivery."""
        row_count = delivery.accepted_row_count + delivery.rejected_row_count
        assert row_count == delivery.delivered.row_count, f"{delivery.delivered.file_name}: rows got lost"
        insert("delivery", DELIVERY, [_delivery_row(self._market_id, delivery)])
        if counts:
            place = (self._market_id, self._delivery_no)
            counted = asdict(counts)
            row = (*place, *(counted[name] for name in DECODED_COUNTS))
            insert("decoded_delivery", ("market", "delivery_no", *DECODED_COUNTS), [row])
        add_entries(self._market_id, self._entries)
        insert_months(self._market_id, self._delivery_no, self._months)
        add_delivery_problems(self._market_id, self._delivery_no, problems)
        return delivery

    def _entries_of(self, table_name: str) -> list[LakeEntry]:
        """List the files of a table that were written so far."""
        return [entry for entry in self._entries if entry.table_name == table_name]

    def _write(self, table_name: str, table: pa.Table, month: Any) -> None:
        """Write a file and note it for the end."""
        info = self._lake.write(table_name, table)
        self._entries.append(LakeEntry(table_name=table_name, info=info, delivery_no=self._delivery_no, month=month))


def _delivery_row(market_id: MarketId, delivery: Delivery) -> tuple[Any, ...]:
    """Lay a delivery out."""
    delivered = delivery.delivered
    return (
        market_id,
        delivery.delivery_no,
        delivered.file_name,
        delivered.file_digest,
        delivered.file_kind.value,
        delivered.row_count,
        delivery.accepted_row_count,
        delivery.rejected_row_count,
    )


def _readings_table(rows: ReadingRows) -> pa.Table:
    """Lay readings out for the lake; the delivery stands beside the file, not in it."""
    schema = LAKE_SCHEMAS[READINGS]
    return pa.table({name: getattr(rows, name) for name in schema.names}, schema=schema)


def _months_of(boundary: NDArray[np.int32]) -> NDArray[np.datetime64]:
    """Name the months of boundaries, datetime64[M]."""
    days = (boundary.astype(np.int64) - 1) // SLOTS_PER_DAY
    return (np.datetime64(EPOCH_DATE) + days).astype("datetime64[M]")
