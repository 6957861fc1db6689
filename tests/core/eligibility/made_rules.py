"""Rules made for a test, and the shipped ones.

Enter: what differs from a plain rule. Leave: DatedRules and RuleBooks. Not here: tests.
"""

from datetime import date
from typing import Any

from sanchi.core.eligibility import Bilingual, Certainty, DatedRule, RuleBook, RuleSource, RuleSubject
from sanchi.edge.delivery.eligibility_rules import shipped_rules

AS_OF = date(2026, 11, 25)
SOURCE = RuleSource(authority="a ministry", document="a guideline", dated=date(2026, 1, 1), address="section 1")
SHIPPED = shipped_rules()


def made_rule(rule_id="rule", subject=RuleSubject.ONE_INSTRUMENT, **other) -> DatedRule:
    """Make a rule that holds always and has nothing wrong."""
    plain: dict[str, Any] = {
        "says": Bilingual(en="it says so", ja="そう定めています"),
        "valid_from": None,
        "valid_until": None,
        "certainty": Certainty.CONFIRMED,
        "sources": (SOURCE,),
        "parameters": {},
    }
    return DatedRule(rule_id=rule_id, subject=subject, **(plain | other))


def made_book(*rules: DatedRule) -> RuleBook:
    """Put rules together."""
    return RuleBook(as_of=AS_OF, rules=rules)


def shipped_without(subject: RuleSubject) -> RuleBook:
    """Give the shipped rules without those of a subject."""
    return RuleBook(as_of=AS_OF, rules=tuple(rule for rule in SHIPPED.rules if rule.subject is not subject))
