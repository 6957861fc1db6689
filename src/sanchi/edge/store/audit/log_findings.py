"""Judges what no query can: roots from salted leaves, signatures, and sealed contents against the books.

Enter: Books, the home's keys (the salts of leaves follow from the salt key alone). Leaves: the relation log_found.
Worked out from docs/reference/proof.md, by none of the code that seals.
"""

import base64
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sanchi.core.base.errors import SanchiError
from sanchi.edge.store.audit.log_books import Salt, booked_certificates, booked_claims, booked_days, booked_statements
from sanchi.edge.store.books import Books

Case = tuple[str, str, bool]  # subject, finding, holds

_SCHEMA: Final = pa.schema(
    [("law", pa.string()), ("subject", pa.string()), ("finding", pa.string()), ("holds", pa.bool_())]
)
_AS_SEALED: Final = "as it was sealed"
_DASH: Final = "\u2014"


def add_log_findings(books: Books, market_id: str, home: Path) -> None:
    """Add the relation log_found to the books; evidence that cannot be read breaks its law."""
    salt_key, seed = (_key(home / name) for name in ("log_salt_key", "log_signing_key"))

    def salt_of(name: str) -> bytes:
        return hmac.new(salt_key, f"{market_id}\n{name}".encode(), hashlib.sha256).digest()

    judged: tuple[tuple[str, Callable[[], Iterator[Case]]], ...] = (
        ("LOG_ROOTS", lambda: _judge_roots(books, salt_of)),
        ("LOG_SIGNED", lambda: _judge_notes(books, market_id, seed)),
        ("LOG_CERTIFICATES", lambda: _judge(books, "certificate", booked_certificates(books, salt_of))),
        ("LOG_CLAIMS", lambda: _judge(books, "claim", booked_claims(books))),
        ("LOG_STATEMENTS", lambda: _judge(books, "statement", booked_statements(books))),
        ("LOG_DAYS", lambda: _judge(books, "day", booked_days(books))),
    )
    cases: list[tuple[str, str, str, bool]] = []
    for law, judge in judged:
        try:
            cases.extend((law, *case) for case in judge())
        except (duckdb.Error, SanchiError, ValueError, LookupError) as error:
            cases.append((law, "the log", f"cannot be checked: {error!s:.200}", False))
    columns = [list(column) for column in zip(*cases, strict=True)] or [[] for _ in _SCHEMA]
    books.add("log_found", pa.table(columns, schema=_SCHEMA))


def _key(file: Path) -> bytes:
    """Read a key of the home; one that is missing judges nothing sound."""
    return bytes.fromhex(file.read_text().strip()) if file.is_file() else bytes(32)


