"""What an offer is worth to a home and which buyers it lists, counted one by one in exact fractions of a sen.

Enter: plain offers and weights. Leave: fractions and positions. Shares no code with sanchi.core.matching.ranking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class PlainOffer:
    """Prices in sen per kWh; is_open: the home meets the conditions."""

    price_sen: int
    points_sen: int
    coupon_sen: int
    bonus_sen: int
    is_open: bool


@dataclass(frozen=True)
class PlainWeights:
    """What a yen of each counts."""

    money_permille: int
    points_permille: int
    coupon_permille: int


def worth_sen(offer: PlainOffer, weights: PlainWeights) -> Fraction:
    """Add up what the home counts, and its bonus in full."""
    money = Fraction(weights.money_permille, 1_000) * offer.price_sen
    points = Fraction(weights.points_permille, 1_000) * offer.points_sen
    coupon = Fraction(weights.coupon_permille, 1_000) * offer.coupon_sen
    return money + points + coupon + offer.bonus_sen


def ranked_buyers(
    offers: Sequence[PlainOffer], weights: PlainWeights, standard_sen: int, n_choices_max: int
) -> list[int]:
    """Take the best open offer above the standard one, again and again; of equals the first."""
    standard = Fraction(weights.money_permille, 1_000) * standard_sen
    left = [position for position, offer in enumerate(offers) if offer.is_open]
    listed: list[int] = []
    while left and len(listed) < n_choices_max:
        best = left[0]
        for position in left:
            if worth_sen(offers[position], weights) > worth_sen(offers[best], weights):
                best = position
        if worth_sen(offers[best], weights) <= standard:
            break
        listed.append(best)
        left.remove(best)
    return listed
