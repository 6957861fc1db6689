"""Until when a plant counts for RE100: leap days, contracts of before, exemptions, both sides of each date."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.eligibility import (
    Instrument,
    Period,
    PlantFacts,
    Purchase,
    RuleSubject,
    Verdict,
    hourly_deliverable,
    over_age_allowance_wh,
    re100_until,
)
from tests.core.eligibility.made_rules import SHIPPED, made_book, made_rule, shipped_without
from tests.oracles.re100_days import first_day_too_old, full_years_lived

YES, CONFIRM, NO = Verdict.YES, Verdict.CONFIRM, Verdict.NO
DAY = timedelta(days=1)
ROOF = PlantFacts(commissioning_date=date(2011, 11, 20), grid_area="03")
YEAR = Period(first_date=date(2026, 1, 1), until_date=date(2027, 1, 1))
PLAIN = Purchase(
    contract_date=date(2026, 1, 1),
    is_self_generation=False,
    is_project_specific=False,
    is_long_term=False,
    is_original_off_taker=False,
    instrument=Instrument.NON_FOSSIL_RE,
    is_retirement_proven=True,
    use_period=YEAR,
    buyer_grid_area="03",
)
OFF_TAKE = {"is_project_specific": True, "is_long_term": True, "is_original_off_taker": True}
DAYS = st.dates(date(2005, 1, 1), date(2016, 12, 31))


def verdict(plant=ROOF, purchase=PLAIN, day=date(2026, 6, 1), book=SHIPPED) -> Verdict:
    return re100_until(plant, purchase, day, book).answer.verdict


def until(begun, contract_date=date(2026, 1, 1), book=SHIPPED) -> date | None:
    plant = PlantFacts(commissioning_date=begun)
    return re100_until(plant, Purchase(contract_date=contract_date), date(2026, 6, 1), book).until_date


class TestUntil:
    @pytest.mark.parametrize(
        ("begun", "first_day_too_late"),
        [
            (date(2011, 11, 20), date(2026, 11, 20)),
            (date(2012, 2, 28), date(2027, 2, 28)),
            (date(2012, 2, 29), date(2027, 3, 1)),
            (date(2012, 3, 1), date(2027, 3, 1)),
            (date(2013, 2, 28), date(2028, 2, 28)),
            (date(2013, 3, 1), date(2028, 3, 1)),
        ],
    )
    def test_is_the_fifteenth_anniversary(self, begun, first_day_too_late):
        assert until(begun) == first_day_too_late

    def test_of_a_plant_that_was_old_before_is_the_beginning_of_the_rule(self):
        assert until(date(2005, 5, 1)) == date(2024, 1, 1)
        assert until(date(2009, 1, 1)) == date(2024, 1, 1)
        assert until(date(2009, 1, 2)) == date(2024, 1, 2)

    @given(DAYS)
    def test_is_what_asking_day_by_day_gives(self, begun):
        assert until(begun) == first_day_too_old(begun, 15, date(2024, 1, 1), date(2032, 1, 2))

    @given(DAYS, st.dates(date(2024, 1, 1), date(2032, 12, 31)))
    def test_parts_the_days_that_count_from_those_that_do_not(self, begun, day):
        plant = replace(ROOF, commissioning_date=begun)
        purchase = replace(PLAIN, use_period=Period(first_date=day, until_date=day + DAY))

        found = re100_until(plant, purchase, day, SHIPPED)

        assert found.until_date is not None
        assert (found.answer.verdict is YES) == (day < found.until_date)
        assert (found.answer.verdict is YES) == (full_years_lived(begun, day) < 15)

    @pytest.mark.parametrize(
        ("contract_date", "expected"),
        [
            (date(2023, 12, 31), None),
            (date(2024, 1, 1), date(2026, 11, 20)),
            (date(2024, 1, 2), date(2026, 11, 20)),
            (None, date(2026, 11, 20)),
        ],
    )
    def test_has_no_end_for_contracts_of_before_2024(self, contract_date, expected):
        assert until(ROOF.commissioning_date, contract_date) == expected

    def test_counts_from_the_repowering(self):
        plant = replace(ROOF, repowered_on=date(2020, 2, 29))

        assert re100_until(plant, PLAIN, YEAR.first_date, SHIPPED).until_date == date(2035, 3, 1)

    def test_is_told_as_not_known_where_the_plants_beginning_is_not(self):
        found = re100_until(PlantFacts(grid_area="03"), PLAIN, YEAR.first_date, SHIPPED)

        assert (found.until_date, found.is_age_known, found.answer.verdict) == (None, False, CONFIRM)

    def test_follows_a_stricter_rule_from_its_day_on(self):
        limit = {"is_limited": True, "contracts_from": date(2024, 1, 1), "exempt_permille": 0}
        change = date(2025, 1, 1)
        book = made_book(
            made_rule("wide", RuleSubject.RE100_AGE, valid_until=change, parameters=limit | {"years": 15}),
            made_rule("narrow", RuleSubject.RE100_AGE, valid_from=change, parameters=limit | {"years": 10}),
        )

        assert until(date(2011, 5, 1), book=book) == change
        assert until(date(2016, 5, 1), book=book) == date(2026, 5, 1)
        assert until(date(2008, 5, 1), book=book) == date(2023, 5, 1)


class TestAnswer:
    def test_is_yes_where_everything_is_known_and_well(self):
        assert verdict() is YES

    @pytest.mark.parametrize(("days", "expected"), [(-1, YES), (0, NO), (1, NO)])
    def test_turns_on_the_anniversary(self, days, expected):
        assert verdict(day=date(2026, 11, 20) + days * DAY) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, YES), (0, NO), (1, NO)])
    def test_turns_for_an_old_plant_with_the_year_2024(self, days, expected):
        day = date(2024, 1, 1) + days * DAY
        plant = replace(ROOF, commissioning_date=date(2000, 1, 1))
        purchase = replace(
            PLAIN, contract_date=date(2024, 1, 1), use_period=Period(first_date=day, until_date=day + DAY)
        )

        assert verdict(plant, purchase, day) is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, YES), (0, NO), (1, NO)])
    def test_asks_for_the_proof_of_retirement_from_2026_on(self, days, expected):
        day = date(2026, 1, 1) + days * DAY
        purchase = replace(PLAIN, is_retirement_proven=False, use_period=Period(first_date=day, until_date=day + DAY))

        assert verdict(purchase=purchase, day=day) is expected
        assert verdict(purchase=replace(purchase, is_retirement_proven=True), day=day) is YES

    @pytest.mark.parametrize(
        ("exemption", "expected"),
        [
            ({"is_self_generation": True}, YES),
            (OFF_TAKE, YES),
            (OFF_TAKE | {"is_original_off_taker": None}, CONFIRM),
            (OFF_TAKE | {"is_original_off_taker": False}, NO),
            (OFF_TAKE | {"is_long_term": False, "is_self_generation": None}, CONFIRM),
            (dict.fromkeys((*OFF_TAKE, "is_self_generation")), CONFIRM),
            ({"contract_date": date(2023, 12, 31)}, YES),
        ],
    )
    def test_of_a_plant_that_is_too_old_depends_on_the_purchase(self, exemption, expected):
        assert verdict(purchase=replace(PLAIN, **exemption), day=date(2026, 12, 1)) is expected

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2025, 6, 30), NO),
            (date(2025, 7, 1), CONFIRM),
            (date(2025, 12, 31), CONFIRM),
            (date(2026, 1, 1), YES),
            (date(2026, 12, 31), YES),
            (date(2027, 1, 1), CONFIRM),
            (date(2027, 3, 31), CONFIRM),
            (date(2027, 4, 1), NO),
        ],
    )
    def test_asks_to_confirm_the_window_around_the_use(self, day, expected):
        assert verdict(plant=replace(ROOF, commissioning_date=date(2020, 1, 1)), day=day) is expected

    @pytest.mark.parametrize(
        ("instrument", "expected"),
        [
            (Instrument.NON_FOSSIL_RE, YES),
            (Instrument.GREEN_CERT, YES),
            (Instrument.J_CREDIT, CONFIRM),
            (Instrument.PLATFORM, CONFIRM),
            (None, CONFIRM),
        ],
    )
    def test_asks_to_confirm_an_instrument_that_is_not_known_to_count(self, instrument, expected):
        assert verdict(purchase=replace(PLAIN, instrument=instrument)) is expected

    @pytest.mark.parametrize(("area", "expected"), [("10", YES), ("11", NO), ("KR", NO), (None, CONFIRM)])
    def test_asks_for_one_market(self, area, expected):
        assert verdict(purchase=replace(PLAIN, buyer_grid_area=area)) is expected

    @pytest.mark.parametrize(
        "subject",
        [
            RuleSubject.RE100_AGE,
            RuleSubject.RE100_INSTRUMENT,
            RuleSubject.RE100_EVIDENCE,
            RuleSubject.RE100_VINTAGE,
            RuleSubject.RE100_BOUNDARY,
        ],
    )
    def test_without_a_rule_is_to_be_confirmed(self, subject):
        assert verdict(book=shipped_without(subject)) is CONFIRM

    @settings(max_examples=200)
    @given(
        st.builds(
            Purchase,
            contract_date=st.dates(date(2023, 12, 1), date(2024, 2, 1)),
            is_self_generation=st.booleans(),
            is_project_specific=st.booleans(),
            is_long_term=st.booleans(),
            is_original_off_taker=st.booleans(),
            instrument=st.sampled_from(Instrument),
            is_retirement_proven=st.booleans(),
            use_period=st.just(YEAR),
            buyer_grid_area=st.sampled_from(["03", "99"]),
        ),
        st.dates(date(2005, 1, 1), date(2015, 1, 1)),
        st.sets(st.sampled_from([field.name for field in fields(Purchase)])),
        st.sets(st.sampled_from(["commissioning_date", "grid_area"])),
        st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    )
    def test_is_no_yes_that_knowing_more_would_take_back(self, purchase, begun, forgotten, forgotten_of_plant, day):
        plant = replace(ROOF, commissioning_date=begun)
        blurred = replace(purchase, **dict.fromkeys(forgotten))
        blurred_plant = replace(plant, **dict.fromkeys(forgotten_of_plant))

        if verdict(blurred_plant, blurred, day) is YES:
            assert verdict(plant, purchase, day) is YES

    def test_of_nothing_known_is_to_be_confirmed(self):
        assert verdict(PlantFacts(), Purchase()) is CONFIRM


class TestOverAgeAllowance:
    @pytest.mark.parametrize(
        ("day", "allowed_wh"), [(date(2023, 12, 31), 1_007), (date(2024, 1, 1), 151), (date(2024, 1, 2), 151)]
    )
    def test_is_a_part_of_the_use_since_2024_cut_down(self, day, allowed_wh):
        assert over_age_allowance_wh(1_007, day, SHIPPED) == allowed_wh

    def test_is_nothing_where_no_rule_is_known(self):
        assert over_age_allowance_wh(1_000, date(2026, 1, 1), shipped_without(RuleSubject.RE100_AGE)) == 0


class TestHourlyDeliverable:
    @pytest.mark.parametrize(
        ("plant", "buyer", "expected"), [("03", "03", CONFIRM), ("03", "06", NO), (None, "03", CONFIRM)]
    )
    def test_never_gives_a_yes_by_a_draft(self, plant, buyer, expected):
        assert hourly_deliverable(plant, buyer, date(2026, 1, 1), SHIPPED).verdict is expected
