"""Register certificates that buyers bought elsewhere: each lot once, no serial twice, nothing ever changed.

Enter: stores and the lots of a file. Leaves: how many are new. Not here: reading the file (outside_data), using them.
"""

from collections.abc import Sequence

from sanchi.app.market import OutsideLot
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId
from sanchi.core.certificates.serials import overlapping, serial_range


def register_lots(stores: Stores, market_id: MarketId, lots: Sequence[OutsideLot]) -> int:
    """Register the lots that are not known yet and count them; all of them or none.

    Raises: Refused (IDEMPOTENCY_CONFLICT where a lot is known with another content, SERIALS_OVERLAP).
    """
    known = {each.lot.lot_id: each.lot for each in stores.outside.lots(market_id)}
    for lot in lots:
        if known.get(lot.lot_id, lot) != lot:
            raise Refused(
                RefusalRule.IDEMPOTENCY_CONFLICT,
                f"the lot {lot.lot_id} is registered already, with another content.",
                hint="A lot never changes; register what is new under a lot_id of its own.",
            )
    new = [lot for lot in lots if lot.lot_id not in known]
    _refuse_overlap([*known.values(), *new])
    stores.outside.add_lots(market_id, new)
    return len(new)


def _refuse_overlap(lots: Sequence[OutsideLot]) -> None:
    """Refuse lots that share a serial of a scheme: it would be used twice."""
    ranges = [serial_range(lot.scheme, lot.serial_first, lot.serial_last) for lot in lots]
    shared = overlapping(ranges)
    if shared is not None:
        names = " and ".join(lot.lot_id for lot, own in zip(lots, ranges, strict=True) if own in shared)
        later = shared[1]
        raise Refused(
            RefusalRule.SERIALS_OVERLAP,
            f"serials of {later.scheme} from {later.prefix}{later.first_no} on stand in more than one lot: {names}.",
            hint="Each certificate of a scheme can be registered once; compare the serials with its account.",
        )
