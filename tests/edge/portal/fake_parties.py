"""The made parties of the made market: numbered homes, shops of two chains, offices, one buyer of value."""

from datetime import date

from sanchi.app.market import (
    CapacityRule,
    HomeGroup,
    MeasurementGrade,
    Offer,
    PartyRole,
    Plant,
)
from sanchi.app.views.market_head import MarketHead, PartyRef, Provenance, ProvenanceLabel, ProvenanceSubject
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from tests.edge.portal.fake_numbers import (
    DATES,
    FIRST_DATE,
    N_BATTERIES,
    N_BUYERS,
    N_HOMES,
    VALUE_BUYER,
    pilot,
)

MARKET_ID = MarketId("made-market")
WARDS = ("世田谷区", "杉並区", "練馬区", "江東区", "大田区", "足立区", "八王子市")
STANDARD_PRICE_SEN_PER_KWH = 850
HOME_PRICES_SEN_PER_KWH = (1050, 1050, 1050, 1050, 1000, 1000, 1000, 1100, 980, 1020, 150)

_BUYERS = (
    *((f"Chain A, shop {n}", f"チェーンA {n}号店", "Chain A", WARDS[n]) for n in (1, 2, 3, 4)),
    *((f"Chain B, shop {n}", f"チェーンB {n}号店", "Chain B", WARDS[n + 2]) for n in (1, 2, 3)),
    ("Office building C", "オフィスビルC", "Landlord C", "千代田区"),
    ("Office building D", "オフィスビルD", "Landlord C", "港区"),
    ("School E", "学校E", "", "杉並区"),
    ("Builder F", "建設会社F", "Builder F", "中央区"),
)

RETAILER = PartyRef(
    party_no=1,
    party_id=PartyId("R01"),
    role=PartyRole.RETAILER,
    order_no=1,
    name="Made Retailer",
    name_ja="サンプル電力",
    company="",
    district="",
)

BUYERS = tuple(
    PartyRef(
        party_no=100 + order_no,
        party_id=PartyId(f"B{order_no:02d}"),
        role=PartyRole.BUYER,
        order_no=order_no,
        name=name,
        name_ja=name_ja,
        company=company,
        district=district,
    )
    for order_no, (name, name_ja, company, district) in enumerate(_BUYERS, start=1)
)

HOMES = tuple(
    PartyRef(
        party_no=1 + order_no,
        party_id=PartyId(f"H{order_no:03d}"),
        role=PartyRole.HOME,
        order_no=order_no,
        name=f"Home {order_no:02d}",
        name_ja=f"住宅{order_no:02d}",
        company="",
        district=WARDS[order_no * 5 % len(WARDS)],
    )
    for order_no in range(1, N_HOMES + 1)
)

PROVENANCES = (
    Provenance(
        subject=ProvenanceSubject.USE,
        labels=(ProvenanceLabel.MEASURED, ProvenanceLabel.RE_DATED),
        home_count=40,
    ),
    Provenance(
        subject=ProvenanceSubject.USE,
        labels=(ProvenanceLabel.MEASURED, ProvenanceLabel.RE_DATED, ProvenanceLabel.REPEATED),
        home_count=18,
    ),
    Provenance(subject=ProvenanceSubject.GENERATION, labels=(ProvenanceLabel.MODELLED,), home_count=N_HOMES),
    Provenance(subject=ProvenanceSubject.BATTERY, labels=(ProvenanceLabel.MODELLED,), home_count=N_BATTERIES),
)

HEAD = MarketHead(
    market_id=MARKET_ID,
    name="Made market",
    name_ja="テスト用の市場",
    grid_area="03",
    retailer=RETAILER,
    first_date=FIRST_DATE,
    last_date=DATES[-1],
    day_count=len(DATES),
    home_count=N_HOMES,
    buyer_count=N_BUYERS,
    act_problem_count=14,
    provenances=PROVENANCES,
    credits=("Made numbers for tests: nothing on these pages was measured.",),
)


def plant_of(home: int) -> Plant:
    """Make the plant of a home."""
    numbers = pilot()
    group = (HomeGroup.SURPLUS, HomeGroup.SELF_CONSUMPTION, HomeGroup.OUTSIDE)[numbers.group_no[home]]
    has_battery = bool(numbers.has_battery[home])
    commissioned = date(2009 + home % 2, 4 + home % 6, 1 + home % 27)
    return Plant(
        home_id=HOMES[home].party_id,
        device_id=f"PV-{home + 1:03d}",
        group=group,
        capacity_w=int(numbers.capacity_w[home]),
        commissioning_date=commissioned,
        fit_end=commissioned.replace(year=commissioned.year + 10),
        measurement_grade=MeasurementGrade.CT if home % 3 else MeasurementGrade.VERIFIED,
        ct_class_permille=10 if home % 3 else 0,
        battery_capacity_wh=6_500 if has_battery else 0,
        battery_power_w=2_500 if has_battery else 0,
        battery_efficiency_permille=900 if has_battery else 1_000,
        purchaser_id=RETAILER.party_id,
        recruiter_id=RETAILER.party_id,
        value_owner_id=HOMES[home].party_id,
        payee_id=HOMES[home].party_id,
        standard_price_sen_per_kwh=STANDARD_PRICE_SEN_PER_KWH,
        load_provenance="measured+re-dated",
        pv_provenance="modelled",
        battery_provenance="modelled" if has_battery else "",
    )


def offers_of(buyer: int) -> tuple[Offer, ...]:
    """Make the offers of a buyer."""
    kinds = (CertificateKind.SELF_CONSUMPTION,) if buyer == VALUE_BUYER else tuple(CertificateKind)
    return tuple(
        Offer(
            buyer_id=BUYERS[buyer].party_id,
            kind=kind,
            home_price_sen_per_kwh=price_sen_per_kwh(kind, buyer),
            buyer_price_sen_per_kwh=price_sen_per_kwh(kind, buyer) + 120,
            capacity_rule=CapacityRule.CAP_ONLY if buyer == VALUE_BUYER else CapacityRule.METERED_USE,
            cap_wh_per_slot=3_000 if buyer == VALUE_BUYER else None,
            valid_from=FIRST_DATE,
            valid_until=None,
        )
        for kind in kinds
    )


def price_sen_per_kwh(kind: CertificateKind, buyer: int) -> int:
    """Give what the home gets; value alone is cheap."""
    return HOME_PRICES_SEN_PER_KWH[buyer] if kind is CertificateKind.SURPLUS else 150
