"""What is written into the log of certificates, days, months, claims, statements and operations.

Enter: records, ids of parties by number. Leave: LogEntries. Not here: when something is sealed (seal), hashing (core).
docs/reference/proof.md lists every field.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, Protocol

from sanchi.app.days import ClosingTable, DayOutcome
from sanchi.core.base.ids import CertificateId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.issue import Issue
from sanchi.core.certificates.retirement import Claim
from sanchi.core.settlement.statement import Statement
from sanchi.core.transparency.entries import Document, LogEntry, canonical_bytes, commitment_of, entry_of
from sanchi.core.transparency.tree import EMPTY_FRONTIER, grow

PartyIds = Mapping[int, PartyId]
PartSalt = Callable[[str, int], bytes]  # of a leaf_id and the part's position in the certificate

CLOSING_COLUMNS: Final = ("kind", "delivery_date", "slot_no", "buyer_id", "capacity_wh", "closing_time", "rounding")


class SealedOperation(Protocol):
    """What the log says of something done with slices."""

    @property
    def operation_no(self) -> int:
        """Number it within the market."""

    @property
    def operation_id(self) -> str:
        """Name it; the same name happens once."""

    @property
    def operation(self) -> str:
        """Tell what was done."""

    @property
    def event_count(self) -> int:
        """Count the ranges that it changed."""

    @property
    def energy_wh(self) -> int:
        """Add up what it changed [Wh]."""

    @property
    def changes_digest(self) -> str:
        """Bind its events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePart:
    """The serials [lo_wh, hi_wh) that a holder got first, with (slot_no, energy_wh) in the order of serials."""

    lo_wh: int
    hi_wh: int
    holder_id: PartyId
    slots: tuple[tuple[int, int], ...]

    @property
    def opening(self) -> Mapping[str, Document]:
        """Give what the commitment binds and only the holder is shown."""
        return {"holder_id": self.holder_id, "slots": [list(slot) for slot in self.slots]}


def day_subject(delivery_date: date, revision: int) -> str:
    """Name what a day's close seals."""
    return f"day/{delivery_date}/{revision}"


def month_subject(month: Month) -> str:
    """Name what a month's close seals."""
    return f"month/{month}"


def certificate_leaf_id(certificate_id: CertificateId) -> str:
    """Name a certificate's leaf."""
    return f"certificate/{certificate_id}"


def claim_leaf_id(claim_no: int) -> str:
    """Name a claim's leaf."""
    return f"claim/{claim_no}"


def operation_entry(record: SealedOperation) -> LogEntry:
    """Write what was done with slices; the events themselves are bound by their digest."""
    return entry_of(
        f"operation/{record.operation_id}",
        {
            "entry": "operation",
            "operation_no": record.operation_no,
            "operation_id": record.operation_id,
            "operation": str(record.operation),
            "event_count": record.event_count,
            "energy_wh": record.energy_wh,
            "changes_digest": record.changes_digest,
        },
    )


def certificate_entries(issue: Issue, party_ids: PartyIds, part_salt: PartSalt) -> Iterator[LogEntry]:
    """Write certificates in the order of their issue."""
    parts = parts_of(issue.segments, party_ids)
    for certificate in issue.certificates:
        yield certificate_entry(certificate, parts[certificate.certificate_id], part_salt)


