"""Keeps alerts and what channels have to tell of them in the database.

Enter and leave: KnownAlerts. Not here: when an alert opens (core), telling it (edge.alerts).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.core.base.ids import MarketId
from sanchi.core.metering.connections.alerts import Alert
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.store.sql import Row, execute, execute_each, fetch, read_instant, stored_instant, upsert

_KEY: Final = ("market", "alert_id")
_ALERT: Final = (
    "alert_id", "fault_kind", "home_no", "connector", "device", "first_s", "held_s", "device_count", "evidence",
    "opened_at", "closed_at",
)  # fmt: skip


class DjangoAlertStore:
    """Fulfils app.ports.AlertStore."""

    def open_alerts(self, market_id: MarketId) -> tuple[KnownAlert, ...]:
        """Load the alerts that are open, oldest first."""
        rows = fetch(
            f"SELECT {', '.join(_ALERT)} FROM connection_alert WHERE market = %s AND closed_at IS NULL "
            "ORDER BY first_s, alert_id",
            [market_id],
        )
        return tuple(_known(row) for row in rows)

    def save(self, market_id: MarketId, alerts: Sequence[KnownAlert]) -> None:
        """Insert or replace alerts by alert_id."""
        rows = [
            (
                market_id,
                known.alert.alert_id,
                known.alert.kind.value,
                known.alert.home_no,
                known.alert.connector,
                known.alert.device,
                known.alert.first_s,
                known.alert.held_s,
                known.alert.device_count,
                "\n".join(known.alert.evidence),
                stored_instant(known.opened_at),
                None if known.closed_at is None else stored_instant(known.closed_at),
            )
            for known in alerts
        ]
        upsert("connection_alert", _KEY, ("market", *_ALERT), rows)

    def ask_to_tell(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        """Write down that each channel has to tell the opening of these; what is written down already stays."""
        execute_each(
            "INSERT INTO connection_telling (market, alert_id, news, channel) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (market, alert_id, news, channel) DO NOTHING",
            [(market_id, alert_id, AlertNews.OPENED.value, channel) for alert_id in alert_ids for channel in channels],
        )

    def ask_to_tell_closed(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        """Write down that each channel which has, or had, to tell their opening has to tell their closing too."""
        execute_each(
            "INSERT INTO connection_telling (market, alert_id, news, channel) "
            "SELECT market, alert_id, %s, channel FROM connection_telling "
            "WHERE market = %s AND alert_id = %s AND news = %s AND channel = %s "
            "ON CONFLICT (market, alert_id, news, channel) DO NOTHING",
            [
                (AlertNews.CLOSED.value, market_id, alert_id, AlertNews.OPENED.value, channel)
                for alert_id in alert_ids
                for channel in channels
            ],
        )

    def untold(self, market_id: MarketId, channel: str) -> tuple[tuple[KnownAlert, AlertNews], ...]:
        """Load what a channel still has to tell, oldest first, an opening before its closing."""
        columns = ", ".join(f"connection_alert.{name}" for name in _ALERT)
        rows = fetch(
            f"SELECT {columns}, connection_telling.news FROM connection_telling JOIN connection_alert "
            "ON connection_alert.market = connection_telling.market "
            "AND connection_alert.alert_id = connection_telling.alert_id "
            "WHERE connection_telling.market = %s AND connection_telling.channel = %s "
            "AND connection_telling.told_at IS NULL "
            "ORDER BY connection_alert.opened_at, connection_alert.alert_id, connection_telling.news DESC",
            [market_id, channel],
        )
        return tuple((_known(row[:-1]), AlertNews(row[-1])) for row in rows)

    def mark_told(self, market_id: MarketId, alert_id: str, news: AlertNews, channel: str, told_at: datetime) -> None:
        """Cross out what was told."""
        execute(
            "UPDATE connection_telling SET told_at = %s WHERE market = %s AND alert_id = %s AND news = %s "
            "AND channel = %s",
            [stored_instant(told_at), market_id, alert_id, news.value, channel],
        )


def _known(row: Row) -> KnownAlert:
    """Read an alert from the columns of _ALERT."""
    alert_id, kind, home_no, connector, device, first_s, held_s, device_count, evidence, opened_at, closed_at = row
    return KnownAlert(
        alert=Alert(
            alert_id=alert_id,
            kind=FaultKind(kind),
            home_no=home_no,
            connector=connector,
            device=device,
            first_s=first_s,
            held_s=held_s,
            device_count=device_count,
            evidence=tuple(evidence.split("\n")) if evidence else (),
        ),
        opened_at=read_instant(opened_at),
        closed_at=None if closed_at is None else read_instant(closed_at),
    )
