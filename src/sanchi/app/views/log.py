"""The log of a market as anybody may read it: its checkpoints and who countersigned them.

Enters and leaves: frozen records. Not here: entries, of which nobody is shown but who they concern.
"""

from dataclasses import dataclass

from sanchi.app.views.market_head import MarketHead


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A sealed checkpoint. Source: checkpoint, witness_signature; note carries every signature."""

    checkpoint_no: int
    subject: str
    leaf_count: int
    root: str
    note: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """The checkpoints of a market, latest first; key_text: what they are signed with, "" where the key is missing."""

    market: MarketHead
    key_text: str
    checkpoints: tuple[CheckpointRow, ...]
