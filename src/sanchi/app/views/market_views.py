"""The port that the web pages read from.

Enters: ids and filters. Leaves: one value a page. Not here: any implementation.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sanchi.app.views.buyers import BuyersView, BuyerView
from sanchi.app.views.closing_times import ClosingTimeRow
from sanchi.app.views.connection_pages import ConnectionsView, HomeConnectionView
from sanchi.app.views.homes import HomesView, HomeView
from sanchi.app.views.log import LogView
from sanchi.app.views.market_head import MarketHead
from sanchi.app.views.overview import OverviewView
from sanchi.app.views.problems import ProblemFilter, ProblemsView
from sanchi.app.views.readings import ReadingsView
from sanchi.app.views.runs import RunsView
from sanchi.core.base.ids import MarketId, PartyId


class MarketViews(Protocol):
    """The read model of the pages; all but `markets` raise UnknownRecord for an id that is not there."""

    def markets(self) -> Sequence[MarketHead]:
        """List the markets of this installation, by market_id."""

    def overview(self, market_id: MarketId) -> OverviewView:
        """Give the market as a whole."""

    def homes(self, market_id: MarketId, *, page_no: int = 1) -> HomesView:
        """List homes; a page_no beyond the last gives the last page."""

    def home(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> HomeView:
        """Give a home, with the details of one day; None = the latest closed day."""

    def readings(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> ReadingsView:
        """Give what the meters of a home said on one day; None = its latest closed day."""

    def connections(self, market_id: MarketId) -> ConnectionsView:
        """Give the connections of a market."""

    def home_connection(self, market_id: MarketId, home_id: PartyId) -> HomeConnectionView:
        """Give the connections of a home."""

    def buyers(self, market_id: MarketId) -> BuyersView:
        """List buyers."""

    def buyer(self, market_id: MarketId, buyer_id: PartyId, *, delivery_date: date | None = None) -> BuyerView:
        """Give a buyer, with its offers in force on one day; None = the latest closed day."""

    def problems(self, market_id: MarketId, *, wanted: ProblemFilter, page_no: int = 1) -> ProblemsView:
        """List findings that pass the filter; a page_no beyond the last gives the last page."""

    def closing_times(self, market_id: MarketId, *, delivery_date: date) -> Sequence[ClosingTimeRow]:
        """Give the published table of a closed day, by kind, slot and buyer; UnknownRecord when it is not closed."""

    def log(self, market_id: MarketId) -> LogView:
        """Give the checkpoints of the log, latest first."""

    def runs(self, market_id: MarketId) -> RunsView:
        """Give the state of every day and month."""
