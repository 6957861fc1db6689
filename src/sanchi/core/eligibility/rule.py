"""A rule with its dates and its source as a value, and how sure its reading is.

Enter: what a file of rules says. Leave: DatedRule. Not here: what rules demand of each other (rule_book), files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast


class Verdict(StrEnum):
    """What can be said to a question."""

    YES = "yes"
    CONFIRM = "confirm"  # somebody has to find out first: a fact or the rule itself is not known for sure
    NO = "no"


# From what forbids most to what forbids nothing: an answer is as good as its worst ground.
SEVEREST_FIRST = (Verdict.NO, Verdict.CONFIRM, Verdict.YES)


class Certainty(StrEnum):
    """How sure the reading of a rule is."""

    CONFIRMED = "confirmed"  # read in the document of who made the rule, or in two that agree
    SECONDARY = "secondary"  # read in one document of somebody else
    UNCONFIRMED = "unconfirmed"  # general knowledge or an open draft: never enough for a yes


class RuleSubject(StrEnum):
    """What a rule is about; of each subject at most one rule is in force on a date."""

    NON_FOSSIL_SURPLUS = "NON_FOSSIL_SURPLUS"  # non-FIT non-fossil certificates of exported energy
    NON_FOSSIL_SELF = "NON_FOSSIL_SELF"  # ... of self-consumption
    GREEN_SURPLUS = "GREEN_SURPLUS"  # green power certificates of exported energy
    GREEN_SELF = "GREEN_SELF"  # ... of self-consumption
    J_CREDIT_SURPLUS = "J_CREDIT_SURPLUS"  # J-credits of exported energy
    J_CREDIT_SELF = "J_CREDIT_SELF"  # ... of self-consumption
    J_CREDIT_JOINING = "J_CREDIT_JOINING"  # how soon after its beginning a plant joins a programme
    PLATFORM_SURPLUS = "PLATFORM_SURPLUS"  # the platform's own certificates of exported energy
    PLATFORM_SELF = "PLATFORM_SELF"  # ... of self-consumption
    ONE_INSTRUMENT = "ONE_INSTRUMENT"  # a kWh has one instrument
    OUTSIDE_CLAIM = "OUTSIDE_CLAIM"  # value that belongs to somebody else
    SPECIFIED_METERING = "SPECIFIED_METERING"  # 特定計量制度: meters notified instead of verified
    DIFFERENTIAL_METERING = "DIFFERENTIAL_METERING"  # 差分計量: energy as the difference of two meters
    RE100_AGE = "RE100_AGE"  # how old a plant may be
    RE100_EXEMPTION = "RE100_EXEMPTION"  # which purchases have no limit of age
    RE100_EVIDENCE = "RE100_EVIDENCE"  # proof of retirement
    RE100_INSTRUMENT = "RE100_INSTRUMENT"  # which instruments count
    RE100_VINTAGE = "RE100_VINTAGE"  # generation lies near its use
    RE100_VINTAGE_WINDOW = "RE100_VINTAGE_WINDOW"  # how near
    RE100_BOUNDARY = "RE100_BOUNDARY"  # the market in which plant and use have to lie
    HOURLY_DELIVERABILITY = "HOURLY_DELIVERABILITY"  # the draft of Scope 2: same grid area
    P2P_VALUE_ALONE = "P2P_VALUE_ALONE"  # environmental value without electricity
    P2P_4 = "P2P_4"  # inside a building behind one supply point
    P2P_5 = "P2P_5"  # a vehicle at a charger
    P2P_6 = "P2P_6"  # over wires of one's own
    P2P_7 = "P2P_7"  # one retailer, one balancing group
    P2P_SAME_GROUP = "P2P_SAME_GROUP"  # two retailers in one balancing group
    P2P_8 = "P2P_8"  # two retailers at the buyer's point
    P2P_8_LOW_VOLTAGE = "P2P_8_LOW_VOLTAGE"  # the same at low voltage
    P2P_9 = "P2P_9"  # from one balancing group to another
    P2P_AGGREGATOR = "P2P_AGGREGATOR"  # 特定卸供給事業: notification
    P2P_AGGREGATOR_SIZE = "P2P_AGGREGATOR_SIZE"  # its least size
    P2P_10 = "P2P_10"  # self-wheeling to oneself
    P2P_11 = "P2P_11"  # self-wheeling within a union
    WORDING_UNCERTIFIED = "WORDING_UNCERTIFIED"  # the sentence beside what no certificate covers
    WORDING_RENEWABLE = "WORDING_RENEWABLE"  # when electricity may be called renewable
    WORDING_PLATFORM = "WORDING_PLATFORM"  # the sentence beside what the platform alone certifies


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """A sentence in both languages."""

    en: str
    ja: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSource:
    """Where a rule stands: whose document, which, of what day (None = it shows none), at what address or section."""

    authority: str
    document: str
    dated: date | None
    address: str


ParameterValue = Verdict | bool | int | date | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRule:
    """A rule in force on valid_from <= day < valid_until; None = no such bound is known."""

    rule_id: str
    subject: RuleSubject
    says: Bilingual
    valid_from: date | None
    valid_until: date | None
    certainty: Certainty
    sources: tuple[RuleSource, ...]
    parameters: Mapping[str, ParameterValue]

    def covers(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )

    def verdict(self, name: str) -> Verdict:
        """Give a parameter that is a verdict."""
        return cast("Verdict", self.parameters[name])

    def whole(self, name: str) -> int:
        """Give a parameter that is a whole number."""
        return cast("int", self.parameters[name])

    def truth(self, name: str) -> bool:
        """Give a parameter that is yes or no."""
        return cast("bool", self.parameters[name])

    def day(self, name: str) -> date:
        """Give a parameter that is a day."""
        return cast("date", self.parameters[name])

    def words(self, name: str) -> tuple[str, ...]:
        """Give a parameter that is a list of words."""
        return cast("tuple[str, ...]", self.parameters[name])

    def bilingual(self, name: str) -> Bilingual:
        """Give a sentence; it stands in the parameters `name`_en and `name`_ja."""
        return Bilingual(en=cast("str", self.parameters[f"{name}_en"]), ja=cast("str", self.parameters[f"{name}_ja"]))
