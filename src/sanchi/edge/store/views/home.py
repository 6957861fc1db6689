"""Reads a home's own page.

Enters: an OpenMarket, a home, a date. Leaves: HomeView. Not here: how a day was shared (home_sharing).
"""

from datetime import date

from sanchi.app.market import PartyRole
from sanchi.app.views.homes import HomeChoice, HomeDay, HomeMonth, HomeShare, HomeView, MeanDay
from sanchi.app.views.market_head import PartyRef, SlotCounts
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.edge.store.books import Books
from sanchi.edge.store.sql import Row
from sanchi.edge.store.views.home_lists import read_home_lists
from sanchi.edge.store.views.home_sharing import USE_SQL, listed_buyers, read_home_day_detail, roster_of_home
from sanchi.edge.store.views.open_market import OpenMarket, read_provenances
from sanchi.edge.store.views.pilot_totals import read_open_debt_wh
from sanchi.edge.store.views.plants import read_plants
from sanchi.edge.store.views.slots import SLOT_COUNTS, slot_counts
from sanchi.edge.store.views.statements import read_statements

# What the purchaser pays to the plant's payee is the home's earning; the other leg is between buyer and purchaser.
_EARNED_SQL = """
    accrual SEMI JOIN (SELECT home_no, purchaser_no AS payer_no, payee_no FROM plant)
    USING (home_no, payer_no, payee_no) WHERE home_no = $home_no
"""
_DAYS_SQL = f"""
    WITH shared AS (
        SELECT delivery_date, coalesce(sum(energy_wh) FILTER (kind_no = 1 AND choice_no > 0), 0) AS surplus_sold_wh,
               coalesce(sum(energy_wh) FILTER (kind_no = 1 AND choice_no = 0), 0) AS standard_offer_wh,
               coalesce(sum(energy_wh) FILTER (kind_no = 2 AND choice_no > 0), 0) AS self_sold_wh,
               coalesce(sum(energy_wh) FILTER (kind_no = 2 AND choice_no = 0), 0) AS self_kept_wh
        FROM allocations WHERE home_no = $home_no GROUP BY ALL),
    earned AS (SELECT delivery_date, sum(amount_e5yen) AS accrued_e5yen FROM {_EARNED_SQL} GROUP BY ALL)
    SELECT delivery_date, pv_wh, import_wh, coalesce(surplus_sold_wh, 0) AS surplus_sold_wh,
           coalesce(standard_offer_wh, 0) AS standard_offer_wh, coalesce(self_sold_wh, 0) AS self_sold_wh,
           coalesce(self_kept_wh, 0) AS self_kept_wh, coalesce(accrued_e5yen, 0) AS accrued_e5yen,
           {", ".join(SLOT_COUNTS)}
    FROM home_day LEFT JOIN shared USING (delivery_date) LEFT JOIN earned USING (delivery_date)
    WHERE home_no = $home_no ORDER BY delivery_date
"""
_CHOICES_SQL = """
    WITH listed AS (
        SELECT kind_no, choice_no, buyer_no, valid_from, max(valid_from) OVER (PARTITION BY kind_no) AS latest_from
        FROM choice WHERE home_no = $home_no AND valid_from <= $last_date),
    terms AS (SELECT buyer_no, kind_no, home_price_sen_per_kwh FROM offer
              WHERE valid_from <= $last_date AND $last_date < coalesce(valid_until, DATE 'infinity'))
    SELECT kind_no, choice_no, buyer_no, home_price_sen_per_kwh FROM listed LEFT JOIN terms USING (buyer_no, kind_no)
    WHERE valid_from = latest_from ORDER BY kind_no, choice_no
"""
_BY_WORTH_SQL = """
    SELECT kind_no FROM preference WHERE home_no = $home_no AND valid_from <= $last_date
    GROUP BY kind_no HAVING arg_max(ranking, valid_from) = 'by_worth' ORDER BY kind_no
"""
_SHARES_SQL = """
    SELECT holder_no, kind_no, sum(energy_wh) AS total_wh, sum(energy_wh::HUGEINT * home_price_sen_per_kwh)
    FROM allocations WHERE home_no = ? AND choice_no > 0 GROUP BY ALL ORDER BY total_wh DESC, kind_no, holder_no
"""
_REST_SQL = """
    SELECT coalesce(sum(energy_wh) FILTER (kind_no = 1), 0), coalesce(sum(energy_wh) FILTER (kind_no = 2), 0)
    FROM allocations WHERE home_no = ? AND choice_no = 0
"""
_MEAN_SQL = f"""
    SELECT sum(pv_wh) // count(*), sum({USE_SQL}) // count(*), sum(import_wh) // count(*), sum(export_wh) // count(*)
    FROM slot_energy WHERE party_no = ? GROUP BY slot_no ORDER BY slot_no
"""
_MONTHS_SQL = f"""
    WITH paid AS (
        SELECT date_trunc('month', delivery_date) AS month, sum(energy_wh) AS paid_wh FROM allocations
        WHERE home_no = $home_no AND (kind_no = 1 OR choice_no > 0) GROUP BY ALL),
    earned AS (SELECT posting_month AS month, sum(amount_e5yen) AS accrued_e5yen FROM {_EARNED_SQL} GROUP BY ALL)
    SELECT month, coalesce(paid_wh, 0), coalesce(accrued_e5yen, 0)
    FROM (SELECT DISTINCT date_trunc('month', delivery_date) AS month FROM home_day WHERE home_no = $home_no)
    FULL JOIN paid USING (month) FULL JOIN earned USING (month) ORDER BY month
"""


