"""Keeps what was done with slices: one row an operation, one row a changed range, in the same transaction.

Enter: OperationHeads and changes. Leave: OperationRecords. Not here: the slices themselves (certificates).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.operations import (
    OperationHead,
    OperationRecord,
    changes_digest,
    digest_of_rows,
    events_of,
)
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.edge.store.sql import Row, execute, fetch, fetch_number, insert

_OPERATION: Final = (
    "market", "operation_no", "operation_id", "operation", "actor", "reason", "body_digest", "changes_digest",
    "event_count", "energy_wh",
)  # fmt: skip
_RANGE: Final = (
    "certificate_id", "lo_wh", "hi_wh", "from_state_no", "to_state_no", "from_holder_no", "to_holder_no",
    "reference_no",
)  # fmt: skip
_EVENT: Final = ("market", "operation_no", "event_no", *_RANGE)
_ROWS_PER_FETCH: Final = 10_000


def find_operation(market_id: MarketId, head: OperationHead) -> OperationRecord | None:
    """Give what was done under an id before, None where nothing was.

    Raises: Refused (IDEMPOTENCY_CONFLICT) where something else was asked under it.
    """
    rows = fetch(
        "SELECT operation_no, operation_id, operation, event_count, energy_wh, changes_digest, body_digest "
        "FROM registry_operation WHERE market = %s AND operation_id = %s",
        [market_id, head.operation_id],
    )
    if not rows:
        return None
    operation_no, operation_id, operation, event_count, energy_wh, digest, body_digest = rows[0]
    if (operation, body_digest) != (str(head.operation), head.body_digest):
        raise Refused(
            RefusalRule.IDEMPOTENCY_CONFLICT,
            f"{head.operation_id} is the id of operation {operation_no}, which asked for something else.",
            hint="Give a new id to a new request; repeat an old one as it was.",
        )
    return OperationRecord(
        operation_no=operation_no,
        operation_id=operation_id,
        operation=Operation(operation),
        event_count=event_count,
        energy_wh=energy_wh,
        changes_digest=digest,
    )


def next_operation_no(market_id: MarketId) -> int:
    """Give the number of the next operation: they count 1, 2, 3 in each market."""
    return 1 + fetch_number("SELECT max(operation_no) FROM registry_operation WHERE market = %s", [market_id])


def record_changes(market_id: MarketId, head: OperationHead, changes: Sequence[SliceChange]) -> OperationRecord:
    """Write down an operation with the events of its changes."""
    operation_no = next_operation_no(market_id)
    events = events_of(changes)
    rows = [
        (
            market_id,
            operation_no,
            event_no,
            each.certificate_id,
            each.lo_wh,
            each.hi_wh,
            int(each.from_state),
            int(each.to_state),
            each.from_holder_no,
            each.to_holder_no,
            each.reference_no,
        )
        for event_no, each in enumerate(events, start=1)
    ]
    record = OperationRecord(
        operation_no=operation_no,
        operation_id=head.operation_id,
        operation=head.operation,
        event_count=len(events),
        energy_wh=sum(each.energy_wh for each in events),
        changes_digest=changes_digest(events),
    )
    _insert_operation(market_id, head, record)
    insert("slice_event", _EVENT, rows)
    return record


def record_state_change(
    market_id: MarketId, head: OperationHead, to_state_no: int, chosen: str, parameters: Sequence[Any]
) -> OperationRecord:
    """Write down that the slices of a condition are about to go into another state, which refers to nothing."""
    operation_no = next_operation_no(market_id)
    # The order of bytes is the same in both databases and in any locale.
    collation = '"C"' if connection.vendor == "postgresql" else "BINARY"
    event_count = execute(
        f"INSERT INTO slice_event ({', '.join(_EVENT)}) "
        f"SELECT market, CAST(%s AS bigint), row_number() OVER (ORDER BY certificate_id COLLATE {collation}, lo_wh), "
        f"certificate_id, lo_wh, hi_wh, state_no, {to_state_no}, holder_no, holder_no, NULL FROM slice WHERE {chosen}",
        [operation_no, *parameters],
    )
    record = OperationRecord(
        operation_no=operation_no,
        operation_id=head.operation_id,
        operation=head.operation,
        event_count=event_count,
        energy_wh=fetch_number(
            "SELECT sum(hi_wh - lo_wh) FROM slice_event WHERE market = %s AND operation_no = %s",
            [market_id, operation_no],
        ),
        changes_digest=digest_of_rows(_stored_ranges(market_id, operation_no)),
    )
    _insert_operation(market_id, head, record)
    return record


def _insert_operation(market_id: MarketId, head: OperationHead, record: OperationRecord) -> None:
    """Insert the row of an operation."""
    row = (
        market_id,
        record.operation_no,
        head.operation_id,
        str(head.operation),
        head.actor,
        head.reason,
        head.body_digest,
        record.changes_digest,
        record.event_count,
        record.energy_wh,
    )
    insert("registry_operation", _OPERATION, [row])


def _stored_ranges(market_id: MarketId, operation_no: int) -> Iterator[Row]:
    """Read the events of an operation back, a part at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_RANGE)} FROM slice_event WHERE market = %s AND operation_no = %s ORDER BY event_no",
            [market_id, operation_no],
        )
        while rows := cursor.fetchmany(_ROWS_PER_FETCH):
            yield from rows
