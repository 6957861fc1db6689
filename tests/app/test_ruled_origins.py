"""What origin statements say by the shipped rules: until when a roof counts, which words may stand, which must."""

from datetime import date

import pytest

from sanchi.app.origin_rules import ClaimFacts, PlantFacts
from sanchi.app.ruled_origins import RuledOrigins
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.eligibility import RuleBook, RuleSubject
from sanchi.core.reports.label_sentence import LABEL_SENTENCE_JA
from sanchi.edge.delivery.eligibility_rules import shipped_rules

BOOK = shipped_rules()
RULES = RuledOrigins(BOOK)


def roof(begun: date, energy_wh: int = 1_000) -> PlantFacts:
    """Make a roof that began on a day."""
    return PlantFacts(
        home_id="H1",
        device_id="PV-1",
        commissioning_date=begun,
        fit_end=begun.replace(year=begun.year + 10),
        measurement_grade="verified",
        ct_class_permille=0,
        grid_area="03",
        surplus_wh=energy_wh,
        self_wh=0,
    )


def claim(month: Month, *plants: PlantFacts, used_wh: int = 5_000, covered_wh: int = 1_000) -> ClaimFacts:
    """Make a buyer's claims of a month."""
    return ClaimFacts(
        buyer_id="B1",
        month=month,
        kinds=(CertificateKind.SURPLUS,),
        used_wh=used_wh,
        covered_wh=covered_wh,
        hour_matched_wh=covered_wh,
        plants=plants,
    )


class TestEligibleUntil:
    def test_is_the_day_before_a_roof_is_fifteen_years_old(self):
        told = RULES.eligible_until(roof(date(2011, 11, 20)))
        assert told is not None
        assert told.until == date(2026, 11, 19)
        assert any(told.rule == rule.rule_id for rule in BOOK.rules)

    def test_is_not_told_where_no_rule_is_known(self):
        assert RuledOrigins(RuleBook(as_of=BOOK.as_of, rules=())).eligible_until(roof(date(2011, 11, 20))) is None


class TestWording:
    def test_of_platform_certificates_alone_says_that_they_are_no_official_ones(self):
        sentences = RULES.wording(claim(Month(year=2026, month_no=10), roof(date(2012, 1, 1))))
        assert any("platform" in each.rule.lower() for each in sentences)
        assert not any("100 %" in each.text_en for each in sentences)

    @pytest.mark.parametrize(("begun", "counts"), [(date(2012, 1, 1), True), (date(2011, 10, 31), False)])
    def test_names_re100_only_of_roofs_that_are_young_enough(self, begun: date, counts: bool):
        sentences = RULES.wording(claim(Month(year=2026, month_no=10), roof(begun)))
        assert any("RE100" in each.text_en for each in sentences) is counts

    def test_claims_nothing_where_the_use_is_not_metered(self):
        facts = claim(Month(year=2026, month_no=10), roof(date(2012, 1, 1)), used_wh=0, covered_wh=0)
        assert RULES.wording(facts) == ()

    def test_leaves_the_label_to_its_box_which_says_what_the_rule_demands(self):
        (rule,) = BOOK.of_subject(RuleSubject.WORDING_UNCERTIFIED)
        sentences = RULES.wording(claim(Month(year=2026, month_no=10), roof(date(2012, 1, 1))))

        assert rule.bilingual("sentence").ja == LABEL_SENTENCE_JA
        assert LABEL_SENTENCE_JA not in {each.text_ja for each in sentences}
