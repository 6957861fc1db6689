"""Alerts come back as they were saved, and what channels have to tell does what its double in memory does."""

from dataclasses import replace
from datetime import datetime, timedelta

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.core.base.slots import JST
from sanchi.core.metering.connections.alerts import Alert
from sanchi.core.metering.faults.kinds import FaultKind
from tests.edge.store.stored_market import MARKET, StoredMarket
from tests.fakes.alert_store import MemoryAlertStore

OPENED_AT = datetime(2020, 12, 1, 12, tzinfo=JST)


def known(alert_id: str, *, minutes: int = 0) -> KnownAlert:
    alert = Alert(
        alert_id=alert_id,
        kind=FaultKind.METER_OUTAGE,
        home_no=1,
        connector="br",
        device="br-021",
        first_s=1_606_780_800 + minutes,
        held_s=1_606_791_600,
        device_count=1,
        evidence=("one", "two"),
    )
    return KnownAlert(alert=alert, opened_at=OPENED_AT + timedelta(minutes=minutes), closed_at=None)


def test_open_alert_comes_back_whole(market: StoredMarket):
    store = market.home.stores.alerts
    with market.step():
        store.save(MARKET, [known("a"), known("b", minutes=1)])
        store.save(MARKET, [replace(known("b", minutes=1), closed_at=OPENED_AT + timedelta(hours=4))])

    assert store.open_alerts(MARKET) == (known("a"),)


def test_tellings_do_what_their_double_in_memory_does(market: StoredMarket):
    stores = market.home.stores.alerts, MemoryAlertStore()
    answers = []
    for store in stores:
        with market.step():
            store.save(MARKET, [known("a"), known("b", minutes=1)])
            store.ask_to_tell(MARKET, ["a", "b"], ["mail", "hook"])
            store.ask_to_tell(MARKET, ["a"], ["mail"])
            store.mark_told(MARKET, "a", AlertNews.OPENED, "mail", OPENED_AT)
            store.ask_to_tell(MARKET, ["a"], ["mail"])
            store.ask_to_tell_closed(MARKET, ["a"], ["mail", "new"])
            store.ask_to_tell_closed(MARKET, ["b"], ["hook"])
        answers.append([store.untold(MARKET, channel) for channel in ("mail", "hook", "new")])

    assert answers[0] == answers[1]
    assert [[(each.alert.alert_id, news) for each, news in told] for told in answers[0]] == [
        [("a", AlertNews.CLOSED), ("b", AlertNews.OPENED)],
        [("a", AlertNews.OPENED), ("b", AlertNews.OPENED), ("b", AlertNews.CLOSED)],
        [],
    ]
