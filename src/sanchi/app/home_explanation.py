"""Why a home got what it got, as one document of values: figures and outcomes, no prose, no other home.

Enters and leaves: frozen records. Not here: how they come about (explain_home), words (edge).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.app.home_lists import PassOverReason
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.explanation import ChoiceExplanation, SlotExplanation


class RestPlace(StrEnum):
    """Where what no choice took went."""

    STANDARD_OFFER = "STANDARD_OFFER"  # surplus: the purchaser takes it at the price of the home's contract
    STAYS_WITH_OWNER = "STAYS_WITH_OWNER"  # self-consumption: its value stays with whom it belongs to, unpaid


class OrdersVerdict(StrEnum):
    """What other orders of the choices would have come to, in money."""

    OWN_ORDER_BEST = "OWN_ORDER_BEST"  # every other order would have brought less
    NONE_BETTER = "NONE_BETTER"  # no other order would have brought more, but some as much
    ANOTHER_BETTER = "ANOTHER_BETTER"  # at least one would have brought more
    NO_OTHER_ORDER = "NO_OTHER_ORDER"  # fewer than two choices
    NOTHING_SUPPLIED = "NOTHING_SUPPLIED"  # nothing to share
    NOT_REPEATABLE = "NOT_REPEATABLE"  # offers or lists changed since, or another rule matched: no exact answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyName:
    """A party that may be named to the home: itself, its buyers, its purchaser."""

    party_id: str
    name: str
    name_ja: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOverBuyer:
    """A buyer that the home's list of the day leaves out, and why."""

    buyer: PartyName
    reason: PassOverReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSlot:
    """One half hour. offered - withheld = sum of parts + rest [Wh].

    matched : how it was shared when the day was matched; parts_wh, rest_wh : what stands in the books now. Both
    agree but where the home was corrected after the month was finalised.
    """

    slot_no: int
    offered_wh: int
    withheld_wh: int
    matched: SlotExplanation
    parts_wh: tuple[int, ...]
    rest_wh: int
    amount_e5yen: int

    @property
    def supply_wh(self) -> int:
        """Give what was shared."""
        return self.offered_wh - self.withheld_wh

    @property
    def is_corrected(self) -> bool:
        """Tell whether the books differ from what was matched."""
        matched_wh = tuple(choice.part_wh for choice in self.matched.choices)
        return (self.parts_wh, self.rest_wh) != (matched_wh, self.matched.rest_wh)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedChoice:
    """One choice over the explained slots: what it got now, and how it went in the slots in which it was matched.

    met : the choice in each slot with something to share, in the order of slots.
    """

    choice_no: int
    buyer: PartyName
    home_price_sen_per_kwh: int
    part_wh: int
    amount_e5yen: int
    met: tuple[ChoiceExplanation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedOrder:
    """The home's choices in an order, the day matched anew with everybody else's list as it was.

    choice_nos : first choice first. parts_wh : by choice_no, whatever the order.
    gain_e5yen : more (below 0: less) money than the own order gave when the day was matched.
    """

    choice_nos: tuple[int, ...]
    parts_wh: tuple[int, ...]
    rest_wh: int
    amount_e5yen: int
    gain_e5yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedKind:
    """One kind over the explained slots; the sums are those of slots."""

    kind: CertificateKind
    offered_wh: int
    withheld_wh: int
    choices: tuple[ExplainedChoice, ...]
    is_ranked_by_worth: bool  # the list is made of the offers in force by their worth to the home
    passed_over: tuple[PassedOverBuyer, ...]
    rest_place: RestPlace
    rest_holder: PartyName
    rest_price_sen_per_kwh: int
    rest_wh: int
    rest_amount_e5yen: int
    slots: tuple[ExplainedSlot, ...]  # those with something offered, when matched or now
    orders: tuple[ExplainedOrder, ...]  # the own order first; empty where the verdict says why
    verdict: OrdersVerdict

    @property
    def supply_wh(self) -> int:
        """Give what was shared."""
        return self.offered_wh - self.withheld_wh

    @property
    def amount_e5yen(self) -> int:
        """Give all the money of the kind."""
        return self.rest_amount_e5yen + sum(choice.amount_e5yen for choice in self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeExplanation:
    """The document. is_home_only : after the month was finalised homes of this day were corrected one by one."""

    market_id: str
    home: PartyName
    delivery_date: date
    slot_no: int | None  # None: the whole day
    revision: int
    is_finalised: bool
    is_stale: bool
    is_home_only: bool
    kinds: tuple[ExplainedKind, ...]
