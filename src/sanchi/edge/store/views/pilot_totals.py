"""Sums the market up for its report.

Enters: an OpenMarket. Leaves: PilotSummary. Not here: what is derived from the sums (core.reports).
"""

from sanchi.core.reports.pilot_summary import HomeTotals, MarketTotals, PilotSummary, summarise
from sanchi.edge.store.books import Books
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.slots import SLOT_COUNT_SUMS

_HOMES_SQL = f"""
    SELECT party_id AS home_id, coalesce(any_value(capacity_w), 0) AS capacity_w,
           coalesce(any_value(battery_capacity_wh), 0) > 0 AS has_battery,
           coalesce(any_value(home_group) = 'outside', false) AS is_outside, coalesce(sum(pv_wh), 0) AS pv_wh,
           coalesce(sum(self_wh), 0) AS self_wh, coalesce(sum(export_pv_wh), 0) AS export_pv_wh, {SLOT_COUNT_SUMS}
    FROM party LEFT JOIN plant ON plant.home_no = party_no LEFT JOIN home_day ON home_day.home_no = party_no
    WHERE role = 'home' GROUP BY party_no, party_id ORDER BY party_no
"""
_SHARED_SQL = """
    SELECT coalesce(sum(energy_wh) FILTER (kind_no = 1 AND choice_no > 0), 0) AS surplus_allocated_wh,
           coalesce(sum(energy_wh) FILTER (kind_no = 1 AND choice_no = 0), 0) AS standard_offer_wh,
           coalesce(sum(energy_wh) FILTER (kind_no = 2 AND choice_no > 0), 0) AS self_allocated_wh,
           coalesce(sum(energy_wh) FILTER (kind_no = 2 AND choice_no = 0), 0) AS self_kept_wh
    FROM allocations
"""
_OFFERED_SQL = """
    SELECT coalesce(sum(surplus_offered_wh), 0) AS surplus_offered_wh,
           coalesce(sum(self_offered_wh), 0) AS self_offered_wh,
           coalesce(sum(surplus_withheld_wh + self_withheld_wh), 0) AS withheld_wh
    FROM home_day
"""
# Of a statement only the pair is known, of an accrual the home too.
_MONEY_SQL = """
    SELECT (SELECT coalesce(sum(amount_e5yen), 0) FROM accrual
            SEMI JOIN (SELECT home_no, purchaser_no AS payer_no, payee_no FROM plant)
            USING (home_no, payer_no, payee_no))
               AS accrued_to_homes_e5yen,
           (SELECT coalesce(sum(amount_yen), 0) FROM statement
            SEMI JOIN (SELECT purchaser_no AS payer_no, payee_no FROM plant) USING (payer_no, payee_no))
               AS payable_to_homes_yen
"""
_OPEN_DEBT_SQL = """
    SELECT (SELECT coalesce(sum(debt_wh), 0) FROM debt WHERE home_no = coalesce($home_no, home_no))
           - (SELECT coalesce(sum(settled_wh), 0) FROM debt_settlement JOIN debt USING (debt_no)
              WHERE home_no = coalesce($home_no, home_no))
"""


def read_summary(market: OpenMarket) -> PilotSummary:
    """Sum all closed days up."""
    books = market.books
    totals = MarketTotals(
        n_days=market.head.day_count,
        open_debt_wh=read_open_debt_wh(books),
        **books.records(_OFFERED_SQL)[0],
        **books.records(_SHARED_SQL)[0],
        **books.records(_MONEY_SQL)[0],
    )
    return summarise([HomeTotals(**row) for row in books.records(_HOMES_SQL)], totals)


def read_open_debt_wh(books: Books, home_no: int | None = None) -> int:
    """Give what all homes, or one, still owe of both kinds [Wh]."""
    open_debt_wh: int = books.fetch(_OPEN_DEBT_SQL, {"home_no": home_no})[0][0]
    return open_debt_wh
