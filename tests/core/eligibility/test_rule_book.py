"""Rules are put together only where nobody could answer in two ways by them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.eligibility import Bilingual, Certainty, RuleFault, RuleSource, RuleSubject, UnfitRules, Verdict
from sanchi.core.eligibility.rule_schemas import SCHEMAS
from tests.core.eligibility.made_rules import SHIPPED, made_book, made_rule

NEW_YEAR = date(2026, 1, 1)
DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 1))
AGE = {"is_limited": True, "years": 15, "contracts_from": NEW_YEAR, "exempt_permille": 150}


def fault_of(*rules) -> RuleFault:
    with pytest.raises(UnfitRules) as caught:
        made_book(*rules)
    assert caught.value.hint
    return caught.value.fault


class TestRuleBook:
    def test_gives_the_rule_in_force_on_either_side_of_a_change(self):
        old, new = made_rule("old", valid_until=NEW_YEAR), made_rule("new", valid_from=NEW_YEAR)
        book = made_book(new, old)

        assert book.in_force(RuleSubject.ONE_INSTRUMENT, NEW_YEAR - DAY) is old
        assert book.in_force(RuleSubject.ONE_INSTRUMENT, NEW_YEAR) is new
        assert book.of_subject(RuleSubject.ONE_INSTRUMENT) == (old, new)

    def test_gives_none_where_no_rule_is_in_force(self):
        book = made_book(made_rule(valid_from=NEW_YEAR, valid_until=NEW_YEAR + DAY))

        assert book.in_force(RuleSubject.ONE_INSTRUMENT, NEW_YEAR - DAY) is None
        assert book.in_force(RuleSubject.ONE_INSTRUMENT, NEW_YEAR + DAY) is None
        assert book.in_force(RuleSubject.OUTSIDE_CLAIM, NEW_YEAR) is None

    def test_tells_the_days_of_change_of_its_subjects_alone(self):
        book = made_book(
            made_rule("one", valid_from=NEW_YEAR, valid_until=NEW_YEAR + DAY),
            made_rule("other", RuleSubject.OUTSIDE_CLAIM, valid_from=date(2025, 1, 1)),
        )

        assert book.changes([RuleSubject.ONE_INSTRUMENT]) == {NEW_YEAR, NEW_YEAR + DAY}

    def test_refuses_two_rules_of_a_subject_on_one_day(self):
        until, start = NEW_YEAR + DAY, NEW_YEAR

        assert fault_of(made_rule("a", valid_until=until), made_rule("b", valid_from=start)) is RuleFault.OVERLAP
        assert fault_of(made_rule("a"), made_rule("b", valid_from=start)) is RuleFault.OVERLAP
        assert fault_of(made_rule("a"), made_rule("b")) is RuleFault.OVERLAP

    def test_names_the_rules_that_overlap_and_the_day(self):
        with pytest.raises(UnfitRules, match=r"OVERLAP: rules a and b of ONE_INSTRUMENT .* on 2026-01-01"):
            made_book(made_rule("a"), made_rule("b", valid_from=NEW_YEAR))

    def test_lets_rules_of_different_subjects_hold_together(self):
        rules = made_rule("a"), made_rule("b", RuleSubject.OUTSIDE_CLAIM)

        assert [made_book(*rules).in_force(rule.subject, NEW_YEAR) for rule in rules] == list(rules)

    @given(st.lists(st.tuples(DAYS, st.integers(1, 10)), min_size=2, max_size=4))
    def test_refuses_exactly_what_has_two_rules_on_a_day(self, spans):
        rules = [
            made_rule(f"r{n}", valid_from=start, valid_until=start + n_days * DAY)
            for n, (start, n_days) in enumerate(spans)
        ]
        days = [date(2020, 1, 1) + n * DAY for n in range(60)]
        is_ambiguous = any(sum(rule.covers(day) for rule in rules) > 1 for day in days)

        if is_ambiguous:
            assert fault_of(*rules) is RuleFault.OVERLAP
        else:
            made_book(*rules)

    @pytest.mark.parametrize(
        ("rules", "fault"),
        [
            ([made_rule(), made_rule(subject=RuleSubject.OUTSIDE_CLAIM)], RuleFault.DUPLICATE_ID),
            ([made_rule(valid_from=NEW_YEAR, valid_until=NEW_YEAR)], RuleFault.EMPTY_PERIOD),
            ([made_rule(sources=())], RuleFault.NO_SOURCE),
            (
                [made_rule(sources=(RuleSource(authority="", document="x", dated=None, address=""),))],
                RuleFault.NO_SOURCE,
            ),
            ([made_rule(says=Bilingual(en="only English", ja=""))], RuleFault.NO_SENTENCE),
            ([made_rule(parameters={"years": 1})], RuleFault.PARAMETER),
            ([made_rule(subject=RuleSubject.RE100_AGE, parameters={})], RuleFault.PARAMETER),
            ([made_rule(subject=RuleSubject.RE100_AGE, parameters=AGE | {"years": True})], RuleFault.PARAMETER),
            ([made_rule(subject=RuleSubject.RE100_AGE, parameters=AGE | {"years": -1})], RuleFault.PARAMETER),
            ([made_rule(subject=RuleSubject.RE100_INSTRUMENT, parameters={"accepted": ()})], RuleFault.PARAMETER),
            ([made_rule(subject=RuleSubject.SPECIFIED_METERING, parameters={"notified": "yes"})], RuleFault.PARAMETER),
        ],
    )
    def test_names_what_is_wrong(self, rules, fault):
        assert fault_of(*rules) is fault

    def test_lets_a_rule_without_a_limit_say_nothing_more(self):
        rule = made_rule(subject=RuleSubject.RE100_AGE, parameters={"is_limited": False})

        assert made_book(rule).in_force(RuleSubject.RE100_AGE, NEW_YEAR) is rule

    def test_knows_the_parameters_of_every_subject(self):
        assert set(SCHEMAS) == set(RuleSubject)


class TestShippedRules:
    @pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.rule_id)
    def test_are_in_force_from_their_first_day_until_before_their_last(self, rule):
        def in_force(day):
            return SHIPPED.in_force(rule.subject, day) is rule

        if rule.valid_from is not None:
            assert [in_force(rule.valid_from + n * DAY) for n in (-1, 0, 1)] == [False, True, True]
        if rule.valid_until is not None:
            assert [in_force(rule.valid_until + n * DAY) for n in (-1, 0, 1)] == [True, False, False]
        if rule.valid_from is None and rule.valid_until is None:
            assert in_force(date(1990, 1, 1))
            assert in_force(date(2090, 1, 1))

    def test_speak_about_every_subject(self):
        assert {rule.subject for rule in SHIPPED.rules} == set(RuleSubject)

    def test_leave_no_gap_between_two_versions(self):
        for subject in RuleSubject:
            versions = SHIPPED.of_subject(subject)
            for earlier, later in pairwise(versions):
                assert earlier.valid_until == later.valid_from, subject

    @pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.rule_id)
    def test_that_are_confirmed_by_others_alone_name_two_of_them_or_their_maker(self, rule):
        makers = ("資源エネルギー庁", "sanchi", "RE100")
        is_maker = any(source.authority.startswith(makers) for source in rule.sources)

        assert rule.certainty is not Certainty.CONFIRMED or is_maker or len(rule.sources) >= 2

    def test_of_nothing_but_general_knowledge_are_marked(self):
        guessed = [rule for rule in SHIPPED.rules if any("no document" in each.document for each in rule.sources)]

        assert guessed
        assert {rule.certainty for rule in guessed} == {Certainty.UNCONFIRMED}

    def test_that_are_not_confirmed_are_known_by_name(self):
        assert {rule.rule_id for rule in SHIPPED.rules if rule.certainty is Certainty.UNCONFIRMED} == {
            "j-credit-joining",
            "re100-vintage-window",
            "scope2-deliverability",
            "p2p-same-group",
            "p2p-8-low-voltage",
            "p2p-aggregator-size",
            "p2p-10-2024",
            "p2p-11-2021",
        }

    def test_write_verdicts_as_verdicts(self):
        nfc = SHIPPED.in_force(RuleSubject.NON_FOSSIL_SURPLUS, NEW_YEAR)

        assert nfc is not None
        assert nfc.verdict("with_battery") is Verdict.CONFIRM
