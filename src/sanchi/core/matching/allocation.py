"""What any mechanism leaves: who gave how many Wh to whom in which slot, and the money of it, as rows.

Enters and leaves: an Allocation. Not here: how a mechanism comes to it. What no row names is the standard offer's.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sanchi.core.matching.kernel import IntArray, read_only
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.offers import DayMatchInput

# The home of a fact or the choice of a row that names none.
NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Rows in the order slot, home, buyer; equal-length int64 columns, read-only, no row of 0 Wh, no pair twice a slot.

    choice_index : position of the buyer in the home's choices, -1 where the mechanism looks at none.
    payment_e5yen, receipt_e5yen : what the buyer pays and the home gets for the row [1e-5 yen], 0 without prices.
    """

    slot_index: IntArray
    home_index: IntArray
    buyer_index: IntArray
    choice_index: IntArray
    energy_wh: IntArray
    payment_e5yen: IntArray
    receipt_e5yen: IntArray

    def __post_init__(self) -> None:
        """Freeze the columns."""
        for name in self.__slots__:
            read_only(getattr(self, name))

    def intake_wh(self, day: DayMatchInput) -> IntArray:
        """Give what each buyer got, int64 array of shape (48, n_buyers) [Wh]."""
        return _summed(self.slot_index, self.buyer_index, self.energy_wh, day.capacity_wh.shape)

    def given_wh(self, day: DayMatchInput) -> IntArray:
        """Give what each home gave to buyers, int64 array of shape (48, n_homes) [Wh]."""
        return _summed(self.slot_index, self.home_index, self.energy_wh, day.supply_wh.shape)

    def rest_wh(self, day: DayMatchInput) -> IntArray:
        """Give what stays for the standard offer, int64 array of shape (48, n_homes) [Wh]."""
        rest_wh: IntArray = day.supply_wh - self.given_wh(day)
        return rest_wh


class FactName(IntEnum):
    """What a mechanism publishes per slot and buyer, so that everybody can see why they got what they got."""

    CLOSING_T32 = 1  # eating: when the buyer closed, 2^-32 of the slot
    ROUNDING_PHI60 = 2  # eating: its rounding number, 2^-60 Wh
    ASKED_WH = 3  # what homes asked the buyer to take, in the first round [Wh]
    CUTOFF_CLASS = 4  # two_sided: the last class that got anything; homes of later classes got nothing
    CLEARING_PRICE_E5YEN = 5  # an auction's price [1e-5 yen per 2 Wh]: the sum of the marginal bid and ask [sen/kWh]
    MID_PRICE_E5YEN = 6  # mid_market_rate: its price, counted as above
    WELFARE_E5YEN = 7  # max_welfare: bid - ask - fee, summed over the slot
    SHORT_WH = 8  # target_share: what the tenant lacks to its target share [Wh]
    MARGINAL_BID_SEN_PER_KWH = 9  # auctions: the last bid that bought
    MARGINAL_ASK_SEN_PER_KWH = 10  # auctions: the last ask that sold


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFacts:
    """Rows of published figures in the order slot, buyer, name; buyer_index -1 = the whole slot."""

    slot_index: IntArray
    buyer_index: IntArray
    fact_no: IntArray
    figure: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismResult:
    """What a mechanism made of a market: the allocation and the figures that explain it."""

    allocation: Allocation
    facts: PublishedFacts


def allocation_of_parts(market: MatchMarket, parts_wh: IntArray) -> Allocation:
    """Turn parts by choice into rows, priced by the buyers' offers where the market has prices.

    parts_wh : int64 (48, n_homes, k_max) [Wh], to the buyer of each choice.
    """
    slot_index, home_index, choice_index = np.nonzero(parts_wh)
    buyer_index = market.day.choice_buyer_index[home_index, choice_index].astype(np.int64)
    order = np.lexsort((buyer_index, home_index, slot_index))
    slot_index, home_index, choice_index = slot_index[order], home_index[order], choice_index[order]
    buyer_index = buyer_index[order]
    energy_wh = parts_wh[slot_index, home_index, choice_index]
    payment_e5yen, receipt_e5yen = posted_money_e5yen(market.prices, buyer_index, energy_wh)
    return Allocation(
        slot_index=slot_index,
        home_index=home_index,
        buyer_index=buyer_index,
        choice_index=choice_index,
        energy_wh=energy_wh,
        payment_e5yen=payment_e5yen,
        receipt_e5yen=receipt_e5yen,
    )


def posted_money_e5yen(
    prices: MatchPrices | None, buyer_index: IntArray, energy_wh: IntArray
) -> tuple[IntArray, IntArray]:
    """Price rows by the buyers' posted offers: what buyers pay, what homes get [1e-5 yen]; zeros without prices."""
    if prices is None:
        return np.zeros_like(energy_wh), np.zeros_like(energy_wh)
    return (
        energy_wh * prices.buyer_price_sen_per_kwh[buyer_index],
        energy_wh * prices.home_price_sen_per_kwh[buyer_index],
    )


def check_allocation(day: DayMatchInput, allocation: Allocation) -> None:
    """Assert what holds for every mechanism: rows in order, supplies never exceeded, nor capacities."""
    assert (allocation.energy_wh > 0).all(), "a row has no energy"
    keys = (allocation.slot_index * day.n_homes + allocation.home_index) * day.n_buyers + allocation.buyer_index
    assert (np.diff(keys) > 0).all(), "rows are out of order, or a pair stands in a slot twice"
    assert (allocation.rest_wh(day) >= 0).all(), "a home gave more than its supply"
    assert (allocation.intake_wh(day) <= day.capacity_wh).all(), "a buyer got more than its capacity"


def _summed(slot_index: IntArray, index: IntArray, energy_wh: IntArray, shape: tuple[int, ...]) -> IntArray:
    """Add rows up per slot and index."""
    total_wh = np.zeros(shape, dtype=np.int64)
    np.add.at(total_wh, (slot_index, index), energy_wh)
    return total_wh