def _judge(books: Books, entry: str, booked: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[Case]:
    """Compare what is in the books with what was sealed, field by field of the books; nothing sealed may be over."""
    bodies: dict[str, str] = dict(
        books.fetch("SELECT leaf_id, body FROM log_entries WHERE starts_with(leaf_id, ?)", [f"{entry}/"])
    )
    for leaf_id, expected in booked:
        sealed = json.loads(bodies.pop(leaf_id, "null"))
        if sealed is None:
            yield leaf_id, "it is not in the log", False
            continue
        other = [name for name in expected if sealed.get(name) != expected[name]]
        told = f"sealed with another {other[0]}: {sealed.get(other[0])!s:.60}" if other else _AS_SEALED
        yield leaf_id, told, not other
    for leaf_id in sorted(bodies):
        yield leaf_id, "it is in the log, but not in the books", False


def _judge_roots(books: Books, salt_of: Salt) -> Iterator[Case]:
    """Hash the tree leaf by leaf, and compare every node with the stored one, every root with the signed one."""
    leaves = [
        hashlib.sha256(b"\0" + salt_of(leaf_id) + body.encode()).digest()
        for leaf_id, body in books.fetch("SELECT leaf_id, body FROM log_entries ORDER BY leaf_no")
    ]
    nodes: dict[tuple[int, int], bytes] = {}
    for number, leaf in enumerate(leaves):
        level, index = 0, number
        nodes[level, index] = leaf
        while index & 1:
            parent = hashlib.sha256(b"\1" + nodes[level, index - 1] + nodes[level, index]).digest()
            level, index = level + 1, index >> 1
            nodes[level, index] = parent
    stored: dict[int, list[bool]] = defaultdict(list)
    for checkpoint_no, level, index, found in books.fetch('SELECT checkpoint_no, level, "index", hash FROM log_nodes'):
        stored[checkpoint_no].append(nodes.get((level, index)) == found)
    n_before = 0
    sizes = books.fetch("SELECT checkpoint_no, tree_size, root FROM checkpoint ORDER BY checkpoint_no")
    for checkpoint_no, size, root in sizes:
        n_nodes = sum(size >> level for level in range(size.bit_length()))
        is_whole = all(stored[checkpoint_no]) and len(stored[checkpoint_no]) == n_nodes - n_before
        has_root = size <= len(leaves) and _root(nodes, size).hex() == root
        finding = (
            "its root does not follow from the leaves" if not has_root else "its nodes are not those of the leaves"
        )
        yield f"checkpoint {checkpoint_no}", finding, has_root and is_whole
        n_before = n_nodes


def _root(nodes: dict[tuple[int, int], bytes], size: int) -> bytes:
    """Join the complete subtrees that a tree of size leaves falls into, smallest first."""
    root: bytes | None = None
    for level in range(size.bit_length()):
        if size >> level & 1:
            left = nodes[level, (size >> level) - 1]
            root = left if root is None else hashlib.sha256(b"\1" + left + root).digest()
    return root or b""


def _judge_notes(books: Books, market_id: str, seed: bytes) -> Iterator[Case]:
    """Check what each note says and every signature below it."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    origin = f"sanchi/{market_id}"
    texts = {}
    for checkpoint_no, size, root, note in books.fetch("SELECT checkpoint_no, tree_size, root, note FROM checkpoint"):
        texts[checkpoint_no] = f"{origin}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
        text, _, line = note.rpartition("\n\n")
        is_own = text + "\n" == texts[checkpoint_no]
        is_signed = is_own and _is_signed(line, origin, b"\x01" + public, partial(_note_signed, text))
        yield f"checkpoint {checkpoint_no}", "its note is not what the operator's key signs", is_signed
    for checkpoint_no, witness, key_text, line in books.fetch(
        "SELECT checkpoint_no, witness, key_text, signature_line FROM witness_signature"
    ):
        coded = base64.b64decode(key_text.split("+", 2)[2])
        message = partial(_countersigned, texts.get(checkpoint_no, ""))
        is_signed = _is_signed(line, witness, coded, message)
        yield f"checkpoint {checkpoint_no}", f"the countersignature of {witness} does not fit", is_signed


def _note_signed(text: str, stamp: bytes) -> bytes:
    """Give what an operator signs, which has no time."""
    return text.encode() + b"\n" + stamp


def _countersigned(text: str, stamp: bytes) -> bytes:
    """Give what a witness signs, with the time at which it did."""
    return f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{text}".encode()


def _is_signed(line: str, name: str, coded_key: bytes, message_of: Callable[[bytes], bytes]) -> bool:
    """Verify a line of a note: key id, perhaps a time, signature."""
    key_id = hashlib.sha256(name.encode() + b"\n" + coded_key).digest()[:4]
    dash, _, rest = line.strip().partition(" ")
    found_name, _, encoded = rest.rpartition(" ")
    try:
        signed = base64.b64decode(encoded, validate=True)
        Ed25519PublicKey.from_public_bytes(coded_key[1:]).verify(signed[-64:], message_of(signed[4:-64]))
    except (ValueError, InvalidSignature):
        return False
    return dash == _DASH and found_name == name and signed[:4] == key_id
