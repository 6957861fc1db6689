"""Keeps the log of each market: checkpoints in the database, entries and nodes in the lake, keys in the home.

Enter: entries. Leave: checkpoints, leaves, nodes. Not here: what an entry says (app), hashing and proofs (core).
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sanchi.app.log_records import SealedCheckpoint, SealedLeaf, WitnessedCheckpoint
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId
from sanchi.core.transparency.entries import LogEntry, leaf_data, part_name, salt_of
from sanchi.core.transparency.hashing import HASH_BYTES
from sanchi.core.transparency.notes import ED25519_NOTE, CheckpointText, NoteKey, signed_note
from sanchi.core.transparency.tree import Grown, NodeLookup, frontier_at, grow, last_leaf_no_of, place_of_node
from sanchi.edge.store.home import LogKeys, read_log_keys
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import LakeEntry, add_entries, log_paths
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, LOG_ENTRIES, LOG_NODES
from sanchi.edge.store.sql import execute, fetch, insert, take_turn

_CHECKPOINT: Final = ("checkpoint_no", "subject", "first_leaf_no", "tree_size", "root", "note")
_WITNESS: Final = ("checkpoint_no", "witness", "key_text", "signature_line")
_ORIGIN_PREFIX: Final = "sanchi/"


class LakeTransparencyLog:
    """Fulfils app.ports.TransparencyLog."""

    def __init__(self, lake: Lake, home: Path) -> None:
        """Keep the lake and the folder that the keys lie in; they are read when first needed."""
        self._lake = lake
        self._home = home

    @cached_property
    def _keys(self) -> LogKeys:
        """Read the keys once."""
        return read_log_keys(self._home)

    def append(self, market_id: MarketId, subject: str, entries: Sequence[LogEntry]) -> SealedCheckpoint:
        """Append entries as leaves and sign the log as it is then. Raises: Refused, SetupFault."""
        assert entries, f"{market_id} {subject}: a checkpoint seals something"
        assert len({entry.leaf_id for entry in entries}) == len(entries), f"{market_id} {subject}: a leaf twice"
        take_turn(market_id)
        _refuse_again(market_id, subject)
        last = self._latest(market_id)
        first_leaf_no = 0 if last is None else last.leaf_count
        salt_key = self._keys.salt_key
        grown = grow(
            frontier_at(first_leaf_no, self.nodes(market_id)),
            [leaf_data(salt_of(salt_key, market_id, entry.leaf_id), entry.body) for entry in entries],
        )
        sealed = self._signed(market_id, subject, 1 if last is None else last.checkpoint_no + 1, grown)
        insert("checkpoint", ("market", *_CHECKPOINT), [(market_id, *_checkpoint_row(sealed))])
        tables = {LOG_ENTRIES: entries_table(entries, first_leaf_no), LOG_NODES: nodes_table(grown)}
        add_entries(
            market_id,
            [
                LakeEntry(table_name=name, info=self._lake.write(name, table), checkpoint_no=sealed.checkpoint_no)
                for name, table in tables.items()
            ],
        )
        return sealed

    def checkpoints(self, market_id: MarketId) -> tuple[SealedCheckpoint, ...]:
        """List the checkpoints in their order."""
        return tuple(map(_checkpoint, fetch(f"{_SELECT} ORDER BY checkpoint_no", [market_id])))

    def leaves(self, market_id: MarketId, checkpoint_no: int, leaf_ids: Collection[str]) -> tuple[SealedLeaf, ...]:
        """Load those of some leaves that a checkpoint brought, in the order of the log."""
        table = self._lake.read(log_paths(market_id, LOG_ENTRIES)[checkpoint_no])
        found = table.filter(pc.is_in(table["leaf_id"], value_set=pa.array(sorted(leaf_ids), pa.string())))
        salt_key = self._keys.salt_key
        return tuple(
            SealedLeaf(
                leaf_no=row["leaf_no"],
                leaf_id=row["leaf_id"],
                body=row["body"].encode(),
                salt=salt_of(salt_key, market_id, row["leaf_id"]),
            )
            for row in found.to_pylist()
        )

    def part_salt(self, market_id: MarketId, leaf_id: str, part_index: int) -> bytes:
        """Give the salt of a part of a leaf."""
        return salt_of(self._keys.salt_key, market_id, part_name(leaf_id, part_index))

    def nodes(self, market_id: MarketId) -> NodeLookup:
        """Give a lookup of the nodes that are complete at the latest checkpoint."""
        return StoredNodes(self._lake, self.checkpoints(market_id), log_paths(market_id, LOG_NODES)).hash_of

    def operator_key(self, market_id: MarketId) -> NoteKey:
        """Give the public key that checkpoints are signed with."""
        private = Ed25519PrivateKey.from_private_bytes(self._keys.signing_seed)
        name, public_bytes = f"{_ORIGIN_PREFIX}{market_id}", private.public_key().public_bytes_raw()
        return NoteKey(name=name, key_code=ED25519_NOTE, public_bytes=public_bytes)

    def is_signed(self, key: NoteKey, message: bytes, signature: bytes) -> bool:
        """Tell whether a message was signed with the private part of a key."""
        try:
            Ed25519PublicKey.from_public_bytes(key.public_bytes).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def witnesses(self, market_id: MarketId) -> tuple[WitnessedCheckpoint, ...]:
        """List the countersignatures, by checkpoint and witness."""
        rows = fetch(
            f"SELECT {', '.join(_WITNESS)} FROM witness_signature WHERE market = %s ORDER BY checkpoint_no, witness",
            [market_id],
        )
        return tuple(WitnessedCheckpoint(**dict(zip(_WITNESS, row, strict=True))) for row in rows)

    def add_witness(self, market_id: MarketId, witnessed: WitnessedCheckpoint) -> None:
        """Keep a countersignature; a second one of a witness under a checkpoint changes nothing."""
        execute(
            f"INSERT INTO witness_signature (market, {', '.join(_WITNESS)}) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (market, checkpoint_no, witness) DO NOTHING",
            [market_id, *(getattr(witnessed, column) for column in _WITNESS)],
        )

    def _latest(self, market_id: MarketId) -> SealedCheckpoint | None:
        """Give the latest checkpoint, None while nothing was sealed."""
        rows = fetch(f"{_SELECT} ORDER BY checkpoint_no DESC LIMIT 1", [market_id])
        return _checkpoint(rows[0]) if rows else None

    def _signed(self, market_id: MarketId, subject: str, checkpoint_no: int, grown: Grown) -> SealedCheckpoint:
        """Sign the log after a batch."""
        key, root = self.operator_key(market_id), grown.frontier.root()
        text = CheckpointText(origin=key.name, leaf_count=grown.frontier.leaf_count, root=root).text
        signature = Ed25519PrivateKey.from_private_bytes(self._keys.signing_seed).sign(text.encode())
        return SealedCheckpoint(
            checkpoint_no=checkpoint_no,
            subject=subject,
            first_leaf_no=grown.first_leaf_no,
            leaf_count=grown.frontier.leaf_count,
            root=root.hex(),
            note=signed_note(text, [key.signature_line(signature)]),
        )


class StoredNodes:
    """The nodes of a log: each lies in the file of the checkpoint whose leaves completed it, at a place of its own."""

    def __init__(self, lake: Lake, checkpoints: Sequence[SealedCheckpoint], path_by_no: dict[int, str]) -> None:
        """Read nothing yet."""
        self._lake = lake
        self._checkpoints = checkpoints
        self._first_leaf_nos = [each.first_leaf_no for each in checkpoints]
        self._path_by_no = path_by_no
        self._hashes: dict[int, memoryview] = {}

    def hash_of(self, level: int, index: int) -> bytes:
        """Give the hash of a complete node."""
        sealed = self._checkpoints[bisect_right(self._first_leaf_nos, last_leaf_no_of(level, index)) - 1]
        place = HASH_BYTES * place_of_node(sealed.first_leaf_no, sealed.leaf_count, level, index)
        return bytes(self._hashes_of(sealed.checkpoint_no)[place : place + HASH_BYTES])

    def _hashes_of(self, checkpoint_no: int) -> memoryview:
        """Read the hashes of a checkpoint's nodes once, one behind the other."""
        if checkpoint_no not in self._hashes:
            column = self._lake.read(self._path_by_no[checkpoint_no], ["hash"])["hash"].chunk(0)
            first = column.offset * HASH_BYTES
            self._hashes[checkpoint_no] = memoryview(column.buffers()[1])[first : first + len(column) * HASH_BYTES]
        return self._hashes[checkpoint_no]


