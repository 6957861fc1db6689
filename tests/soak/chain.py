"""sanchi's own side of a soak: collect, ingest, close, close again, ask meters again, in one process.

Enter: a running world and an opened home. Leave: books. Not here: when what is done (calendar), what must hold.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sanchi.app.collect import RereadOrder, RereadState, RoundReport
from sanchi.app.ingest import IngestReport
from sanchi.app.ingest_inbox import ingest_inbox
from sanchi.app.pending_changes import stale_days
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import closed_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from sanchi.edge.connectors.collecting import Collector
from sanchi.edge.connectors.configuration import read_configuration
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.rereads import reread
from sanchi.edge.connectors.settings import BrokerSettings
from sanchi.edge.store.books import open_books
from tests.soak.outside import Outside

# A meter keeps 99 days; what is older than this was asked for before.
REREAD_DAYS: Final = 21
GAPS_BEHIND_GATEWAYS: Final = """
    SELECT DISTINCT split_part(meter.address, '/', 1), delivery_date
    FROM slot_values JOIN meter USING (meter_no)
    WHERE meter.address LIKE 'gw-%/028801' AND quality < 3 AND delivery_date >= ? AND meter.removed_at IS NULL
      AND meter_no IN (SELECT meter_no FROM readings)
    ORDER BY 1, 2
"""


class BrokenChain(AssertionError):
    """A step of the chain did what it must never do."""


@dataclass(slots=True, kw_only=True)
class Chain:
    """Works on a home by the sandbox's time. spent_s and outcomes tell what was done."""

    outside: Outside
    home_folder: Path
    installation: Installation
    inbox_folder: Path
    now: datetime
    told: set[str] = field(default_factory=set)
    asked: dict[tuple[str, date], datetime] = field(default_factory=dict)
    spent_s: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def market_id(self) -> MarketId:
        """Name the market."""
        return MarketId(f"sandbox-{self.outside.size.seed}")

    def begin(self) -> None:
        """Take the market in, and be known to the broker before anything is sent."""
        ingest_path(self.installation, self.outside.box / "market", None)
        self.collect()

    def collect(self) -> None:
        """Take one round of all connectors."""
        with self._timed("collect"):
            for report in self._round():
                kind = "failed" if report.failure else "round"
                self.outcomes[f"{report.connector} {kind}"] += 1
                if report.failure and report.connector in {"mqtt", "tso"}:
                    raise BrokenChain(f"{self.now}: {report.connector}: {report.failure}")

    def _round(self) -> tuple[RoundReport, ...]:
        """Do what `sanchi collect --once --now` does, but wait for nobody."""
        settings = read_configuration(self.outside.configuration, {})
        with Inbox(self.inbox_folder, lambda: self.now).opened() as inbox:
            collector = Collector(settings, inbox, Pace(sleep=lambda _: None))
            try:
                return collector.round()
            finally:
                collector.close()

    def ingest(self) -> None:
        """Take in what was collected, and what the fitter wrote down of exchanges."""
        with self._timed("ingest"):
            for folder in sorted((self.outside.box / "announced").iterdir()):
                if folder.name not in self.told:
                    ingest_path(self.installation, folder, self.market_id)
                    self.told.add(folder.name)
                    self.outcomes["exchanges told"] += 1
            for report in ingest_inbox(self.installation, self.inbox_folder, self.market_id):
                if not isinstance(report, IngestReport):
                    raise BrokenChain(f"{self.now}: {report.file_name} was refused: {report.error}")
                self.outcomes["files taken"] += 1

    def close(self, day: date) -> None:
        """Close a delivery date for the first time."""
        with self._timed("close"):
            for report in closed_days(self.installation, self.market_id, [day]):
                self.outcomes[f"day {report.outcome}"] += 1

    def revise(self) -> None:
        """Close again all days with newer readings."""
        with self._timed("revise"):
            waiting = [day.delivery_date for day in stale_days(self.installation.stores, self.market_id)]
            for report in closed_days(self.installation, self.market_id, waiting):
                self.outcomes[f"again {report.outcome}"] += 1

    def ask_again(self) -> None:
        """Ask meters behind gateways for the days in which their counts are missing, each day at most twice."""
        with self._timed("ask again"):
            first_date = self.now.date() - timedelta(days=REREAD_DAYS)
            with open_books(self.market_id, self.home_folder / "lake") as books:
                found: list[tuple[Any, ...]] = books.fetch(GAPS_BEHIND_GATEWAYS, [first_date])
            orders = [
                RereadOrder(gateway=gateway, delivery_date=day)
                for gateway, day in found
                if (gateway, day) not in self.asked
            ]
            (settings,) = (
                each for each in read_configuration(self.outside.configuration, {}) if isinstance(each, BrokerSettings)
            )
            quick = replace(settings, reread_pause_s=0)
            for outcome in reread(quick, tuple(orders), lambda: self.now, Pace()) if orders else ():
                self.outcomes[f"asked again: {outcome.state}"] += 1
                if outcome.state is RereadState.ANSWERED:
                    self.asked[outcome.order.gateway, outcome.order.delivery_date] = self.now

    def close_month(self, month: Month) -> None:
        """Finalise a month as of today."""
        with self._timed("close month"):
            report = close_one_month(self.installation, self.market_id, month, self.now.date())
            self.outcomes["months"] += 1
            self.outcomes["days finalised"] += report.days_finalised_count
            self.outcomes["days left open"] += len(report.days_not_finalised)

    def move(self, now: datetime) -> None:
        """Let the sandbox's time pass."""
        with self._timed("move"):
            self.outside.move(now)
        self.now = now

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        """Add up how long something takes."""
        began_s = time.monotonic()
        yield
        self.spent_s[what] += time.monotonic() - began_s  # type: ignore[assignment]
