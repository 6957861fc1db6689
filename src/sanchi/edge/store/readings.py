"""Keeps deliveries in the database and their readings in the lake; every version stays.

Enter: a delivered file with its rows. Leave: Delivery, ReadingRows. Not here: judging rows.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sanchi.app.deliveries import DeliveredFile, Delivery, FileKind, RejectedRows
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY, slot_ending_at
from sanchi.core.metering.decisions import Decision
from sanchi.core.metering.readings import ReadingRows
from sanchi.edge.store.decisions import fetch_decisions, insert_decisions
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import LakeEntry, add_entries, delivered_paths
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, READINGS, REJECTED
from sanchi.edge.store.problems import add_delivery_problems
from sanchi.edge.store.sql import fetch, fetch_number, insert, placeholders, take_turn

_COLUMNS: Final = (
    "market", "delivery_no", "file_name", "file_digest", "file_kind", "row_count", "accepted_row_count",
    "rejected_row_count",
)  # fmt: skip
_GAP_CODES: Final = (
    ProblemCode.GAP_RECOVERED.value,
    ProblemCode.GAP_ESTIMATED.value,
    ProblemCode.GAP_MISSING.value,
    ProblemCode.METER_SILENT.value,
)
_NO_ROWS: Final = ReadingRows.joined([])


class LakeReadingStore:
    """Fulfils app.ports.ReadingStore."""

    def __init__(self, lake: Lake) -> None:
        """Keep the lake that readings go to."""
        self._lake = lake

    def delivery_by_digest(self, market_id: MarketId, file_digest: str) -> Delivery | None:
        """Find an earlier delivery of the same bytes."""
        found = fetch(
            f"SELECT {', '.join(_COLUMNS[1:])} FROM delivery WHERE market = %s AND file_digest = %s",
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
        take_turn(market_id)
        delivery_no = 1 + fetch_number("SELECT max(delivery_no) FROM delivery WHERE market = %s", [market_id])
        rejected_row_count = len(rejected.row_no)
        accepted_row_count = delivered.row_count - rejected_row_count if rows is None else rows.row_count
        assert accepted_row_count + rejected_row_count == delivered.row_count, f"{delivered.file_name}: rows got lost"
        delivery = Delivery(
            delivery_no=delivery_no,
            delivered=delivered,
            accepted_row_count=accepted_row_count,
            rejected_row_count=rejected_row_count,
        )
        insert("delivery", _COLUMNS, [_delivery_row(market_id, delivery)])
        entries = [] if rows is None else self._write_readings(delivery_no, rows)
        if rejected_row_count:
            entries.append(self._write_rejected(delivery_no, rejected))
        add_entries(market_id, entries)
        add_delivery_problems(market_id, delivery_no, rejected.problems)
        return delivery

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
        found = fetch(
            "SELECT DISTINCT market_day.delivery_date, problem.party_no FROM market_day JOIN problem "
            "ON problem.market = market_day.market AND problem.delivery_date = market_day.delivery_date "
            "AND problem.revision = market_day.revision_in_force "
            "WHERE market_day.market = %s AND market_day.delivery_date BETWEEN %s AND %s "
            f"AND problem.party_no IS NOT NULL AND problem.code IN ({placeholders(len(_GAP_CODES))})",
            [market_id, first_date, last_date, *_GAP_CODES],
        )
        parties: dict[date, set[int]] = {}
        for delivery_date, party_no in found:
            parties.setdefault(delivery_date, set()).add(party_no)
        return parties

    def _write_readings(self, delivery_no: int, rows: ReadingRows) -> list[LakeEntry]:
        """Write accepted rows, one file a month, ordered by meter, channel and stamp."""
        rows = rows.take(np.lexsort((rows.row_no, rows.boundary, rows.channel_no, rows.meter_no)))
        month_of_row = _months_of(rows.boundary)
        return [
            LakeEntry(
                table_name=READINGS,
                info=self._lake.write(READINGS, _readings_table(rows.take(month_of_row == month))),
                delivery_no=delivery_no,
                month=month.astype("datetime64[D]").item(),
            )
            for month in np.unique(month_of_row)
        ]

    def _write_rejected(self, delivery_no: int, rejected: RejectedRows) -> LakeEntry:
        """Write rejected rows as they were delivered."""
        columns = {name: list(getattr(rejected, name)) for name in LAKE_SCHEMAS[REJECTED].names}
        info = self._lake.write(REJECTED, pa.table(columns, schema=LAKE_SCHEMAS[REJECTED]))
        return LakeEntry(table_name=REJECTED, info=info, delivery_no=delivery_no)


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


def _taken_rows(table: pa.Table, taken: np.ndarray[Any, Any], delivery_no: int) -> ReadingRows:
    """Take rows of a file by position."""
    columns: dict[str, Any] = {name: table.column(name).to_numpy()[taken] for name in table.column_names}
    return ReadingRows(**columns, delivery_no=np.full(taken.size, delivery_no, dtype=np.int32))


def _month_of(boundary: int) -> Month:
    """Name the month of the slot that a boundary closes: midnight belongs to the day before."""
    return Month.of(slot_ending_at(boundary).delivery_date)


def _months_of(boundary: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Name the months of boundaries, datetime64[M]."""
    days = (boundary.astype(np.int64) - 1) // SLOTS_PER_DAY
    return (np.datetime64(EPOCH_DATE) + days).astype("datetime64[M]")
