"""An answer and what it rests on: each ground names its rule, so that anybody can look it up.

Enter: grounds. Leave: Answer. Not here: any question.
"""

from dataclasses import dataclass
from datetime import date

from sanchi.core.eligibility.rule import SEVEREST_FIRST, Bilingual, Certainty, DatedRule, RuleSubject, Verdict
from sanchi.core.eligibility.rule_book import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One thing that speaks for or against; rule: None where no rule is known for the day."""

    verdict: Verdict
    reason: Bilingual
    rule: DatedRule | None

    def __post_init__(self) -> None:
        """Refuse a yes that rests on no rule, or on one that is not confirmed: a programme that says it is wrong."""
        assert self.verdict is not Verdict.YES or (
            self.rule is not None and self.rule.certainty is not Certainty.UNCONFIRMED
        ), f"a yes rests on nothing sure: {self.reason.en}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Yes, no or needs confirmation, with all grounds; as good as its worst ground."""

    grounds: tuple[Ground, ...]

    def __post_init__(self) -> None:
        """Refuse an answer without any ground: nothing is allowed because nothing was asked."""
        assert self.grounds, "an answer needs a ground"

    @property
    def verdict(self) -> Verdict:
        """Give the worst of the grounds' verdicts."""
        return min((ground.verdict for ground in self.grounds), key=SEVEREST_FIRST.index)

    @property
    def decisive(self) -> tuple[Ground, ...]:
        """Give the grounds that make the answer what it is."""
        return tuple(ground for ground in self.grounds if ground.verdict is self.verdict)

    @property
    def rules(self) -> tuple[DatedRule, ...]:
        """Give the rules that the answer rests on, each once, in the order of the grounds."""
        return tuple({ground.rule.rule_id: ground.rule for ground in self.grounds if ground.rule is not None}.values())


def by_rule(rule: DatedRule, verdict: Verdict, en: str, ja: str) -> Ground:
    """Word a ground by a rule; what rests on an unconfirmed rule is confirmed before it becomes a yes."""
    if verdict is Verdict.YES and rule.certainty is Certainty.UNCONFIRMED:
        reason = Bilingual(en=f"{en}; but this rule is not confirmed", ja=f"{ja}（ただし、この規則は未確認です）")
        return Ground(verdict=Verdict.CONFIRM, reason=reason, rule=rule)
    return Ground(verdict=verdict, reason=Bilingual(en=en, ja=ja), rule=rule)


def no_rule(subject: RuleSubject, day: date) -> Ground:
    """Say that no rule about a subject is known for a day."""
    reason = Bilingual(
        en=f"no rule about {subject} is known for {day}", ja=f"{day}に適用される{subject}の規則が登録されていません"
    )
    return Ground(verdict=Verdict.CONFIRM, reason=reason, rule=None)


def rule_or_ground(book: RuleBook, subject: RuleSubject, day: date) -> tuple[DatedRule | None, tuple[Ground, ...]]:
    """Give the rule in force, or the ground that says that there is none."""
    rule = book.in_force(subject, day)
    return rule, () if rule is not None else (no_rule(subject, day),)
