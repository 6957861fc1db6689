"""All connectors of a configuration in one process: a thread each, ended together.

Enter: an order. Leave: reports of a round, or nothing when told to end. Not here: what connectors do.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Thread, current_thread, main_thread
from typing import Any, Final, Protocol

from sanchi.app.collect import CollectOrder, RereadOrder, RereadOutcome, RoundReport
from sanchi.core.base.errors import SetupFault, UnknownRecord, WrongInput
from sanchi.edge.connectors.configuration import read_configuration
from sanchi.edge.connectors.ct_cloud import CtCloud
from sanchi.edge.connectors.gateway_cloud import GatewayCloud
from sanchi.edge.connectors.gateways import GatewaySubscriber
from sanchi.edge.connectors.gathering import LOG, stamp_text
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Clock, Pace, machine_clock
from sanchi.edge.connectors.polling import Poller
from sanchi.edge.connectors.rereads import reread
from sanchi.edge.connectors.settings import (
    BrokerSettings,
    ConnectorKind,
    ConnectorSettings,
    FolderSettings,
)
from sanchi.edge.connectors.watched_folder import WatchedFolder

RESTART_FIRST_S: Final = 5
RESTART_S_MAX: Final = 300


class Connector(Protocol):
    """What every connector can do."""

    @property
    def settings(self) -> ConnectorSettings:
        """Tell what it was told."""

    def round(self) -> RoundReport:
        """Take what is there now, and come to an end."""

    def serve(self) -> None:
        """Take what comes until told to end."""

    def close(self) -> None:
        """Let go of what is held open."""


class Collector:
    """The connectors of one configuration and one inbox; a fast-time run may call `round` again and again."""

    def __init__(self, settings: tuple[ConnectorSettings, ...], inbox: Inbox, pace: Pace) -> None:
        """Open the connectors; nothing is asked yet."""
        self._pace = pace
        self._connectors = [open_connector(each, inbox, pace) for each in settings]

    def round(self) -> tuple[RoundReport, ...]:
        """Let every connector take one round, side by side; a failure of one is its report, not the others'."""
        with ThreadPoolExecutor(max_workers=len(self._connectors)) as pool:
            return tuple(pool.map(_round_of, self._connectors))

    def serve(self) -> None:
        """Let all connectors work until told to end; returns when all have put on disk what they hold."""
        threads = [
            Thread(target=self._keep_serving, args=(each,), name=each.settings.name) for each in self._connectors
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Let go of connections."""
        for connector in self._connectors:
            connector.close()

    def _keep_serving(self, connector: Connector) -> None:
        """Begin a connector again after a fault of its own or of the disk, with growing pauses."""
        failure_count = 0
        while not self._pace.is_over:
            try:
                connector.serve()
            except Exception as error:  # noqa: BLE001 - one connector's fault must not end the others
                failure_count += 1
                _log_fault(connector, error)
                self._pace.wait(self._pace.backoff_s(failure_count, RESTART_FIRST_S, RESTART_S_MAX))


def open_connector(settings: ConnectorSettings, inbox: Inbox, pace: Pace) -> Connector:
    """Open what a kind of settings is for."""
    if isinstance(settings, BrokerSettings):
        return GatewaySubscriber(settings, inbox, pace)
    if isinstance(settings, FolderSettings):
        return WatchedFolder(settings, inbox, pace)
    return Poller(settings, inbox, pace, CtCloud if settings.kind is ConnectorKind.CT_CLOUD else GatewayCloud)


def _round_of(connector: Connector) -> RoundReport:
    """Take one round; whatever goes wrong in it is told in its report."""
    try:
        return connector.round()
    except Exception as error:  # noqa: BLE001 - one connector's fault must not end the others
        _log_fault(connector, error)
        name, kind = connector.settings.name, connector.settings.kind
        return RoundReport(connector=name, connector_kind=kind, failure=f"{type(error).__name__}: {error}")


def _log_fault(connector: Connector, error: Exception) -> None:
    """Log one line; the trace follows only for what should not happen."""
    is_expected = isinstance(error, OSError | SetupFault)
    LOG.error("%s fault: %s: %s", connector.settings.name, type(error).__name__, error, exc_info=not is_expected)


def collect(order: CollectOrder) -> tuple[RoundReport, ...]:
    """Run the connectors: one round of each, or until SIGTERM or SIGINT. Raises: SanchiError before anything begins."""
    if order.received_at is not None and not order.is_once:
        raise WrongInput("A given time of receipt stands still.", hint="Use --now together with --once.")
    settings = chosen(read_configuration(order.config_file, os.environ, order.every_s), order.connector)
    now = machine_clock if order.received_at is None else standing_clock(order.received_at)
    pace = Pace()
    with logging_to_stderr(now), ended_by_signals(pace), Inbox(order.inbox_folder, now).opened() as inbox:
        collector = Collector(settings, inbox, pace)
        try:
            if order.is_once:
                return collector.round()
            collector.serve()
            return ()
        finally:
            collector.close()


def collect_rereads(order: CollectOrder, rereads: tuple[RereadOrder, ...]) -> tuple[RereadOutcome, ...]:
    """Ask gateways for days again, through the one broker that is meant; answers come through the inbox."""
    settings = chosen(read_configuration(order.config_file, os.environ, order.every_s), order.connector)
    brokers = [each for each in settings if isinstance(each, BrokerSettings)]
    if len(brokers) != 1:
        raise UnknownRecord(
            f"{len(brokers)} connectors of kind mqtt are meant, expected one.", hint="Name one with --connector NAME."
        )
    now = machine_clock if order.received_at is None else standing_clock(order.received_at)
    pace = Pace()
    with logging_to_stderr(now), ended_by_signals(pace):
        return reread(brokers[0], rereads, now, pace)


def chosen(settings: tuple[ConnectorSettings, ...], name: str | None) -> tuple[ConnectorSettings, ...]:
    """Give all connectors, or the named one."""
    found = tuple(each for each in settings if name in {None, each.name})
    if not found:
        listed = ", ".join(each.name for each in settings)
        raise UnknownRecord(f"There is no connector {name!r} (there are: {listed}).", hint="Choose one of them.")
    return found


def standing_clock(instant: datetime) -> Clock:
    """Give a clock that stands."""
    return lambda: instant


@contextmanager
def ended_by_signals(pace: Pace) -> Iterator[None]:
    """Let SIGTERM and SIGINT ask for the end; what is under way reaches the disk first."""
    if current_thread() is not main_thread():
        yield
        return

    def ask_for_end(_number: int, _frame: Any) -> None:
        pace.stop.set()

    before: Mapping[int, Any] = {
        number: signal.signal(number, ask_for_end) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def logging_to_stderr(now: Clock) -> Iterator[None]:
    """Log one line an event to stderr, with our clock's stamp."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_StampedFormatter(now))
    before = LOG.level, LOG.propagate
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.level, LOG.propagate = before


class _StampedFormatter(logging.Formatter):
    """Writes the stamp that files of the inbox would get."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Keep the clock."""
        super().__init__("%(levelname)s %(message)s")
        self._now = now

    def format(self, record: logging.LogRecord) -> str:
        """Put the stamp in front."""
        return f"{stamp_text(self._now())} {super().format(record)}"
