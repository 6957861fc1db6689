"""What a statement may say of the electricity that it covers, and what it has to say beside that.

Enter: watt-hours, a day, rules. Leaves: Wording. Not here: how watt-hours were covered, and the page itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.units import PERMILLE
from sanchi.core.eligibility.rule import Bilingual, DatedRule, RuleSubject
from sanchi.core.eligibility.rule_book import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class WordedSentence:
    """A sentence of a statement and the rule that allows or demands it; None = a plain fact of the platform."""

    text: Bilingual
    rule: DatedRule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Sentences in the order in which they are printed; claims may be left out, required ones may not."""

    claims: tuple[WordedSentence, ...]
    required: tuple[WordedSentence, ...]

    @property
    def claims_ja(self) -> tuple[str, ...]:
        """Give what may be said, in Japanese."""
        return tuple(sentence.text.ja for sentence in self.claims)

    @property
    def claims_en(self) -> tuple[str, ...]:
        """Give what may be said, in English."""
        return tuple(sentence.text.en for sentence in self.claims)

    @property
    def required_ja(self) -> tuple[str, ...]:
        """Give what has to be said, in Japanese."""
        return tuple(sentence.text.ja for sentence in self.required)

    @property
    def required_en(self) -> tuple[str, ...]:
        """Give what has to be said, in English."""
        return tuple(sentence.text.en for sentence in self.required)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Name the rules, each once, in the order of the sentences."""
        rules = [sentence.rule for sentence in (*self.claims, *self.required)]
        return tuple(dict.fromkeys(rule.rule_id for rule in rules if rule is not None))


def wording(
    *,
    covered_wh: int,
    used_wh: int,
    hour_matched_wh: int,
    re100_eligible_wh: int,
    on_date: date,
    rules: RuleBook,
    instrument_wh: int | None = None,
) -> Wording:
    """Word what may be said of a use of used_wh, of which covered_wh are covered by retired certificates.

    hour_matched_wh: of the covered ones, generated in the half hour of the use. re100_eligible_wh: of them, from
    plants that RE100's rules on age, vintage and market let count. instrument_wh: of them, those for which an
    instrument that the law or its schemes know (non-fossil or green power certificate, J-credit) was retired beside
    the platform's; None = not known, taken for none, so that no word says more than is sure. Shares are cut down to a
    tenth of a per cent: nothing short of all is ever told as 100 %.

    Raises: WrongInput when a part is larger than what it is a part of.
    """
    _check(covered_wh, used_wh, hour_matched_wh, re100_eligible_wh, instrument_wh)
    known_wh = instrument_wh or 0
    facts = _Facts(
        covered_wh=covered_wh,
        used_wh=used_wh,
        hour_matched_wh=hour_matched_wh,
        re100_eligible_wh=re100_eligible_wh,
        known_wh=known_wh,
    )
    return Wording(
        claims=tuple(_claims(facts, on_date, rules)) if used_wh else (),
        required=tuple(_required(facts, on_date, rules)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """Watt-hours of a statement: known_wh have an instrument that the law or its schemes know."""

    covered_wh: int
    used_wh: int
    hour_matched_wh: int
    re100_eligible_wh: int
    known_wh: int

    @property
    def re100_wh(self) -> int:
        """Give what surely counts for RE100 [Wh]: which Wh have an instrument is not told, so the least common part."""
        return max(0, self.re100_eligible_wh + self.known_wh - self.covered_wh)


Told = Iterator[WordedSentence]


def share_text(part_wh: int, whole_wh: int) -> str:
    """Write a share as per cent with one decimal, cut; 100 % is all and nothing less.

    >>> share_text(9_999_999, 10_000_000), share_text(5, 5)
    ('99.9 %', '100 %')
    """
    if part_wh == whole_wh:
        return "100 %"
    share_permille = part_wh * PERMILLE // whole_wh
    return f"{share_permille // 10}.{share_permille % 10} %"


def _check(
    covered_wh: int, used_wh: int, hour_matched_wh: int, re100_eligible_wh: int, instrument_wh: int | None
) -> None:
    """Refuse parts that are larger than what they are a part of."""
    parts = {
        "covered_wh": (covered_wh, used_wh, "used_wh"),
        "hour_matched_wh": (hour_matched_wh, covered_wh, "covered_wh"),
        "re100_eligible_wh": (re100_eligible_wh, covered_wh, "covered_wh"),
        "instrument_wh": (instrument_wh or 0, covered_wh, "covered_wh"),
    }
    for name, (part_wh, whole_wh, whole_name) in parts.items():
        if not 0 <= part_wh <= whole_wh:
            raise WrongInput(
                f"A statement of {name} {part_wh} within {whole_name} {whole_wh} says more than there is.",
                hint="Retire for a use at most what was used, in whole Wh of 0 or more.",
            )


def _claims(facts: _Facts, on_date: date, rules: RuleBook) -> Told:
    """Word what may be said."""
    if facts.covered_wh:
        share = share_text(facts.covered_wh, facts.used_wh)
        en = f"For {share} of the electricity used, certificates of origin of this platform were retired."
        yield WordedSentence(
            text=Bilingual(en=en, ja=f"使用電力量の{share}について、本プラットフォームの産地証書を償却しています。"),
            rule=None,
        )
    if facts.hour_matched_wh:
        share = share_text(facts.hour_matched_wh, facts.used_wh)
        en = f"{share} of the electricity used was generated by named roofs in the half hour of its use."
        yield WordedSentence(
            text=Bilingual(en=en, ja=f"使用電力量の{share}は、使用と同じ30分コマに特定の屋根で発電されたものです。"),
            rule=None,
        )
    renewable = rules.in_force(RuleSubject.WORDING_RENEWABLE, on_date)
    if facts.known_wh and renewable is not None:
        share = share_text(facts.known_wh, facts.used_wh)
        en = f"{share} of the electricity used counts as renewable by certificates or credits retired for it."
        ja = f"使用電力量の{share}は、証書・クレジットの使用により実質的に再生可能エネルギーです。"
        yield WordedSentence(text=Bilingual(en=en, ja=ja), rule=renewable)
    age = rules.in_force(RuleSubject.RE100_AGE, on_date)
    if age is None:
        return
    if facts.re100_wh:
        share = share_text(facts.re100_wh, facts.used_wh)
        en = f"{share} of the electricity used meets the RE100 technical criteria known on {rules.as_of}."
        ja = f"使用電力量の{share}は、{rules.as_of}時点で把握しているRE100技術要件を満たします。"
        yield WordedSentence(text=Bilingual(en=en, ja=ja), rule=age)
    if facts.re100_eligible_wh > facts.re100_wh:
        share = share_text(facts.re100_eligible_wh, facts.used_wh)
        en = (
            f"{share} of the electricity used comes from plants that the RE100 technical criteria known on "
            f"{rules.as_of} let count; whether it counts depends on the certificate or credit used beside."
        )
        ja = (
            f"使用電力量の{share}は、{rules.as_of}時点で把握しているRE100技術要件の対象となり得る設備で発電されたものです。"
            "RE100で認められるかは、併せて使用する証書・クレジットによります。"
        )
        yield WordedSentence(text=Bilingual(en=en, ja=ja), rule=age)


def _required(facts: _Facts, on_date: date, rules: RuleBook) -> Told:
    """Word what has to be said; a rule that is missing is no reason to leave it out, so the latest one stands in."""
    if facts.covered_wh < facts.used_wh:
        yield _sentence(RuleSubject.WORDING_UNCERTIFIED, on_date, rules)
    if facts.known_wh < facts.covered_wh:
        yield _sentence(RuleSubject.WORDING_PLATFORM, on_date, rules)


def _sentence(subject: RuleSubject, on_date: date, rules: RuleBook) -> WordedSentence:
    """Give the sentence of a rule. Raises: WrongInput when the rules have none at all."""
    rule = rules.in_force(subject, on_date) or next(reversed(rules.of_subject(subject)), None)
    if rule is None:
        raise WrongInput(
            f"The rules hold no sentence for {subject}, which a statement of {on_date} has to bear.",
            hint="Add a rule of that subject to the file of rules.",
        )
    return WordedSentence(text=rule.bilingual("sentence"), rule=rule)
