"""What an origin statement asks the rules of eligibility.

Enter: facts of plants and claims. Leave: RuledDate, RuledSentence. Not here: any rule (core/eligibility).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFacts:
    """What the rules have to know of a roof, and how much of it is claimed [Wh]."""

    home_id: str
    device_id: str
    commissioning_date: date
    fit_end: date
    measurement_grade: str
    ct_class_permille: int
    grid_area: str
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """What the rules have to know of a buyer's claims of a month.

    used_wh : of the month, 0 where the use is not metered; covered_wh : of it, by volume; hour_matched_wh : of it,
    in the half hour of the use and with a measured half hour.
    """

    buyer_id: str
    month: Month
    kinds: tuple[CertificateKind, ...]
    used_wh: int
    covered_wh: int
    hour_matched_wh: int
    plants: tuple[PlantFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledDate:
    """The last day of which a roof's energy counts for RE100 (None = without end), by which rule of which date."""

    until: date | None
    rule: str
    rule_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledSentence:
    """A sentence that may or must stand on a statement, by which rule of which date."""

    text_ja: str
    text_en: str
    rule: str
    rule_date: date


class OriginRules(Protocol):
    """Judges plants and claims by dated rules."""

    def eligible_until(self, plant: PlantFacts) -> RuledDate | None:
        """Tell until when a roof is RE100-eligible; None = not judged."""

    def wording(self, claim: ClaimFacts) -> Sequence[RuledSentence]:
        """Give the sentences that a claim's statement carries; none = not judged."""