def read_home(market: OpenMarket, home_id: str, delivery_date: date | None) -> HomeView:
    """Read a home's page with the details of a day, by default the latest closed one. Raises: UnknownRecord."""
    books, parties = market.books, market.parties
    home = parties.named(home_id, PartyRole.HOME)
    plant = read_plants(market).get(home.party_no)
    if plant is None:
        raise UnknownRecord(f"The roof of {home_id} is not described yet.", hint="Deliver a plants file that has it.")
    payee, purchaser = parties.named(plant.payee_id), parties.named(plant.purchaser_id)
    days = _days(books, home)
    standard_offer_wh, self_kept_wh = books.fetch(_REST_SQL, [home.party_no])[0]
    shown_date = delivery_date or market.head.last_date
    return HomeView(
        market=market.head,
        home=home,
        plant=plant,
        payee=payee,
        purchaser=purchaser,
        choices=_choices(market, home),
        shares=_shares(market, home),
        standard_offer_wh=standard_offer_wh,
        self_kept_wh=self_kept_wh,
        mean_day=_mean_day(books, home),
        days=days,
        detail=None if shown_date is None else read_home_day_detail(market, home.party_no, shown_date),
        months=_months(market, home, payee, purchaser),
        slots=_all_slots(days),
        open_debt_wh=read_open_debt_wh(books, home.party_no),
        provenances=read_provenances(books, home.party_no),
        lists=() if shown_date is None else read_home_lists(market, home.party_no, shown_date),
    )


def _days(books: Books, home: PartyRef) -> tuple[HomeDay, ...]:
    """Read the home's closed days."""
    rows = books.records(_DAYS_SQL, {"home_no": home.party_no})
    return tuple(
        HomeDay(slots=slot_counts(row), **{name: row[name] for name in row if name not in SLOT_COUNTS}) for row in rows
    )


def _all_slots(days: tuple[HomeDay, ...]) -> SlotCounts:
    """Add the days' counts up."""
    return SlotCounts(**{name: sum(getattr(day.slots, name) for day in days) for name in SLOT_COUNTS})


def _choices(market: OpenMarket, home: PartyRef) -> tuple[HomeChoice, ...]:
    """Read the lists in force on the last closed day: the home's own, or that which its preference comes to."""
    last_date = market.head.last_date
    place = {"home_no": home.party_no, "last_date": last_date}
    by_worth = [CertificateKind(kind_no) for (kind_no,) in market.books.fetch(_BY_WORTH_SQL, place)]
    rows = [row for row in market.books.fetch(_CHOICES_SQL, place) if row[0] not in by_worth]
    if by_worth and last_date is not None:
        roster = roster_of_home(market.books, home.party_no, last_date)
        rows += [
            (kind, rank, buyer_no, roster.offers[kind][buyer_no].home_price_sen_per_kwh)
            for kind in by_worth
            for rank, buyer_no in enumerate(listed_buyers(roster, kind), start=1)
        ]
    return tuple(
        HomeChoice(
            kind=CertificateKind(kind_no),
            choice_no=choice_no,
            buyer=market.parties.by_no[buyer_no],
            home_price_sen_per_kwh=price,
        )
        for kind_no, choice_no, buyer_no, price in sorted(rows, key=_kind_and_rank)
    )


def _kind_and_rank(row: Row) -> tuple[int, int]:
    """Give what lists are sorted by."""
    return row[0], row[1]


def _shares(market: OpenMarket, home: PartyRef) -> tuple[HomeShare, ...]:
    """Sum up what each buyer got from the home."""
    rows = market.books.fetch(_SHARES_SQL, [home.party_no])
    return tuple(
        HomeShare(
            buyer=market.parties.by_no[holder_no],
            kind=CertificateKind(kind_no),
            energy_wh=energy_wh,
            accrued_e5yen=accrued_e5yen,
        )
        for holder_no, kind_no, energy_wh, accrued_e5yen in rows
    )


def _mean_day(books: Books, home: PartyRef) -> MeanDay:
    """Average the home's closed days slot by slot; without any, all is 0."""
    rows = books.fetch(_MEAN_SQL, [home.party_no]) or [(0, 0, 0, 0)] * SLOTS_PER_DAY
    pv_wh, use_wh, import_wh, export_wh = (tuple(column) for column in zip(*rows, strict=True))
    return MeanDay(pv_wh=pv_wh, use_wh=use_wh, import_wh=import_wh, export_wh=export_wh)


def _months(market: OpenMarket, home: PartyRef, payee: PartyRef, purchaser: PartyRef) -> tuple[HomeMonth, ...]:
    """Read what the home earned month by month."""
    documents = read_statements(market, payer_no=purchaser.party_no, payee_no=payee.party_no)
    by_month = {document.month: document for document in documents}
    rows = market.books.fetch(_MONTHS_SQL, {"home_no": home.party_no})
    return tuple(
        HomeMonth(
            month=Month.of(first_date),
            paid_wh=paid_wh,
            accrued_e5yen=accrued_e5yen,
            statement=by_month.get(Month.of(first_date)),
        )
        for first_date, paid_wh, accrued_e5yen in rows
    )
