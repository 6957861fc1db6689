"""Each operation of the registry once, by its use case, on the finalised month of the closed market.

Enters: an installation, the retailer that holds what nobody chose, a buyer. Leaves: operations and their events.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

from sanchi.app.registry.expire import expire
from sanchi.app.registry.export_lot import export_lot
from sanchi.app.registry.order import OperationOrder
from sanchi.app.registry.release import release
from sanchi.app.registry.reserve import reserve
from sanchi.app.registry.retire import retire, retire_reservation
from sanchi.app.registry.split import split
from sanchi.app.registry.transfer import transfer
from sanchi.app.stores import Installation
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.claiming import ClaimedUse
from sanchi.core.certificates.exporting import LotOrder
from sanchi.core.certificates.requests import Selection, Serials
from sanchi.core.certificates.reservation import Promise
from sanchi.core.certificates.splitting import Cut
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.transfer import Transfer
from tests.markets.small_market import MARKET_ID

TODAY: Final = date(2021, 12, 31)
LAPSING: Final = date(2022, 1, 1)
FIRST, LAST = date(2020, 11, 29), date(2020, 11, 30)
NOVEMBER: Final = Month(year=2020, month_no=11)


def trade_all(installation: Installation, retailer_no: int, buyer_no: int) -> None:
    """Transfer, reserve, release, retire from both, split, export, expire."""
    stores = installation.stores

    def do(use_case: Callable[..., Any], name: str, *arguments: Any, **named: Any) -> None:
        order = OperationOrder(operation_id=name, actor="operator", reason="trade")
        step = partial(use_case, stores, MARKET_ID, order, *arguments, **named)
        installation.run_step(MARKET_ID, "registry", name, step)

    def oldest(energy_wh: int, holder_no: int = retailer_no) -> Selection:
        return Selection(
            holder_no=holder_no, kind=CertificateKind.SURPLUS, first_date=FIRST, last_date=LAST, energy_wh=energy_wh
        )

    promised = {"party_no": buyer_no, "today": TODAY}
    use = ClaimedUse(beneficiary_no=buyer_no, used_from=FIRST, used_until=LAST)
    gift = Transfer(named=oldest(70), from_holder_no=retailer_no, to_holder_no=buyer_no)
    do(transfer, "t1", [gift])
    do(reserve, "r1", [Promise(named=oldest(50), holder_no=retailer_no)], expires_on=LAPSING, **promised)
    do(reserve, "r2", [Promise(named=oldest(40), holder_no=retailer_no)], expires_on=LAPSING, **promised)
    do(reserve, "r3", [Promise(named=oldest(30), holder_no=retailer_no)], expires_on=LAPSING, **promised)
    do(reserve, "r4", [Promise(named=oldest(20), holder_no=retailer_no)], expires_on=date(2022, 3, 1), **promised)
    do(release, "r2/release", "r2")
    do(retire_reservation, "r1/use", "r1", use, today=TODAY)
    do(retire, "t1/use", [oldest(60, buyer_no)], use, today=TODAY)
    piece = stores.registry.slices_selected(MARKET_ID, [oldest(9)], CertificateState.ACTIVE)[0].piece
    inside = Serials(certificate_id=piece.certificate_id, lo_wh=piece.lo_wh, hi_wh=piece.lo_wh + 2)
    do(split, "s1", [Cut(named=inside, holder_no=retailer_no)])
    lot = LotOrder(
        scheme="non_fossil", holder_no=retailer_no, kind=CertificateKind.SURPLUS, month=NOVEMBER, unit_wh=1_000
    )
    do(export_lot, "e1", lot)
    do(expire, "x1", validity_months={CertificateKind.SELF_CONSUMPTION: 12}, on_date=LAPSING, today=LAPSING)
