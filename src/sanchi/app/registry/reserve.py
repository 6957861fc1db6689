"""Promise watt-hours to a party until a day.

Enter: stores, an order, promises. Leaves: an OperationRecord; the reservation has the order's id.
"""

from collections.abc import Sequence
from datetime import date

from sanchi.app.registry.order import OperationOrder, load_named
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.reservation import Promise, reserve_all
from sanchi.core.certificates.state import Operation


def reserve(
    stores: Stores,
    market_id: MarketId,
    order: OperationOrder,
    promises: Sequence[Promise],
    *,
    party_no: int,
    expires_on: date,
    today: date,
) -> OperationRecord:
    """Promise all that is named, or nothing; on expires_on the promise lapses.

    Raises: as reserve_all; Refused (IDEMPOTENCY_CONFLICT).
    """
    items = [[*each.named.body(), each.holder_no] for each in promises]
    body = {"promises": items, "party_no": party_no, "expires_on": expires_on.isoformat()}
    head = order.head(Operation.RESERVE, body)
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    reserved = reserve_all(
        load_named(stores, market_id, [each.named for each in promises]),
        promises,
        reservation_no=stores.registry.next_reservation_no(market_id),
        reservation_id=order.operation_id,
        party_no=party_no,
        expires_on=expires_on,
        today=today,
    )
    stores.registry.add_reservation(market_id, reserved.reservation)
    return stores.certificates.apply_changes(market_id, head, reserved.changes)
