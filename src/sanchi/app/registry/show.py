"""Show what stands of a certificate or a holder, and what was done with it: the lineage.

Enter: stores, a certificate or a party. Leaves: a Lineage. Changes nothing.
"""

from dataclasses import dataclass

from sanchi.app.stores import Stores
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.certificates.operations import DoneEvent
from sanchi.core.certificates.requests import HeldSlice


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Slices as they stand now, oldest first, and events in the order of doing."""

    slices: tuple[HeldSlice, ...]
    events: tuple[DoneEvent, ...]


def certificate_lineage(stores: Stores, market_id: MarketId, certificate_id: CertificateId) -> Lineage:
    """Give a certificate's slices and its history. Raises: UnknownRecord."""
    slices = stores.registry.slices_of_certificates(market_id, [certificate_id])
    if not slices:
        raise UnknownRecord(f"There is no certificate {certificate_id}.", hint="sanchi export certificates lists them.")
    return Lineage(slices=slices, events=stores.registry.events_of_certificate(market_id, certificate_id))


def holder_lineage(stores: Stores, market_id: MarketId, holder_no: int) -> Lineage:
    """Give what a party holds now, and what was done with what it held or got."""
    return Lineage(
        slices=stores.registry.slices_of_holder(market_id, holder_no),
        events=stores.registry.events_of_holder(market_id, holder_no),
    )
