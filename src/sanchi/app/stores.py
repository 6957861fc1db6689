"""All ports of one installation in one hand, and the installation as the edges see it.

Enters and leaves: Protocols. Not here: any implementation (start wires them).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sanchi.app.arrivals import OpenDelivery, OpenInbox
from sanchi.app.exports import TableExporter
from sanchi.app.ports import AlertStore, Auditor, CertificateStore, DayStore, LedgerStore, MarketStore, ReadingStore
from sanchi.app.registry_store import RegistryStore
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores that use cases load from and save to."""

    market: MarketStore
    readings: ReadingStore
    days: DayStore
    certificates: CertificateStore
    ledger: LedgerStore
    alerts: AlertStore
    registry: RegistryStore


class StepRunner(Protocol):
    """Runs one step under its lock, in one transaction."""

    def __call__(self, market_id: MarketId, step: str, subject: str, use_case: Callable[[], Result]) -> Result:
        """Hold the lock of (market, step, subject), begin, run the use case, commit; roll back when it raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What an edge works with: stores, the runner of steps, and what only reads."""

    stores: Stores
    run_step: StepRunner
    open_delivery: OpenDelivery
    open_inbox: OpenInbox
    auditor: Auditor
    views: MarketViews
    exporter: TableExporter
