"""Which instruments a roof's watt-hours of a kind can become, day by day, and why.

Enter: PlantFacts, a kind, a period, claims, rules. Leave: InstrumentAnswers. Not here: which Wh took one (taking).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility.answer import Answer, Ground, by_rule, no_rule
from sanchi.core.eligibility.facts import MeterGrade, Period, PlantFacts, ValueClaim, years_after
from sanchi.core.eligibility.rule import Bilingual, DatedRule, RuleSubject, Verdict
from sanchi.core.eligibility.rule_book import RuleBook


class Instrument(StrEnum):
    """What the environmental value of a watt-hour can be told by; one watt-hour has one alone."""

    NON_FOSSIL_RE = "NFC_NONFIT_RE"  # 非FIT非化石証書（再エネ指定）
    GREEN_CERT = "GREEN_CERT"  # グリーン電力証書
    J_CREDIT = "J_CREDIT_RE"  # J-クレジット（再エネ電力）
    PLATFORM = "PLATFORM"  # the platform's certificate and nothing beside it


SUBJECTS: Final = {
    (Instrument.NON_FOSSIL_RE, CertificateKind.SURPLUS): RuleSubject.NON_FOSSIL_SURPLUS,
    (Instrument.NON_FOSSIL_RE, CertificateKind.SELF_CONSUMPTION): RuleSubject.NON_FOSSIL_SELF,
    (Instrument.GREEN_CERT, CertificateKind.SURPLUS): RuleSubject.GREEN_SURPLUS,
    (Instrument.GREEN_CERT, CertificateKind.SELF_CONSUMPTION): RuleSubject.GREEN_SELF,
    (Instrument.J_CREDIT, CertificateKind.SURPLUS): RuleSubject.J_CREDIT_SURPLUS,
    (Instrument.J_CREDIT, CertificateKind.SELF_CONSUMPTION): RuleSubject.J_CREDIT_SELF,
    (Instrument.PLATFORM, CertificateKind.SURPLUS): RuleSubject.PLATFORM_SURPLUS,
    (Instrument.PLATFORM, CertificateKind.SELF_CONSUMPTION): RuleSubject.PLATFORM_SELF,
}
# Rules that speak about every instrument.
_SHARED: Final = (
    RuleSubject.OUTSIDE_CLAIM,
    RuleSubject.SPECIFIED_METERING,
    RuleSubject.DIFFERENTIAL_METERING,
    RuleSubject.J_CREDIT_JOINING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentAnswer:
    """Whether an instrument is possible on the days of a period; needs: what has to be done for it, None with a no."""

    instrument: Instrument
    kind: CertificateKind
    period: Period
    answer: Answer
    needs: Bilingual | None


def instruments_for(
    plant: PlantFacts,
    kind: CertificateKind,
    period: Period,
    claims: Sequence[ValueClaim] | None,
    book: RuleBook,
) -> tuple[InstrumentAnswer, ...]:
    """Answer for each instrument, in the order of Instrument, then of time; a new answer begins where anything changes.

    claims: all claims of others on the roof's value; None = nobody has asked yet, which is no yes.
    """
    return tuple(each for instrument in Instrument for each in _answers(plant, kind, period, claims, book, instrument))


def _answers(
    plant: PlantFacts,
    kind: CertificateKind,
    period: Period,
    claims: Sequence[ValueClaim] | None,
    book: RuleBook,
    instrument: Instrument,
) -> Iterator[InstrumentAnswer]:
    """Answer for one instrument; days in a row with the same answer are told together."""
    subject = SUBJECTS[instrument, kind]
    changes = book.changes((subject, *_SHARED)).union(
        day for day in (plant.fit_end, plant.commissioning_date) if day is not None
    )
    if plant.commissioning_date is not None:
        changes |= {
            years_after(plant.commissioning_date, rule.whole("years"))
            for rule in book.of_subject(RuleSubject.J_CREDIT_JOINING)
        }
    for claim in claims or ():
        changes |= {claim.first_date} if claim.until_date is None else {claim.first_date, claim.until_date}
    starts = sorted({period.first_date, *(day for day in changes if period.covers(day))})
    told: InstrumentAnswer | None = None
    for start, until in zip(starts, [*starts[1:], period.until_date], strict=True):
        rule = book.in_force(subject, start)
        answer = Answer(grounds=tuple(_grounds(plant, kind, start, claims, book, rule, subject)))
        needs = None if rule is None or answer.verdict is Verdict.NO else rule.bilingual("needs")
        if told is not None and (told.answer, told.needs) == (answer, needs):
            start = told.period.first_date  # noqa: PLW2901 - the days before belong to this answer too
        elif told is not None:
            yield told
        told = InstrumentAnswer(
            instrument=instrument,
            kind=kind,
            period=Period(first_date=start, until_date=until),
            answer=answer,
            needs=needs,
        )
    assert told is not None, "a period has a day"
    yield told


def _grounds(
    plant: PlantFacts,
    kind: CertificateKind,
    day: date,
    claims: Sequence[ValueClaim] | None,
    book: RuleBook,
    rule: DatedRule | None,
    subject: RuleSubject,
) -> Iterator[Ground]:
    """Gather what speaks for and against on one day."""
    if rule is None:
        yield no_rule(subject, day)
    elif _grades(rule) == {Verdict.NO}:
        # The kind itself is left out: nothing about the roof would change that, so nothing else is worth saying.
        yield by_rule(rule, Verdict.NO, rule.says.en, rule.says.ja)
        return
    else:
        yield _of_beginning(plant, day, rule)
        yield _of_grade(plant, rule)
        if plant.grade is MeterGrade.NOTIFIED and len(_grades(rule)) > 1:
            yield _of_specified_metering(day, book)
        if rule.truth("is_difference"):
            yield _of_difference(plant, day, book)
        if subject is RuleSubject.J_CREDIT_SELF:
            yield from _of_joining(plant, day, book)
        yield from _of_battery(plant, rule)
        yield from _of_fit(plant, day, rule)
    yield from _of_claims(kind, day, claims, book)


def _grades(rule: DatedRule) -> set[Verdict]:
    """Give what a rule says about any meter."""
    return {rule.verdict(grade) for grade in MeterGrade}


def _of_beginning(plant: PlantFacts, day: date, rule: DatedRule) -> Ground:
    """Ask whether the plant had begun."""
    begun = plant.commissioning_date
    if begun is None:
        return by_rule(rule, Verdict.CONFIRM, "the day of commissioning is not known", "運転開始日が不明です")
    if day < begun:
        return by_rule(rule, Verdict.NO, f"the plant began on {begun} only", f"発電設備の運転開始日は{begun}です")
    return by_rule(rule, Verdict.YES, f"the plant has run since {begun}", f"発電設備は{begun}に運転を開始しています")


def _of_grade(plant: PlantFacts, rule: DatedRule) -> Ground:
    """Ask what the meter allows; where every meter will do, nobody has to know it."""
    if _grades(rule) == {Verdict.YES}:
        return by_rule(rule, Verdict.YES, rule.says.en, rule.says.ja)
    if plant.grade is None:
        return by_rule(rule, Verdict.CONFIRM, "the grade of the meter is not known", "計量区分が不明です")
    told = {
        Verdict.YES: ("is enough", "で足ります"),
        Verdict.CONFIRM: ("may not be enough: ask the scheme", "で足りるかどうかは制度への確認が必要です"),
        Verdict.NO: ("is not enough", "では足りません"),
    }
    verdict = rule.verdict(plant.grade)
    en, ja = told[verdict]
    return by_rule(rule, verdict, f"a meter of grade {plant.grade} {en}", f"計量区分「{GRADE_JA[plant.grade]}」{ja}")


GRADE_JA: Final = {
    MeterGrade.VERIFIED: "検定付き計量器",
    MeterGrade.NOTIFIED: "特例計量器",
    MeterGrade.CT: "変流器（CT）",
}


def _of_specified_metering(day: date, book: RuleBook) -> Ground:
    """Ask whether notified meters existed in law on the day."""
    rule = book.in_force(RuleSubject.SPECIFIED_METERING, day)
    if rule is None:
        return no_rule(RuleSubject.SPECIFIED_METERING, day)
    return by_rule(rule, rule.verdict("notified"), rule.says.en, rule.says.ja)


def _of_difference(plant: PlantFacts, day: date, book: RuleBook) -> Ground:
    """Ask whether generation minus export may be told as an energy."""
    rule = book.in_force(RuleSubject.DIFFERENTIAL_METERING, day)
    if rule is None:
        return no_rule(RuleSubject.DIFFERENTIAL_METERING, day)
    limit_w = rule.whole("below_w")
    if plant.capacity_w is None:
        en, ja = (
            "the capacity is not known; metering by difference depends on it",
            "差分計量の可否に関わる出力が不明です",
        )
        return by_rule(rule, Verdict.CONFIRM, en, ja)
    if plant.capacity_w < limit_w:
        en = f"below {limit_w} W generation minus export may be metered by difference"
        return by_rule(rule, Verdict.YES, en, f"{limit_w} W未満のため差分計量（発電量－逆潮流）が可能です")
    en = f"at {limit_w} W or more metering by difference has to be cleared"
    return by_rule(rule, rule.verdict("at_or_above"), en, f"{limit_w} W以上の差分計量には確認が必要です")


def _of_joining(plant: PlantFacts, day: date, book: RuleBook) -> Iterator[Ground]:
    """Ask whether a plant may be too old to have joined a programme; when it joined is not known here."""
    rule = book.in_force(RuleSubject.J_CREDIT_JOINING, day)
    if rule is None:
        yield no_rule(RuleSubject.J_CREDIT_JOINING, day)
    elif plant.commissioning_date is None or day >= years_after(plant.commissioning_date, rule.whole("years")):
        en = f"a plant of {rule.whole('years')} years or more has to have joined a programme before: ask it"
        ja = f"運転開始から{rule.whole('years')}年以内にプログラムに参加しているかの確認が必要です"
        yield by_rule(rule, rule.verdict("later"), en, ja)


def _of_battery(plant: PlantFacts, rule: DatedRule) -> Iterator[Ground]:
    """Ask what a battery takes away, where it takes anything away."""
    verdict = rule.verdict("with_battery")
    if verdict is Verdict.YES or plant.has_battery is False:
        return
    if plant.has_battery is None:
        en, ja = "whether there is a battery is not known", "蓄電池の有無が不明です"
        yield by_rule(rule, Verdict.CONFIRM, en, ja)
        return
    en = "behind a battery the meter does not tell solar from other energy"
    yield by_rule(rule, verdict, en, "蓄電池がある場合、計量値だけでは太陽光由来かどうかを区別できません")


def _of_fit(plant: PlantFacts, day: date, rule: DatedRule) -> Iterator[Ground]:
    """Ask what the feed-in tariff takes away, where it takes anything away."""
    verdict = rule.verdict("inside_fit")
    if plant.fit_end is None:
        if verdict is not Verdict.YES:
            en, ja = "the end of the feed-in tariff is not known", "FIT買取期間の終了日が不明です"
            yield by_rule(rule, Verdict.CONFIRM, en, ja)
    elif day < plant.fit_end and verdict is not Verdict.YES:
        if verdict is Verdict.NO:
            en = f"until {plant.fit_end} the value belongs to the payers of the levy (FIT)"
            yield by_rule(rule, verdict, en, f"{plant.fit_end}より前の環境価値は賦課金の負担者に帰属します（FIT）")
        else:
            en = f"the feed-in tariff runs until {plant.fit_end}: ask the scheme whether it minds"
            yield by_rule(rule, verdict, en, f"{plant.fit_end}までFIT買取期間中のため、制度への確認が必要です")
    elif day < plant.fit_end:
        en, ja = "the feed-in tariff does not matter", "FIT買取期間中でも差し支えありません"
        yield by_rule(rule, Verdict.YES, en, ja)
    else:
        en = f"the feed-in tariff ended on {plant.fit_end}"
        yield by_rule(rule, Verdict.YES, en, f"{plant.fit_end}にFIT買取期間が終了しています")


def _of_claims(
    kind: CertificateKind, day: date, claims: Sequence[ValueClaim] | None, book: RuleBook
) -> Iterator[Ground]:
    """Ask whether the value is somebody else's."""
    rule = book.in_force(RuleSubject.OUTSIDE_CLAIM, day)
    if rule is None:
        yield no_rule(RuleSubject.OUTSIDE_CLAIM, day)
        return
    if claims is None:
        en = "nobody has asked yet whether somebody else claims the value"
        yield by_rule(rule, Verdict.CONFIRM, en, "他者による環境価値の主張の有無が未確認です")
        return
    held = [claim for claim in claims if claim.covers(kind, day)]
    for claim in held:
        what = f"{claim.scheme} {claim.reference}".strip()
        yield by_rule(
            rule, Verdict.NO, f"the value is claimed by {what}", f"環境価値は既に他で主張されています（{what}）"
        )
    if not held:
        yield by_rule(rule, Verdict.YES, "nobody else claims the value", "他者による環境価値の主張はありません")
