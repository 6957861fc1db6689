"""Alerts in memory, under the contract of app.ports.AlertStore."""

from collections.abc import Sequence
from datetime import datetime

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.core.base.ids import MarketId

Key = tuple[MarketId, str, AlertNews, str]


class MemoryAlertStore:
    """Keeps all alerts and tellings."""

    def __init__(self) -> None:
        self.alerts: dict[tuple[MarketId, str], KnownAlert] = {}
        self.tellings: dict[Key, datetime | None] = {}

    def open_alerts(self, market_id: MarketId) -> tuple[KnownAlert, ...]:
        own = [known for (owner, _), known in self.alerts.items() if owner == market_id and known.closed_at is None]
        return tuple(sorted(own, key=lambda known: (known.alert.first_s, known.alert.alert_id)))

    def save(self, market_id: MarketId, alerts: Sequence[KnownAlert]) -> None:
        self.alerts |= {(market_id, known.alert.alert_id): known for known in alerts}

    def ask_to_tell(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        for alert_id in alert_ids:
            for channel in channels:
                self.tellings.setdefault((market_id, alert_id, AlertNews.OPENED, channel), None)

    def ask_to_tell_closed(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        for alert_id in alert_ids:
            for channel in channels:
                if (market_id, alert_id, AlertNews.OPENED, channel) in self.tellings:
                    self.tellings.setdefault((market_id, alert_id, AlertNews.CLOSED, channel), None)

    def untold(self, market_id: MarketId, channel: str) -> tuple[tuple[KnownAlert, AlertNews], ...]:
        waiting = [
            (self.alerts[market_id, alert_id], news)
            for (owner, alert_id, news, name), told_at in self.tellings.items()
            if owner == market_id and name == channel and told_at is None
        ]
        return tuple(
            sorted(waiting, key=lambda each: (each[0].opened_at, each[0].alert.alert_id, each[1] is AlertNews.CLOSED))
        )

    def mark_told(self, market_id: MarketId, alert_id: str, news: AlertNews, channel: str, told_at: datetime) -> None:
        self.tellings[market_id, alert_id, news, channel] = told_at
