"""Envy and blocking pairs of an allocation on ranked lists, in whole Wh, exactly.

Enter: a MatchMarket and an Allocation. Leave: Wh and counts. Not here: what to make of them (comparison).
"""

from typing import Final

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket

# Comparing every home with every other by each beginning of its list is feasible up to about so many homes.
ENVY_HOMES_MAX: Final = 2_000


def parts_by_choice_wh(market: MatchMarket, allocation: Allocation) -> IntArray:
    """Give what each home gave to the buyer of each choice, int64 (48, n_homes, k_max) [Wh]; others are left out."""
    choices = market.day.choice_buyer_index
    parts_wh = np.zeros((SLOTS_PER_DAY, *choices.shape), dtype=np.int64)
    row, choice_index = np.nonzero(choices[allocation.home_index] == allocation.buyer_index[:, None])
    parts_wh[allocation.slot_index[row], allocation.home_index[row], choice_index] = allocation.energy_wh[row]
    return parts_wh


def envy_wh(market: MatchMarket, allocation: Allocation) -> IntArray | None:
    """Give each home's envy beyond 1 Wh, int64 (48, n_homes) [Wh], rounded up; None above ENVY_HOMES_MAX homes.

    Home i envies j by the largest of x_j(L) s_i / s_j - x_i(L) over all beginnings L of i's list, where x(L) is what
    a home gave to the buyers of L and s its supply. A home's envy is that of the home it envies most; 1 Wh of it is
    rounding. Above the limit it is not counted, which every reader is told by None.
    """
    day = market.day
    if day.n_homes > ENVY_HOMES_MAX:
        return None
    homes_of: dict[frozenset[int], list[int]] = {}
    for home, row in enumerate(day.choice_buyer_index.tolist()):
        named = [buyer for buyer in row if buyer >= 0]
        for depth in range(1, len(named) + 1):
            homes_of.setdefault(frozenset(named[:depth]), []).append(home)
    most_wh = np.zeros((SLOTS_PER_DAY, day.n_homes), dtype=np.int64)
    for buyers, homes in homes_of.items():
        is_taken = np.isin(allocation.buyer_index, list(buyers))
        given_wh = np.zeros((SLOTS_PER_DAY, day.n_homes), dtype=np.int64)
        at = allocation.slot_index[is_taken], allocation.home_index[is_taken]
        np.add.at(given_wh, at, allocation.energy_wh[is_taken])
        best_wh, best_of_wh = _largest_share(given_wh, day.supply_wh)
        scaled_wh = -(-day.supply_wh[:, homes] * best_wh[:, None] // best_of_wh[:, None])
        most_wh[:, homes] = np.maximum(most_wh[:, homes], scaled_wh - given_wh[:, homes])
    beyond_wh: IntArray = np.maximum(most_wh - 1, 0)
    return beyond_wh


def _largest_share(part_wh: IntArray, whole_wh: IntArray) -> tuple[IntArray, IntArray]:
    """Give the largest part / whole of each slot as a fraction, by halving the field of homes; 0 / 1 without any."""
    part, whole = part_wh, np.maximum(whole_wh, 1)
    while part.shape[1] > 1:
        half = (part.shape[1] + 1) // 2
        # With an odd count the one in the middle meets itself.
        left, right = slice(None, half), slice(part.shape[1] - half, None)
        is_right = part[:, right] * whole[:, left] > part[:, left] * whole[:, right]
        part = np.where(is_right, part[:, right], part[:, left])
        whole = np.where(is_right, whole[:, right], whole[:, left])
    return part[:, 0], whole[:, 0]


def blocking_pair_count(market: MatchMarket, allocation: Allocation) -> int:
    """Count (slot, home, buyer) where both would gain by leaving others for each other.

    The home lists the buyer, and some of its Wh went to a later choice, an unlisted buyer or the standard offer; the
    buyer has room, or serves a home of a worse class. A pair at its quota does not block; a home that does not list
    the buyer is in none of its classes, so its Wh are not counted as a worse class.
    """
    day, choices = market.day, market.day.choice_buyer_index
    parts_wh = parts_by_choice_wh(market, allocation)
    went_worse = day.supply_wh[:, :, None] - np.cumsum(parts_wh, axis=2) > 0
    would_take = (allocation.intake_wh(day) < day.capacity_wh)[:, choices]
    if market.class_rank is not None:
        slot, home, choice = np.nonzero(parts_wh)
        worst_rank = np.full(day.capacity_wh.shape, -1, dtype=np.int64)
        np.maximum.at(worst_rank, (slot, choices[home, choice]), market.class_rank[home, choice])
        would_take |= worst_rank[:, choices] > market.class_rank
    if market.pair_quota_wh is not None:
        would_take &= parts_wh < market.pair_quota_wh
    return int((went_worse & would_take & (choices >= 0)).sum())
