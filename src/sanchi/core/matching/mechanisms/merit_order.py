"""Merit order of a slot: how many Wh bids and asks allow to be traded, at which margin, and shares pro rata.

Enter: asks, bids, supplies, capacities of one slot. Leave: Crossing and Wh. Not here: prices of trades, pairs.
Every buyer is open to every home; the homes' choices do not count.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.kernel import IntArray

# Sums of bids stay below this, so that a long division has at least one bit a step.
BID_SUM_WH_MAX: Final = 2**61 - 1
# A dividend of the long division stays below 2^63.
_DIVIDEND_BITS: Final = 62


class ExcessiveBids(WrongInput):
    """The buyers of a slot could together bid for more Wh than the integer arithmetic carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where bids and asks of a slot cross: the greatest volume, and the last bid and ask that it needs."""

    volume_wh: int
    bid_sen_per_kwh: int
    ask_sen_per_kwh: int

    @property
    def price_sum_sen_per_kwh(self) -> int:
        """Give the marginal bid and ask in one sum: twice the price halfway between them."""
        return self.bid_sen_per_kwh + self.ask_sen_per_kwh


class MeritOrder:
    """The homes by rising ask and the buyers by falling bid, sorted once for all slots of a day."""

    def __init__(self, ask_sen_per_kwh: IntArray, bid_sen_per_kwh: IntArray) -> None:
        """Sort; ask_sen_per_kwh : int64 (n_homes,), bid_sen_per_kwh : int64 (n_buyers,) [sen/kWh]."""
        self._home_index = np.argsort(ask_sen_per_kwh, kind="stable")
        self._buyer_index = np.argsort(-bid_sen_per_kwh, kind="stable")
        self._asks = ask_sen_per_kwh[self._home_index]
        self._bids = bid_sen_per_kwh[self._buyer_index]
        self._level_end = np.searchsorted(self._asks, self._asks, side="right")
        self._n_bids_at_ask = np.searchsorted(-self._bids, -self._asks, side="right")

    def crossing(self, supply_wh: IntArray, wanted_wh: IntArray) -> Crossing | None:
        """Find the greatest volume at which the last bid is not below the last ask; None where nothing trades.

        supply_wh : int64 (n_homes,), wanted_wh : int64 (n_buyers,) [Wh], its sum at most BID_SUM_WH_MAX.
        At a price p sell at most S(p) = supplies with ask <= p, buy at most D(p) = bids >= p; the volume is the largest
        min(S, D). S rises at asks only, where D has not fallen yet: so asks are all prices that need a look.
        """
        if not self._asks.size or not self._bids.size:
            return None
        supplied_wh = np.cumsum(supply_wh[self._home_index])
        demanded_wh = np.cumsum(wanted_wh[self._buyer_index])
        demanded_at_ask_wh = np.append(0, demanded_wh)[self._n_bids_at_ask]
        volume_wh = int(np.minimum(supplied_wh[self._level_end - 1], demanded_at_ask_wh).max())
        if volume_wh == 0:
            return None
        return Crossing(
            volume_wh=volume_wh,
            bid_sen_per_kwh=int(self._bids[np.searchsorted(demanded_wh, volume_wh)]),
            ask_sen_per_kwh=int(self._asks[np.searchsorted(supplied_wh, volume_wh)]),
        )


def wanted_of(capacity_wh: IntArray, supply_wh: IntArray) -> IntArray:
    """Give what the buyers bid for in a slot: their capacity, at most all that the homes offer together.

    Raises: ExcessiveBids when the bids could sum beyond BID_SUM_WH_MAX.
    """
    offered_wh = int(supply_wh.sum())
    if offered_wh * capacity_wh.size > BID_SUM_WH_MAX:
        raise ExcessiveBids(
            f"capacity_wh: {capacity_wh.size} buyers face {offered_wh} Wh in one slot, expected their product to be "
            f"at most {BID_SUM_WH_MAX}.",
            hint="Split the market.",
        )
    wanted_wh: IntArray = np.minimum(capacity_wh, offered_wh)
    return wanted_wh


def merit_filled_wh(
    offered_wh: IntArray,
    is_before: NDArray[np.bool_],
    is_marginal: NDArray[np.bool_],
    order: IntArray,
    volume_wh: int,
    start_salt: int,
) -> IntArray:
    """Fill who stands before the margin whole, and who stands at it pro rata with what is left of the volume."""
    filled_wh = np.where(is_before, offered_wh, 0)
    at_margin = order[is_marginal[order]]
    filled_wh[at_margin] = pro_rata_wh(offered_wh[at_margin], volume_wh - int(filled_wh.sum()), start_salt)
    return filled_wh


def pro_rata_wh(offered_wh: IntArray, total_wh: int, start_salt: int) -> IntArray:
    """Share a total pro rata: each gets less than 1 Wh more or less than its exact share, the sum is the total.

    The shares are laid end to end in the given order and cut at whole Wh; `start_salt`, any public number, moves
    the first cut by it modulo the sum, so that over slots nobody gains by its place in the order:
    part(i) = floor((C(i) R + u) / G) - floor((C(i-1) R + u) / G), C = running sum of what is offered, G = its sum.
    offered_wh : int64 (n,) [Wh] with G <= BID_SUM_WH_MAX; total_wh : 0..G.
    """
    if total_wh == 0:
        return np.zeros_like(offered_wh)
    running_wh = np.cumsum(offered_wh)
    sum_wh = int(running_wh[-1])
    assert 0 < total_wh <= sum_wh <= BID_SUM_WH_MAX, "more is shared than is offered"
    cut_wh = _scaled(running_wh, total_wh, sum_wh, start_salt % sum_wh)
    parts_wh: IntArray = np.diff(cut_wh, prepend=0)
    return parts_wh


def _scaled(energy_wh: IntArray, factor: int, divisor: int, start: int) -> IntArray:
    """Give floor((energy * factor + start) / divisor) exactly, for energy <= divisor and factor <= divisor.

    Long division of the product by chunks of the factor's bits: each dividend is below 2^63.
    """
    step_bits = _DIVIDEND_BITS - divisor.bit_length()
    n_steps = -(-max(factor.bit_length(), 1) // step_bits)
    quotient, remainder = np.zeros_like(energy_wh), np.zeros_like(energy_wh)
    for step in reversed(range(n_steps)):
        chunk = (factor >> (step * step_bits)) & ((1 << step_bits) - 1)
        dividend = (remainder << step_bits) + energy_wh * chunk + (start if step == 0 else 0)
        quotient = (quotient << step_bits) + dividend // divisor
        remainder = dividend % divisor
    return quotient
