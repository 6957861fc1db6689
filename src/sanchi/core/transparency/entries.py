"""What a leaf is of: the canonical bytes of an entry behind a salt that nobody guesses.

Enter: documents of text and integers, an operator's key. Leave: bytes. Not here: what entries there are (app).
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from sanchi.core.base.ids import MarketId

SALT_BYTES: Final = 32

Document: TypeAlias = "str | int | Sequence[Document] | Mapping[str, Document] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """What one leaf says; leaf_id is its name within the market, body its canonical bytes."""

    leaf_id: str
    body: bytes


def canonical_bytes(document: Document) -> bytes:
    """Write a document the one way in which it is hashed: JSON, keys sorted, no spaces, UTF-8.

    Texts, integers and null alone: a float has several spellings, and true and false are words for 1 and 0.

    >>> canonical_bytes({"slot_no": 3, "energy_wh": [1, 20]})
    b'{"energy_wh":[1,20],"slot_no":3}'
    """
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_refuse
    ).encode()


def entry_of(leaf_id: str, document: Mapping[str, Document]) -> LogEntry:
    """Make an entry; a document with anything but texts, integers and null in it trips an assert."""
    _check(document)
    return LogEntry(leaf_id=leaf_id, body=canonical_bytes(document))


def salt_of(salt_key: bytes, market_id: MarketId, name: str) -> bytes:
    """Derive the salt of a leaf, or of a part of one, from the operator's key: the same again, known to nobody else."""
    return hmac.digest(salt_key, f"{market_id}\n{name}".encode(), "sha256")


def leaf_data(salt: bytes, body: bytes) -> bytes:
    """Give what is hashed as a leaf."""
    return salt + body


def part_name(leaf_id: str, part_index: int) -> str:
    """Name a part of a leaf, for its own salt."""
    return f"{leaf_id}#{part_index}"


def commitment_of(salt: bytes, document: Document) -> str:
    """Bind a part of an entry without showing it: SHA-256 over salt and canonical bytes, in hex."""
    return sha256(salt + canonical_bytes(document)).hexdigest()


def _check(document: Document) -> None:
    """Refuse what has more than one spelling."""
    if isinstance(document, Mapping):
        for key, part in document.items():
            assert isinstance(key, str), f"key {key!r} is no text"
            _check(part)
    elif isinstance(document, (list, tuple)):
        for part in document:
            _check(part)
    else:
        kind = type(document)
        assert document is None or kind is str or kind is int, f"{document!r} has no one spelling"


def _refuse(found: object) -> None:
    """Refuse what JSON has no word for."""
    raise TypeError(f"{type(found).__name__} has no canonical bytes")
