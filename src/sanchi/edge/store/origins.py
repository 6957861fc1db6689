"""Reads where buyers' energy came from.

Enters: the lake's folder. Leave: SiteSlots, ClaimedMonths, as of one moment. Not here: any query (views).
"""

from datetime import date
from pathlib import Path

from sanchi.app.origin_records import ClaimedMonth, SiteSlots
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.months import Month
from sanchi.edge.store.books import open_books
from sanchi.edge.store.views.claimed_months import read_claimed_months
from sanchi.edge.store.views.parties import read_parties
from sanchi.edge.store.views.site_slots import read_sites


class StoredOrigins:
    """Fulfils app.origin_records.OriginReader over the database and a lake."""

    def __init__(self, lake_root: Path) -> None:
        """Name the folder of the lake."""
        self._lake_root = lake_root

    def sites(self, market_id: MarketId, first_date: date, last_date: date) -> tuple[SiteSlots, ...]:
        """Give every buyer's closed days between two dates. Raises: UnknownRecord."""
        with open_books(market_id, self._lake_root) as books:
            return read_sites(books, read_parties(books), first_date, last_date)

    def claimed_months(
        self, market_id: MarketId, month: Month, buyer_id: PartyId | None = None
    ) -> tuple[ClaimedMonth, ...]:
        """Give what buyers claimed for a month. Raises: UnknownRecord."""
        with open_books(market_id, self._lake_root) as books:
            return read_claimed_months(books, read_parties(books), month, buyer_id)
