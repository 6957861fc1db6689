"""The published table of a market-day, as anybody may read it.

Enters and leaves: frozen records. Not here: how they are read (see market_views); any home.
"""

from dataclasses import dataclass

from sanchi.core.base.kinds import CertificateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingTimeRow:
    """One buyer in one slot. Source: closing_times of the revision in force."""

    kind: CertificateKind
    slot_no: int
    buyer_id: str
    capacity_wh: int
    closing_t32: int  # 2^-32 of the slot, 2^32 = never closed
    rounding_phi60: int  # 2^-60 Wh
