"""The pages of connections: a market's, with the map of homes and days, and a home's own.

Enters and leaves: frozen records. Not here: what the monitor found (connections), how pages are read (market_views).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sanchi.app.views.connections import ConnectionWatch, FaultRow, HomeConnection
from sanchi.app.views.market_head import MarketHead, PartyRef, SlotCounts
from sanchi.core.base.ids import MarketId, PartyId

# More rows of the map than this cannot be told apart on a screen.
MAP_HOMES_MAX: Final = 120

# Gives what the monitor knows of a market; None where it has not looked yet.
Watcher = Callable[[MarketId], ConnectionWatch | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuality:
    """One row of the map. Source: home_day of the revisions in force."""

    home: PartyRef
    days: tuple[SlotCounts | None, ...]  # one per ConnectionsView.dates; None = the home has no home_day row then


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsView:
    """The connections of a market."""

    market: MarketHead
    dates: tuple[date, ...]  # closed days in order
    quality: tuple[HomeQuality, ...]  # by party_no; above MAP_HOMES_MAX homes those with most gaps
    homes: Mapping[PartyId, PartyRef]  # every home, by its id
    watch: ConnectionWatch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConnectionView:
    """The connections of one home."""

    market: MarketHead
    home: PartyRef
    watch: ConnectionWatch | None

    @property
    def connection(self) -> HomeConnection | None:
        """Give how the home stands; None where nothing of it is watched."""
        return None if self.watch is None else self.watch.of_home(self.home.party_id)

    @property
    def faults(self) -> tuple[FaultRow, ...]:
        """Give the home's faults, and those of the connectors that its devices come by."""
        if self.watch is None or self.connection is None:
            return ()
        own = {leg.connector for leg in self.connection.legs if leg.connector}
        home_id = self.home.party_id
        return tuple(
            one for one in self.watch.faults if one.home_id == home_id or (one.home_id is None and one.connector in own)
        )
