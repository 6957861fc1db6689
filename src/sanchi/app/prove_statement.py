"""Pack what a buyer needs to check an origin statement without trusting the operator: one file, canonical JSON.

Enters: stores, a market, a statement, perhaps an earlier checkpoint. Leaves: bytes. Not here: checking it
(sanchi_verify, which shares no code with this); docs/reference/proof.md tells the format.
"""

import json
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from sanchi.app.log_entries import (
    CertificatePart,
    certificate_leaf_id,
    claim_leaf_id,
    day_subject,
    parts_of,
)
from sanchi.app.log_port import ClaimedSlice
from sanchi.app.log_records import SealedCheckpoint, SealedLeaf
from sanchi.app.stores import Stores
from sanchi.core.base.errors import AuditFailed, UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId, PartyId
from sanchi.core.certificates.retirement import Claim
from sanchi.core.transparency.entries import Document, canonical_bytes, commitment_of
from sanchi.core.transparency.proofs import consistency_proof
from sanchi.core.transparency.shown import hidden_roots

PROOF_FORMAT: Final = "sanchi-proof/1"
_DAY_SUBJECTS: Final = "day/"

Opened = tuple[CertificateId, int, CertificatePart]  # a certificate, the part's position in it, the part


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProof:
    """A proof with what it comes to; content is the file."""

    content: bytes
    claim_no: int
    energy_wh: int
    leaf_count: int
    certificate_count: int
    slice_count: int


def prove_statement(
    stores: Stores, market_id: MarketId, statement: str, *, since_no: int | None = None
) -> StatementProof:
    """Prove an origin statement, named by its number, or a claim, by its own.

    since_no : a checkpoint that the buyer may know; the proof then shows that the log extends it.
    Raises: UnknownRecord; AuditFailed where the books are not what was sealed.
    """
    claim = _claim_of(stores, market_id, statement)
    checkpoints = stores.log.checkpoints(market_id)
    slices = stores.claims.slices_of_claim(market_id, claim.claim_no)
    leaves = _leaves(stores, market_id, checkpoints, claim, slices)
    party_ids = {party.party_no: party.party_id for party in stores.market.book(market_id).parties}
    openings = _openings(stores, market_id, slices, party_ids)
    _require_sealed(stores, market_id, leaves, openings)
    last = checkpoints[-1]
    shown_nos = [leaf.leaf_no for leaf in leaves]
    document: Document = {
        "format": PROOF_FORMAT,
        "market_id": market_id,
        "checkpoint": {"note": last.note, "witnesses": _witnesses(stores, market_id, last)},
        "since": None if since_no is None else _since(stores, market_id, checkpoints, since_no),
        "leaves": [
            {"leaf_no": leaf.leaf_no, "salt": leaf.salt.hex(), "body": json.loads(leaf.body)} for leaf in leaves
        ],
        "nodes": _joined(hidden_roots(stores.log.nodes(market_id), shown_nos, last.leaf_count)),
        "slices": [
            {"certificate_id": each.certificate_id, "lo_wh": each.lo_wh, "hi_wh": each.hi_wh} for each in slices
        ],
        "openings": [
            {
                "certificate_id": certificate_id,
                "lo_wh": part.lo_wh,
                "salt": stores.log.part_salt(market_id, certificate_leaf_id(certificate_id), part_index).hex(),
                **part.opening,
            }
            for certificate_id, part_index, part in openings
        ],
        "statement": _figures(claim, party_ids[claim.beneficiary_no], slices, openings),
    }
    return StatementProof(
        content=canonical_bytes(document) + b"\n",
        claim_no=claim.claim_no,
        energy_wh=claim.energy_wh,
        leaf_count=last.leaf_count,
        certificate_count=len(leaves) - 1,
        slice_count=len(slices),
    )


def _claim_of(stores: Stores, market_id: MarketId, statement: str) -> Claim:
    """Find the claim of an origin statement."""
    claims = stores.claims.claims(market_id)
    for claim in claims:
        if claim.statement_no == statement or str(claim.claim_no) == statement:
            return claim
    known = ", ".join(str(claim.statement_no or claim.claim_no) for claim in claims[-5:]) or "none yet"
    raise UnknownRecord(f"Market {market_id} has no origin statement {statement}.", hint=f"The latest are: {known}.")


