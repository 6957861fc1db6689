"""Operations and lineages of certificates, for people and for machines.

Enter: records. Leave: text and documents. Not here: what is done.
"""

from collections.abc import Callable
from typing import Any

from rich.markup import escape
from rich.table import Table

from sanchi.app.registry.show import Lineage
from sanchi.core.certificates.operations import DoneEvent, OperationRecord
from sanchi.core.certificates.requests import HeldSlice
from sanchi.edge.cli.console import OUT, print_json

PartyName = Callable[[int], str]


def record_document(record: OperationRecord) -> dict[str, Any]:
    """Lay an operation out for a machine."""
    return {
        "operation_no": record.operation_no,
        "operation_id": record.operation_id,
        "operation": str(record.operation),
        "events": record.event_count,
        "energy_wh": record.energy_wh,
        "changes_digest": record.changes_digest,
    }


def print_lineage(lineage: Lineage, party_id: PartyName, *, as_json: bool) -> None:
    """Print slices as they stand and what was done, in the order of doing."""
    if as_json:
        slices = [_slice_document(each, party_id) for each in lineage.slices]
        print_json({"slices": slices, "events": [_event_document(each, party_id) for each in lineage.events]})
        return
    standing = Table(box=None, pad_edge=False, padding=(0, 2))
    for title in ("certificate", "from", "to", "holder", "state", "reference"):
        standing.add_column(title, justify="right" if title in {"from", "to", "reference"} else "left")
    for each in lineage.slices:
        document = _slice_document(each, party_id)
        names = ("certificate_id", "lo_wh", "hi_wh", "holder_id", "state", "reference_no")
        standing.add_row(*(_shown(document[name]) for name in names))
    OUT.print(standing)
    for event in lineage.events:
        document = _event_document(event, party_id)
        OUT.print(
            escape(
                f"{document['operation_no']:>6}  {document['operation']:<9} {document['certificate_id']} "
                f"[{document['lo_wh']}, {document['hi_wh']})  {document['from_holder_id']} {document['from_state']} -> "
                f"{document['to_holder_id']} {document['to_state']}  {document['operation_id']} by {document['actor']}"
            )
        )


def _slice_document(each: HeldSlice, party_id: PartyName) -> dict[str, Any]:
    """Lay a slice out."""
    piece = each.piece
    return {
        "certificate_id": piece.certificate_id,
        "delivery_date": each.delivery_date.isoformat(),
        "kind": each.kind.text,
        "lo_wh": piece.lo_wh,
        "hi_wh": piece.hi_wh,
        "holder_id": party_id(piece.holder_no),
        "state": piece.state.text,
        "reference_no": piece.reference_no,
    }


def _event_document(done: DoneEvent, party_id: PartyName) -> dict[str, Any]:
    """Lay an event out."""
    event = done.event
    return {
        "operation_no": done.operation_no,
        "operation_id": done.operation_id,
        "operation": str(done.operation),
        "actor": done.actor,
        "reason": done.reason,
        "certificate_id": event.certificate_id,
        "lo_wh": event.lo_wh,
        "hi_wh": event.hi_wh,
        "from_holder_id": party_id(event.from_holder_no),
        "from_state": event.from_state.text,
        "to_holder_id": party_id(event.to_holder_no),
        "to_state": event.to_state.text,
        "reference_no": event.reference_no,
    }


def _shown(value: object) -> str:
    """Write a value into a table."""
    return "" if value is None else escape(str(value))
