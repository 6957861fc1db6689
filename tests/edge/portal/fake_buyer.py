"""The made buyer pages."""

from functools import cache

import numpy as np

from sanchi.app.views.buyers import (
    BuyerDay,
    BuyerView,
    CertificateMonth,
    MatchedHour,
    MonthCover,
    OwnerHome,
    SourceHome,
    TenantDay,
    TenantTotal,
)
from sanchi.app.views.market_head import StatementRow
from sanchi.core.base.ids import StatementNo
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.core.reports.hour_matching import match_slots, months_match
from tests.edge.portal.fake_home import CLOSED_MONTHS
from tests.edge.portal.fake_numbers import DATES, N_HOMES, pilot
from tests.edge.portal.fake_parties import BUYERS, HEAD, HOMES, RETAILER, offers_of, price_sen_per_kwh

# The landlord's one building passes a tenth of its days on to the other one.
OWNER, TENANT = 7, 8


@cache
def buyer_view(buyer: int) -> BuyerView:
    """Make a buyer's page."""
    numbers = pilot()
    taken_wh = [_taken_wh(index, buyer) for index in (0, 1)]
    sources = [
        SourceHome(
            home=HOMES[home],
            surplus_wh=int(taken_wh[0][home].sum()),
            self_wh=int(taken_wh[1][home].sum()),
        )
        for home in range(N_HOMES)
        if taken_wh[0][home].any() or taken_wh[1][home].any()
    ]
    days = tuple(
        BuyerDay(
            delivery_date=delivery_date,
            surplus_wh=int(taken_wh[0][:, day].sum()),
            self_wh=int(taken_wh[1][:, day].sum()),
            use_wh=int(numbers.buyer_use_wh[buyer, day].sum()),
        )
        for day, delivery_date in enumerate(DATES)
    )
    return BuyerView(
        market=HEAD,
        buyer=BUYERS[buyer],
        offers=offers_of(buyer),
        sources=tuple(sorted(sources, key=lambda source: -(source.surplus_wh + source.self_wh))),
        days=days,
        hours=_hours(numbers.buyer_use_wh[buyer], (taken_wh[0] + taken_wh[1]).sum(axis=0)),
        months=_months(numbers.buyer_use_wh[buyer], (taken_wh[0] + taken_wh[1]).sum(axis=0)),
        statements=_statements(buyer, days),
        certificates=_certificates(days),
        tenants=_tenants(days, sources) if buyer == OWNER else (),
        tenant_days=_tenant_days(days) if buyer == OWNER else (),
        owner_homes=_owner_homes() if buyer == TENANT else (),
    )


def _tenants(days: tuple[BuyerDay, ...], sources: list[SourceHome]) -> tuple[TenantTotal, ...]:
    """Sum the passed on tenths of the days up."""
    passed = _tenant_days(days)
    return (
        TenantTotal(
            tenant=BUYERS[TENANT],
            home_count=len(sources),
            surplus_wh=sum(day.surplus_wh for day in passed),
            self_wh=sum(day.self_wh for day in passed),
        ),
    )


def _tenant_days(days: tuple[BuyerDay, ...]) -> tuple[TenantDay, ...]:
    """Pass a tenth of each day on."""
    return tuple(
        TenantDay(
            delivery_date=day.delivery_date,
            tenant=BUYERS[TENANT],
            surplus_wh=day.surplus_wh // 10,
            self_wh=day.self_wh // 10,
        )
        for day in days
    )


def _owner_homes() -> tuple[OwnerHome, ...]:
    """Trace the tenths back to the owner's homes."""
    return tuple(
        OwnerHome(
            owner=BUYERS[OWNER],
            home=source.home,
            surplus_wh=source.surplus_wh // 10,
            self_wh=source.self_wh // 10,
        )
        for source in buyer_view(OWNER).sources
    )


def _taken_wh(index: int, buyer: int) -> np.ndarray:
    """Give what the buyer took of a kind, (home, day, slot)."""
    numbers = pilot()
    is_chosen = numbers.choices[index] == buyer
    return np.where(is_chosen[:, None, None, :], numbers.parts_wh[index], 0).sum(axis=-1)


def _hours(use_wh: np.ndarray, received_wh: np.ndarray) -> tuple[MatchedHour, ...]:
    """Match use and supply slot by slot, then add two slots."""
    if not use_wh.any():
        return ()
    matched_wh = np.minimum(use_wh, received_wh).reshape(len(DATES), 24, 2).sum(axis=2)
    hourly_use_wh = use_wh.reshape(len(DATES), 24, 2).sum(axis=2)
    return tuple(
        MatchedHour(
            delivery_date=delivery_date,
            hour_no=hour + 1,
            use_wh=int(hourly_use_wh[day, hour]),
            matched_wh=int(matched_wh[day, hour]),
        )
        for day, delivery_date in enumerate(DATES)
        for hour in range(24)
    )


def _months(use_wh: np.ndarray, received_wh: np.ndarray) -> tuple[MonthCover, ...]:
    """Match use and supply month by month, one day in nine of estimated shape."""
    if not use_wh.any():
        return ()
    estimated_wh = np.where(np.arange(len(DATES))[:, None] % 9 == 0, received_wh, 0)
    loose, strict = (
        months_match(
            DATES,
            match_slots(
                use_wh=use_wh.astype(np.int64),
                received_wh=received_wh.astype(np.int64),
                estimated_wh=estimated_wh.astype(np.int64),
                is_strict=is_strict,
            ),
        )
        for is_strict in (False, True)
    )
    return tuple(MonthCover(month=month, loose=loose[month], strict=strict[month]) for month in loose)


def _statements(buyer: int, days: tuple[BuyerDay, ...]) -> tuple[StatementRow, ...]:
    """Bill the closed months."""
    rows, remainder_e5yen = [], 0
    for month in CLOSED_MONTHS:
        of_month = [day for day in days if Month.of(day.delivery_date) == month]
        prices = [price_sen_per_kwh(kind, buyer) + 120 for kind in CertificateKind]
        accrued_e5yen = sum(day.surplus_wh * prices[0] + day.self_wh * prices[1] for day in of_month)
        amount_yen, closing_e5yen = divmod(remainder_e5yen + accrued_e5yen, E5YEN_PER_YEN)
        rows.append(
            StatementRow(
                statement_no=StatementNo(f"{month}-{BUYERS[buyer].party_id}-R01"),
                month=month,
                payer=BUYERS[buyer],
                payee=RETAILER,
                opening_remainder_e5yen=remainder_e5yen,
                accrued_e5yen=accrued_e5yen,
                amount_yen=amount_yen,
                tax_yen=amount_yen * 100 // 1_100,
                closing_remainder_e5yen=closing_e5yen,
            )
        )
        remainder_e5yen = closing_e5yen
    return tuple(rows)


def _certificates(days: tuple[BuyerDay, ...]) -> tuple[CertificateMonth, ...]:
    """Retire the closed months and leave the others active."""
    rows = []
    for month in sorted({Month.of(day.delivery_date) for day in days}):
        of_month = [day for day in days if Month.of(day.delivery_date) == month]
        for kind in CertificateKind:
            is_surplus = kind is CertificateKind.SURPLUS
            energy_wh = sum(day.surplus_wh if is_surplus else day.self_wh for day in of_month)
            if energy_wh:
                is_closed = month in CLOSED_MONTHS
                rows.append(
                    CertificateMonth(
                        month=month,
                        kind=kind,
                        certificate_count=len(of_month) * 7,
                        active_wh=0 if is_closed else energy_wh,
                        retired_wh=energy_wh if is_closed else 0,
                    )
                )
    return tuple(rows)
