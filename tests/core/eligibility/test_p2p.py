"""Which P2P type a pair falls under and whether it may be matched, on both sides of every date of the table."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.eligibility import P2pType, PairFacts, RuleSubject, Verdict, Voltage, p2p_type
from sanchi.core.eligibility.p2p import NOT_KNOWN, SUBJECTS
from tests.core.eligibility.made_rules import SHIPPED, shipped_without

YES, CONFIRM, NO = Verdict.YES, Verdict.CONFIRM, Verdict.NO
DAY = timedelta(days=1)
TODAY = date(2026, 11, 25)
GRID = PairFacts(
    is_value_alone=False,
    is_same_supply_point=False,
    has_private_line=False,
    has_self_wheeling=False,
    home_retailer="R01",
    buyer_retailers=("R01",),
)
SPLIT = replace(GRID, buyer_retailers=("R01", "R02"), has_split_supply_contract=True, voltage=Voltage.HIGH)
BETWEEN = replace(
    GRID,
    buyer_retailers=("R02",),
    is_same_balancing_group=False,
    has_retailer_contract=True,
)
WHEELING = replace(GRID, has_self_wheeling=True, is_same_company=True, owns_plant=True, is_same_union=False)
UNION = replace(WHEELING, is_same_company=False, is_same_union=True)
INSIDE = replace(GRID, is_same_supply_point=True, is_ev_charging=False)
PRIVATE = replace(GRID, has_private_line=True, has_specified_supply_permission=True)
AGGREGATOR = replace(
    BETWEEN,
    has_retailer_contract=False,
    has_aggregator_licence=True,
    aggregator_notified_on=date(2026, 1, 1),
    aggregated_capacity_w=2_000_000,
)


def told(pair, day=TODAY, book=SHIPPED) -> tuple[P2pType | None, Verdict]:
    found = p2p_type(pair, day, book)
    return found.p2p_type, found.answer.verdict


class TestType:
    @pytest.mark.parametrize(
        ("pair", "found", "verdict"),
        [
            (replace(GRID, is_value_alone=True), None, YES),
            (INSIDE, P2pType.COLLECTIVE_RECEIVING, YES),
            (replace(INSIDE, is_ev_charging=True), P2pType.EV_CHARGER, YES),
            (PRIVATE, P2pType.PRIVATE_LINE, YES),
            (GRID, P2pType.ONE_RETAILER, YES),
            (SPLIT, P2pType.TWO_RETAILERS_AT_POINT, YES),
            (BETWEEN, P2pType.BETWEEN_GROUPS, YES),
            (WHEELING, P2pType.SELF_WHEELING, CONFIRM),
            (UNION, P2pType.UNION_OVER_GRID, CONFIRM),
        ],
    )
    def test_of_the_table_is_found_today(self, pair, found, verdict):
        assert told(pair) == (found, verdict)

    def test_is_told_for_every_number_of_the_table(self):
        assert [each.value for each in P2pType] == list("④⑤⑥⑦⑧⑨⑩⑪")
        assert set(SUBJECTS) == set(P2pType)

    def test_names_the_licence_or_contract_that_it_needs_unless_nothing_helps(self):
        needs = p2p_type(SPLIT, date(2024, 10, 1), SHIPPED).needs

        assert needs is not None
        assert "split supply contract" in needs.en
        assert "分割供給契約" in needs.ja
        assert p2p_type(SPLIT, date(2024, 9, 30), SHIPPED).needs is None

    def test_stays_the_same_for_a_retailer_named_twice(self):
        assert told(replace(GRID, buyer_retailers=("R01", "R01")))[0] is P2pType.ONE_RETAILER


class TestDates:
    @pytest.mark.parametrize(
        ("pair", "change", "before", "after"),
        [
            (SPLIT, date(2024, 10, 1), NO, YES),
            (replace(SPLIT, voltage=Voltage.LOW), date(2024, 10, 1), NO, CONFIRM),
            (BETWEEN, date(2022, 4, 1), NO, YES),
            (WHEELING, date(2024, 1, 1), YES, CONFIRM),
            (UNION, date(2021, 4, 1), NO, CONFIRM),
        ],
    )
    def test_turn_the_answer_on_their_day(self, pair, change, before, after):
        verdicts = [told(pair, change + n * DAY)[1] for n in (-1, 0, 1)]

        assert verdicts == [before, after, after]

    @pytest.mark.parametrize("pair", [INSIDE, PRIVATE, GRID])
    def test_do_not_matter_for_what_was_always_possible(self, pair):
        assert told(pair, date(2021, 1, 1))[1] is YES
        assert told(pair, date(2027, 1, 1))[1] is YES

    @pytest.mark.parametrize(("days", "expected"), [(29, NO), (30, CONFIRM), (31, CONFIRM)])
    def test_of_an_aggregators_notification_let_it_begin_after_thirty_days(self, days, expected):
        assert told(AGGREGATOR, date(2026, 1, 1) + days * DAY)[1] is expected


class TestConditions:
    @pytest.mark.parametrize(
        ("pair", "fact"),
        [
            (PRIVATE, "has_specified_supply_permission"),
            (SPLIT, "has_split_supply_contract"),
        ],
    )
    def test_that_are_not_met_forbid_and_that_are_not_known_are_to_be_confirmed(self, pair, fact):
        assert told(replace(pair, **{fact: False}))[1] is NO
        assert told(replace(pair, **{fact: None}))[1] is CONFIRM

    @pytest.mark.parametrize(("voltage", "expected"), [*dict.fromkeys(Voltage, YES).items(), (None, CONFIRM)])
    def test_of_split_supply_are_to_be_cleared_at_low_voltage(self, voltage, expected):
        expected = CONFIRM if voltage is Voltage.LOW else expected

        assert told(replace(SPLIT, voltage=voltage))[1] is expected

    @pytest.mark.parametrize(
        ("licence", "contract", "expected"),
        [
            (False, True, YES),
            (None, True, YES),
            (False, False, NO),
            (False, None, CONFIRM),
            (None, False, CONFIRM),
            (True, False, CONFIRM),  # the least size of an aggregator is not confirmed
        ],
    )
    def test_between_groups_ask_for_a_contract_or_an_aggregator(self, licence, contract, expected):
        pair = replace(AGGREGATOR, has_aggregator_licence=licence, has_retailer_contract=contract)

        assert told(pair)[1] is expected

    @pytest.mark.parametrize(("capacity_w", "expected"), [(999_999, NO), (1_000_000, CONFIRM), (None, CONFIRM)])
    def test_of_an_aggregators_size_never_give_a_yes(self, capacity_w, expected):
        assert told(replace(AGGREGATOR, aggregated_capacity_w=capacity_w))[1] is expected

    def test_of_two_retailers_in_one_group_are_to_be_confirmed(self):
        pair = replace(BETWEEN, is_same_balancing_group=True)

        assert told(pair) == (P2pType.ONE_RETAILER, CONFIRM)

    def test_of_self_wheeling_forbid_it_to_strangers(self):
        pair = replace(WHEELING, is_same_company=False, is_same_union=False)

        assert told(pair) == (P2pType.SELF_WHEELING, NO)
        assert told(replace(WHEELING, owns_plant=False))[1] is NO

    @pytest.mark.parametrize("subject", SUBJECTS.values())
    def test_without_any_rule_are_to_be_confirmed(self, subject):
        pairs = [INSIDE, replace(INSIDE, is_ev_charging=True), PRIVATE, GRID, SPLIT, BETWEEN, WHEELING, UNION]
        (pair,) = [each for each in pairs if SUBJECTS[P2pType(told(each)[0])] is subject]

        assert told(pair, book=shipped_without(subject))[1] is CONFIRM

    @pytest.mark.parametrize(
        ("pair", "subject"),
        [
            (replace(GRID, is_value_alone=True), RuleSubject.P2P_VALUE_ALONE),
            (AGGREGATOR, RuleSubject.P2P_AGGREGATOR),
            (AGGREGATOR, RuleSubject.P2P_AGGREGATOR_SIZE),
            (replace(SPLIT, voltage=Voltage.LOW), RuleSubject.P2P_8_LOW_VOLTAGE),
            (replace(BETWEEN, is_same_balancing_group=True), RuleSubject.P2P_SAME_GROUP),
        ],
    )
    def test_whose_rule_is_missing_are_to_be_confirmed(self, pair, subject):
        assert told(pair, book=shipped_without(subject))[1] is CONFIRM


TRUTH = st.booleans()
PAIRS = st.builds(
    PairFacts,
    is_value_alone=TRUTH,
    is_same_supply_point=TRUTH,
    is_ev_charging=TRUTH,
    has_private_line=TRUTH,
    has_specified_supply_permission=TRUTH,
    has_self_wheeling=TRUTH,
    is_same_company=TRUTH,
    owns_plant=TRUTH,
    is_same_union=TRUTH,
    home_retailer=st.sampled_from(["R01", "R02"]),
    buyer_retailers=st.sampled_from([("R01",), ("R02",), ("R01", "R02"), ("R03",)]),
    is_same_balancing_group=TRUTH,
    has_split_supply_contract=TRUTH,
    voltage=st.sampled_from(Voltage),
    has_retailer_contract=TRUTH,
    has_aggregator_licence=TRUTH,
    aggregator_notified_on=st.dates(date(2022, 1, 1), date(2026, 12, 31)),
    aggregated_capacity_w=st.integers(0, 2_000_000),
)


class TestUnknown:
    @settings(max_examples=400)
    @given(
        PAIRS,
        st.sets(st.sampled_from([field.name for field in fields(PairFacts)])),
        st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    )
    def test_facts_never_give_a_yes_that_knowing_them_would_take_back(self, pair, forgotten, day):
        blurred = replace(pair, **dict.fromkeys(forgotten))

        if told(blurred, day)[1] is YES:
            assert told(pair, day)[1] is YES

    def test_pairs_have_no_type_and_are_told_what_to_find_out(self):
        found = p2p_type(PairFacts(), TODAY, SHIPPED)

        assert (found.is_type_known, found.p2p_type, found.answer.verdict) == (False, None, CONFIRM)
        assert "is_value_alone" in found.answer.grounds[0].reason.en
        assert "is_value_alone" in found.answer.grounds[0].reason.ja

    def test_retailers_of_a_buyer_without_any_are_to_be_found_out(self):
        found = p2p_type(replace(GRID, buyer_retailers=()), TODAY, SHIPPED)

        assert "buyer_retailers" in found.answer.grounds[0].reason.en

    @given(PAIRS, st.sets(st.sampled_from([field.name for field in fields(PairFacts)])))
    def test_facts_that_decide_are_named_in_words(self, pair, forgotten):
        found = p2p_type(replace(pair, **dict.fromkeys(forgotten)), TODAY, SHIPPED)

        if not found.is_type_known:
            assert any(f"({name})" in found.answer.grounds[0].reason.en for name in NOT_KNOWN)