def certificate_entry(certificate: Certificate, parts: Sequence[CertificatePart], part_salt: PartSalt) -> LogEntry:
    """Write a certificate: its ranges by first holder tile it in the open, who holds them and when stays hidden."""
    leaf_id = certificate_leaf_id(certificate.certificate_id)
    return entry_of(
        leaf_id,
        {
            "entry": "certificate",
            "certificate_id": certificate.certificate_id,
            "device_id": certificate.device_id,
            "delivery_date": certificate.delivery_date.isoformat(),
            "kind": certificate.kind.text,
            "revision": certificate.revision,
            "quantity_wh": certificate.quantity_wh,
            "recovered_wh": certificate.recovered_wh,
            "measurement_grade": str(certificate.measurement_grade),
            "ct_class_permille": certificate.ct_class_permille,
            "commissioning_date": certificate.commissioning_date.isoformat(),
            "fit_end": certificate.fit_end.isoformat(),
            "segments_digest": certificate.segments_digest,
            "storage_no": certificate.storage_no,
            "parts": [
                {
                    "lo_wh": part.lo_wh,
                    "hi_wh": part.hi_wh,
                    "commitment": commitment_of(part_salt(leaf_id, part_index), part.opening),
                }
                for part_index, part in enumerate(parts)
            ],
        },
    )


def parts_of(segments: SegmentRows, party_ids: PartyIds) -> dict[CertificateId, list[CertificatePart]]:
    """Join segments that touch and have one holder; they come in the order of certificate and serials."""
    parts: dict[CertificateId, list[CertificatePart]] = {}
    rows = zip(
        segments.certificate_id.tolist(),
        segments.holder_no.tolist(),
        segments.lo_wh.tolist(),
        segments.hi_wh.tolist(),
        segments.slot_no.tolist(),
        strict=True,
    )
    of_part: tuple[str, int] | None = None
    first_wh, reached_wh = 0, 0
    slots: list[tuple[int, int]] = []
    for certificate_id, holder_no, lo_wh, hi_wh, slot_no in rows:
        if of_part != (certificate_id, holder_no):
            if of_part is not None:
                _add_part(parts, of_part, first_wh, reached_wh, slots, party_ids)
            of_part, first_wh, slots = (certificate_id, holder_no), lo_wh, []
        slots.append((slot_no, hi_wh - lo_wh))
        reached_wh = hi_wh
    if of_part is not None:
        _add_part(parts, of_part, first_wh, reached_wh, slots, party_ids)
    return parts


def _add_part(
    parts: dict[CertificateId, list[CertificatePart]],
    of_part: tuple[str, int],
    lo_wh: int,
    hi_wh: int,
    slots: Sequence[tuple[int, int]],
    party_ids: PartyIds,
) -> None:
    """Put a part behind the others of its certificate."""
    certificate_id, holder_no = of_part
    part = CertificatePart(lo_wh=lo_wh, hi_wh=hi_wh, holder_id=party_ids[holder_no], slots=tuple(slots))
    parts.setdefault(CertificateId(certificate_id), []).append(part)


def day_entry(outcome: DayOutcome, issue: Issue, party_ids: PartyIds) -> LogEntry:
    """Write a closed day: the digest of its published table, and sums over all homes."""
    return entry_of(
        day_subject(outcome.delivery_date, outcome.revision),
        {
            "entry": "day",
            "delivery_date": outcome.delivery_date.isoformat(),
            "revision": outcome.revision,
            "is_home_only": int(outcome.is_home_only),
            "result_digest": outcome.result_digest,
            "closing_digest": closing_digest(outcome.delivery_date, outcome.closing, party_ids),
            "certificate_count": len(issue.certificates),
            "totals": [_day_totals(outcome, issue, kind) for kind in CertificateKind],
        },
    )


def _day_totals(outcome: DayOutcome, issue: Issue, kind: CertificateKind) -> Mapping[str, Document]:
    """Add a kind of a day up."""
    offered_wh = {
        CertificateKind.SURPLUS: outcome.slot_energy.surplus_offered_wh,
        CertificateKind.SELF_CONSUMPTION: outcome.slot_energy.self_offered_wh,
    }
    return {
        "kind": kind.text,
        "offered_wh": int(offered_wh[kind].sum()),
        "matched_wh": outcome.allocated.bought_wh(kind),
        "issued_wh": sum(each.quantity_wh for each in issue.certificates if each.kind is kind),
    }


