"""Hand a month of a holder's watt-hours to a scheme outside.

Enter: stores, an order, a LotOrder. Leaves: an OperationRecord. Not here: files for the scheme (reports).
"""

from sanchi.app.registry.order import OperationOrder
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.exporting import LotOrder, export_month
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.requests import Selection
from sanchi.core.certificates.state import CertificateState, Operation


def export_lot(stores: Stores, market_id: MarketId, order: OperationOrder, wanted: LotOrder) -> OperationRecord:
    """Put all active watt-hours of a holder, kind and month into a lot; what is short of a unit is carried on.

    Raises: as export_month; Refused (IDEMPOTENCY_CONFLICT).
    """
    body = {
        "scheme": wanted.scheme,
        "holder_no": wanted.holder_no,
        "kind": wanted.kind.text,
        "month": str(wanted.month),
        "unit_wh": wanted.unit_wh,
    }
    head = order.head(Operation.EXPORT, body)
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    selection = Selection(
        holder_no=wanted.holder_no,
        kind=wanted.kind,
        first_date=wanted.month.first_date,
        last_date=wanted.month.last_date,
    )
    held = stores.registry.slices_selected(market_id, [selection], CertificateState.ACTIVE)
    previous = stores.registry.latest_lot(market_id, wanted)
    export = export_month(held, wanted, previous, stores.registry.next_lot_no(market_id))
    stores.registry.add_lot(market_id, export.lot)
    return stores.certificates.apply_changes(market_id, head, export.changes)
