"""The roofs of a market are asked about by what the market knows of them, and no roof is left out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sanchi.app.market import MeasurementGrade, OutsideClaim, OutsideScheme
from sanchi.app.plant_eligibility import MarketEligibility, plant_eligibility, plant_facts, roof_purchase
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import Instrument, MeterGrade, Verdict
from sanchi.edge.delivery.eligibility_rules import shipped_rules
from tests.edge.store.stored_market import MARKET, plant, terms
from tests.fakes.market_store import MemoryMarketStore

TODAY = date(2026, 11, 25)
VERIFIED = replace(plant("H1"), measurement_grade=MeasurementGrade.VERIFIED)
CLAIM = OutsideClaim(
    claim_id="C1",
    home_id=PartyId("H1"),
    kind=CertificateKind.SURPLUS,
    scheme=OutsideScheme.PPA,
    first_date=TODAY,
    until_date=date(2027, 1, 1),
    reference="7",
)
BATTERY = replace(plant("H2"), battery_capacity_wh=5_000)


@pytest.fixture
def markets() -> MemoryMarketStore:
    store = MemoryMarketStore()
    store.save_terms(terms())
    store.save_plants(MARKET, [VERIFIED, BATTERY])
    return store


def asked(markets, day=TODAY, **other) -> MarketEligibility:
    return plant_eligibility(markets, shipped_rules(), MARKET, day, **other)


def verdicts(told: MarketEligibility, home_no=0) -> dict[tuple[CertificateKind, Instrument], Verdict]:
    return {(each.kind, each.instrument): each.answer.verdict for each in told.plants[home_no].instruments}


class TestPlantEligibility:
    def test_answers_for_every_roof_kind_and_instrument_in_the_order_of_the_market(self, markets):
        told = asked(markets)

        assert [each.home_id for each in told.plants] == ["H1", "H2"]
        for plant_told in told.plants:
            assert [(each.kind, each.instrument) for each in plant_told.instruments] == [
                (kind, instrument) for kind in CertificateKind for instrument in Instrument
            ]

    def test_tells_until_when_a_roof_counts(self, markets):
        assert {each.re100.until_date for each in asked(markets).plants} == {date(2025, 6, 1)}

    def test_says_yes_to_nothing_while_nobody_has_asked_about_claims(self, markets):
        assert Verdict.YES not in verdicts(asked(markets)).values()

    def test_says_yes_where_nobody_claims_the_value(self, markets):
        told = verdicts(asked(markets, are_claims_complete=True))

        assert told[CertificateKind.SURPLUS, Instrument.NON_FOSSIL_RE] is Verdict.YES
        assert told[CertificateKind.SELF_CONSUMPTION, Instrument.GREEN_CERT] is Verdict.YES

    def test_takes_a_claim_from_its_home_and_kind_alone(self, markets):
        markets.save_outside_claims(MARKET, [CLAIM])

        told = asked(markets, are_claims_complete=True)

        platform = Instrument.PLATFORM
        assert verdicts(told)[CertificateKind.SURPLUS, platform] is Verdict.NO
        assert verdicts(told)[CertificateKind.SELF_CONSUMPTION, platform] is Verdict.YES
        assert verdicts(told, 1)[CertificateKind.SURPLUS, platform] is Verdict.YES

    def test_knows_a_claim_also_while_nobody_has_asked_about_others(self, markets):
        markets.save_outside_claims(MARKET, [CLAIM])

        platform = Instrument.PLATFORM
        assert verdicts(asked(markets))[CertificateKind.SURPLUS, platform] is Verdict.NO
        assert verdicts(asked(markets))[CertificateKind.SELF_CONSUMPTION, platform] is Verdict.CONFIRM
        assert verdicts(asked(markets, CLAIM.until_date))[CertificateKind.SURPLUS, platform] is Verdict.CONFIRM

    def test_knows_batteries(self, markets):
        told = verdicts(asked(markets, are_claims_complete=True), 1)

        assert told[CertificateKind.SURPLUS, Instrument.NON_FOSSIL_RE] is Verdict.CONFIRM

    @pytest.mark.parametrize(("days", "expected"), [(-1, Verdict.NO), (0, Verdict.YES), (1, Verdict.YES)])
    def test_turns_on_the_day_after_the_tariff(self, markets, days, expected):
        told = verdicts(asked(markets, VERIFIED.fit_end + timedelta(days=days), are_claims_complete=True))

        assert told[CertificateKind.SURPLUS, Instrument.PLATFORM] is expected

    def test_answers_for_one_home(self, markets):
        assert [each.home_id for each in asked(markets, home_id="H2").plants] == ["H2"]

    def test_refuses_a_home_that_has_no_roof(self, markets):
        with pytest.raises(UnknownRecord, match="'B1' is no home with a roof in the market"):
            asked(markets, home_id="B1")

    def test_refuses_a_market_that_is_not_there(self, markets):
        with pytest.raises(UnknownRecord):
            plant_eligibility(markets, shipped_rules(), MarketId("nowhere"), TODAY)


class TestPlantFacts:
    def test_knows_every_grade_of_a_plants_file(self, markets):
        book = markets.book(MARKET)

        for grade in MeasurementGrade:
            assert plant_facts(replace(VERIFIED, measurement_grade=grade), book).grade is MeterGrade(grade.value)
        assert len(MeterGrade) == len(MeasurementGrade)


class TestRoofPurchase:
    def test_has_another_first_off_taker_where_a_tariff_ran(self, markets):
        book = markets.book(MARKET)
        never_under_tariff = replace(VERIFIED, fit_end=VERIFIED.commissioning_date)

        assert roof_purchase(VERIFIED, book, TODAY).is_original_off_taker is False
        assert roof_purchase(never_under_tariff, book, TODAY).is_original_off_taker is None
