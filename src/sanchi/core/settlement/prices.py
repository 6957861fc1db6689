"""Offers and the one that is in force on a date: what a buyer pays for a kind, and what limits it.

Enter: offers, a date. Leave: the terms in force. Not here: choices (matching), the standard offer (plants).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind


class CapacityRule(StrEnum):
    """What limits a buyer in a slot."""

    METERED_USE = "metered_use"  # its own metered use, and the cap where one is agreed
    CAP_ONLY = "cap_only"  # the agreed cap alone: a buyer of environmental value without delivery


class UnfitOffer(WrongInput):
    """An offer breaks its definition."""


class OfferOverlap(WrongInput):
    """Two offers of a buyer for a kind are in force on one date, so that it has two prices."""


class NoOfferInForce(WrongInput):
    """A price is asked for a date on which the buyer offers nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """What a buyer offers for a kind from valid_from to the day before valid_until (None = until it ends).

    home_price : what the home's payee gets; buyer_price : what the buyer pays; both include tax.
    cap_wh_per_slot : the most it takes in a slot, None = no cap. Raises: UnfitOffer.
    """

    buyer_no: int
    kind: CertificateKind
    home_price_sen_per_kwh: int
    buyer_price_sen_per_kwh: int
    capacity_rule: CapacityRule
    cap_wh_per_slot: int | None
    valid_from: date
    valid_until: date | None

    def __post_init__(self) -> None:
        """Refuse terms that nobody could keep."""
        if self.home_price_sen_per_kwh < 0 or self.buyer_price_sen_per_kwh < 0:
            raise UnfitOffer(f"{self.name}: a price is below 0.", hint="Give prices in sen per kWh.")
        if self.cap_wh_per_slot is not None and self.cap_wh_per_slot < 0:
            raise UnfitOffer(f"{self.name}: the cap is {self.cap_wh_per_slot} Wh.", hint="Give 0 Wh or more.")
        if self.capacity_rule is CapacityRule.CAP_ONLY and self.cap_wh_per_slot is None:
            raise UnfitOffer(f"{self.name}: nothing limits it.", hint="Give cap_wh_per_slot, which cap_only requires.")
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise UnfitOffer(
                f"{self.name}: it ends on {self.valid_until}, before it begins.",
                hint="valid_until is the first date on which the offer is no longer valid.",
            )

    @property
    def name(self) -> str:
        """Name the offer in messages."""
        return f"offer of buyer {self.buyer_no} for {self.kind.text} from {self.valid_from}"

    def is_in_force(self, delivery_date: date) -> bool:
        """Tell whether the offer is valid on a date."""
        has_begun = self.valid_from <= delivery_date
        return has_begun and (self.valid_until is None or delivery_date < self.valid_until)


def offers_in_force(offers: Iterable[OfferTerms], delivery_date: date) -> dict[tuple[int, CertificateKind], OfferTerms]:
    """Give the offer of each buyer and kind on a date; who offers nothing is absent.

    Raises: OfferOverlap.
    """
    in_force: dict[tuple[int, CertificateKind], OfferTerms] = {}
    for offer in offers:
        if not offer.is_in_force(delivery_date):
            continue
        other = in_force.setdefault((offer.buyer_no, offer.kind), offer)
        if other is not offer:
            raise OfferOverlap(
                f"{delivery_date}: the {other.name} and the {offer.name} are both in force.",
                hint="End the earlier one where the later one begins.",
            )
    return in_force


def offer_in_force(
    offers: Iterable[OfferTerms], *, buyer_no: int, kind: CertificateKind, delivery_date: date
) -> OfferTerms:
    """Give a buyer's offer for a kind on a date.

    Raises: OfferOverlap, NoOfferInForce.
    """
    in_force = offers_in_force((offer for offer in offers if offer.buyer_no == buyer_no), delivery_date)
    if (buyer_no, kind) not in in_force:
        raise NoOfferInForce(
            f"{delivery_date}: buyer {buyer_no} has no offer for {kind.text}.",
            hint="Add an offer that covers the date, or match without this buyer.",
        )
    return in_force[buyer_no, kind]
