"""Answer what an origin statement asks by the dated rules of eligibility.

Enter: facts of plants and claims, a RuleBook. Leave: RuledDate, RuledSentence. Not here: the rules themselves (core).
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sanchi.app.origin_rules import ClaimFacts, PlantFacts, RuledDate, RuledSentence
from sanchi.core.eligibility import DatedRule, RuleBook, RuleSubject, wording
from sanchi.core.eligibility import PlantFacts as EligiblePlant
from sanchi.core.eligibility.re100 import age_until


class RuledOrigins:
    """Fulfils app.origin_rules.OriginRules by a book of rules."""

    def __init__(self, book: RuleBook) -> None:
        """Keep the rules."""
        self._book = book

    def eligible_until(self, plant: PlantFacts) -> RuledDate | None:
        """Tell the last day on which a roof is young enough for RE100; a contract's exemption is not known here.

        The rule is the one in force on the day after, or the newest one where the roof never becomes too old.
        """
        rules = self._book.of_subject(RuleSubject.RE100_AGE)
        if not rules:
            return None
        too_old = age_until(EligiblePlant(commissioning_date=plant.commissioning_date), None, self._book)
        then = None if too_old is None else self._book.in_force(RuleSubject.RE100_AGE, too_old)
        rule = then or rules[-1]
        last_day = None if too_old is None else too_old - timedelta(days=1)
        return RuledDate(until=last_day, rule=rule.rule_id, rule_date=self._date_of(rule))

    def wording(self, claim: ClaimFacts) -> tuple[RuledSentence, ...]:
        """Give what the rules let a statement say and what they demand beside it.

        Left out: shares that need no rule, for they stand in the statement's tables, and the label sentence, which
        has a box of its own. A roof counts for RE100 while it is young enough on the month's last day.
        """
        on_date = claim.month.last_date
        words = wording(
            covered_wh=claim.covered_wh,
            used_wh=claim.used_wh,
            hour_matched_wh=claim.hour_matched_wh,
            re100_eligible_wh=min(claim.covered_wh, self._eligible_wh(claim, on_date)),
            on_date=on_date,
            rules=self._book,
        )
        return tuple(
            RuledSentence(
                text_ja=sentence.text.ja,
                text_en=sentence.text.en,
                rule=sentence.rule.rule_id,
                rule_date=self._date_of(sentence.rule),
            )
            for sentence in (*words.claims, *words.required)
            if sentence.rule is not None and sentence.rule.subject is not RuleSubject.WORDING_UNCERTIFIED
        )

    def _eligible_wh(self, claim: ClaimFacts, on_date: date) -> int:
        """Add up what roofs gave that are young enough on a day [Wh]."""
        return sum(plant.surplus_wh + plant.self_wh for plant in self._young_enough(claim, on_date))

    def _young_enough(self, claim: ClaimFacts, on_date: date) -> Iterator[PlantFacts]:
        """Give the roofs that are young enough on a day."""
        for plant in claim.plants:
            until = self.eligible_until(plant)
            if until is not None and (until.until is None or on_date <= until.until):
                yield plant

    def _date_of(self, rule: DatedRule) -> date:
        """Give the day from which a rule holds, or of its document, or else the day to which the book is known."""
        return rule.valid_from or rule.sources[0].dated or self._book.as_of
