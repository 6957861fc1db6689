"""The made home pages."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from sanchi.app.views.homes import (
    HomeChoice,
    HomeDay,
    HomeDayDetail,
    HomeMonth,
    HomeRow,
    HomeShare,
    HomeView,
    MeanDay,
    SlotSharing,
)
from sanchi.app.views.market_head import (
    Provenance,
    ProvenanceLabel,
    ProvenanceSubject,
    SlotCounts,
    StatementRow,
)
from sanchi.core.base.ids import StatementNo
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.core.matching import explain_slot
from tests.edge.portal.fake_numbers import CLOSED_DAYS, DATES, K_MAX, pilot
from tests.edge.portal.fake_parties import (
    BUYERS,
    HEAD,
    HOMES,
    RETAILER,
    STANDARD_PRICE_SEN_PER_KWH,
    plant_of,
    price_sen_per_kwh,
)

KIND_INDICES = {kind: int(kind) - 1 for kind in CertificateKind}
CLOSED_MONTHS = (Month(year=2020, month_no=11), Month(year=2020, month_no=12))


def slot_counts(home: int, days: Iterable[int]) -> SlotCounts:
    """Count the home's slots of some days by quality."""
    quality = pilot().quality[home, list(days)]
    return SlotCounts(
        measured_slot_count=int((quality == 3).sum()),
        recovered_slot_count=int((quality == 2).sum()),
        estimated_slot_count=int((quality == 1).sum()),
        missing_slot_count=int((quality == 0).sum()),
    )


@cache
def home_row(home: int) -> HomeRow:
    """Sum a home up for the list."""
    numbers = pilot()
    return HomeRow(
        home=HOMES[home],
        plant=plant_of(home),
        pv_wh=int(numbers.pv_wh[home].sum()),
        self_wh=int(numbers.self_wh[home].sum()),
        export_pv_wh=int(numbers.export_wh[home].sum()),
        sold_wh=int(numbers.parts_wh[:, home].sum()),
        slots=slot_counts(home, range(len(DATES))),
    )


@cache
def home_view(home: int, delivery_date: date) -> HomeView:
    """Make a home's page."""
    numbers = pilot()
    days = tuple(_day(home, day) for day in range(len(DATES)))
    is_closed = delivery_date in DATES
    return HomeView(
        market=HEAD,
        home=HOMES[home],
        plant=plant_of(home),
        payee=HOMES[home],
        purchaser=RETAILER,
        choices=_choices(home),
        shares=_shares(home),
        standard_offer_wh=int(numbers.rest_wh[0, home].sum()),
        self_kept_wh=int(numbers.rest_wh[1, home].sum()),
        mean_day=MeanDay(
            pv_wh=_mean(numbers.pv_wh[home]),
            use_wh=_mean(numbers.use_wh[home]),
            import_wh=_mean(numbers.use_wh[home] - numbers.self_wh[home]),
            export_wh=_mean(numbers.export_wh[home]),
        ),
        days=days,
        detail=_detail(home, DATES.index(delivery_date)) if is_closed else None,
        months=_months(home, days),
        slots=slot_counts(home, range(len(DATES))),
        open_debt_wh=1_240 if home == 16 else 0,
        provenances=(
            Provenance(
                subject=ProvenanceSubject.USE,
                labels=(ProvenanceLabel.MEASURED, ProvenanceLabel.RE_DATED),
                home_count=1,
            ),
            Provenance(subject=ProvenanceSubject.GENERATION, labels=(ProvenanceLabel.MODELLED,), home_count=1),
        ),
    )


