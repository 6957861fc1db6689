"""An alert in words, for mail, and as a document, for webhooks.

Enters: an AlertMessage. Leave: texts. Not here: sending. Homes are named by their id; nobody else is named.
"""

from datetime import datetime
from typing import Any

from sanchi.app.alert_records import AlertNews
from sanchi.app.alerts import AlertMessage
from sanchi.core.base.slots import JST


def instant_text(at_s: int) -> str:
    """Write Unix seconds as a stamp of Japan Standard Time."""
    return datetime.fromtimestamp(at_s, tz=JST).isoformat()


def subject_of(message: AlertMessage) -> str:
    """Say in one line what happened to whom."""
    alert = message.known.alert
    whom = message.home_id or alert.connector
    over = "over: " if message.news is AlertNews.CLOSED else ""
    return f"[sanchi] {over}{whom}: {alert.kind.replace('_', ' ')}"


def text_of(message: AlertMessage) -> str:
    """Say what is known, what it likely comes from and what to do."""
    alert = message.known.alert
    lines = [
        subject_of(message).removeprefix("[sanchi] "),
        "",
        f"market:     {message.market_id}",
        f"since:      {instant_text(alert.first_s)}",
    ]
    if message.news is AlertNews.CLOSED:
        lines.append(f"last seen:  {instant_text(alert.held_s)}")
    if alert.device:
        lines.append(f"device:     {alert.device}")
    if alert.connector:
        lines.append(f"connector:  {alert.connector}")
    if alert.device_count > 1:
        lines.append(f"devices:    {alert.device_count}")
    lines += [*(f"seen:       {text}" for text in alert.evidence)]
    if message.news is AlertNews.OPENED:
        lines += ["", f"Likely cause: {message.cause}", f"What to do:   {message.remedy}"]
    lines += ["", f"Alert {alert.alert_id}. The same id twice is the same alert.", ""]
    return "\n".join(lines)


def document_of(message: AlertMessage) -> dict[str, Any]:
    """Lay a message out for a program."""
    known, alert = message.known, message.known.alert
    return {
        "id": message.message_id,
        "news": message.news.value,
        "alert": alert.alert_id,
        "market": message.market_id,
        "kind": alert.kind.value,
        "home": message.home_id,
        "connector": alert.connector,
        "device": alert.device,
        "devices": alert.device_count,
        "first": instant_text(alert.first_s),
        "held": instant_text(alert.held_s),
        "opened": known.opened_at.isoformat(),
        "closed": None if known.closed_at is None else known.closed_at.isoformat(),
        "evidence": list(alert.evidence),
        "cause": message.cause,
        "remedy": message.remedy,
    }
