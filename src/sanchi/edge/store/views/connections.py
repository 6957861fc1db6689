"""Reads the pages of connections, all but what the monitor found.

Enters: an OpenMarket, what the monitor knows. Leaves: ConnectionsView, HomeConnectionView. Not here: finding faults.
"""

from collections.abc import Sequence
from datetime import date

from sanchi.app.market import PartyRole
from sanchi.app.views.connection_pages import MAP_HOMES_MAX, ConnectionsView, HomeConnectionView, HomeQuality
from sanchi.app.views.connections import ConnectionWatch
from sanchi.app.views.market_head import SlotCounts
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.slots import SLOT_COUNTS, slot_counts


def read_connections(market: OpenMarket, watch: ConnectionWatch | None) -> ConnectionsView:
    """Read the map of homes and days."""
    dates = tuple(day for (day,) in market.books.fetch("SELECT delivery_date FROM market_day ORDER BY delivery_date"))
    return ConnectionsView(
        market=market.head,
        dates=dates,
        quality=_quality(market, dates),
        homes={home.party_id: home for home in market.parties.of_role(PartyRole.HOME)},
        watch=watch,
    )


def read_home_connection(market: OpenMarket, home_id: str, watch: ConnectionWatch | None) -> HomeConnectionView:
    """Read whose connections they are. Raises: UnknownRecord."""
    return HomeConnectionView(market=market.head, home=market.parties.named(home_id, PartyRole.HOME), watch=watch)


def _quality(market: OpenMarket, dates: Sequence[date]) -> tuple[HomeQuality, ...]:
    """Lay out the slot counts of each home and day; of too many homes those with most gaps."""
    rows = market.books.records(f"SELECT home_no, delivery_date, {', '.join(SLOT_COUNTS)} FROM home_day")
    counts = {(row["home_no"], row["delivery_date"]): slot_counts(row) for row in rows}
    mapped = [
        HomeQuality(home=home, days=tuple(counts.get((home.party_no, day)) for day in dates))
        for home in market.parties.of_role(PartyRole.HOME)
    ]
    worst = sorted(mapped, key=lambda row: -_unmeasured_count(row.days))[:MAP_HOMES_MAX]
    return tuple(sorted(worst, key=lambda row: row.home.party_no))


def _unmeasured_count(days: Sequence[SlotCounts | None]) -> int:
    """Count the slots of a home that no reading measured."""
    return sum(counts.slot_count - counts.measured_slot_count for counts in days if counts)
