"""Give a promise up before its day.

Enter: stores, an order, the id of a reservation. Leaves: an OperationRecord. Not here: promises that lapse (expire).
"""

from sanchi.app.registry.order import OperationOrder
from sanchi.app.stores import Stores
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.reservation import Reservation, release_all
from sanchi.core.certificates.state import Operation


def release(stores: Stores, market_id: MarketId, order: OperationOrder, reservation_id: str) -> OperationRecord:
    """Release all that a reservation still holds.

    Raises: UnknownRecord; Refused (NOT_ENOUGH, IDEMPOTENCY_CONFLICT).
    """
    head = order.head(Operation.RELEASE, {"reservation_id": reservation_id})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    reservation = known_reservation(stores, market_id, reservation_id)
    reserved = stores.registry.reserved_slices(market_id, reservation.reservation_no)
    return stores.certificates.apply_changes(market_id, head, release_all(reserved))


def known_reservation(stores: Stores, market_id: MarketId, reservation_id: str) -> Reservation:
    """Find a reservation. Raises: UnknownRecord."""
    reservation = stores.registry.reservation(market_id, reservation_id)
    if reservation is None:
        raise UnknownRecord(
            f"There is no reservation {reservation_id}.", hint="It has the id of the operation that reserved."
        )
    return reservation
