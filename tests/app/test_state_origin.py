"""A statement tells claims of the month and of earlier dates apart, and outside certificates from roofs."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sanchi.app.market import PartyRole
from sanchi.app.origin_records import (
    ClaimedCertificate,
    ClaimedMonth,
    ClaimLine,
    Issuer,
    LostLine,
    OutsideLine,
    SiteSlots,
)
from sanchi.app.origin_rules import ClaimFacts, PlantFacts, RuledDate, RuledSentence
from sanchi.app.state_origin import origin_statements, stated
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import day_ordinal
from sanchi.core.reports.claimed_rows import ClaimedRows
from tests.fakes.no_rules import NoRules

DECEMBER = Month(year=2020, month_no=12)
NOON = 25
LATE, IN_MONTH = date(2020, 11, 30), date(2020, 12, 5)


def party(number: int, name: str, role: PartyRole, district: str = "") -> PartyRef:
    return PartyRef(
        party_no=number, party_id=PartyId(name), role=role, order_no=number, name=name, name_ja="", company="",
        district=district,
    )  # fmt: skip


HOMES = {1: party(1, "H1", PartyRole.HOME, "East"), 2: party(2, "H2", PartyRole.HOME, "West")}
BUYER = party(9, "shop", PartyRole.BUYER)


def certificate(name: str, home_no: int, day: date, *, kind=CertificateKind.SURPLUS, is_from_storage=False):
    return ClaimedCertificate(
        certificate_id=CertificateId(name), home_no=home_no, device_id=f"D{home_no}", delivery_date=day, kind=kind,
        revision=1, quantity_wh=1_000, is_from_storage=is_from_storage, measurement_grade="ct", ct_class_permille=10,
        commissioning_date=date(2010, 1, 1), fit_end=date(2020, 1, 1),
    )  # fmt: skip


CERTIFICATES = [
    certificate("late", 1, LATE),
    certificate("roof", 1, IN_MONTH),
    certificate("value", 2, IN_MONTH, kind=CertificateKind.SELF_CONSUMPTION),
    certificate("battery", 2, IN_MONTH, is_from_storage=True),
]
ROWS = ClaimedRows.of_rows(
    [
        (day_ordinal(LATE), NOON, 1, 1, "late", 0, 40, False, 3),
        (day_ordinal(IN_MONTH), NOON, 1, 1, "roof", 10, 60, False, 3),
        (day_ordinal(IN_MONTH), NOON, 2, 2, "value", 0, 30, True, 3),
        (day_ordinal(IN_MONTH), NOON + 20, 1, 2, "battery", 0, 20, False, 3),
    ]
)


def slots(**energies_wh: int) -> np.ndarray:
    """Give one day with energies in named slots: s25 is noon."""
    day = np.zeros((1, 48), dtype=np.int64)
    for name, energy_wh in energies_wh.items():
        day[0, int(name[1:]) - 1] = energy_wh
    return day


def site(use_wh: np.ndarray, *, is_metered: bool = True) -> SiteSlots:
    nothing = slots()
    return SiteSlots(
        buyer=BUYER, is_metered=is_metered, dates=(IN_MONTH,), use_wh=use_wh, bought_wh=nothing,
        bought_estimated_wh=nothing, passed_on_wh=nothing, passed_on_estimated_wh=nothing, passed_in_wh=nothing,
        passed_in_estimated_wh=nothing,
    )  # fmt: skip


def lost(debt_no: int, claimed_month: Month) -> LostLine:
    return LostLine(
        debt_no=debt_no, claimed_month=claimed_month, delivery_date=IN_MONTH, slot_no=NOON, home=HOMES[1],
        kind=CertificateKind.SURPLUS, energy_wh=7,
    )  # fmt: skip


OUTSIDE = OutsideLine(
    lot_id="L1", scheme="NFC_FIT", serial_first="1", serial_last="9", lo_wh=0, hi_wh=100, generated_from=LATE,
    generated_until=LATE, energy_source="wind", plant_name="", municipality="", facility_id="", reference="",
    purpose="RE100",
)  # fmt: skip

CLAIMED = ClaimedMonth(
    issuer=Issuer(
        market_id=MarketId("m"), name="M", name_ja="", grid_area="03", retailer=party(20, "R", PartyRole.RETAILER)
    ),
    statement_no="m/2020-12/origin/000001",
    buyer=BUYER,
    month=DECEMBER,
    claims=(
        ClaimLine(
            claim_no=3,
            purpose="use",
            site="",
            used_from=DECEMBER.first_date,
            used_until=DECEMBER.last_date,
            energy_wh=140,
        ),
    ),
    rows=ROWS,
    certificates={each.certificate_id: each for each in CERTIFICATES},
    homes=HOMES,
    capacity_w={1: 3_000, 2: 4_000},
    site=site(slots(s25=70, s26=100, s45=100)),
    lost=(lost(1, DECEMBER), lost(2, Month(year=2020, month_no=11))),
    outside=(OUTSIDE,),
    passed_on_wh=(),
    checkpoint=None,
)


class Judging(NoRules):
    """Judges every roof and claim."""

    def eligible_until(self, plant: PlantFacts) -> RuledDate:
        return RuledDate(until=date(2025, 1, plant.surplus_wh % 28 + 1), rule="R", rule_date=date(2024, 1, 1))

    def wording(self, claim: ClaimFacts) -> tuple[RuledSentence, ...]:
        told = f"{claim.buyer_id} {claim.month} {len(claim.plants)} {len(claim.kinds)}"
        return (RuledSentence(text_ja=told, text_en=told, rule="R", rule_date=date(2024, 1, 1)),)


class TestStatement:
    def test_has_the_month_in_its_matrix_and_earlier_dates_beside_it(self):
        statement = stated(CLAIMED, NoRules())

        assert statement.energy_wh == 140
        assert sum(map(sum, statement.matrix_wh)) == 100
        assert statement.matrix_wh[4][NOON - 1] == 80
        assert [(line.delivery_date, line.home.party_id, line.energy_wh) for line in statement.gained] == [
            (LATE, "H1", 40)
        ]

    def test_parts_the_energy_by_kind_place_shape_and_battery(self):
        statement = stated(CLAIMED, NoRules())

        assert (statement.surplus_wh, statement.self_wh) == (110, 30)
        assert (statement.estimated_wh, statement.from_storage_wh) == (30, 20)
        assert [(line.district, line.surplus_wh, line.self_wh) for line in statement.districts] == [
            ("East", 90, 0), ("West", 20, 30),
        ]  # fmt: skip
        assert [(line.home.party_id, line.certificate_count, line.estimated_wh) for line in statement.plants] == [
            ("H1", 2, 0), ("H2", 2, 30),
        ]  # fmt: skip

    def test_holds_use_against_the_days_of_the_month_alone(self):
        use = stated(CLAIMED, NoRules()).use

        assert use is not None
        assert (use.loose.received_wh, use.loose.slot_covered_wh) == (100, 70 + 20)
        # Hour 13 takes 80 Wh to 170 Wh of use; of estimated shape are 30 of them.
        assert (use.loose.hour_covered_wh, use.strict.slot_covered_wh) == (100, 50 + 20)

    def test_counts_outside_certificates_against_use_and_never_as_roofs(self):
        with_lot, without = stated(CLAIMED, NoRules()), stated(replace(CLAIMED, outside=()), NoRules())

        assert (without.unclaimed_use_wh, with_lot.unclaimed_use_wh) == (170, 70)
        assert with_lot.energy_wh == without.energy_wh
        assert with_lot.matrix_wh == without.matrix_wh

    def test_never_leaves_less_than_nothing_unclaimed(self):
        statement = stated(replace(CLAIMED, site=site(slots(s25=1))), NoRules())

        assert statement.unclaimed_use_wh == 0

    def test_without_a_meter_of_use_gives_no_share(self):
        statement = stated(replace(CLAIMED, site=site(slots(), is_metered=False)), NoRules())

        assert (statement.use, statement.unclaimed_use_wh) == (None, None)

    def test_tells_its_own_corrections_from_those_of_earlier_statements(self):
        statement = stated(CLAIMED, NoRules())

        assert [line.debt_no for line in statement.lost] == [1]
        assert [line.debt_no for line in statement.lost_before] == [2]

    def test_carries_what_the_rules_say_and_nothing_without_rules(self):
        judged, unjudged = stated(CLAIMED, Judging()), stated(CLAIMED, NoRules())

        assert [line.eligible_until and line.eligible_until.until for line in judged.plants] == [
            date(2025, 1, 90 % 28 + 1), date(2025, 1, 21),
        ]  # fmt: skip
        assert [sentence.text_en for sentence in judged.sentences] == ["shop 2020-12 2 2"]
        assert [line.eligible_until for line in unjudged.plants] == [None, None]
        assert unjudged.sentences == ()

    def test_whose_parts_do_not_add_up_is_never_made(self):
        (claim,) = CLAIMED.claims

        with pytest.raises(AssertionError, match=r"140 Wh of serials, but \{'claims': 141\}"):
            stated(replace(CLAIMED, claims=(replace(claim, energy_wh=141),)), NoRules())

    def test_of_a_month_without_claims_is_refused(self):
        class Nothing:
            def sites(self, market_id, first_date, last_date):
                return ()

            def claimed_months(self, market_id, month, buyer_id=None):
                return ()

        with pytest.raises(UnknownRecord, match="Nothing was claimed by buyer shop for 2020-12"):
            list(origin_statements(Nothing(), MarketId("m"), DECEMBER, PartyId("shop"), NoRules()))
