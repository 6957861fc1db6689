"""Until when a plant counts for RE100, and whether a purchase of it does on a day.

Enter: PlantFacts, Purchase, rules. Leave: Re100Answer. Not here: what a statement may say about it (wording).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sanchi.core.base.units import PERMILLE
from sanchi.core.eligibility.answer import Answer, Ground, by_rule, no_rule
from sanchi.core.eligibility.facts import Period, PlantFacts, months_after, years_after
from sanchi.core.eligibility.instruments import Instrument
from sanchi.core.eligibility.rule import DatedRule, RuleSubject, Verdict
from sanchi.core.eligibility.rule_book import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """How a buyer comes to a plant's watt-hours; None = not known, which never helps to a yes.

    contract_date: of the buyer's contract. instrument: by which the value was retired for the buyer.
    use_period: for which use it counts; buyer_grid_area: where the use is, 01 to 10.
    """

    contract_date: date | None = None
    is_self_generation: bool | None = None
    is_project_specific: bool | None = None
    is_long_term: bool | None = None
    is_original_off_taker: bool | None = None
    instrument: Instrument | None = None
    is_retirement_proven: bool | None = None
    use_period: Period | None = None
    buyer_grid_area: str | None = None

    @property
    def exemption(self) -> Verdict:
        """Tell whether the purchase has no limit of age: own plant, or first buyer of a project for long."""
        off_take = (self.is_project_specific, self.is_long_term, self.is_original_off_taker)
        if self.is_self_generation or all(off_take):
            return Verdict.YES
        if self.is_self_generation is False and any(part is False for part in off_take):
            return Verdict.NO
        return Verdict.CONFIRM


@dataclass(frozen=True, slots=True, kw_only=True)
class Re100Answer:
    """Whether a purchase counts on a day, and the first day on which the plant's age is too high.

    until_date: None = no such day, or none known; is_age_known: whether the plant tells its age. The date holds
    for purchases without exemption.
    """

    on_date: date
    until_date: date | None
    is_age_known: bool
    answer: Answer


def re100_until(plant: PlantFacts, purchase: Purchase, on_date: date, book: RuleBook) -> Re100Answer:
    """Tell until when a plant counts, and whether a purchase of its generation of on_date counts."""
    grounds = (
        _of_age(plant, purchase, on_date, book),
        _of_instrument(purchase, on_date, book),
        _of_evidence(purchase, on_date, book),
        _of_vintage(purchase, on_date, book),
        _of_boundary(plant, purchase, on_date, book),
    )
    return Re100Answer(
        on_date=on_date,
        until_date=age_until(plant, purchase.contract_date, book),
        is_age_known=plant.age_counts_from is not None,
        answer=Answer(grounds=grounds),
    )


def age_until(plant: PlantFacts, contract_date: date | None, book: RuleBook) -> date | None:
    """Give the first day on which a plant is too old by the rule then in force, None when there is no such day.

    A contract without a known date is taken for a new one, as the stricter reading.
    """
    counts_from = plant.age_counts_from
    if counts_from is None:
        return None
    for rule in book.of_subject(RuleSubject.RE100_AGE):
        if _is_unlimited(rule, contract_date):
            continue
        too_old = max(years_after(counts_from, rule.whole("years")), rule.valid_from or date.min)
        if rule.valid_until is None or too_old < rule.valid_until:
            return too_old
    return None


def over_age_allowance_wh(used_wh: int, on_date: date, book: RuleBook) -> int:
    """Give how many Wh of a buyer's use may come from plants that are too old, rounded down [Wh].

    Nothing where no rule is known; all where there is no limit.
    """
    rule = book.in_force(RuleSubject.RE100_AGE, on_date)
    if rule is None:
        return 0
    return used_wh * rule.whole("exempt_permille") // PERMILLE if rule.truth("is_limited") else used_wh


def hourly_deliverable(
    plant_grid_area: str | None, buyer_grid_area: str | None, on_date: date, book: RuleBook
) -> Answer:
    """Answer by the draft of Scope 2 whether generation can be delivered: plant and use in one grid area."""
    rule = book.in_force(RuleSubject.HOURLY_DELIVERABILITY, on_date)
    if rule is None:
        return Answer(grounds=(no_rule(RuleSubject.HOURLY_DELIVERABILITY, on_date),))
    if plant_grid_area is None or buyer_grid_area is None:
        ground = by_rule(rule, Verdict.CONFIRM, "a grid area is not known", "エリアが不明です")
    elif plant_grid_area == buyer_grid_area:
        en, ja = f"both lie in grid area {buyer_grid_area}", f"いずれもエリア{buyer_grid_area}にあります"
        ground = by_rule(rule, Verdict.YES, en, ja)
    else:
        en = f"the plant lies in grid area {plant_grid_area}, the use in {buyer_grid_area}"
        ja = f"発電はエリア{plant_grid_area}、使用はエリア{buyer_grid_area}です"
        ground = by_rule(rule, Verdict.NO, en, ja)
    return Answer(grounds=(ground,))


def _is_unlimited(rule: DatedRule, contract_date: date | None) -> bool:
    """Tell whether a rule leaves a contract without a limit of age."""
    return not rule.truth("is_limited") or (contract_date is not None and contract_date < rule.day("contracts_from"))


def _of_age(plant: PlantFacts, purchase: Purchase, day: date, book: RuleBook) -> Ground:
    """Ask whether the plant is young enough, or the purchase exempt."""
    rule = book.in_force(RuleSubject.RE100_AGE, day)
    if rule is None:
        return no_rule(RuleSubject.RE100_AGE, day)
    if not rule.truth("is_limited"):
        return by_rule(rule, Verdict.YES, rule.says.en, rule.says.ja)
    if _is_unlimited(rule, purchase.contract_date):
        en = f"the contract of {purchase.contract_date} is older than the rule ({rule.day('contracts_from')})"
        ja = f"契約日{purchase.contract_date}が規則の適用開始（{rule.day('contracts_from')}）より前です"
        return by_rule(rule, Verdict.YES, en, ja)
    counts_from = plant.age_counts_from
    if counts_from is None:
        return by_rule(rule, Verdict.CONFIRM, "the day of commissioning is not known", "運転開始日が不明です")
    too_old = years_after(counts_from, rule.whole("years"))
    if day < too_old:
        en = f"{rule.whole('years')} years after {counts_from} end on {too_old} only"
        return by_rule(rule, Verdict.YES, en, f"{counts_from}から{rule.whole('years')}年の経過日は{too_old}です")
    return _of_exemption(rule, purchase, day, too_old, book)


def _of_exemption(rule: DatedRule, purchase: Purchase, day: date, too_old: date, book: RuleBook) -> Ground:
    """Ask whether a purchase of a plant that is too old is exempt."""
    exemption = book.in_force(RuleSubject.RE100_EXEMPTION, day)
    en = f"the plant is {rule.whole('years')} years old since {too_old}"
    ja = f"{too_old}に運転開始から{rule.whole('years')}年を経過しています"
    if exemption is None or purchase.exemption is Verdict.NO:
        return by_rule(rule, Verdict.NO, en, ja)
    told = {
        Verdict.YES: (", and the purchase is exempt", "が、例外に該当します"),
        Verdict.CONFIRM: ("; ask whether the purchase is exempt", "ため、例外に該当するかの確認が必要です"),
    }
    more_en, more_ja = told[purchase.exemption]
    return by_rule(exemption, purchase.exemption, en + more_en, ja + more_ja)


def _of_instrument(purchase: Purchase, day: date, book: RuleBook) -> Ground:
    """Ask whether RE100 knows the instrument."""
    rule = book.in_force(RuleSubject.RE100_INSTRUMENT, day)
    if rule is None:
        return no_rule(RuleSubject.RE100_INSTRUMENT, day)
    if purchase.instrument is None:
        en, ja = "the instrument is not known", "用いる証書・クレジットが不明です"
        return by_rule(rule, Verdict.CONFIRM, en, ja)
    if purchase.instrument in rule.words("accepted"):
        en, ja = f"{purchase.instrument} counts", f"{purchase.instrument}は認められています"
        return by_rule(rule, Verdict.YES, en, ja)
    en = f"{purchase.instrument} alone is no instrument that RE100 is known to accept: ask first"
    return by_rule(rule, Verdict.CONFIRM, en, f"{purchase.instrument}のみでは認められるか確認が必要です")


def _of_evidence(purchase: Purchase, day: date, book: RuleBook) -> Ground:
    """Ask for the proof of retirement."""
    rule = book.in_force(RuleSubject.RE100_EVIDENCE, day)
    if rule is None:
        return no_rule(RuleSubject.RE100_EVIDENCE, day)
    if not rule.truth("is_needed"):
        return by_rule(rule, Verdict.YES, rule.says.en, rule.says.ja)
    if purchase.is_retirement_proven:
        return by_rule(rule, Verdict.YES, "its retirement is proven", "償却の証拠があります")
    if purchase.is_retirement_proven is None:
        return by_rule(rule, Verdict.CONFIRM, "a proof of its retirement is needed", "償却の証拠が必要です")
    return by_rule(rule, Verdict.NO, "its retirement is not proven", "償却の証拠がありません")


def _of_vintage(purchase: Purchase, day: date, book: RuleBook) -> Ground:
    """Ask whether the day of generation is near enough to the use; inside the use every width of a window agrees."""
    rule = book.in_force(RuleSubject.RE100_VINTAGE, day)
    if rule is None:
        return no_rule(RuleSubject.RE100_VINTAGE, day)
    use = purchase.use_period
    if use is None:
        return by_rule(rule, Verdict.CONFIRM, "the period of use is not known", "使用期間が不明です")
    if use.covers(day):
        return by_rule(rule, Verdict.YES, "generated within the period of use", "使用期間内の発電です")
    width = book.in_force(RuleSubject.RE100_VINTAGE_WINDOW, day)
    if width is None:
        return no_rule(RuleSubject.RE100_VINTAGE_WINDOW, day)
    window = vintage_window(use, width)
    last_date = window.until_date - timedelta(days=1)
    if window.covers(day):
        en = f"generated outside the period of use, within {window.first_date} to {last_date}"
        ja = f"使用期間外ですが、{window.first_date}から{last_date}までの発電です"
        return by_rule(width, Verdict.YES, en, ja)
    en = f"generated outside {window.first_date} to {last_date}"
    return by_rule(width, Verdict.NO, en, f"{window.first_date}から{last_date}までの発電ではありません")


def vintage_window(use: Period, width: DatedRule) -> Period:
    """Give the days of generation that a use may be covered from, by a rule on the width of the window."""
    return Period(
        first_date=months_after(use.first_date, -width.whole("months_before")),
        until_date=months_after(use.until_date, width.whole("months_after")),
    )


def _of_boundary(plant: PlantFacts, purchase: Purchase, day: date, book: RuleBook) -> Ground:
    """Ask whether plant and use lie in one market."""
    rule = book.in_force(RuleSubject.RE100_BOUNDARY, day)
    if rule is None:
        return no_rule(RuleSubject.RE100_BOUNDARY, day)
    areas = rule.words("grid_areas")
    if plant.grid_area is None or purchase.buyer_grid_area is None:
        return by_rule(rule, Verdict.CONFIRM, "a grid area is not known", "エリアが不明です")
    if plant.grid_area in areas and purchase.buyer_grid_area in areas:
        en = f"grid areas {plant.grid_area} and {purchase.buyer_grid_area} lie in one market"
        ja = f"エリア{plant.grid_area}と{purchase.buyer_grid_area}は同一市場です"
        return by_rule(rule, Verdict.YES, en, ja)
    en = f"grid areas {plant.grid_area} and {purchase.buyer_grid_area} do not lie in one market"
    ja = f"エリア{plant.grid_area}と{purchase.buyer_grid_area}は同一市場ではありません"
    return by_rule(rule, Verdict.NO, en, ja)
