"""Give watt-hours to other holders, in bulk.

Enter: stores, an order, transfers. Leaves: an OperationRecord. Not here: prices and who may ask.
"""

from collections.abc import Sequence

from sanchi.app.registry.order import OperationOrder, load_named
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.transfer import Transfer, transfer_all


def transfer(
    stores: Stores, market_id: MarketId, order: OperationOrder, transfers: Sequence[Transfer]
) -> OperationRecord:
    """Give all that the transfers name, or nothing; the same id again changes nothing.

    Raises: as transfer_all; Refused (IDEMPOTENCY_CONFLICT).
    """
    items = [[*each.named.body(), each.from_holder_no, each.to_holder_no] for each in transfers]
    head = order.head(Operation.TRANSFER, {"transfers": items})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    held = load_named(stores, market_id, [each.named for each in transfers])
    return stores.certificates.apply_changes(market_id, head, transfer_all(held, transfers))
