"""Reads the pages of buyers.

Enters: an OpenMarket. Leaves: BuyersView, BuyerView. Not here: offers of others, homes.
"""

from datetime import date

from sanchi.app.market import Offer, PartyRole
from sanchi.app.origin_records import SiteSlots
from sanchi.app.views.buyers import (
    BuyerDay,
    BuyersView,
    BuyerView,
    CertificateMonth,
    MatchedHour,
    MonthCover,
    SourceHome,
)
from sanchi.app.views.market_head import PartyRef
from sanchi.app.views.overview import BuyerTotal
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.state import CertificateState
from sanchi.core.reports.hour_matching import SlotMatch, hours_of, match_slots, months_match
from sanchi.edge.store import market_rows
from sanchi.edge.store.views.buyer_terms import read_buyer_terms
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.passing import read_owner_homes, read_tenant_days, read_tenants
from sanchi.edge.store.views.site_slots import read_sites
from sanchi.edge.store.views.statements import read_statements

_KINDS_SQL = """
    coalesce(sum(energy_wh) FILTER (kind_no = 1), 0) AS surplus_wh,
    coalesce(sum(energy_wh) FILTER (kind_no = 2), 0) AS self_wh
"""


def read_buyers(market: OpenMarket) -> BuyersView:
    """List the buyers."""
    return BuyersView(market=market.head, rows=read_buyer_totals(market))


def read_buyer_totals(market: OpenMarket) -> tuple[BuyerTotal, ...]:
    """Sum up what each buyer got from the roofs, in the order of buyers."""
    rows = market.books.records(
        f"""
        SELECT party_no, {_KINDS_SQL}, count(DISTINCT home_no) AS home_count
        FROM party LEFT JOIN (SELECT * FROM allocations WHERE choice_no > 0) ON holder_no = party_no
        WHERE role = 'buyer' GROUP BY ALL ORDER BY party_no
        """
    )
    return tuple(BuyerTotal(buyer=market.parties.by_no[row.pop("party_no")], **row) for row in rows)


def read_buyer(market: OpenMarket, buyer_id: str, delivery_date: date | None) -> BuyerView:
    """Read a buyer's page with its offers of a day, by default the latest closed one. Raises: UnknownRecord."""
    buyer = market.parties.named(buyer_id, PartyRole.BUYER)
    offers = _offers(market, buyer)
    shown_date = delivery_date or market.head.last_date
    site = _site(market, buyer)
    return BuyerView(
        market=market.head,
        buyer=buyer,
        offers=offers,
        sources=_sources(market, buyer),
        days=_days(market, buyer),
        hours=() if site is None else _hours(site),
        months=() if site is None else _months(site),
        statements=read_statements(market, payer_no=buyer.party_no),
        certificates=_certificates(market, buyer),
        tenants=read_tenants(market, buyer),
        tenant_days=read_tenant_days(market, buyer),
        owner_homes=read_owner_homes(market, buyer),
        terms=None if shown_date is None else read_buyer_terms(market, buyer.party_no, offers, shown_date),
    )


def _offers(market: OpenMarket, buyer: PartyRef) -> tuple[Offer, ...]:
    """List the buyer's offers."""
    rows = market.books.fetch(
        f"SELECT {', '.join(market_rows.OFFER)} FROM offer WHERE buyer_no = ? ORDER BY kind_no, valid_from",
        [buyer.party_no],
    )
    return tuple(market_rows.offer(row, market.parties.ids) for row in rows)


def _sources(market: OpenMarket, buyer: PartyRef) -> tuple[SourceHome, ...]:
    """Sum up by home, largest first."""
    rows = market.books.records(
        f"""
        SELECT home_no, {_KINDS_SQL} FROM allocations WHERE choice_no > 0 AND holder_no = ?
        GROUP BY ALL ORDER BY surplus_wh + self_wh DESC, home_no
        """,
        [buyer.party_no],
    )
    return tuple(SourceHome(home=market.parties.by_no[row.pop("home_no")], **row) for row in rows)


