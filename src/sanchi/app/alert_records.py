"""Alerts as they are kept: opened, closed, told. Enter and leave: frozen records. Not here: when they open (alerts)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sanchi.core.metering.connections.alerts import Alert


class AlertNews(StrEnum):
    """What is told of an alert."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlert:
    """An alert with its times of opening and closing; closed_at None = open."""

    alert: Alert
    opened_at: datetime
    closed_at: datetime | None
