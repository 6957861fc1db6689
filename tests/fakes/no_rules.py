"""Rules of eligibility that judge nothing.

Enter: facts of plants and claims. Leaves: no answer. Not here: any rule.
"""

from sanchi.app.origin_rules import ClaimFacts, PlantFacts, RuledDate, RuledSentence


class NoRules:
    """Judges nothing: the statement says so."""

    def eligible_until(self, plant: PlantFacts) -> RuledDate | None:
        """Leave the roof unjudged."""
        del plant
        return None

    def wording(self, claim: ClaimFacts) -> tuple[RuledSentence, ...]:
        """Leave the claim unjudged."""
        del claim
        return ()
