"""What the use cases need of the log, as a Protocol that the edge fulfils.

Every call is bounded by one market. Nothing here commits: the runner in `start` opens one transaction a use case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sanchi.app.log_records import SealedCheckpoint, SealedLeaf, WitnessedCheckpoint
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.retirement import Claim
from sanchi.core.transparency.entries import LogEntry
from sanchi.core.transparency.notes import NoteKey
from sanchi.core.transparency.tree import NodeLookup


class TransparencyLog(Protocol):
    """The log of a market, which only grows; every append is a checkpoint."""

    def append(self, market_id: MarketId, subject: str, entries: Sequence[LogEntry]) -> SealedCheckpoint:
        """Append entries, at least one, as leaves and sign the log as it is then; a subject is sealed once."""

    def checkpoints(self, market_id: MarketId) -> tuple[SealedCheckpoint, ...]:
        """List the checkpoints in their order."""

    def leaves(self, market_id: MarketId, checkpoint_no: int, leaf_ids: Collection[str]) -> tuple[SealedLeaf, ...]:
        """Load those of some leaves that a checkpoint brought, in the order of the log."""

    def part_salt(self, market_id: MarketId, leaf_id: str, part_index: int) -> bytes:
        """Give the salt of a part of a leaf."""

    def nodes(self, market_id: MarketId) -> NodeLookup:
        """Give a lookup of the nodes that are complete at the latest checkpoint."""

    def operator_key(self, market_id: MarketId) -> NoteKey:
        """Give the public key that checkpoints are signed with; its name is the origin of the market's log."""

    def is_signed(self, key: NoteKey, message: bytes, signature: bytes) -> bool:
        """Tell whether a message was signed with the private part of a key."""

    def witnesses(self, market_id: MarketId) -> tuple[WitnessedCheckpoint, ...]:
        """List the countersignatures, by checkpoint and witness."""

    def add_witness(self, market_id: MarketId, witnessed: WitnessedCheckpoint) -> None:
        """Keep a countersignature that was verified; a second one of a witness under a checkpoint changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSlice:
    """The serials [lo_wh, hi_wh) that a claim used up, and what their certificate is of."""

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int
    delivery_date: date
    revision: int
    kind: CertificateKind


class ClaimReader(Protocol):
    """Claims as they are kept."""

    def claims(self, market_id: MarketId) -> tuple[Claim, ...]:
        """List the claims by number."""

    def slices_of_claim(self, market_id: MarketId, claim_no: int) -> tuple[ClaimedSlice, ...]:
        """Load what a claim used up, by certificate and first serial."""
