"""Retire watt-hours for a claim of their use.

Enter: stores, an order, what is claimed. Leaves: an OperationRecord. Not here: the month's claims (close_month).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sanchi.app.registry.order import OperationOrder, load_named
from sanchi.app.registry.release import known_reservation
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.claiming import ClaimedUse, retire_for_claim, retire_reserved
from sanchi.core.certificates.operations import OperationHead, OperationRecord
from sanchi.core.certificates.requests import Named
from sanchi.core.certificates.retirement import Retirement
from sanchi.core.certificates.state import CertificateState, Operation


def retire(
    stores: Stores,
    market_id: MarketId,
    order: OperationOrder,
    named: Sequence[Named],
    use: ClaimedUse,
    *,
    today: date,
) -> OperationRecord:
    """Retire all that is named for one claim, or nothing: what its beneficiary holds, or is promised.

    Raises: as retire_for_claim; Refused (IDEMPOTENCY_CONFLICT).
    """
    head = order.head(Operation.RETIRE, {"named": [each.body() for each in named], **_body(use)})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    held = {
        (each.piece.certificate_id, each.piece.lo_wh): each
        for state in (CertificateState.ACTIVE, CertificateState.RESERVED)
        for each in load_named(stores, market_id, named, state)
    }
    claim_no = stores.certificates.next_claim_no(market_id)
    retirement = retire_for_claim(held.values(), named, use, claim_no=claim_no, today=today)
    return _apply(stores, market_id, head, retirement)


def retire_reservation(
    stores: Stores,
    market_id: MarketId,
    order: OperationOrder,
    reservation_id: str,
    use: ClaimedUse,
    *,
    today: date,
) -> OperationRecord:
    """Retire all that a reservation still holds for a claim of whom it was promised to.

    Raises: as retire_reserved; UnknownRecord; Refused (IDEMPOTENCY_CONFLICT).
    """
    head = order.head(Operation.RETIRE, {"reservation_id": reservation_id, **_body(use)})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    reservation = known_reservation(stores, market_id, reservation_id)
    reserved = stores.registry.reserved_slices(market_id, reservation.reservation_no)
    claim_no = stores.certificates.next_claim_no(market_id)
    return _apply(stores, market_id, head, retire_reserved(reserved, use, claim_no=claim_no, today=today))


def _apply(stores: Stores, market_id: MarketId, head: OperationHead, retirement: Retirement) -> OperationRecord:
    """Store the claim, then the slices that point to it."""
    stores.certificates.add_claims(market_id, retirement.claims)
    return stores.certificates.apply_changes(market_id, head, retirement.changes)


def _body(use: ClaimedUse) -> dict[str, Any]:
    """Lay a use out for the digest of the request."""
    return {
        "beneficiary_no": use.beneficiary_no,
        "used": [use.used_from.isoformat(), use.used_until.isoformat()],
        "site": use.site,
        "purpose": use.purpose,
        "statement_no": use.statement_no,
    }