def _leaves(
    stores: Stores,
    market_id: MarketId,
    checkpoints: Sequence[SealedCheckpoint],
    claim: Claim,
    slices: Sequence[ClaimedSlice],
) -> list[SealedLeaf]:
    """Load the leaf of the claim and those of its certificates, in the order of the log."""
    checkpoint_nos = {sealed.subject: sealed.checkpoint_no for sealed in checkpoints}
    wanted: dict[int, set[str]] = defaultdict(set)
    for each in slices:
        subject = day_subject(each.delivery_date, each.revision)
        if subject in checkpoint_nos:
            wanted[checkpoint_nos[subject]].add(certificate_leaf_id(each.certificate_id))
    found: list[SealedLeaf] = []
    for checkpoint_no, leaf_ids in wanted.items():
        found.extend(stores.log.leaves(market_id, checkpoint_no, leaf_ids))
    # Claims, and certificates of what batteries gave back, are sealed by months and operations.
    missing = {claim_leaf_id(claim.claim_no), *(certificate_leaf_id(each.certificate_id) for each in slices)}
    missing -= {leaf.leaf_id for leaf in found}
    for sealed in checkpoints[::-1]:
        if missing and not sealed.subject.startswith(_DAY_SUBJECTS):
            more = stores.log.leaves(market_id, sealed.checkpoint_no, missing)
            found.extend(more)
            missing -= {leaf.leaf_id for leaf in more}
    if missing:
        raise AuditFailed(
            f"Claim {claim.claim_no} of {market_id} or one of its certificates is not in the log.",
            hint="What was closed before the home had a log cannot be proven; otherwise run sanchi verify.",
        )
    return sorted(found, key=lambda leaf: leaf.leaf_no)


def _openings(
    stores: Stores, market_id: MarketId, slices: Sequence[ClaimedSlice], party_ids: Mapping[int, PartyId]
) -> list[Opened]:
    """Find the ranges, as they were issued, that the slices lie in; by certificate and serial."""
    by_certificate: dict[CertificateId, list[ClaimedSlice]] = defaultdict(list)
    by_date: dict[date, set[CertificateId]] = defaultdict(set)
    for each in slices:
        by_certificate[each.certificate_id].append(each)
        by_date[each.delivery_date].add(each.certificate_id)
    opened: list[Opened] = []
    for delivery_date, certificate_ids in by_date.items():
        for certificate_id, parts in _parts_of_day(
            stores, market_id, delivery_date, certificate_ids, party_ids
        ).items():
            opened.extend(
                (certificate_id, part_index, part)
                for part_index, part in enumerate(parts)
                if any(each.lo_wh < part.hi_wh and part.lo_wh < each.hi_wh for each in by_certificate[certificate_id])
            )
    return sorted(opened, key=lambda each: (each[0], each[1]))


def _parts_of_day(
    stores: Stores,
    market_id: MarketId,
    delivery_date: date,
    certificate_ids: Collection[CertificateId],
    party_ids: Mapping[int, PartyId],
) -> dict[CertificateId, list[CertificatePart]]:
    """Load the ranges of some certificates of a day."""
    parts = parts_of(stores.certificates.segments_of_day(market_id, delivery_date), party_ids)
    return {certificate_id: parts[certificate_id] for certificate_id in certificate_ids}


def _require_sealed(
    stores: Stores, market_id: MarketId, leaves: Sequence[SealedLeaf], openings: Sequence[Opened]
) -> None:
    """Refuse to hand out a proof that would not hold: segments that are not what was sealed."""
    sealed_parts = {
        leaf.leaf_id: [part["commitment"] for part in json.loads(leaf.body).get("parts", [])] for leaf in leaves
    }
    for certificate_id, part_index, part in openings:
        leaf_id = certificate_leaf_id(certificate_id)
        commitment = commitment_of(stores.log.part_salt(market_id, leaf_id, part_index), part.opening)
        if sealed_parts[leaf_id][part_index : part_index + 1] != [commitment]:
            raise AuditFailed(
                f"The segments of {certificate_id} are not what was sealed.", hint="Run sanchi verify; it names more."
            )


