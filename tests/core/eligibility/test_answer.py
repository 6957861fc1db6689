"""An answer is as good as its worst ground, and a yes never rests on what is not sure."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.eligibility import Answer, Bilingual, Certainty, Ground, RuleSubject, Verdict
from sanchi.core.eligibility.answer import by_rule, no_rule
from tests.core.eligibility.made_rules import made_rule

SURE, UNSURE = made_rule("sure"), made_rule("unsure", certainty=Certainty.UNCONFIRMED)


def ground(verdict, rule=SURE) -> Ground:
    return Ground(verdict=verdict, reason=Bilingual(en=str(verdict), ja="理由"), rule=rule)


class TestAnswer:
    @given(st.lists(st.sampled_from(Verdict), min_size=1))
    def test_is_as_good_as_its_worst_ground(self, verdicts):
        answer = Answer(grounds=tuple(ground(verdict) for verdict in verdicts))

        worst = (
            Verdict.NO if Verdict.NO in verdicts else Verdict.CONFIRM if Verdict.CONFIRM in verdicts else Verdict.YES
        )
        assert answer.verdict is worst
        assert {each.verdict for each in answer.decisive} == {worst}

    def test_names_each_rule_once(self):
        other = made_rule("other")
        answer = Answer(grounds=(ground(Verdict.YES), ground(Verdict.NO, other), ground(Verdict.YES)))

        assert answer.rules == (SURE, other)

    def test_without_grounds_is_refused(self):
        with pytest.raises(AssertionError, match="needs a ground"):
            Answer(grounds=())


class TestGround:
    def test_refuses_a_yes_by_no_rule(self):
        with pytest.raises(AssertionError, match="nothing sure"):
            ground(Verdict.YES, None)

    def test_refuses_a_yes_by_an_unconfirmed_rule(self):
        with pytest.raises(AssertionError, match="nothing sure"):
            ground(Verdict.YES, UNSURE)


class TestByRule:
    @pytest.mark.parametrize("verdict", Verdict)
    def test_keeps_the_verdict_of_a_sure_rule(self, verdict):
        assert by_rule(SURE, verdict, "so", "そう").verdict is verdict

    def test_asks_to_confirm_what_an_unconfirmed_rule_allows_and_says_so_in_both_languages(self):
        told = by_rule(UNSURE, Verdict.YES, "so", "そう")

        assert told.verdict is Verdict.CONFIRM
        assert told.rule is UNSURE
        assert "not confirmed" in told.reason.en
        assert "未確認" in told.reason.ja

    def test_keeps_what_an_unconfirmed_rule_forbids(self):
        assert by_rule(UNSURE, Verdict.NO, "so", "そう").verdict is Verdict.NO

    def test_without_any_rule_asks_to_confirm(self):
        told = no_rule(RuleSubject.RE100_AGE, date(2026, 1, 1))

        assert told.verdict is Verdict.CONFIRM
        assert "RE100_AGE" in told.reason.en
