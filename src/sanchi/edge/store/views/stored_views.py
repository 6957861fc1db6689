"""The read model of the pages over what is stored.

Enters: the lake's folder. Leaves: one value a page. Not here: any query.
"""

from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from sanchi.app.views.buyers import BuyersView, BuyerView
from sanchi.app.views.closing_times import ClosingTimeRow
from sanchi.app.views.connection_pages import ConnectionsView, HomeConnectionView, Watcher
from sanchi.app.views.connections import ConnectionWatch
from sanchi.app.views.homes import HomesView, HomeView
from sanchi.app.views.log import LogView
from sanchi.app.views.market_head import MarketHead
from sanchi.app.views.overview import OverviewView
from sanchi.app.views.problems import ProblemFilter, ProblemsView
from sanchi.app.views.readings import ReadingsView
from sanchi.app.views.runs import RunsView
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.log import LakeTransparencyLog
from sanchi.edge.store.market import DjangoMarketStore
from sanchi.edge.store.views.buyers import read_buyer, read_buyers
from sanchi.edge.store.views.closing_times import read_closing_times
from sanchi.edge.store.views.connections import read_connections, read_home_connection
from sanchi.edge.store.views.home import read_home
from sanchi.edge.store.views.homes import read_homes
from sanchi.edge.store.views.log import read_log
from sanchi.edge.store.views.open_market import OpenMarket, open_market
from sanchi.edge.store.views.overview import read_overview
from sanchi.edge.store.views.problems import read_problems
from sanchi.edge.store.views.readings import read_readings
from sanchi.edge.store.views.runs import read_runs


def _nobody_watches(_market_id: MarketId) -> ConnectionWatch | None:
    """Know nothing of any connection."""
    return None


class StoredMarketViews:
    """Fulfils app.views.market_views.MarketViews; every page is read anew, as of one moment."""

    def __init__(self, lake_root: Path, watcher: Watcher = _nobody_watches) -> None:
        """Name the folder of the lake, and who knows how the homes are connected."""
        self._lake_root = lake_root
        self._watcher = watcher
        self._log = LakeTransparencyLog(Lake(lake_root), lake_root.parent)

    def markets(self) -> tuple[MarketHead, ...]:
        """List the markets of this installation, by market_id."""
        heads = []
        for market_id in DjangoMarketStore().market_ids():
            with self._opened(market_id) as market:
                heads.append(market.head)
        return tuple(heads)

    def overview(self, market_id: MarketId) -> OverviewView:
        """Give the market as a whole."""
        with self._opened(market_id) as market:
            return read_overview(market)

    def homes(self, market_id: MarketId, *, page_no: int = 1) -> HomesView:
        """List homes; a page_no beyond the last gives the last page."""
        with self._opened(market_id) as market:
            return read_homes(market, page_no=page_no)

    def home(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> HomeView:
        """Give a home, with the details of one day; None = the latest closed day."""
        with self._opened(market_id) as market:
            return read_home(market, home_id, delivery_date)

    def readings(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> ReadingsView:
        """Give what the meters of a home said on one day; None = its latest closed day."""
        with self._opened(market_id) as market:
            return read_readings(market, home_id, delivery_date)

    def connections(self, market_id: MarketId) -> ConnectionsView:
        """Give the connections of a market."""
        with self._opened(market_id) as market:
            return read_connections(market, self._watcher(market_id))

    def home_connection(self, market_id: MarketId, home_id: PartyId) -> HomeConnectionView:
        """Give the connections of a home."""
        with self._opened(market_id) as market:
            return read_home_connection(market, home_id, self._watcher(market_id))

    def buyers(self, market_id: MarketId) -> BuyersView:
        """List buyers."""
        with self._opened(market_id) as market:
            return read_buyers(market)

    def buyer(self, market_id: MarketId, buyer_id: PartyId, *, delivery_date: date | None = None) -> BuyerView:
        """Give a buyer, with its offers in force on one day; None = the latest closed day."""
        with self._opened(market_id) as market:
            return read_buyer(market, buyer_id, delivery_date)

    def problems(self, market_id: MarketId, *, wanted: ProblemFilter, page_no: int = 1) -> ProblemsView:
        """List findings that pass the filter; a page_no beyond the last gives the last page."""
        with self._opened(market_id) as market:
            return read_problems(market, wanted=wanted, page_no=page_no)

    def closing_times(self, market_id: MarketId, *, delivery_date: date) -> tuple[ClosingTimeRow, ...]:
        """Give the published table of a closed day, by kind, slot and buyer."""
        with self._opened(market_id) as market:
            return read_closing_times(market, delivery_date)

    def log(self, market_id: MarketId) -> LogView:
        """Give the checkpoints of the log, latest first."""
        with self._opened(market_id) as market:
            return read_log(market, self._log)

    def runs(self, market_id: MarketId) -> RunsView:
        """Give the state of every day and month."""
        with self._opened(market_id) as market:
            return read_runs(market)

    def _opened(self, market_id: MarketId) -> AbstractContextManager[OpenMarket]:
        """Open a market for one page."""
        return open_market(market_id, self._lake_root)