def _days(market: OpenMarket, buyer: PartyRef) -> tuple[BuyerDay, ...]:
    """Sum up by closed day."""
    rows = market.books.records(
        f"""
        WITH received AS (SELECT delivery_date, {_KINDS_SQL} FROM allocations
                          WHERE choice_no > 0 AND holder_no = $buyer_no GROUP BY ALL),
        used AS (SELECT delivery_date, sum(use_wh) AS use_wh FROM buyer_use WHERE party_no = $buyer_no GROUP BY ALL)
        SELECT delivery_date, coalesce(surplus_wh, 0) AS surplus_wh, coalesce(self_wh, 0) AS self_wh,
               coalesce(use_wh, 0) AS use_wh
        FROM market_day LEFT JOIN received USING (delivery_date) LEFT JOIN used USING (delivery_date)
        ORDER BY delivery_date
        """,
        {"buyer_no": buyer.party_no},
    )
    return tuple(BuyerDay(**row) for row in rows)


def _site(market: OpenMarket, buyer: PartyRef) -> SiteSlots | None:
    """Read use and receipts by slot; a buyer without a meter of use has nothing to compare."""
    first_date, last_date = market.head.first_date, market.head.last_date
    if first_date is None or last_date is None:
        return None
    (site,) = read_sites(market.books, market.parties, first_date, last_date, buyer.party_no)
    return site if site.is_metered else None


def _hours(site: SiteSlots) -> tuple[MatchedHour, ...]:
    """Compare use and receipts slot by slot, told by hours."""
    match = _match(site, is_strict=False)
    use_wh, covered_wh = hours_of(match.use_wh).tolist(), hours_of(match.covered_wh).tolist()
    return tuple(
        MatchedHour(delivery_date=day, hour_no=hour_no, use_wh=used, matched_wh=covered)
        for day, use_of_day, covered_of_day in zip(site.dates, use_wh, covered_wh, strict=True)
        for hour_no, (used, covered) in enumerate(zip(use_of_day, covered_of_day, strict=True), start=1)
    )


def _months(site: SiteSlots) -> tuple[MonthCover, ...]:
    """Compare use and receipts month by month."""
    loose, strict = (months_match(site.dates, _match(site, is_strict=is_strict)) for is_strict in (False, True))
    return tuple(MonthCover(month=month, loose=match, strict=strict[month]) for month, match in loose.items())


def _match(site: SiteSlots, *, is_strict: bool) -> SlotMatch:
    """Hold use against all that the buyer got."""
    return match_slots(
        use_wh=site.use_wh, received_wh=site.whole_wh, estimated_wh=site.whole_estimated_wh, is_strict=is_strict
    )


def _certificates(market: OpenMarket, buyer: PartyRef) -> tuple[CertificateMonth, ...]:
    """Sum up what the buyer holds or has used up, by month of delivery and kind."""
    rows = market.books.fetch(
        """
        SELECT date_trunc('month', delivery_date) AS month, kind_no, count(DISTINCT certificate_id),
               coalesce(sum(hi_wh - lo_wh) FILTER (state_no = $active), 0),
               coalesce(sum(hi_wh - lo_wh) FILTER (state_no = $retired), 0)
        FROM slice JOIN certificate USING (certificate_id)
        WHERE holder_no = $buyer_no AND state_no IN ($active, $retired)
        GROUP BY ALL ORDER BY month, kind_no
        """,
        {
            "buyer_no": buyer.party_no,
            "active": CertificateState.ACTIVE.value,
            "retired": CertificateState.RETIRED.value,
        },
    )
    return tuple(
        CertificateMonth(
            month=Month.of(month),
            kind=CertificateKind(kind_no),
            certificate_count=certificate_count,
            active_wh=active_wh,
            retired_wh=retired_wh,
        )
        for month, kind_no, certificate_count, active_wh, retired_wh in rows
    )
