"""The tables of docs/reference/eligibility.md, made of what they tell.

Enters: a RuleBook. Leave: lines of Markdown. Not here: the rest of the page.
"""

from collections.abc import Iterator

from sanchi.app.eligibility_facts import PAIR_FACTS
from sanchi.core.eligibility import DatedRule, RuleBook, RuleSubject
from sanchi.core.eligibility.rule_schemas import SCHEMAS


def rule_lines(book: RuleBook) -> Iterator[str]:
    """Write a line a rule, in the order of the file."""
    for rule in book.rules:
        cells = (f"`{rule.rule_id}`", period(rule), str(rule.certainty), rule.says.en, sources(rule))
        yield f"| {' | '.join(cells)} |"


def subject_lines() -> Iterator[str]:
    """Write a line a subject with its parameters."""
    for subject in RuleSubject:
        parameters = ", ".join(f"`{name}`" for name in SCHEMAS[subject])
        yield f"| `{subject}` | {parameters or 'none'} |"


def fact_names() -> Iterator[str]:
    """Write the facts about a pair as the page names them."""
    return (f"`{name}`" for name in PAIR_FACTS)


def period(rule: DatedRule) -> str:
    """Write when a rule holds; the last day named is the first on which it no longer does."""
    start = "" if rule.valid_from is None else f"from {rule.valid_from}"
    end = "" if rule.valid_until is None else f"until before {rule.valid_until}"
    return f"{start} {end}".strip() or "always"


def sources(rule: DatedRule) -> str:
    """Write the sources of a rule, each with its day where it shows one."""
    return "; ".join(
        f"{each.authority}: {each.document}" + ("" if each.dated is None else f" ({each.dated})")
        for each in rule.sources
    )
