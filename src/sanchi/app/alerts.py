"""Open, close and tell alerts: decided once, told by every channel at least once under an id of its own.

Enter: stores, a ConnectionWatch, channels. Leave: an AlertReport. Not here: the rules (core.metering.connections.
alerts), mail and webhooks (edge.alerts).

What has to be told is written down in the transaction that decides it, and crossed out after it was sent. A process
that dies in between sends it again under the same id, so that who receives it can drop the second one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.app.stores import Installation, Stores
from sanchi.app.views.connections import ConnectionWatch
from sanchi.core.base.errors import SanchiError
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.metering.connections.alerts import judge_alerts
from sanchi.core.metering.faults.fault import ADVICE, NO_HOME

STEP: Final = "alerts"


class ChannelFailed(SanchiError):
    """A channel could not tell; what it had to tell waits for the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """What a channel tells. No personal data: homes are named by their id alone.

    message_id : the same whenever this news of this alert is told, also when it is told twice.
    """

    message_id: str
    news: AlertNews
    market_id: MarketId
    known: KnownAlert
    home_id: PartyId | None
    cause: str
    remedy: str


class Channel(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """Name it; what was told is kept under its name."""

    def tell(self, message: AlertMessage) -> None:
        """Tell it, or raise ChannelFailed."""


# Reads the file that names the channels; raises SanchiError.
OpenChannels = Callable[[Path], Sequence[Channel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """What one run did: alerts opened and closed by it, those that are open, messages told, channels that failed."""

    opened: tuple[KnownAlert, ...]
    closed: tuple[KnownAlert, ...]
    open_alerts: tuple[KnownAlert, ...]
    told_counts: dict[str, int]
    failures: dict[str, str]


def run_alerts(installation: Installation, watch: ConnectionWatch, channels: Sequence[Channel]) -> AlertReport:
    """Decide on alerts by what is watched now, then tell by each channel what it has not told yet."""
    stores, market_id = installation.stores, watch.market_id
    names = [channel.name for channel in channels]
    decide = partial(decide_alerts, stores, watch, names)
    opened, closed, still_open = installation.run_step(market_id, STEP, "decide", decide)
    told: Counter[str] = Counter(dict.fromkeys(names, 0))
    failures: dict[str, str] = {}
    home_ids = {party.party_no: party.party_id for party in stores.market.book(market_id).parties}
    for channel in channels:
        for known, news in stores.alerts.untold(market_id, channel.name):
            home_id = None if known.alert.home_no == NO_HOME else home_ids[known.alert.home_no]
            try:
                channel.tell(_message(market_id, known, news, home_id))
            except ChannelFailed as error:
                # In order or not at all: a closing told before its opening would puzzle whoever reads it.
                failures[channel.name] = str(error)
                break
            cross_out = partial(stores.alerts.mark_told, market_id, known.alert.alert_id, news, channel.name, watch.now)
            installation.run_step(market_id, STEP, f"told by {channel.name}", cross_out)
            told[channel.name] += 1
    return AlertReport(opened=opened, closed=closed, open_alerts=still_open, told_counts=dict(told), failures=failures)


def decide_alerts(
    stores: Stores, watch: ConnectionWatch, channels: Sequence[str]
) -> tuple[tuple[KnownAlert, ...], tuple[KnownAlert, ...], tuple[KnownAlert, ...]]:
    """Open and close alerts, and write down what each channel has to tell; gives those opened, closed and open."""
    before = stores.alerts.open_alerts(watch.market_id)
    now_s = int(watch.now.timestamp())
    n_devices = {one.connector: one.device_count for one in watch.connectors}
    changes = judge_alerts([known.alert for known in before], watch.found, now_s, n_devices)
    opened_at = {known.alert.alert_id: known.opened_at for known in before}
    opened = [KnownAlert(alert=one, opened_at=watch.now, closed_at=None) for one in changes.to_open]
    kept = [KnownAlert(alert=one, opened_at=opened_at[one.alert_id], closed_at=None) for one in changes.to_keep]
    closed = [KnownAlert(alert=one, opened_at=opened_at[one.alert_id], closed_at=watch.now) for one in changes.to_close]
    stores.alerts.save(watch.market_id, [*opened, *kept, *closed])
    # A channel that is new learns of what is open, not of what is over.
    stores.alerts.ask_to_tell(watch.market_id, [one.alert.alert_id for one in (*opened, *kept)], channels)
    stores.alerts.ask_to_tell_closed(watch.market_id, [one.alert.alert_id for one in closed], channels)
    return tuple(opened), tuple(closed), (*kept, *opened)


def _message(market_id: MarketId, known: KnownAlert, news: AlertNews, home_id: PartyId | None) -> AlertMessage:
    """Put a message together."""
    advice = ADVICE[known.alert.kind]
    return AlertMessage(
        message_id=f"{market_id}-{known.alert.alert_id}-{news}",
        news=news,
        market_id=market_id,
        known=known,
        home_id=home_id,
        cause=advice.cause,
        remedy=advice.remedy,
    )
