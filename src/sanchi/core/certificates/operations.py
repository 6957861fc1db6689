"""What is written down of an operation on slices: its head before, one event a changed range, its record after.

Enter: what was asked and SliceChanges. Leave: events and digests. Not here: which change is allowed (the verbs).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import Any, Final

from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.withdrawal import SliceChange

# The actor of what no person asked for by itself: closes and corrections.
PLATFORM: Final = "sanchi"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationHead:
    """What somebody wants to be done once: its id, by whom, why, and a digest of all that was asked.

    body_digest : of the request, so that the same operation_id with another content is refused (see body_digest_of).
    """

    operation_id: str
    operation: Operation
    actor: str
    reason: str
    body_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRecord:
    """What was done: how many ranges changed, how many watt-hours, and a digest of the events."""

    operation_no: int
    operation_id: str
    operation: Operation
    event_count: int
    energy_wh: int
    changes_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceEvent:
    """What an operation did to the serials [lo_wh, hi_wh); reference_no belongs to the state after, None = none."""

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int
    from_state: CertificateState
    to_state: CertificateState
    from_holder_no: int
    to_holder_no: int
    reference_no: int | None

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours that changed."""
        return self.hi_wh - self.lo_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneEvent:
    """An event with the operation that it belongs to."""

    operation_no: int
    operation_id: str
    operation: Operation
    actor: str
    reason: str
    event_no: int
    event: SliceEvent


def events_of(changes: Iterable[SliceChange]) -> tuple[SliceEvent, ...]:
    """List the ranges whose state or holder changed, in the order of certificate_id (by its bytes) and serial.

    A range that was only cut off gives no event, so a split alone has none.
    """
    changed = (_event(change.before, piece) for change in changes for piece in change.after)
    return tuple(sorted((each for each in changed if each is not None), key=_place))


def changes_digest(events: Iterable[SliceEvent]) -> str:
    """Digest events in their order.

    Bytes: for each event the certificate's id in UTF-8, one line feed, then lo_wh, hi_wh, the number of the state
    before and after, holder_no before and after, and reference_no (0 = none) as signed 64-bit integers, most
    significant byte first. Returns: SHA-256 as 64 hex digits.
    """
    return digest_of_rows(
        (
            each.certificate_id,
            each.lo_wh,
            each.hi_wh,
            int(each.from_state),
            int(each.to_state),
            each.from_holder_no,
            each.to_holder_no,
            each.reference_no,
        )
        for each in events
    )


def digest_of_rows(rows: Iterable[Sequence[Any]]) -> str:
    """Digest events that are laid out as rows: certificate_id, then the seven numbers of changes_digest."""
    digest, pack = sha256(), _NUMBERS.pack
    for certificate_id, *numbers, reference_no in rows:
        digest.update(certificate_id.encode() + b"\n" + pack(*numbers, reference_no or 0))
    return digest.hexdigest()


def body_digest_of(body: Mapping[str, Any]) -> str:
    """Digest a request: SHA-256 of its JSON with sorted keys and without spaces, dates and others as their text."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()


_NUMBERS: Final = Struct(">7q")


def _event(before: Slice, after: Slice) -> SliceEvent | None:
    """Say what happened to a range, None where it only was cut."""
    if (before.state, before.holder_no) == (after.state, after.holder_no):
        return None
    return SliceEvent(
        certificate_id=after.certificate_id,
        lo_wh=after.lo_wh,
        hi_wh=after.hi_wh,
        from_state=before.state,
        to_state=after.state,
        from_holder_no=before.holder_no,
        to_holder_no=after.holder_no,
        reference_no=after.reference_no,
    )


def _place(event: SliceEvent) -> tuple[bytes, int]:
    """Give the place of an event among the others."""
    return event.certificate_id.encode(), event.lo_wh
