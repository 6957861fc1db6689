"""A MarketViews over made numbers: deterministic, and consistent from page to page."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import product

import numpy as np

from sanchi.app.views.buyers import BuyersView, BuyerView
from sanchi.app.views.closing_times import ClosingTimeRow
from sanchi.app.views.connection_pages import ConnectionsView, HomeConnectionView
from sanchi.app.views.homes import HomesView, HomeView
from sanchi.app.views.log import LogView
from sanchi.app.views.market_head import MarketHead
from sanchi.app.views.overview import (
    BuyerTotal,
    DistrictFlow,
    MarketDayFlow,
    OverviewView,
)
from sanchi.app.views.problems import ProblemFilter, ProblemsView
from sanchi.app.views.readings import ReadingsView
from sanchi.app.views.runs import RunsView
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.core.reports.pilot_summary import HomeTotals, MarketTotals, PilotSummary, summarise
from tests.edge.portal.fake_buyer import buyer_view
from tests.edge.portal.fake_home import home_row, home_view, slot_counts
from tests.edge.portal.fake_log import log_view
from tests.edge.portal.fake_meters import connections_view, home_connection_view, readings_view
from tests.edge.portal.fake_numbers import CLOSED_DAYS, DATES, N_BUYERS, N_HOMES, Pilot, pilot
from tests.edge.portal.fake_operation import problems_view, runs_view
from tests.edge.portal.fake_parties import (
    BUYERS,
    HEAD,
    HOMES,
    MARKET_ID,
    STANDARD_PRICE_SEN_PER_KWH,
    price_sen_per_kwh,
)
from tests.edge.portal.fake_terms import with_lists, with_terms

HOMES_PER_PAGE = 40


class FakeViews:
    """Fulfils sanchi.app.views.market_views.MarketViews."""

    def __init__(self, heads: Sequence[MarketHead] = (HEAD,)) -> None:
        self.heads = heads

    def markets(self) -> Sequence[MarketHead]:
        return self.heads

    def overview(self, market_id: MarketId) -> OverviewView:
        _require_market(market_id)
        return overview_view()

    def homes(self, market_id: MarketId, *, page_no: int = 1) -> HomesView:
        _require_market(market_id)
        page_count = -(-N_HOMES // HOMES_PER_PAGE)
        page_no = min(page_no, page_count)
        shown = range(N_HOMES)[(page_no - 1) * HOMES_PER_PAGE : page_no * HOMES_PER_PAGE]
        rows = tuple(home_row(home) for home in shown)
        return HomesView(market=HEAD, rows=rows, page_no=page_no, page_count=page_count)

    def home(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> HomeView:
        _require_market(market_id)
        shown_date = delivery_date or DATES[-1]
        return with_lists(home_view(_place(HOMES, home_id), shown_date), shown_date)

    def readings(self, market_id: MarketId, home_id: PartyId, *, delivery_date: date | None = None) -> ReadingsView:
        _require_market(market_id)
        return readings_view(_place(HOMES, home_id), delivery_date or DATES[-1])

    def connections(self, market_id: MarketId) -> ConnectionsView:
        _require_market(market_id)
        return connections_view()

    def home_connection(self, market_id: MarketId, home_id: PartyId) -> HomeConnectionView:
        _require_market(market_id)
        return home_connection_view(_place(HOMES, home_id))

    def buyers(self, market_id: MarketId) -> BuyersView:
        _require_market(market_id)
        return BuyersView(market=HEAD, rows=tuple(buyer_total(buyer) for buyer in range(N_BUYERS)))

    def buyer(self, market_id: MarketId, buyer_id: PartyId, *, delivery_date: date | None = None) -> BuyerView:
        _require_market(market_id)
        return with_terms(buyer_view(_place(BUYERS, buyer_id)), delivery_date or DATES[-1])

    def problems(self, market_id: MarketId, *, wanted: ProblemFilter, page_no: int = 1) -> ProblemsView:
        _require_market(market_id)
        return problems_view(wanted, page_no)

    def closing_times(self, market_id: MarketId, *, delivery_date: date) -> Sequence[ClosingTimeRow]:
        _require_market(market_id)
        if delivery_date not in DATES:
            raise UnknownRecord(f"{delivery_date} is not closed.")
        times = pilot().closing_t32[:, DATES.index(delivery_date)]
        return tuple(
            ClosingTimeRow(
                kind=kind,
                slot_no=slot + 1,
                buyer_id=buyer.party_id,
                capacity_wh=1_000,
                closing_t32=int(times[kind - 1, slot, place]),
                rounding_phi60=-(2**60),
            )
            for kind in CertificateKind
            for slot in range(48)
            for place, buyer in enumerate(BUYERS)
        )

    def log(self, market_id: MarketId) -> LogView:
        _require_market(market_id)
        return log_view()

    def runs(self, market_id: MarketId) -> RunsView:
        _require_market(market_id)
        return runs_view()


@cache
def overview_view() -> OverviewView:
    """Sum the made market up."""
    numbers = pilot()
    buyers = sorted((buyer_total(buyer) for buyer in range(N_BUYERS)), key=lambda row: -(row.surplus_wh + row.self_wh))
    accrued_e5yen = sum(
        int(taken_wh(kind, buyer).sum()) * (price_sen_per_kwh(kind, buyer) + 120)
        for kind in CertificateKind
        for buyer in range(N_BUYERS)
    )
    return OverviewView(
        market=HEAD,
        summary=_summary(numbers),
        accrued_from_buyers_e5yen=accrued_e5yen,
        receivable_from_buyers_yen=accrued_e5yen * CLOSED_DAYS // len(DATES) // E5YEN_PER_YEN,
        buyers=tuple(buyers),
        days=tuple(_day_flow(numbers, day, buyers) for day in range(len(DATES))),
        flows=_flows(numbers),
    )


@cache
def taken_wh(kind: CertificateKind, buyer: int) -> np.ndarray:
    """Give what a buyer took, (home, day, slot)."""
    numbers = pilot()
    is_chosen = numbers.choices[kind - 1] == buyer
    return np.where(is_chosen[:, None, None, :], numbers.parts_wh[kind - 1], 0).sum(axis=-1)


@cache
def buyer_total(buyer: int) -> BuyerTotal:
    """Sum a buyer up."""
    surplus_wh, self_wh = (taken_wh(kind, buyer).sum(axis=(1, 2)) for kind in CertificateKind)
    return BuyerTotal(
        buyer=BUYERS[buyer],
        surplus_wh=int(surplus_wh.sum()),
        self_wh=int(self_wh.sum()),
        home_count=int(((surplus_wh + self_wh) > 0).sum()),
    )


def _summary(numbers: Pilot) -> PilotSummary:
    """Let the core sum up what the fake made."""
    homes = []
    for home in range(N_HOMES):
        slots = slot_counts(home, range(len(DATES)))
        homes.append(
            HomeTotals(
                home_id=HOMES[home].party_id,
                capacity_w=int(numbers.capacity_w[home]),
                has_battery=bool(numbers.has_battery[home]),
                is_outside=bool(numbers.group_no[home] == 2),
                pv_wh=int(numbers.pv_wh[home].sum()),
                self_wh=int(numbers.self_wh[home].sum()),
                export_pv_wh=int(numbers.export_wh[home].sum()),
                measured_slot_count=slots.measured_slot_count,
                recovered_slot_count=slots.recovered_slot_count,
                estimated_slot_count=slots.estimated_slot_count,
                missing_slot_count=slots.missing_slot_count,
            )
        )
    allocated_wh = [int(numbers.parts_wh[kind].sum()) for kind in (0, 1)]
    rest_wh = [int(numbers.rest_wh[kind].sum()) for kind in (0, 1)]
    accrued_e5yen = rest_wh[0] * STANDARD_PRICE_SEN_PER_KWH + sum(
        int(taken_wh(kind, buyer).sum()) * price_sen_per_kwh(kind, buyer)
        for kind in CertificateKind
        for buyer in range(N_BUYERS)
    )
    totals = MarketTotals(
        n_days=len(DATES),
        surplus_offered_wh=allocated_wh[0] + rest_wh[0],
        surplus_allocated_wh=allocated_wh[0],
        standard_offer_wh=rest_wh[0],
        self_offered_wh=allocated_wh[1] + rest_wh[1],
        self_allocated_wh=allocated_wh[1],
        self_kept_wh=rest_wh[1],
        withheld_wh=0,
        open_debt_wh=0,
        accrued_to_homes_e5yen=accrued_e5yen,
        payable_to_homes_yen=accrued_e5yen * CLOSED_DAYS // len(DATES) // E5YEN_PER_YEN,
    )
    return summarise(homes, totals)


def _day_flow(numbers: Pilot, day: int, buyers: Sequence[BuyerTotal]) -> MarketDayFlow:
    """Sum a day up."""
    by_buyer_wh = np.zeros(N_BUYERS, np.int64)
    chosen = numbers.choices[0]
    np.add.at(by_buyer_wh, chosen[chosen >= 0], numbers.parts_wh[0, :, day].sum(axis=1)[chosen >= 0])
    return MarketDayFlow(
        delivery_date=DATES[day],
        surplus_by_buyer_wh=tuple(int(by_buyer_wh[row.buyer.order_no - 1]) for row in buyers),
        standard_offer_wh=int(numbers.rest_wh[0, :, day].sum()),
        self_sold_wh=int(numbers.parts_wh[1, :, day].sum()),
        self_kept_wh=int(numbers.rest_wh[1, :, day].sum()),
    )


def _flows(numbers: Pilot) -> tuple[DistrictFlow, ...]:
    """Sum by district."""
    ends = product(CertificateKind, sorted({home.district for home in HOMES}), (*range(N_BUYERS), None))
    flows = [
        DistrictFlow(
            district=district,
            kind=kind,
            buyer=None if buyer is None else BUYERS[buyer],
            energy_wh=_flow_wh(numbers, kind, district, buyer),
        )
        for kind, district, buyer in ends
    ]
    return tuple(sorted((flow for flow in flows if flow.energy_wh), key=lambda flow: -flow.energy_wh))


def _flow_wh(numbers: Pilot, kind: CertificateKind, district: str, buyer: int | None) -> int:
    """Sum what went from a district to a buyer, or to nobody."""
    of_district = [place for place, home in enumerate(HOMES) if home.district == district]
    energy_wh = numbers.rest_wh[kind - 1] if buyer is None else taken_wh(kind, buyer)
    return int(energy_wh[of_district].sum())


def _require_market(market_id: MarketId) -> None:
    """Refuse other markets."""
    if market_id != MARKET_ID:
        raise UnknownRecord(f"There is no market {market_id!r}.")


def _place(parties: Sequence, party_id: str) -> int:
    """Find a party."""
    for place, party in enumerate(parties):
        if party.party_id == party_id:
            return place
    raise UnknownRecord(f"There is no party {party_id!r}.")