def _mean(energy_wh) -> tuple[int, ...]:
    """Mean over the days, rounded down."""
    return tuple(int(total) // len(DATES) for total in energy_wh.sum(axis=0))


def _choices(home: int) -> tuple[HomeChoice, ...]:
    """List the home's ranks."""
    return tuple(
        HomeChoice(
            kind=kind,
            choice_no=rank + 1,
            buyer=BUYERS[buyer],
            home_price_sen_per_kwh=price_sen_per_kwh(kind, int(buyer)),
        )
        for kind, index in KIND_INDICES.items()
        for rank, buyer in enumerate(pilot().choices[index, home])
        if buyer >= 0
    )


def _shares(home: int) -> tuple[HomeShare, ...]:
    """Sum what each buyer got."""
    numbers = pilot()
    shares = []
    for kind, index in KIND_INDICES.items():
        for rank, buyer in enumerate(numbers.choices[index, home]):
            energy_wh = int(numbers.parts_wh[index, home, :, :, rank].sum())
            if buyer >= 0 and energy_wh:
                accrued_e5yen = energy_wh * price_sen_per_kwh(kind, int(buyer))
                shares.append(
                    HomeShare(buyer=BUYERS[buyer], kind=kind, energy_wh=energy_wh, accrued_e5yen=accrued_e5yen)
                )
    return tuple(sorted(shares, key=lambda share: -share.energy_wh))


def _day(home: int, day: int) -> HomeDay:
    """Sum a day up."""
    numbers = pilot()
    sold_wh = numbers.parts_wh[:, home, day].sum(axis=1)
    rest_wh = numbers.rest_wh[:, home, day].sum(axis=1)
    accrued_e5yen = int(rest_wh[0]) * STANDARD_PRICE_SEN_PER_KWH
    for kind, index in KIND_INDICES.items():
        for rank, buyer in enumerate(numbers.choices[index, home]):
            if buyer >= 0:
                accrued_e5yen += int(sold_wh[index, rank]) * price_sen_per_kwh(kind, int(buyer))
    return HomeDay(
        delivery_date=DATES[day],
        pv_wh=int(numbers.pv_wh[home, day].sum()),
        import_wh=int((numbers.use_wh[home, day] - numbers.self_wh[home, day]).sum()),
        surplus_sold_wh=int(sold_wh[0].sum()),
        standard_offer_wh=int(rest_wh[0]),
        self_sold_wh=int(sold_wh[1].sum()),
        self_kept_wh=int(rest_wh[1]),
        accrued_e5yen=accrued_e5yen,
        slots=slot_counts(home, [day]),
    )


def _detail(home: int, day: int) -> HomeDayDetail:
    """Tell a day slot by slot, with the core's own explanation."""
    numbers = pilot()
    sharing = []
    for kind, index in KIND_INDICES.items():
        choices = numbers.choices[index, home]
        by_party_no = [int(buyer) if buyer < 0 else BUYERS[buyer].party_no for buyer in choices]
        for slot in range(SLOTS_PER_DAY):
            parts_wh = numbers.parts_wh[index, home, day, slot]
            supply_wh = int(parts_wh.sum() + numbers.rest_wh[index, home, day, slot])
            closing_t32 = {
                buyer.party_no: int(numbers.closing_t32[index, day, slot, place]) for place, buyer in enumerate(BUYERS)
            }
            if supply_wh:
                explained = explain_slot(
                    supply_wh=supply_wh,
                    choices=by_party_no,
                    closing_t32=closing_t32,
                    parts_wh=[int(parts_wh[rank]) for rank in range(K_MAX)],
                )
                sharing.append(SlotSharing(kind=kind, slot_no=slot + 1, explanation=explained))
    return HomeDayDetail(
        delivery_date=DATES[day],
        revision=2 if day % 9 == 4 else 1,
        is_finalised=day < CLOSED_DAYS,
        pv_wh=tuple(int(wh) for wh in numbers.pv_wh[home, day]),
        use_wh=tuple(int(wh) for wh in numbers.use_wh[home, day]),
        export_wh=tuple(int(wh) for wh in numbers.export_wh[home, day]),
        withheld_wh=120 if home == 16 else 0,
        sharing=tuple(sharing),
    )


def _months(home: int, days: tuple[HomeDay, ...]) -> tuple[HomeMonth, ...]:
    """Close two months and leave two open."""
    months, remainder_e5yen = [], 0
    for month in sorted({Month.of(day.delivery_date) for day in days}):
        of_month = [day for day in days if Month.of(day.delivery_date) == month]
        accrued_e5yen = sum(day.accrued_e5yen for day in of_month)
        statement = None
        if month in CLOSED_MONTHS:
            amount_yen, closing_e5yen = divmod(remainder_e5yen + accrued_e5yen, E5YEN_PER_YEN)
            statement = StatementRow(
                statement_no=StatementNo(f"{month}-R01-{HOMES[home].party_id}"),
                month=month,
                payer=RETAILER,
                payee=HOMES[home],
                opening_remainder_e5yen=remainder_e5yen,
                accrued_e5yen=accrued_e5yen,
                amount_yen=amount_yen,
                tax_yen=amount_yen * 100 // 1_100,
                closing_remainder_e5yen=closing_e5yen,
            )
            remainder_e5yen = closing_e5yen
        paid_wh = sum(day.surplus_sold_wh + day.standard_offer_wh + day.self_sold_wh for day in of_month)
        months.append(HomeMonth(month=month, paid_wh=paid_wh, accrued_e5yen=accrued_e5yen, statement=statement))
    return tuple(months)
