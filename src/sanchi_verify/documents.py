"""Reads a proof file: every byte of it has to be as it would be written, every field known and of its type.

Enters: bytes. Leaves: Proof. Not here: whether what it says is true (checks).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sanchi_verify.findings import NotProven, require
from sanchi_verify.notes import strict_base64

FORMAT = "sanchi-proof/1"
CHECK = "file"
HASH_BYTES = 32

Fields = Mapping[str, type | tuple[type, ...]]
Record = Mapping[str, Any]

_NOTHING = type(None)
_FILE: Fields = {
    "checkpoint": dict, "format": str, "leaves": list, "market_id": str, "nodes": str, "openings": list,
    "since": (dict, _NOTHING), "slices": list, "statement": dict,
}  # fmt: skip
_CHECKPOINT: Fields = {"note": str, "witnesses": list}
_WITNESS: Fields = {"key": str, "line": str}
_SINCE: Fields = {"note": str, "nodes": str}
_LEAF: Fields = {"body": dict, "leaf_no": int, "salt": str}
_SLICE: Fields = {"certificate_id": str, "hi_wh": int, "lo_wh": int}
_OPENING: Fields = {"certificate_id": str, "holder_id": str, "lo_wh": int, "salt": str, "slots": list}
_STATEMENT: Fields = {
    "beneficiary_id": str, "by_half_hour": list, "by_kind": list, "certificate_count": int, "claim_no": int,
    "energy_wh": int, "month": str, "purpose": str, "site": str, "slice_count": int,
    "statement_no": (str, _NOTHING), "used_from": (str, _NOTHING), "used_until": (str, _NOTHING),
}  # fmt: skip
_CLAIM: Fields = {
    "beneficiary_id": str, "claim_no": int, "energy_wh": int, "entry": str, "month": str, "purpose": str, "site": str,
    "slice_count": int, "slices_root": str, "statement_no": (str, _NOTHING), "used_from": (str, _NOTHING),
    "used_until": (str, _NOTHING),
}  # fmt: skip
_CERTIFICATE: Fields = {
    "certificate_id": str, "commissioning_date": str, "ct_class_permille": int, "delivery_date": str,
    "device_id": str, "entry": str, "fit_end": str, "kind": str, "measurement_grade": str, "parts": list,
    "quantity_wh": int, "recovered_wh": int, "revision": int, "segments_digest": str, "storage_no": int,
}  # fmt: skip
_PART: Fields = {"commitment": str, "hi_wh": int, "lo_wh": int}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A shown leaf: its number and the bytes that are hashed."""

    leaf_no: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof file, read; records have exactly the fields that their kind has."""

    market_id: str
    note: str
    witnesses: Sequence[Record]
    since_note: str | None
    since_nodes: Sequence[bytes]
    leaves: Sequence[Leaf]
    nodes: Sequence[bytes]
    claim: Record
    certificates: Sequence[Record]
    slices: Sequence[Record]
    openings: Sequence[Record]
    statement: Record


def read_proof(content: bytes) -> Proof:
    """Read a proof; NotProven where it is not written as one is."""
    document = read_document(content, "proof")
    _require_fields(document, _FILE, "the file")
    require(CHECK, document["format"] == FORMAT, f"format {document['format']!r} instead of {FORMAT}")
    checkpoint, since = document["checkpoint"], document["since"]
    _require_fields(checkpoint, _CHECKPOINT, "checkpoint")
    _require_each(checkpoint["witnesses"], _WITNESS, "witness")
    if since is not None:
        _require_fields(since, _SINCE, "since")
    _require_each(document["leaves"], _LEAF, "leaf")
    _require_each(document["slices"], _SLICE, "slice")
    _require_each(document["openings"], _OPENING, "opening")
    _require_fields(document["statement"], _STATEMENT, "statement")
    claim, certificates = _read_bodies([leaf["body"] for leaf in document["leaves"]])
    return Proof(
        market_id=document["market_id"],
        note=checkpoint["note"],
        witnesses=checkpoint["witnesses"],
        since_note=None if since is None else since["note"],
        since_nodes=[] if since is None else read_hashes(since["nodes"], "since"),
        leaves=[
            Leaf(leaf_no=leaf["leaf_no"], content=read_hex(leaf["salt"], "salt of a leaf") + canonical(leaf["body"]))
            for leaf in document["leaves"]
        ],
        nodes=read_hashes(document["nodes"], "nodes"),
        claim=claim,
        certificates=certificates,
        slices=document["slices"],
        openings=document["openings"],
        statement=document["statement"],
    )


def read_document(content: bytes, what: str) -> Record:
    """Read JSON that is written in the one way in which it is written; NotProven otherwise."""
    try:
        document = json.loads(content)
        is_canonical = canonical(document) + b"\n" == content
    except (ValueError, RecursionError):
        raise NotProven(CHECK, f"it is no {what}: its bytes cannot be read") from None
    require(CHECK, is_canonical, "its bytes are not as they were written")
    require(CHECK, isinstance(document, dict), f"it is no {what}")
    fields: Record = document
    return fields


def canonical(document: object) -> bytes:
    """Write a document the one way in which it is hashed."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def read_hex(text: str, what: str) -> bytes:
    """Read 32 bytes of lower-case hex; NotProven otherwise."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    require(CHECK, len(found) == HASH_BYTES and found.hex() == text, f"{what} is not 32 bytes of hex")
    return found


def read_hashes(text: str, what: str) -> list[bytes]:
    """Read hashes that stand one behind the other in base64; NotProven otherwise."""
    try:
        joined = strict_base64(text)
    except ValueError:
        raise NotProven(CHECK, f"{what} are no base64") from None
    require(CHECK, len(joined) % HASH_BYTES == 0, f"{what} are no whole hashes")
    return [joined[first : first + HASH_BYTES] for first in range(0, len(joined), HASH_BYTES)]


def _read_bodies(bodies: Sequence[Record]) -> tuple[Record, list[Record]]:
    """Part the leaves into the one claim and its certificates."""
    claims = [body for body in bodies if body.get("entry") == "claim"]
    certificates = [body for body in bodies if body.get("entry") == "certificate"]
    require(CHECK, len(claims) == 1, f"{len(claims)} claims instead of one")
    require(CHECK, 1 + len(certificates) == len(bodies), "a leaf is neither the claim nor a certificate")
    _require_fields(claims[0], _CLAIM, "claim")
    for certificate in certificates:
        _require_fields(certificate, _CERTIFICATE, "certificate")
        _require_each(certificate["parts"], _PART, "part")
    return claims[0], certificates


def _require_each(records: Sequence[Any], fields: Fields, what: str) -> None:
    """Check a list of records."""
    for record in records:
        _require_fields(record, fields, what)


def _require_fields(record: Any, fields: Fields, what: str) -> None:
    """Check that a record has exactly these fields, each of its type; a truth value is no number."""
    require(CHECK, isinstance(record, dict) and record.keys() == fields.keys(), f"{what} has other fields")
    for name, kind in fields.items():
        found = record[name]
        require(CHECK, isinstance(found, kind) and not isinstance(found, bool), f"{what} has the {name} {found!r}")
    if "slots" in fields:
        is_paired = all(
            isinstance(pair, list) and [type(part) for part in pair] == [int, int] for pair in record["slots"]
        )
        require(CHECK, is_paired, f"{what} has slots that are no pairs of numbers")
