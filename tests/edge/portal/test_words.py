"""Every member of a closed set has its word."""

import pytest

from sanchi.app.market import CapacityRule, HomeGroup, MeasurementGrade
from sanchi.app.views.market_head import ProvenanceLabel, ProvenanceSubject
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.portal.problem_words import words_of
from sanchi.edge.portal.templatetags.sanchi_format import meaning, word


class TestWord:
    @pytest.mark.parametrize(
        "members",
        [CertificateKind, HomeGroup, MeasurementGrade, CapacityRule, Severity, ProvenanceLabel, ProvenanceSubject],
    )
    def test_stands_for_every_member(self, members):
        assert all(str(word(member)) for member in members)

    @pytest.mark.parametrize("members", [ProvenanceLabel, Severity])
    def test_has_a_meaning_where_pages_explain(self, members):
        assert all(str(meaning(member)) for member in members)


class TestProblemWords:
    @pytest.mark.parametrize("code", ProblemCode)
    def test_title_and_advice_are_known(self, code):
        words = words_of(code)

        assert str(words.title) != code.value, "add the new code to problem_words"
        assert str(words.advice)
