"""Reads the published table of a market-day.

Enters: an OpenMarket, a date. Leaves: ClosingTimeRows. Not here: any home.
"""

from datetime import date
from typing import Final

from sanchi.app.views.closing_times import ClosingTimeRow
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.store.views.open_market import OpenMarket

_ROWS_SQL: Final = """
    SELECT kind_no, slot_no, party_id, capacity_wh, closing_t32, rounding_phi60
    FROM closing_times JOIN party ON party_no = buyer_no WHERE delivery_date = ?
    ORDER BY kind_no, slot_no, buyer_no
"""


def read_closing_times(market: OpenMarket, delivery_date: date) -> tuple[ClosingTimeRow, ...]:
    """Read the table by kind, slot and buyer. Raises: UnknownRecord for a day that is not closed."""
    if not market.books.fetch("SELECT 1 FROM market_day WHERE delivery_date = ?", [delivery_date]):
        raise UnknownRecord(f"{delivery_date} is not closed.", hint="The table is published when the day is closed.")
    return tuple(
        ClosingTimeRow(
            kind=CertificateKind(kind_no),
            slot_no=slot_no,
            buyer_id=buyer_id,
            capacity_wh=capacity_wh,
            closing_t32=closing_t32,
            rounding_phi60=rounding_phi60,
        )
        for kind_no, slot_no, buyer_id, capacity_wh, closing_t32, rounding_phi60 in market.books.fetch(
            _ROWS_SQL, [delivery_date]
        )
    )
