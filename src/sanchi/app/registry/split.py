"""Cut slices at serials, or around the half hours of some slots.

Enter: stores, an order, cuts. Leaves: an OperationRecord; a cut changes no holder and no state, so it has no events.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sanchi.app.registry.order import OperationOrder, load_named
from sanchi.app.stores import Stores
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.requests import Serials
from sanchi.core.certificates.splitting import Cut, serials_of_slots, split_all
from sanchi.core.certificates.state import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCut:
    """The watt-hours of some slots of a certificate that a holder has got at issue."""

    certificate_id: CertificateId
    slot_nos: tuple[int, ...]
    holder_no: int


def split(stores: Stores, market_id: MarketId, order: OperationOrder, cuts: Sequence[Cut | SlotCut]) -> OperationRecord:
    """Make what is named slices of their own, all of it or nothing.

    Raises: as split_all and serials_of_slots; UnknownRecord; Refused (IDEMPOTENCY_CONFLICT).
    """
    items = [
        [each.certificate_id, list(each.slot_nos), each.holder_no]
        if isinstance(each, SlotCut)
        else [*each.named.body(), each.holder_no]
        for each in cuts
    ]
    head = order.head(Operation.SPLIT, {"cuts": items})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    at_serials = [
        one
        for each in cuts
        for one in (
            [
                Cut(named=named, holder_no=each.holder_no)
                for named in slots_of(stores, market_id, each.certificate_id, each.slot_nos, each.holder_no)
            ]
            if isinstance(each, SlotCut)
            else [each]
        )
    ]
    held = load_named(stores, market_id, [each.named for each in at_serials])
    return stores.certificates.apply_changes(market_id, head, split_all(held, at_serials))


def slots_of(
    stores: Stores,
    market_id: MarketId,
    certificate_id: CertificateId,
    slot_nos: Collection[int],
    holder_no: int | None = None,
) -> tuple[Serials, ...]:
    """Look up which serials a certificate has of some slots. Raises: UnknownRecord; Refused (NOT_ENOUGH)."""
    dates = stores.registry.delivery_dates(market_id, [certificate_id])
    if certificate_id not in dates:
        raise UnknownRecord(f"There is no certificate {certificate_id}.", hint="Compare its id.")
    segments = stores.certificates.segments_of_day(market_id, dates[certificate_id])
    return serials_of_slots(segments, certificate_id, slot_nos, holder_no)
