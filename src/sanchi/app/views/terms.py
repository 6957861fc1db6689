"""What offers are on a day: a buyer's with its perks and caps, and the list that a home makes of all of them.

Enters and leaves: frozen records. Not here: how they are read (see market_views), words (portal).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.home_lists import PassOverReason, WorthParts
from sanchi.app.market import Offer, Perk, RankingRule
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.kinds import CertificateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSlot:
    """One slot of an offer on a closed day. Source: closing_times, allocations, debt, buyer_use.

    need_wh : what the buyer used and had not got of the other kind before; None where its use does not bound it.
    """

    slot_no: int
    taken_wh: int
    capacity_wh: int  # as published
    need_wh: int | None

    @property
    def is_capped(self) -> bool:
        """Tell whether an agreed cap, and not the buyer's need, ended what it took."""
        is_filled = self.taken_wh > 0 and self.taken_wh >= self.capacity_wh
        return is_filled and (self.need_wh is None or self.capacity_wh < self.need_wh)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferInForce:
    """An offer of a buyer on a date, its perks, and how much of its caps is used.

    day_taken_wh : allocations of the date and its debts, which stay with the buyer. month_taken_wh : the same over all
    closed days of the month, also those after the date.
    """

    offer: Offer
    perks: tuple[Perk, ...]  # by perk_no
    day_taken_wh: int
    month_taken_wh: int
    slots: tuple[OfferSlot, ...]  # 48; empty where the day is not closed


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerTerms:
    """The offers of a buyer in force on a date."""

    delivery_date: date
    is_closed: bool
    offers: tuple[OfferInForce, ...]  # by kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOffer:
    """A rank in a home's list of a day."""

    choice_no: int
    buyer: PartyRef
    offer: Offer
    worth: WorthParts | None  # None where the home ranks by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOffer:
    """A buyer that a home's list of a day leaves out, and why."""

    buyer: PartyRef
    offer: Offer | None  # None: it offers nothing of the kind on the day
    worth: WorthParts | None  # None where the home ranks by itself
    reason: PassOverReason


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeList:
    """The list of a home and kind in force on a date. Source: the roster that the day is matched with."""

    delivery_date: date
    kind: CertificateKind
    ranking: RankingRule
    standard_millisen_per_kwh: int  # what the home has without any buyer, by its own weight of money
    choices_max: int | None  # None where the home ranks by itself
    district: str  # the home's
    plant_age_years: int  # full years on the date
    listed: tuple[ListedOffer, ...]  # best first
    passed_over: tuple[PassedOffer, ...]