def _witnesses(stores: Stores, market_id: MarketId, sealed: SealedCheckpoint) -> list[Mapping[str, Document]]:
    """Give the countersignatures of a checkpoint."""
    return [
        {"key": each.key_text, "line": each.signature_line}
        for each in stores.log.witnesses(market_id)
        if each.checkpoint_no == sealed.checkpoint_no
    ]


def _since(
    stores: Stores, market_id: MarketId, checkpoints: Sequence[SealedCheckpoint], since_no: int
) -> Mapping[str, Document]:
    """Show that the log extends an earlier checkpoint."""
    earlier = checkpoint_numbered(checkpoints, market_id, since_no)
    proof = consistency_proof(stores.log.nodes(market_id), earlier.leaf_count, checkpoints[-1].leaf_count)
    return {"note": earlier.note, "nodes": _joined(proof)}


def checkpoint_numbered(
    checkpoints: Sequence[SealedCheckpoint], market_id: MarketId, checkpoint_no: int
) -> SealedCheckpoint:
    """Find a checkpoint by its number. Raises: UnknownRecord."""
    for sealed in checkpoints:
        if sealed.checkpoint_no == checkpoint_no:
            return sealed
    raise UnknownRecord(f"Market {market_id} has no checkpoint {checkpoint_no}.", hint="sanchi checkpoints lists them.")


def _figures(
    claim: Claim, beneficiary_id: PartyId, slices: Sequence[ClaimedSlice], openings: Sequence[Opened]
) -> Mapping[str, Document]:
    """Give the figures of the statement."""
    by_kind: Counter[str] = Counter()
    for each in slices:
        by_kind[each.kind.text] += each.hi_wh - each.lo_wh
    half_hours = sorted(_half_hours_wh(slices, openings).items())
    return {
        "statement_no": claim.statement_no,
        "claim_no": claim.claim_no,
        "beneficiary_id": beneficiary_id,
        "month": str(claim.month),
        "purpose": claim.purpose,
        "site": claim.site,
        "used_from": None if claim.used_from is None else claim.used_from.isoformat(),
        "used_until": None if claim.used_until is None else claim.used_until.isoformat(),
        "energy_wh": claim.energy_wh,
        "certificate_count": len({each.certificate_id for each in slices}),
        "slice_count": len(slices),
        "by_kind": [{"kind": kind, "energy_wh": energy_wh} for kind, energy_wh in sorted(by_kind.items())],
        "by_half_hour": [
            [delivery_date.isoformat(), slot_no, energy_wh] for (delivery_date, slot_no), energy_wh in half_hours
        ],
    }


def _half_hours_wh(slices: Sequence[ClaimedSlice], openings: Sequence[Opened]) -> Mapping[tuple[date, int], int]:
    """Add up what the slices have of each half hour [Wh]."""
    segments: dict[CertificateId, list[tuple[int, int, int]]] = defaultdict(list)
    for certificate_id, _, part in openings:
        bounds_wh = [part.lo_wh]
        for _, energy_wh in part.slots:
            bounds_wh.append(bounds_wh[-1] + energy_wh)
        for (slot_no, _), (lo_wh, hi_wh) in zip(part.slots, pairwise(bounds_wh), strict=True):
            segments[certificate_id].append((lo_wh, hi_wh, slot_no))
    found_wh: Counter[tuple[date, int]] = Counter()
    for each in slices:
        for lo_wh, hi_wh, slot_no in segments[each.certificate_id]:
            shared_wh = min(hi_wh, each.hi_wh) - max(lo_wh, each.lo_wh)
            if shared_wh > 0:
                found_wh[each.delivery_date, slot_no] += shared_wh
    return found_wh


def _joined(hashes: Sequence[bytes]) -> str:
    """Write hashes one behind the other in base64."""
    return b64encode(b"".join(hashes)).decode()
