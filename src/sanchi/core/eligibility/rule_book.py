"""All dated rules together, checked when they are put together: nobody answers by rules that contradict themselves.

Enter: DatedRules. Leave: a RuleBook that gives the rule in force. Not here: reading files, answers.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from sanchi.core.base.errors import SanchiError
from sanchi.core.eligibility.rule import DatedRule, RuleSubject
from sanchi.core.eligibility.rule_schemas import parameter_faults


class RuleFault(StrEnum):
    """What can be wrong with dated rules, in the order in which it is looked for."""

    UNREADABLE = "UNREADABLE"  # the file cannot be read as rules
    DUPLICATE_ID = "DUPLICATE_ID"  # two rules of one name
    EMPTY_PERIOD = "EMPTY_PERIOD"  # a rule that ends before it begins
    NO_SOURCE = "NO_SOURCE"  # a rule that nobody can look up
    NO_SENTENCE = "NO_SENTENCE"  # a rule that is not told in both languages
    PARAMETER = "PARAMETER"  # a parameter that is missing, unknown or of another type
    OVERLAP = "OVERLAP"  # two rules of one subject in force on one day


class UnfitRules(SanchiError):
    """The dated rules cannot be used; fault names the law that they break."""

    def __init__(self, fault: RuleFault, what: str, *, hint: str = "") -> None:
        """Name the fault first: it is what tests and other programs look at."""
        super().__init__(f"{fault}: {what}", hint=hint)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """Rules as they were known on as_of; of each subject at most one is in force on any day.

    Raises: UnfitRules at construction, for the first fault in the order of RuleFault.
    """

    as_of: date
    rules: tuple[DatedRule, ...]
    # The same rules by subject, in the order of time: a market of many roofs asks for them again and again.
    _versions: dict[RuleSubject, tuple[DatedRule, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Refuse rules that nobody could answer by."""
        for check in (_duplicates, _empty_periods, _sourceless, _untold, _unfit_parameters, _overlaps):
            for fault, what, hint in check(self.rules):
                raise UnfitRules(fault, what, hint=hint)
        for subject in RuleSubject:
            versions = sorted((rule for rule in self.rules if rule.subject is subject), key=_begins)
            self._versions[subject] = tuple(versions)

    def in_force(self, subject: RuleSubject, day: date) -> DatedRule | None:
        """Give the rule of a subject that is in force on a day, None when none is."""
        return next((rule for rule in self._versions[subject] if rule.covers(day)), None)

    def of_subject(self, subject: RuleSubject) -> tuple[DatedRule, ...]:
        """Give the rules of a subject in the order of time."""
        return self._versions[subject]

    def changes(self, subjects: Collection[RuleSubject]) -> frozenset[date]:
        """Give every day on which a rule of some subjects begins or no longer holds."""
        rules = (rule for subject in subjects for rule in self._versions[subject])
        ends = (end for rule in rules for end in (rule.valid_from, rule.valid_until))
        return frozenset(end for end in ends if end is not None)


Faults = Iterator[tuple[RuleFault, str, str]]


def _begins(rule: DatedRule) -> date:
    """Give the day from which a rule holds, the first of all days where none is known."""
    return rule.valid_from or date.min


def _duplicates(rules: tuple[DatedRule, ...]) -> Faults:
    """Find two rules of one name."""
    seen: set[str] = set()
    for rule in rules:
        if rule.rule_id in seen:
            yield RuleFault.DUPLICATE_ID, f"rule {rule.rule_id} stands here twice.", "Give each rule its own id."
        seen.add(rule.rule_id)


def _empty_periods(rules: tuple[DatedRule, ...]) -> Faults:
    """Find a rule that is never in force."""
    for rule in rules:
        if rule.valid_from is not None and rule.valid_until is not None and rule.valid_until <= rule.valid_from:
            yield (
                RuleFault.EMPTY_PERIOD,
                f"rule {rule.rule_id} holds from {rule.valid_from} until before {rule.valid_until}: on no day.",
                "valid_until is the first day on which a rule no longer holds.",
            )


def _sourceless(rules: tuple[DatedRule, ...]) -> Faults:
    """Find a rule that nobody can look up."""
    for rule in rules:
        if not rule.sources or not all(source.authority and source.document for source in rule.sources):
            yield (
                RuleFault.NO_SOURCE,
                f"rule {rule.rule_id} has no source with authority and document.",
                "Add [[rule.source]] with authority, document and, where it shows one, dated.",
            )


def _untold(rules: tuple[DatedRule, ...]) -> Faults:
    """Find a rule that a reader of one of the languages would not understand."""
    for rule in rules:
        if not rule.says.en or not rule.says.ja:
            yield (
                RuleFault.NO_SENTENCE,
                f"rule {rule.rule_id} is not told in both languages.",
                "Write says_en and says_ja.",
            )


def _unfit_parameters(rules: tuple[DatedRule, ...]) -> Faults:
    """Find parameters that the subject does not have, or not so."""
    for rule in rules:
        for what in parameter_faults(rule):
            yield (
                RuleFault.PARAMETER,
                f"rule {rule.rule_id}: {what}.",
                "The parameters of each subject stand in docs/reference/eligibility.md.",
            )


def _overlaps(rules: tuple[DatedRule, ...]) -> Faults:
    """Find two rules of one subject in force on one day."""
    for subject in RuleSubject:
        in_order = sorted((rule for rule in rules if rule.subject is subject), key=_begins)
        for earlier, later in pairwise(in_order):
            if earlier.valid_until is None or _begins(later) < earlier.valid_until:
                yield (
                    RuleFault.OVERLAP,
                    f"rules {earlier.rule_id} and {later.rule_id} of {subject} are both in force on {_begins(later)}.",
                    "End the earlier one with valid_until on the day on which the later one begins.",
                )
