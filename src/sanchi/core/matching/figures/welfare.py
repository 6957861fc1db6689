"""What an allocation is worth to all together: bid - ask - fee, over its Wh, exactly.

Enter: a MatchMarket with prices and an Allocation. Leaves: 1e-5 yen. Not here: who gets which part of it.
"""

import numpy as np

from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import PLACE_LEVELS, MatchMarket

_LIMB_BITS = 31


def welfare_e5yen(market: MatchMarket, allocation: Allocation) -> int:
    """Sum (bid - ask - fee) x Wh over the rows [1e-5 yen]; the fee is 0 where the market gives no places.

    Raises: MissingTerms without prices.
    """
    gain_sen_per_kwh = pair_gain_sen_per_kwh(market, allocation.home_index, allocation.buyer_index)
    return exact_sum(gain_sen_per_kwh * allocation.energy_wh)


def pair_gain_sen_per_kwh(market: MatchMarket, home_index: IntArray, buyer_index: IntArray) -> IntArray:
    """Give bid - ask - fee of pairs [sen/kWh], any shape, of either sign."""
    prices = market.needed_prices("welfare")
    gain_sen_per_kwh: IntArray = (
        prices.buyer_price_sen_per_kwh[buyer_index]
        - prices.ask_sen_per_kwh[home_index]
        - pair_fee_sen_per_kwh(market, home_index, buyer_index)
    )
    return gain_sen_per_kwh


def pair_fee_sen_per_kwh(market: MatchMarket, home_index: IntArray, buyer_index: IntArray) -> IntArray:
    """Give the fee of pairs by the nearest place that both share [sen/kWh]; 0 where the market gives no places."""
    if market.places is None:
        return np.zeros(np.shape(buyer_index), dtype=np.int64)
    home_place_no = market.places.home_place_no[home_index]
    is_shared = (home_place_no == market.places.buyer_place_no[buyer_index]) & (home_place_no >= 0)
    level = np.where(is_shared.any(axis=-1), is_shared.argmax(axis=-1), PLACE_LEVELS)
    fee_sen_per_kwh: IntArray = market.places.fee_sen_per_kwh[level]
    return fee_sen_per_kwh


def exact_sum(terms_e5yen: IntArray) -> int:
    """Sum int64 terms of any unit without leaving 64 bits on the way, for less than 2^31 terms of any size.

    >>> exact_sum(np.array([2**62, 2**62, 2**62]))
    13835058055282163712
    """
    high, low = terms_e5yen >> _LIMB_BITS, terms_e5yen & ((1 << _LIMB_BITS) - 1)
    return (int(high.sum()) << _LIMB_BITS) + int(low.sum())
