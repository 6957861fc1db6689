"""Rank buyers for a home by what their offers are worth to it, by weights that the home gives itself.

Enter: arrays of prices, perks, weights. Leave: worths and lists of positions. Not here: where offers come from.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import ChoiceArray, IntArray

# Bonuses are whole sen per kWh, prices are weighted in permille: 1 sen is 1000 of what worths count.
MILLISEN_PER_SEN: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferValues:
    """What each buyer's offer gives, int64 arrays of shape (n_buyers,) [sen/kWh]: money, and face values of perks."""

    home_price_sen_per_kwh: IntArray
    points_sen_per_kwh: IntArray
    coupon_sen_per_kwh: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthWeights:
    """What a yen of each counts for each home, int64 arrays of shape (n_homes,) [permille]."""

    money_permille: IntArray
    points_permille: IntArray
    coupon_permille: IntArray


def worth_of_offers(values: OfferValues, weights: WorthWeights, bonus_sen_per_kwh: IntArray) -> IntArray:
    """Give what each offer is worth to each home, in exact integers.

    bonus_sen_per_kwh : int64 (n_homes, n_buyers) [sen/kWh], what the home adds for a favourite or a neighbour.
    Returns: int64 (n_homes, n_buyers) [1e-3 sen/kWh].
    """
    worth_millisen_per_kwh: IntArray = (
        np.outer(weights.money_permille, values.home_price_sen_per_kwh)
        + np.outer(weights.points_permille, values.points_sen_per_kwh)
        + np.outer(weights.coupon_permille, values.coupon_sen_per_kwh)
        + MILLISEN_PER_SEN * bonus_sen_per_kwh
    )
    return worth_millisen_per_kwh


def rank_by_worth(
    worth_millisen_per_kwh: IntArray,
    standard_millisen_per_kwh: IntArray,
    meets_conditions: NDArray[np.bool_],
    n_choices_max: IntArray,
) -> ChoiceArray:
    """List, for each home, the buyers whose conditions it meets and whose offers beat the standard one, best first.

    worth_millisen_per_kwh : int64 (n_homes, n_buyers); standard_millisen_per_kwh : int64 (n_homes,), what the home
    gets without any choice; meets_conditions : bool (n_homes, n_buyers), False too where a buyer has no offer;
    n_choices_max : int64 (n_homes,), how long a list may be.
    Returns: int32 (n_homes, k_max) of positions in buyers, -1 = none; of equal worths the earlier buyer comes first.

    >>> rank_by_worth(np.array([[5, 9, 9]]), np.array([5]), np.ones((1, 3), dtype=bool), np.array([2])).tolist()
    [[1, 2]]
    """
    is_listed = meets_conditions & (worth_millisen_per_kwh > standard_millisen_per_kwh[:, None])
    n_listed = np.minimum(is_listed.sum(axis=1), n_choices_max)
    best_first = np.argsort(-worth_millisen_per_kwh, axis=1, kind="stable")
    # Listed buyers move to the front and keep their order.
    is_passed_over = ~np.take_along_axis(is_listed, best_first, axis=1)
    listed_first = np.argsort(is_passed_over, axis=1, kind="stable")
    k_max = int(n_listed.max(initial=0))
    ranked = np.take_along_axis(best_first, listed_first, axis=1)[:, :k_max].astype(np.int32)
    ranked[np.arange(k_max) >= n_listed[:, None]] = -1
    return ranked