_SELECT: Final = f"SELECT {', '.join(_CHECKPOINT)} FROM checkpoint WHERE market = %s"


def has_checkpoints() -> bool:
    """Tell whether anything was ever sealed in any market."""
    return bool(fetch("SELECT 1 FROM checkpoint LIMIT 1"))


def entries_table(entries: Sequence[LogEntry], first_leaf_no: int) -> pa.Table:
    """Lay entries out for the lake."""
    columns = [
        np.arange(first_leaf_no, first_leaf_no + len(entries)),
        [entry.leaf_id for entry in entries],
        [entry.body.decode() for entry in entries],
    ]
    return pa.table(columns, schema=LAKE_SCHEMAS[LOG_ENTRIES])


def nodes_table(grown: Grown) -> pa.Table:
    """Lay new nodes out for the lake, level by level."""
    counts = [len(hashes) for hashes in grown.levels]
    joined = pa.py_buffer(b"".join([b"".join(hashes) for hashes in grown.levels]))
    columns = [
        np.repeat(np.arange(len(counts), dtype=np.int8), counts),
        np.concatenate([np.arange(n_nodes) + (grown.first_leaf_no >> level) for level, n_nodes in enumerate(counts)]),
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(HASH_BYTES), sum(counts), [None, joined]),
    ]
    return pa.table(columns, schema=LAKE_SCHEMAS[LOG_NODES])


def _refuse_again(market_id: MarketId, subject: str) -> None:
    """Refuse to seal a subject a second time: a close that changes nothing seals nothing."""
    if fetch("SELECT 1 FROM checkpoint WHERE market = %s AND subject = %s", [market_id, subject]):
        raise Refused(
            RefusalRule.IDEMPOTENCY_CONFLICT,
            f"{subject} of {market_id} is sealed already.",
            hint="What is done again without a change seals nothing; what changed has another name.",
        )


def _checkpoint_row(sealed: SealedCheckpoint) -> tuple[int | str, ...]:
    """Lay a checkpoint out in the order of its columns."""
    return (
        sealed.checkpoint_no,
        sealed.subject,
        sealed.first_leaf_no,
        sealed.leaf_count,
        sealed.root,
        sealed.note,
    )


def _checkpoint(row: tuple[int, str, int, int, str, str]) -> SealedCheckpoint:
    """Read a row of the table."""
    checkpoint_no, subject, first_leaf_no, leaf_count, root, note = row
    return SealedCheckpoint(
        checkpoint_no=checkpoint_no,
        subject=subject,
        first_leaf_no=first_leaf_no,
        leaf_count=leaf_count,
        root=root,
        note=note,
    )
