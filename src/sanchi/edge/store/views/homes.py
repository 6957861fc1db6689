"""Reads the list of homes.

Enters: an OpenMarket. Leaves: HomesView. Not here: a home's own page (home).
"""

from sanchi.app.market import PartyRole
from sanchi.app.views.homes import HomeRow, HomesView
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.pages import page_place
from sanchi.edge.store.views.plants import read_plants
from sanchi.edge.store.views.slots import SLOT_COUNT_SUMS, slot_counts

_HOMES_SQL = f"""
    WITH sold AS (SELECT home_no, sum(energy_wh) AS sold_wh FROM allocations WHERE choice_no > 0 GROUP BY ALL)
    SELECT party_no, coalesce(sum(pv_wh), 0) AS pv_wh, coalesce(sum(self_wh), 0) AS self_wh,
           coalesce(sum(export_pv_wh), 0) AS export_pv_wh, coalesce(any_value(sold_wh), 0) AS sold_wh, {SLOT_COUNT_SUMS}
    FROM party LEFT JOIN home_day ON home_day.home_no = party_no LEFT JOIN sold ON sold.home_no = party_no
    WHERE role = 'home' AND party_no IN (SELECT home_no FROM plant)
    GROUP BY party_no ORDER BY party_no
"""


def read_homes(market: OpenMarket, *, page_no: int) -> HomesView:
    """List homes; one whose roof is not described yet is left out, for no day can be closed with it."""
    plants = read_plants(market)
    homes = [home for home in market.parties.of_role(PartyRole.HOME) if home.party_no in plants]
    place = page_place(len(homes), page_no)
    rows = market.books.records(_HOMES_SQL + place.limit_sql)
    return HomesView(
        market=market.head,
        rows=tuple(
            HomeRow(
                home=market.parties.by_no[row["party_no"]],
                plant=plants[row["party_no"]],
                pv_wh=row["pv_wh"],
                self_wh=row["self_wh"],
                export_pv_wh=row["export_pv_wh"],
                sold_wh=row["sold_wh"],
                slots=slot_counts(row),
            )
            for row in rows
        ),
        page_no=place.page_no,
        page_count=place.page_count,
    )
