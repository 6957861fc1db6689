"""Plants of a market as its master data describes them.

Enters: an OpenMarket. Leaves: Plants by number of their home. Not here: anything measured.
"""

from sanchi.app.market import Plant
from sanchi.edge.store import market_rows
from sanchi.edge.store.views.open_market import OpenMarket


def read_plants(market: OpenMarket) -> dict[int, Plant]:
    """Read the plants of a market."""
    rows = market.books.fetch(f"SELECT {', '.join(market_rows.PLANT)} FROM plant ORDER BY home_no")
    place = market_rows.PLANT.index("home_no")
    ids = market.parties.ids
    return {row[place]: market_rows.plant(row, ids) for row in rows}
