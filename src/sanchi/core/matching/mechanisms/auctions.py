"""Three rules over one merit order: pay-as-clear, pay-as-bid, and the mid-market rate.

Enters: a MatchMarket with prices. Leaves: trades at prices that the buyer pays and the home gets in full.
Not here: the order and the shares (merit_order), pairs and money (traded). Choices do not count: all buyers are open.

In all three nobody pays above its bid or gets below its ask, and the volume is the greatest that bids and asks allow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.allocation import FactName, MechanismResult
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.mechanisms.merit_order import (
    Crossing,
    MeritOrder,
    merit_filled_wh,
    pro_rata_wh,
    wanted_of,
)
from sanchi.core.matching.mechanisms.traded import (
    TradedRows,
    allocation_of_rows,
    buyer_orders,
    home_orders,
    margin_facts,
    paired_rows,
)
from sanchi.core.matching.phase import day_salts


def uniform_price(market: MatchMarket) -> MechanismResult:
    """Let all trades of a slot clear at one price, halfway between the last bid and the last ask (pay-as-clear).

    Source: the k-double auction with k = 1/2: Chatterjee & Samuelson, "Bargaining under incomplete information",
    Operations Research 31, 1983; Wilson, "Incentive efficiency of double auctions", Econometrica 53, 1985.
    Properties: volume is the crossing volume, exact budget balance, individually rational, efficient on open lists
    without fees, pro rata within 1 Wh among equal marginal prices; not strategy-proof, as no such auction is.
    Raises: MissingTerms without prices, ExcessiveBids.
    """
    prices = market.needed_prices("uniform_price")
    rows, crossings = [], {}
    for slot in _slots(market, prices):
        pairs = paired_rows(slot.index, slot.merit_sold_wh, slot.home_order, slot.merit_bought_wh, slot.buyer_order)
        rows.append(_at_one_price(pairs, slot.crossing))
        crossings[slot.index] = slot.crossing
    return MechanismResult(
        allocation=allocation_of_rows(rows), facts=margin_facts(crossings, FactName.CLEARING_PRICE_E5YEN)
    )


def pay_as_bid(market: MatchMarket) -> MechanismResult:
    """Pair the best bid with the best ask, down to the margin; each buyer pays its own bid, the home gets it.

    Source: the discriminatory double auction, pairs in merit order at the price k bid + (1 - k) ask (the rule of
    Chatterjee & Samuelson, see uniform_price, for each pair), with k = 1, which is what its name says: a bid is paid.
    Properties: volumes as in uniform_price, exact budget balance, individually rational; the whole gain is the homes'.
    Homes with equal asks meet buyers in the order of their public phases: by turns over slots, not in each.
    Raises: MissingTerms without prices, ExcessiveBids.
    """
    prices = market.needed_prices("pay_as_bid")
    rows, crossings = [], {}
    for slot in _slots(market, prices):
        by_ask = slot.home_order[np.argsort(prices.ask_sen_per_kwh[slot.home_order], kind="stable")]
        pairs = paired_rows(slot.index, slot.merit_sold_wh, by_ask, slot.merit_bought_wh, slot.buyer_order)
        rows.append(replace(pairs, price_sum_sen_per_kwh=2 * prices.buyer_price_sen_per_kwh[pairs.buyer_index]))
        crossings[slot.index] = slot.crossing
    return MechanismResult(allocation=allocation_of_rows(rows), facts=margin_facts(crossings, None))


def mid_market_rate(market: MatchMarket) -> MechanismResult:
    """Trade halfway between the retailer's export and import price, pro rata on the side that has too much.

    Source: the mid-market rate as the literature on peer-to-peer trading compares it with auctions, for example Zhang,
    Du, Lim, Jiang & Yan, "Design and simulation of peer-to-peer energy trading framework with dynamic electricity
    price", Australasian Universities Power Engineering Conference, 2019. With more generation than use each home sells
    the same part of its supply and the retailer buys the rest; with less, each buyer gets the same part of its use and
    buys the rest from the retailer. There one tariff is meant. With several, the greatest volume of bids and asks is
    traded: where homes have too little, all buyers share it whose bid is not below the last ask; where they have too
    much, all homes whose ask is not above the last bid. The rate stands halfway between the highest ask and the lowest
    bid of those admitted.
    Properties: crossing volume, exact budget balance, individually rational, pro rata within 1 Wh on both sides.
    Raises: MissingTerms without prices, ExcessiveBids.
    """
    prices = market.needed_prices("mid_market_rate")
    rows, crossings = [], {}
    for slot in _slots(market, prices):
        shared = slot.admitting_all
        pairs = paired_rows(
            slot.index, shared.shared_sold_wh, slot.home_order, shared.shared_bought_wh, slot.buyer_order
        )
        rows.append(_at_one_price(pairs, shared.crossing))
        crossings[slot.index] = shared.crossing
    return MechanismResult(allocation=allocation_of_rows(rows), facts=margin_facts(crossings, FactName.MID_PRICE_E5YEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """A slot in which bids and asks cross."""

    index: int
    crossing: Crossing
    supply_wh: IntArray
    wanted_wh: IntArray
    prices: MatchPrices
    home_order: IntArray
    buyer_order: IntArray
    start_salt: int

    @property
    def merit_sold_wh(self) -> IntArray:
        """Sell all below the marginal ask, pro rata at it."""
        asks, margin = self.prices.ask_sen_per_kwh, self.crossing.ask_sen_per_kwh
        return merit_filled_wh(
            self.supply_wh, asks < margin, asks == margin, self.home_order, self.crossing.volume_wh, self.start_salt
        )

    @property
    def merit_bought_wh(self) -> IntArray:
        """Serve all above the marginal bid, pro rata at it."""
        bids, margin = self.prices.buyer_price_sen_per_kwh, self.crossing.bid_sen_per_kwh
        return merit_filled_wh(
            self.wanted_wh, bids > margin, bids == margin, self.buyer_order, self.crossing.volume_wh, self.start_salt
        )

    @property
    def admitting_all(self) -> "_Slot":
        """Widen the side that has too much to all who can trade with the margin of the other side.

        The volume stays: it is all that the scarce side has.
        """
        asks, bids = self.prices.ask_sen_per_kwh, self.prices.buyer_price_sen_per_kwh
        last_ask, last_bid = self.crossing.ask_sen_per_kwh, self.crossing.bid_sen_per_kwh
        if int(self.supply_wh[asks <= last_ask].sum()) == self.crossing.volume_wh:
            last_bid = int(bids[(self.wanted_wh > 0) & (bids >= last_ask)].min())
        else:
            last_ask = int(asks[(self.supply_wh > 0) & (asks <= last_bid)].max())
        return replace(self, crossing=replace(self.crossing, bid_sen_per_kwh=last_bid, ask_sen_per_kwh=last_ask))

    @property
    def shared_sold_wh(self) -> IntArray:
        """Let all homes that take part sell pro rata in supply."""
        takes_part = self.prices.ask_sen_per_kwh <= self.crossing.ask_sen_per_kwh
        return self._shared_wh(self.supply_wh, self.home_order[takes_part[self.home_order]])

    @property
    def shared_bought_wh(self) -> IntArray:
        """Let all buyers that take part buy pro rata in what they want."""
        takes_part = self.prices.buyer_price_sen_per_kwh >= self.crossing.bid_sen_per_kwh
        return self._shared_wh(self.wanted_wh, self.buyer_order[takes_part[self.buyer_order]])

    def _shared_wh(self, offered_wh: IntArray, order: IntArray) -> IntArray:
        """Share the volume over the seats in the order."""
        shared_wh = np.zeros_like(offered_wh)
        shared_wh[order] = pro_rata_wh(offered_wh[order], self.crossing.volume_wh, self.start_salt)
        return shared_wh


def _slots(market: MatchMarket, prices: MatchPrices) -> Iterator[_Slot]:
    """Give the slots of a day that have something to trade."""
    merit_order = MeritOrder(prices.ask_sen_per_kwh, prices.buyer_price_sen_per_kwh)
    salts = day_salts(market.day.delivery_date)
    for slot_index in range(SLOTS_PER_DAY):
        supply_wh = market.day.supply_wh[slot_index]
        wanted_wh = wanted_of(market.day.capacity_wh[slot_index], supply_wh)
        crossing = merit_order.crossing(supply_wh, wanted_wh)
        if crossing is not None:
            yield _Slot(
                index=slot_index,
                crossing=crossing,
                supply_wh=supply_wh,
                wanted_wh=wanted_wh,
                prices=prices,
                home_order=home_orders(market, salts, slot_index),
                buyer_order=buyer_orders(prices.buyer_price_sen_per_kwh, wanted_wh),
                start_salt=int(salts[slot_index]),
            )


def _at_one_price(pairs: TradedRows, crossing: Crossing) -> TradedRows:
    """Give every row the price halfway between the marginal bid and ask."""
    return replace(pairs, price_sum_sen_per_kwh=np.full_like(pairs.energy_wh, crossing.price_sum_sen_per_kwh))
