"""What is known of a market's log: checkpoints, their countersignatures, and leaves with their salts.

Enter and leave: frozen records. Not here: how entries come about (log_entries), where they lie (an edge).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCheckpoint:
    """The log at leaf_count leaves: root as 64 hex digits, note as it was signed.

    subject : what was sealed, such as day/2020-11-20/1; its leaves are [first_leaf_no, leaf_count).
    """

    checkpoint_no: int
    subject: str
    first_leaf_no: int
    leaf_count: int
    root: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedCheckpoint:
    """An outsider's signature under a checkpoint, with the outsider's public key."""

    checkpoint_no: int
    witness: str
    key_text: str
    signature_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLeaf:
    """A leaf of the log; the salt is shown to those alone who may see the body."""

    leaf_no: int
    leaf_id: str
    body: bytes
    salt: bytes = field(repr=False)
