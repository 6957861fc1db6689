"""An alert as a message, for tests of channels."""

from datetime import datetime

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.app.alerts import AlertMessage
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import JST
from sanchi.core.metering.connections.alerts import Alert
from sanchi.core.metering.faults.kinds import FaultKind

OPENED_AT = datetime(2020, 12, 1, 12, tzinfo=JST)


def message(news: AlertNews = AlertNews.OPENED, alert_id: str = "a1b2c3d4e5f60718") -> AlertMessage:
    alert = Alert(
        alert_id=alert_id,
        kind=FaultKind.DEVICE_OUTAGE,
        home_no=3,
        connector="ct-east",
        device="ct-021",
        first_s=1_606_780_800,
        held_s=1_606_791_600,
        device_count=1,
        evidence=("its cloud did not hear of it",),
    )
    closed_at = datetime(2020, 12, 2, 9, tzinfo=JST) if news is AlertNews.CLOSED else None
    return AlertMessage(
        message_id=f"town-{alert_id}-{news}",
        news=news,
        market_id=MarketId("town"),
        known=KnownAlert(alert=alert, opened_at=OPENED_AT, closed_at=closed_at),
        home_id=PartyId("H3"),
        cause="No power.",
        remedy="Ask the home.",
    )
