"""A month's value, its half hours and a question to a gateway, for a stored market.

Enter: a market whose meter 1 is known. Leave: what was stored. Not here: how months are spread.
"""

from dataclasses import replace

from sanchi.app.deliveries import FileKind
from sanchi.app.month_spreads import SpreadMonth
from sanchi.core.base.months import Month
from sanchi.core.metering.monthly.spreading import SpreadShape
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.rereading import AskedDay
from sanchi.core.metering.sources import Source, Stage
from tests.edge.store.deliveries import delivered
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

TOLD = MonthValue(
    meter_no=1,
    channel=Channel.EXPORT,
    month=Month.of(DAY),
    energy_wh=900,
    source=Source.TSO,
    stage=Stage.FINAL,
    received_s=1_600_000_000,
    delivery_no=0,
    row_no=1,
)
ASKED = AskedDay(gateway="gw-001", delivery_date=DAY, missing_count=3, asked_s=1_600_000_000)


def tell_month(market: StoredMarket) -> SpreadMonth:
    """Deliver a value and note that it was spread."""
    readings = market.home.stores.readings
    with market.step():
        draft = readings.draft_delivery(MARKET)
        draft.add_months([TOLD])
        delivery = draft.save(delivered("told", 1, FileKind.TSO), None, ())
        spread = SpreadMonth(
            delivery_no=delivery.delivery_no,
            value=replace(TOLD, delivery_no=delivery.delivery_no),
            first_boundary=1_000,
            slot_count=1,
            shape=SpreadShape.FLAT,
            stand_in_count=0,
        )
        readings.add_month_spreads(MARKET, [spread])
    return spread


def ask_again(market: StoredMarket) -> None:
    """Note that a day is asked for."""
    with market.step():
        market.home.stores.readings.add_reread_asks(MARKET, [ASKED])
