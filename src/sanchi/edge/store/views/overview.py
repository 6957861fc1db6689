"""Reads the page of a whole market.

Enters: an OpenMarket. Leaves: OverviewView. Not here: its summary (pilot_totals).
"""

from collections.abc import Sequence
from datetime import date

from sanchi.app.views.overview import (
    BuyerTotal,
    DistrictFlow,
    MarketDayFlow,
    OverviewView,
)
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.store.books import Books
from sanchi.edge.store.views.buyers import read_buyer_totals
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.pilot_totals import read_summary

# The taker of a row of allocations: a buyer, or null for the standard offer and what the owner kept.
_TAKER_SQL = "if(choice_no > 0, holder_no, NULL) AS buyer_no"


def read_overview(market: OpenMarket) -> OverviewView:
    """Read the market as a whole."""
    books = market.books
    buyers = sorted(read_buyer_totals(market), key=lambda total: -(total.surplus_wh + total.self_wh))
    dates = tuple(day for (day,) in books.fetch("SELECT delivery_date FROM market_day ORDER BY delivery_date"))
    accrued_e5yen, receivable_yen = _owed_by_buyers(books)
    return OverviewView(
        market=market.head,
        summary=read_summary(market),
        accrued_from_buyers_e5yen=accrued_e5yen,
        receivable_from_buyers_yen=receivable_yen,
        buyers=tuple(buyers),
        days=_days(books, dates, buyers),
        flows=_flows(market),
    )


def _owed_by_buyers(books: Books) -> tuple[int, int]:
    """Give what buyers accrued [1e-5 yen] and what statements ask of them [yen]."""
    buyers = "(SELECT party_no AS payer_no FROM party WHERE role = 'buyer')"
    accrued_e5yen, receivable_yen = books.fetch(
        f"SELECT (SELECT coalesce(sum(amount_e5yen), 0) FROM accrual SEMI JOIN {buyers} USING (payer_no)), "
        f"(SELECT coalesce(sum(amount_yen), 0) FROM statement SEMI JOIN {buyers} USING (payer_no))"
    )[0]
    return accrued_e5yen, receivable_yen


def _days(books: Books, dates: Sequence[date], buyers: Sequence[BuyerTotal]) -> tuple[MarketDayFlow, ...]:
    """Part the power of each day by who took it."""
    rows = books.fetch(f"SELECT delivery_date, kind_no, {_TAKER_SQL}, sum(energy_wh) FROM allocations GROUP BY ALL")
    energy_wh = {(delivery_date, kind_no, buyer_no): total_wh for delivery_date, kind_no, buyer_no, total_wh in rows}
    surplus, own = CertificateKind.SURPLUS, CertificateKind.SELF_CONSUMPTION
    buyer_nos = [total.buyer.party_no for total in buyers]
    return tuple(
        MarketDayFlow(
            delivery_date=day,
            surplus_by_buyer_wh=tuple(energy_wh.get((day, surplus, buyer_no), 0) for buyer_no in buyer_nos),
            standard_offer_wh=energy_wh.get((day, surplus, None), 0),
            self_sold_wh=sum(energy_wh.get((day, own, buyer_no), 0) for buyer_no in buyer_nos),
            self_kept_wh=energy_wh.get((day, own, None), 0),
        )
        for day in dates
    )


def _flows(market: OpenMarket) -> tuple[DistrictFlow, ...]:
    """Sum up from districts to takers, largest first."""
    rows = market.books.fetch(
        f"""
        WITH taken AS (SELECT home_no, kind_no, {_TAKER_SQL}, sum(energy_wh) AS energy_wh FROM allocations GROUP BY ALL)
        SELECT district, kind_no, buyer_no, sum(energy_wh) AS total_wh FROM taken JOIN party ON party_no = home_no
        GROUP BY ALL ORDER BY total_wh DESC, kind_no, district, buyer_no
        """
    )
    return tuple(
        DistrictFlow(
            district=district,
            kind=CertificateKind(kind_no),
            buyer=None if buyer_no is None else market.parties.by_no[buyer_no],
            energy_wh=energy_wh,
        )
        for district, kind_no, buyer_no, energy_wh in rows
    )
