"""From what each home sold and each buyer bought to rows: who from whom, and the money of it.

Enter: sold and bought Wh of slots in a stated order. Leaves: Allocation. Not here: who sells how much.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.allocation import NOBODY, Allocation, FactName, PublishedFacts
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.merit_order import Crossing
from sanchi.core.matching.phase import home_words, phase_of_word

_COLUMNS: Final = ("slot_index", "home_index", "buyer_index", "energy_wh", "price_sum_sen_per_kwh")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedRows:
    """Rows in the order in which they were paired.

    price_sum_sen_per_kwh : twice the price, so that the middle of two prices stays whole.
    """

    slot_index: IntArray
    home_index: IntArray
    buyer_index: IntArray
    energy_wh: IntArray
    price_sum_sen_per_kwh: IntArray


def paired_rows(
    slot_index: int, sold_wh: IntArray, home_order: IntArray, bought_wh: IntArray, buyer_order: IntArray
) -> TradedRows:
    """Lay sold and bought Wh beside each other, each in its order; where two intervals overlap is a trade.

    sold_wh : int64 (n_homes,), bought_wh : int64 (n_buyers,) [Wh], of equal sums. Returns: less than n_homes + n_buyers
    rows whose sums by home and buyer are exactly what was sold and bought, without prices yet.
    """
    sellers, takers = home_order[sold_wh[home_order] > 0], buyer_order[bought_wh[buyer_order] > 0]
    sold_until_wh, bought_until_wh = np.cumsum(sold_wh[sellers]), np.cumsum(bought_wh[takers])
    until_wh = np.union1d(sold_until_wh, bought_until_wh)
    return TradedRows(
        slot_index=np.full(until_wh.size, slot_index, dtype=np.int64),
        home_index=sellers[np.searchsorted(sold_until_wh, until_wh)],
        buyer_index=takers[np.searchsorted(bought_until_wh, until_wh)],
        energy_wh=np.diff(until_wh, prepend=0),
        price_sum_sen_per_kwh=np.zeros(until_wh.size, dtype=np.int64),
    )


def home_orders(market: MatchMarket, salts: NDArray[np.uint64], slot_index: int) -> IntArray:
    """Order the homes of a slot by their public phase, the key where phases are equal."""
    phases = phase_of_word(home_words(market.day.home_key), salts[slot_index])
    order: IntArray = np.lexsort((market.day.home_key, phases))
    return order


def buyer_orders(bid_sen_per_kwh: IntArray, capacity_wh: IntArray) -> IntArray:
    """Order the buyers of a slot: best bid, then largest capacity, then their number in the market."""
    order: IntArray = np.lexsort((-capacity_wh, -bid_sen_per_kwh))
    return order


def allocation_of_rows(rows: list[TradedRows]) -> Allocation:
    """Price the rows of all slots at half their price sum; what a buyer pays is what the home gets.

    The money of a slot is laid end to end in the order of pairing and cut at whole 1e-5 yen, so that of a slot not
    more than half of 1e-5 yen is cut: floor(C P / 2) differs from C P / 2 only where C and P are odd, hence
    money(i) = (e(i) P + (C(i-1) P mod 2) - (C(i) P mod 2)) / 2, which never leaves 64 bits.
    """
    columns = {name: _joined([getattr(each, name) for each in rows]) for name in _COLUMNS}
    is_odd = [_is_odd_until(each) for each in rows]
    before, until = _joined([np.append(0, odd[:-1]) for odd in is_odd]), _joined(is_odd)
    price_sum = columns.pop("price_sum_sen_per_kwh")
    money_e5yen = (columns["energy_wh"] * price_sum + before - until) // 2
    order = np.lexsort((columns["buyer_index"], columns["home_index"], columns["slot_index"]))
    return Allocation(
        **{name: column[order] for name, column in columns.items()},
        choice_index=np.full(order.size, NOBODY, dtype=np.int64),
        payment_e5yen=money_e5yen[order],
        receipt_e5yen=money_e5yen[order],
    )


def _is_odd_until(rows: TradedRows) -> IntArray:
    """Tell after which rows the exact money of the slot ends in half of 1e-5 yen, as 0 and 1."""
    odd: IntArray = np.cumsum(rows.energy_wh * rows.price_sum_sen_per_kwh & 1) & 1
    return odd


def _joined(columns: list[IntArray]) -> IntArray:
    """Join the columns of slots, none of them too."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *columns])


def margin_facts(crossings: dict[int, Crossing], price_name: FactName | None) -> PublishedFacts:
    """Publish the margin of each slot that traded: the price sum where there is one price, the last bid and ask."""
    rows = [
        (slot_index, name, figure)
        for slot_index, found in sorted(crossings.items())
        for name, figure in (
            (price_name, found.price_sum_sen_per_kwh),
            (FactName.MARGINAL_BID_SEN_PER_KWH, found.bid_sen_per_kwh),
            (FactName.MARGINAL_ASK_SEN_PER_KWH, found.ask_sen_per_kwh),
        )
        if name is not None
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return PublishedFacts(
        slot_index=table[:, 0],
        buyer_index=np.full(len(rows), NOBODY, dtype=np.int64),
        fact_no=table[:, 1],
        figure=table[:, 2],
    )