def closing_digest(delivery_date: date, closing: ClosingTable, party_ids: PartyIds) -> str:
    """Digest the published table as the file in which anybody gets it: SHA-256 of its bytes in hex."""
    columns = [
        column.tolist()
        for column in (
            closing.kind_no,
            closing.slot_no,
            closing.buyer_no,
            closing.capacity_wh,
            closing.closing_t32,
            closing.rounding_phi60,
        )
    ]
    lines = [",".join(CLOSING_COLUMNS)]
    for kind_no, slot_no, buyer_no, *figures in sorted(zip(*columns, strict=True)):
        known = (CertificateKind(kind_no).text, delivery_date, slot_no, party_ids[buyer_no], *figures)
        lines.append(",".join(map(str, known)))
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def claim_entry(claim: Claim, slices: Sequence[Slice], party_ids: PartyIds) -> LogEntry:
    """Write a claim; the root over its slices binds each of them."""
    return entry_of(
        claim_leaf_id(claim.claim_no),
        {
            "entry": "claim",
            "claim_no": claim.claim_no,
            "beneficiary_id": party_ids[claim.beneficiary_no],
            "month": str(claim.month),
            "purpose": claim.purpose,
            "site": claim.site,
            "used_from": _iso(claim.used_from),
            "used_until": _iso(claim.used_until),
            "statement_no": claim.statement_no,
            "energy_wh": claim.energy_wh,
            "slice_count": len(slices),
            "slices_root": slices_root(slices),
        },
    )


def slices_root(slices: Sequence[Slice]) -> str:
    """Give the RFC 6962 root over the serials of slices, by certificate and first serial, in hex."""
    leaves = [canonical_bytes(slice_document(each)) for each in in_serial_order(slices)]
    return grow(EMPTY_FRONTIER, leaves).frontier.root().hex()


def in_serial_order(slices: Sequence[Slice]) -> list[Slice]:
    """Sort slices by certificate and first serial."""
    return sorted(slices, key=lambda each: (each.certificate_id, each.lo_wh))


def slice_document(piece: Slice) -> Mapping[str, Document]:
    """Write which serials a slice has."""
    return {"certificate_id": piece.certificate_id, "lo_wh": piece.lo_wh, "hi_wh": piece.hi_wh}


def statement_entry(statement: Statement, party_ids: PartyIds) -> LogEntry:
    """Write a statement of money with its lines."""
    return entry_of(
        f"statement/{statement.statement_no}",
        {
            "entry": "statement",
            "statement_no": statement.statement_no,
            "payer_id": party_ids[statement.payer_no],
            "payee_id": party_ids[statement.payee_no],
            "month": str(statement.month),
            "tax_permille": statement.tax_permille,
            "opening_remainder_e5yen": statement.opening_remainder_e5yen,
            "accrued_e5yen": statement.accrued_e5yen,
            "amount_yen": statement.amount_yen,
            "tax_yen": statement.tax_yen,
            "closing_remainder_e5yen": statement.closing_remainder_e5yen,
            "lines": [
                {
                    "line_no": line.line_no,
                    "kind": line.kind.text,
                    "holder_id": party_ids[line.holder_no],
                    "price_sen_per_kwh": line.price_sen_per_kwh,
                    "energy_wh": line.energy_wh,
                    "corrected_month": None if line.corrected_month is None else str(line.corrected_month),
                }
                for line in statement.lines
            ],
        },
    )


def month_entry(
    month: Month, *, closed_on: date, final_dates: Sequence[date], n_claims: int, n_statements: int
) -> LogEntry:
    """Write a closed month: which days became final with it, and how many claims and statements it has."""
    return entry_of(
        month_subject(month),
        {
            "entry": "month",
            "month": str(month),
            "closed_on": closed_on.isoformat(),
            "final_dates": [each.isoformat() for each in final_dates],
            "claim_count": n_claims,
            "statement_count": n_statements,
        },
    )


def _iso(day: date | None) -> str | None:
    """Write a date that may be missing."""
    return None if day is None else day.isoformat()
