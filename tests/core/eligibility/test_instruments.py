"""Which instruments a roof's watt-hours can become: on both sides of every date, and never by what nobody knows."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import (
    Instrument,
    MeterGrade,
    Period,
    PlantFacts,
    RuleSubject,
    ValueClaim,
    Verdict,
    instruments_for,
)
from sanchi.core.eligibility.instruments import SUBJECTS
from tests.core.eligibility.made_rules import SHIPPED, shipped_without

SURPLUS, SELF = CertificateKind.SURPLUS, CertificateKind.SELF_CONSUMPTION
DAY = timedelta(days=1)
YES, CONFIRM, NO = Verdict.YES, Verdict.CONFIRM, Verdict.NO
YOUNG = PlantFacts(
    commissioning_date=date(2025, 4, 1),
    fit_end=date(2025, 4, 1),
    grade=MeterGrade.VERIFIED,
    capacity_w=4000,
    has_battery=False,
    grid_area="03",
)
POST_FIT = replace(YOUNG, commissioning_date=date(2010, 5, 12), fit_end=date(2020, 5, 12))
TODAY = date(2026, 11, 25)


def one_day(day: date) -> Period:
    return Period(first_date=day, until_date=day + DAY)


def verdict(plant, kind, instrument, day=TODAY, claims=(), book=SHIPPED) -> Verdict:
    answers = instruments_for(plant, kind, one_day(day), claims, book)
    (found,) = [each.answer.verdict for each in answers if each.instrument is instrument]
    return found


def reasons(plant, kind, instrument, day=TODAY, claims=()) -> str:
    answers = instruments_for(plant, kind, one_day(day), claims, SHIPPED)
    (found,) = [each.answer for each in answers if each.instrument is instrument]
    return "; ".join(ground.reason.en for ground in found.decisive)


class TestTable:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (SURPLUS, {"NFC_NONFIT_RE": YES, "GREEN_CERT": NO, "J_CREDIT_RE": NO, "PLATFORM": YES}),
            (SELF, {"NFC_NONFIT_RE": NO, "GREEN_CERT": YES, "J_CREDIT_RE": YES, "PLATFORM": YES}),
        ],
    )
    def test_of_a_verified_meter_gives_each_kind_its_schemes(self, kind, expected):
        answers = instruments_for(YOUNG, kind, one_day(TODAY), (), SHIPPED)

        assert {each.instrument: each.answer.verdict for each in answers} == expected

    @pytest.mark.parametrize(
        ("grade", "expected"), [(MeterGrade.VERIFIED, YES), (MeterGrade.NOTIFIED, CONFIRM), (MeterGrade.CT, NO)]
    )
    @pytest.mark.parametrize("instrument", [Instrument.GREEN_CERT, Instrument.J_CREDIT])
    def test_asks_for_a_grade_where_self_consumption_leaves_the_platform(self, grade, expected, instrument):
        assert verdict(replace(YOUNG, grade=grade), SELF, instrument) is expected

    @pytest.mark.parametrize("grade", [*MeterGrade, None])
    def test_asks_for_no_grade_where_the_network_operators_meter_tells_the_export(self, grade):
        assert verdict(replace(YOUNG, grade=grade), SURPLUS, Instrument.NON_FOSSIL_RE) is YES

    @pytest.mark.parametrize("grade", [*MeterGrade, None])
    def test_asks_for_no_grade_on_the_platform(self, grade):
        assert verdict(replace(YOUNG, grade=grade), SELF, Instrument.PLATFORM) is YES

    def test_says_nothing_of_the_roof_where_the_kind_itself_is_left_out(self):
        roof = replace(YOUNG, has_battery=True, fit_end=date(2035, 4, 1), grade=MeterGrade.CT)

        told = [each.answer for each in instruments_for(roof, SELF, one_day(TODAY), None, SHIPPED)]

        (ground,) = told[0].grounds
        assert ground.rule is SHIPPED.in_force(RuleSubject.NON_FOSSIL_SELF, TODAY)
        assert ground.reason == ground.rule.says

    def test_names_what_has_to_be_done_where_it_is_not_a_no(self):
        for kind in CertificateKind:
            for each in instruments_for(YOUNG, kind, one_day(TODAY), (), SHIPPED):
                assert (each.needs is None) == (each.answer.verdict is NO)

    def test_has_a_rule_for_every_instrument_and_kind(self):
        assert set(SUBJECTS) == {(instrument, kind) for instrument in Instrument for kind in CertificateKind}
        assert len(set(SUBJECTS.values())) == len(SUBJECTS)


class TestDates:
    @pytest.mark.parametrize(("days", "expected"), [(-1, NO), (0, YES), (1, YES)])
    def test_surplus_is_the_homes_from_the_first_day_after_the_tariff(self, days, expected):
        day = POST_FIT.fit_end + days * DAY

        assert verdict(POST_FIT, SURPLUS, Instrument.NON_FOSSIL_RE, day) is expected
        assert verdict(POST_FIT, SURPLUS, Instrument.PLATFORM, day) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, CONFIRM), (0, YES), (1, YES)])
    def test_self_consumption_inside_the_tariff_is_to_be_confirmed_by_the_scheme(self, days, expected):
        day = POST_FIT.fit_end + days * DAY

        assert verdict(POST_FIT, SELF, Instrument.GREEN_CERT, day) is expected
        assert verdict(POST_FIT, SELF, Instrument.PLATFORM, day) is YES

    @pytest.mark.parametrize(("days", "expected"), [(-1, NO), (0, YES), (1, YES)])
    def test_non_fossil_certificates_of_other_plants_begin_with_april_2020(self, days, expected):
        plant = replace(POST_FIT, fit_end=date(2019, 11, 1))

        assert verdict(plant, SURPLUS, Instrument.NON_FOSSIL_RE, date(2020, 4, 1) + days * DAY) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, NO), (0, CONFIRM), (1, CONFIRM)])
    def test_notified_meters_begin_with_april_2022(self, days, expected):
        plant = replace(POST_FIT, grade=MeterGrade.NOTIFIED)

        assert verdict(plant, SELF, Instrument.GREEN_CERT, date(2022, 4, 1) + days * DAY) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, NO), (0, YES), (1, YES)])
    def test_nothing_is_certified_before_the_plant_began(self, days, expected):
        assert verdict(YOUNG, SELF, Instrument.PLATFORM, YOUNG.commissioning_date + days * DAY) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, YES), (0, CONFIRM), (1, CONFIRM)])
    def test_an_older_plant_may_have_come_too_late_for_j_credits(self, days, expected):
        assert verdict(YOUNG, SELF, Instrument.J_CREDIT, date(2027, 4, 1) + days * DAY) is expected


class TestConditions:
    @pytest.mark.parametrize(("capacity_w", "expected"), [(9_999, YES), (10_000, CONFIRM), (None, CONFIRM)])
    def test_metering_by_difference_is_cleared_below_10_kw_alone(self, capacity_w, expected):
        assert verdict(replace(YOUNG, capacity_w=capacity_w), SELF, Instrument.GREEN_CERT) is expected

    @pytest.mark.parametrize(("has_battery", "expected"), [(False, YES), (True, CONFIRM), (None, CONFIRM)])
    def test_a_battery_is_to_be_cleared_with_the_scheme(self, has_battery, expected):
        plant = replace(YOUNG, has_battery=has_battery)

        assert verdict(plant, SURPLUS, Instrument.NON_FOSSIL_RE) is expected
        assert verdict(plant, SURPLUS, Instrument.PLATFORM) is YES

    @pytest.mark.parametrize("scheme", ["FIT", "J_CREDIT", "GREEN_CERT", "PPA", "CLUB"])
    @pytest.mark.parametrize("instrument", Instrument)
    def test_value_that_is_somebody_elses_becomes_nothing_here(self, scheme, instrument):
        claim = ValueClaim(scheme=scheme, kind=SELF, first_date=TODAY, until_date=None, reference="No. 7")

        assert verdict(YOUNG, SELF, instrument, TODAY, (claim,)) is NO
        if instrument is not Instrument.NON_FOSSIL_RE:
            assert f"claimed by {scheme} No. 7" in reasons(YOUNG, SELF, instrument, TODAY, (claim,))

    def test_a_claim_on_the_other_kind_takes_nothing(self):
        claim = ValueClaim(scheme="PPA", kind=SELF, first_date=TODAY, until_date=None)

        assert verdict(YOUNG, SURPLUS, Instrument.PLATFORM, TODAY, (claim,)) is YES

    @pytest.mark.parametrize("kind", CertificateKind)
    @pytest.mark.parametrize("instrument", Instrument)
    def test_claims_that_nobody_asked_about_are_no_yes(self, kind, instrument):
        assert verdict(YOUNG, kind, instrument, TODAY, None) is not YES

    @pytest.mark.parametrize(("kind", "instrument"), [(kind, each) for each, kind in SUBJECTS])
    def test_a_subject_without_a_rule_is_to_be_confirmed(self, kind, instrument):
        book = shipped_without(SUBJECTS[instrument, kind])

        assert verdict(YOUNG, kind, instrument, book=book) is CONFIRM

    @pytest.mark.parametrize(
        "subject",
        [RuleSubject.OUTSIDE_CLAIM, RuleSubject.DIFFERENTIAL_METERING, RuleSubject.J_CREDIT_JOINING],
    )
    def test_a_condition_without_a_rule_is_to_be_confirmed(self, subject):
        assert verdict(YOUNG, SELF, Instrument.J_CREDIT, book=shipped_without(subject)) is CONFIRM


class TestSpans:
    def test_a_new_answer_begins_where_anything_changes(self):
        claim = ValueClaim(scheme="PPA", kind=SURPLUS, first_date=date(2021, 1, 1), until_date=date(2021, 7, 1))
        period = Period(first_date=date(2020, 1, 1), until_date=date(2022, 1, 1))

        told = [
            (each.period.first_date, each.period.until_date, each.answer.verdict)
            for each in instruments_for(POST_FIT, SURPLUS, period, (claim,), SHIPPED)
            if each.instrument is Instrument.PLATFORM
        ]

        assert told == [
            (date(2020, 1, 1), date(2020, 5, 12), NO),
            (date(2020, 5, 12), date(2021, 1, 1), YES),
            (date(2021, 1, 1), date(2021, 7, 1), NO),
            (date(2021, 7, 1), date(2022, 1, 1), YES),
        ]

    @settings(max_examples=40)
    @given(
        st.dates(date(2019, 10, 1), date(2022, 6, 1)),
        st.integers(1, 400),
        st.dates(date(2019, 10, 1), date(2022, 6, 1)),
        st.sampled_from(CertificateKind),
        st.sampled_from(MeterGrade),
    )
    def test_say_of_every_day_what_the_day_alone_says(self, first, n_days, claimed, kind, grade):
        plant = replace(POST_FIT, grade=grade)
        claim = ValueClaim(scheme="CLUB", kind=kind, first_date=claimed, until_date=claimed + 30 * DAY)
        period = Period(first_date=first, until_date=first + n_days * DAY)

        told = instruments_for(plant, kind, period, (claim,), SHIPPED)

        for instrument in Instrument:
            spans = [each for each in told if each.instrument is instrument]
            ends = [(each.period.first_date, each.period.until_date) for each in spans]
            assert [end for end, _ in ends] == [first, *(until for _, until in ends[:-1])]
            assert ends[-1][1] == period.until_date
            for day in {first, period.until_date - DAY, *(start + n * DAY for start, _ in ends for n in (-1, 0, 1))}:
                if period.covers(day):
                    (span,) = [each for each in spans if each.period.covers(day)]
                    assert span.answer.verdict is verdict(plant, kind, instrument, day, (claim,))


KNOWN_PLANTS = st.builds(
    PlantFacts,
    commissioning_date=st.dates(date(2005, 1, 1), date(2026, 1, 1)),
    fit_end=st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    grade=st.sampled_from(MeterGrade),
    capacity_w=st.integers(1_000, 20_000),
    has_battery=st.booleans(),
    repowered_on=st.none(),
    grid_area=st.just("03"),
)


class TestUnknown:
    @settings(max_examples=200)
    @given(
        KNOWN_PLANTS,
        st.sets(st.sampled_from([field.name for field in fields(PlantFacts)])),
        st.sampled_from(CertificateKind),
        st.dates(date(2019, 1, 1), date(2030, 1, 1)),
    )
    def test_facts_never_give_a_yes_that_knowing_them_would_take_back(self, plant, forgotten, kind, day):
        blurred = replace(plant, **dict.fromkeys(forgotten))

        for instrument in Instrument:
            if verdict(blurred, kind, instrument, day) is YES:
                assert verdict(plant, kind, instrument, day) is YES

    @pytest.mark.parametrize("kind", CertificateKind)
    @pytest.mark.parametrize("instrument", Instrument)
    def test_roofs_have_no_instrument(self, kind, instrument):
        assert verdict(PlantFacts(), kind, instrument) is not YES
