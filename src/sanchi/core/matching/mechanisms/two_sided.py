"""Stable allocation: homes rank buyers, buyers rank classes of homes, and no pair would rather have each other.

Enters: a MatchMarket with class_rank. Leaves: allocation and the buyers' cut-offs. Not here: the order of Wh.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.allocation import NOBODY, FactName, MechanismResult, allocation_of_parts
from sanchi.core.matching.closing import NEVER_CLOSED_T32
from sanchi.core.matching.cutoffs import (
    EVERY_CLASS_RANK,
    admitted_wh,
    before_end_t32,
    cut_within_class,
    marginal_class,
)
from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel, inlined, read_only
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import facts_by_buyer
from sanchi.core.matching.phase import day_salts, home_words
from sanchi.core.matching.rounds import write_slot_words

# What a slot may cost: a step for each home that offers anew, and _TIGHTENING_STEPS for each buyer that tightens.
SLOT_STEPS_MAX: Final = 2**28
_TIGHTENING_STEPS: Final = 64


class UnsettledSlot(WrongInput):
    """Proposals and refusals of a slot go round and round for so long that the run was given up."""


def two_sided(market: MatchMarket) -> MechanismResult:
    """Let homes propose down their lists and buyers keep the Wh that they rank first, until nobody is refused more.

    Buyers rank the Wh of homes by class_rank, inside a class in turn and pro rata to supply (module cutoffs). A home
    and a buyer it lists block when all of this holds: the home has given it less than its pair_quota_wh; the home has
    a rest, or gives to a choice behind it; the buyer has room, or holds a Wh of another home that stands behind this
    home's next Wh in its order. The result has no blocking pair, and among all results without one it is the best for
    every home at once.
    Source: Baiou & Balinski, "The stable allocation (or ordinal transportation) problem", Mathematics of Operations
    Research 27, 2002; classes shared by turns are the schedule choices of Alkan & Gale, "Stable schedule matching
    under revealed preference", Journal of Economic Theory 112, 2003; cut-offs as in Azevedo & Leshno, "A supply and
    demand framework for two-sided matching markets", Journal of Political Economy 124, 2016.
    Properties: exact supplies, no capacity or quota exceeded, independent of the order in which proposals are made.
    Ends: each tightening takes at least 1 Wh from what buyers admit, which begins at k_max * supply and never rises;
    so it ends after at most k_max * supply [Wh] tightenings. Markets met so far need some per buyer. Where homes and
    buyers rank each other in opposite orders all round and supply exceeds capacity by next to nothing, each tightening
    may move a single Wh; such a slot is refused after SLOT_STEPS_MAX steps, some ten seconds, instead of taking days.
    Publishes: CUTOFF_CLASS, the last class that got anything, -1 where nobody did.
    Raises: MissingTerms, UnsettledSlot.
    """
    day = market.day
    market.needed("two_sided", "class_rank")
    class_rank = market.class_rank
    assert class_rank is not None, "needed() refuses a market without classes"
    choices = day.choice_buyer_index
    quota_wh = market.pair_quota_wh
    if quota_wh is None:
        quota_wh = read_only(np.full(choices.shape, np.iinfo(np.int64).max))
    parts_wh = np.zeros((len(day.supply_wh), *choices.shape), dtype=np.int64)
    unsettled_slot_index = _write_stable_parts(
        np.flatnonzero(day.supply_wh.any(axis=1)),
        day.supply_wh,
        choices,
        class_rank,
        quota_wh,
        day.capacity_wh,
        *_entries_by_class(choices, class_rank, day.n_buyers),
        home_words(day.home_key),
        day_salts(day.delivery_date),
        SLOT_STEPS_MAX,
        parts_wh,
    )
    if unsettled_slot_index != NOBODY:
        raise UnsettledSlot(
            f"Slot {unsettled_slot_index + 1} is not settled after {SLOT_STEPS_MAX} steps: homes and buyers rank each "
            f"other in opposite orders, and supply exceeds capacity by very little.",
            hint="Change a capacity by some Wh, put homes into the same class, or take another mechanism.",
        )
    return MechanismResult(
        allocation=allocation_of_parts(market, parts_wh),
        facts=facts_by_buyer({FactName.CUTOFF_CLASS: _last_class(market, class_rank, parts_wh)}),
    )


def _entries_by_class(
    choices: ChoiceArray, class_rank: ChoiceArray, n_buyers: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Give the fields of Choosers, the homes of each buyer in the order of their class."""
    home_index, choice_index = np.nonzero(choices >= 0)
    buyer_index = choices[home_index, choice_index]
    order = np.lexsort((class_rank[home_index, choice_index], buyer_index))
    buyer_first_index = np.searchsorted(buyer_index[order], np.arange(n_buyers + 1)).astype(np.int64)
    return home_index[order], choice_index[order], buyer_first_index


def _last_class(market: MatchMarket, class_rank: ChoiceArray, parts_wh: IntArray) -> IntArray:
    """Give the last class that got anything, int64 (48, n_buyers), -1 where none did."""
    last = np.full(market.day.capacity_wh.shape, NOBODY, dtype=np.int64)
    slot_index, home_index, choice_index = np.nonzero(parts_wh)
    buyer_index = market.day.choice_buyer_index[home_index, choice_index]
    np.maximum.at(last, (slot_index, buyer_index), class_rank[home_index, choice_index].astype(np.int64))
    return last


@inlined
def _write_offer(
    home: int,
    supply_wh: IntArray,
    choices: ChoiceArray,
    class_rank: ChoiceArray,
    quota_wh: IntArray,
    slot_word: NDArray[np.uint64],
    cut_rank: IntArray,
    cut_t32: IntArray,
    cut_word: NDArray[np.uint64],
    offered_wh: IntArray,
    demand_wh: IntArray,
) -> None:
    """Let a home offer down its list, to each choice as much as that admits; demand_wh follows."""
    rest_wh = supply_wh[home]
    for choice in range(choices.shape[1]):
        buyer = choices[home, choice]
        if buyer < 0:
            break
        cut = (cut_rank[buyer], cut_t32[buyer], cut_word[buyer])
        most_wh = admitted_wh(supply_wh[home], slot_word[home], class_rank[home, choice], *cut)
        offer_wh = min(rest_wh, most_wh, quota_wh[home, choice])
        demand_wh[buyer] += offer_wh - offered_wh[home, choice]
        offered_wh[home, choice] = offer_wh
        rest_wh -= offer_wh


@inlined
def _tighten(
    buyer: int,
    own_home: IntArray,
    own_choice: IntArray,
    supply_wh: IntArray,
    class_rank: ChoiceArray,
    capacity_wh: IntArray,
    slot_word: NDArray[np.uint64],
    offered_wh: IntArray,
    cut_rank: IntArray,
    cut_t32: IntArray,
    cut_word: NDArray[np.uint64],
) -> None:
    """Move a buyer's cut-off forward until the offers before it are its capacity; they exceed it now."""
    count = len(own_home)
    own_rank = np.empty(count, np.int32)
    own_offer_wh = np.empty(count, np.int64)
    for place in range(count):
        own_rank[place] = class_rank[own_home[place], own_choice[place]]
        own_offer_wh[place] = offered_wh[own_home[place], own_choice[place]]
    first, after, left_wh = marginal_class(own_rank, own_offer_wh, capacity_wh[buyer])
    members = own_home[first:after]
    rank: Any = np.int64(own_rank[first])
    highest_t32 = before_end_t32(cut_rank[buyer], rank, cut_t32[buyer])
    cut_t32[buyer], cut_word[buyer] = cut_within_class(
        supply_wh[members], own_offer_wh[first:after], slot_word[members], left_wh, highest_t32
    )
    cut_rank[buyer] = rank


@inlined
def _write_stable_slot(
    supply_wh: IntArray,
    choices: ChoiceArray,
    class_rank: ChoiceArray,
    quota_wh: IntArray,
    capacity_wh: IntArray,
    entries: tuple[IntArray, IntArray, IntArray],
    slot_word: NDArray[np.uint64],
    steps_max: int,
    parts_wh: IntArray,
) -> bool:
    """Let all homes offer, then tighten buyers round and round until all of them fit one after the other.

    Returns: whether they do; False after steps_max steps.
    """
    entry_home_index, entry_choice_index, buyer_first_index = entries
    n_buyers = len(capacity_wh)
    cut_rank = np.full(n_buyers, EVERY_CLASS_RANK, np.int64)
    cut_t32 = np.full(n_buyers, NEVER_CLOSED_T32, np.int64)
    cut_word = np.zeros(n_buyers, np.uint64)
    cuts = (cut_rank, cut_t32, cut_word)
    homes = (supply_wh, choices, class_rank, quota_wh, slot_word)
    demand_wh = np.zeros(n_buyers, np.int64)
    for home in range(len(supply_wh)):
        _write_offer(home, *homes, *cuts, parts_wh, demand_wh)
    buyer, n_fitting, steps_count = 0, 0, 0
    while n_fitting < n_buyers:
        n_fitting += 1
        if demand_wh[buyer] > capacity_wh[buyer]:
            own = slice(buyer_first_index[buyer], buyer_first_index[buyer + 1])
            steps_count += _TIGHTENING_STEPS + own.stop - own.start
            if steps_count > steps_max:
                return False
            own_home, own_choice = entry_home_index[own], entry_choice_index[own]
            _tighten(buyer, own_home, own_choice, supply_wh, class_rank, capacity_wh, slot_word, parts_wh, *cuts)
            for home in own_home:
                _write_offer(home, *homes, *cuts, parts_wh, demand_wh)
            # This buyer fits now, exactly.
            n_fitting = 1
        buyer = (buyer + 1) % n_buyers
    return True


@entry_kernel
def _write_stable_parts(
    slot_index: IntArray,
    supply_wh: IntArray,
    choices: ChoiceArray,
    class_rank: ChoiceArray,
    quota_wh: IntArray,
    capacity_wh: IntArray,
    entry_home_index: IntArray,
    entry_choice_index: IntArray,
    buyer_first_index: IntArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    steps_max: int,
    parts_wh: IntArray,
) -> int:
    """Write the parts of the listed slots; the entries of a buyer stand in the order of their class.

    Returns: the first slot that does not settle within steps_max steps, or NOBODY.
    """
    slot_word = np.empty(supply_wh.shape[1], np.uint64)
    entries = (entry_home_index, entry_choice_index, buyer_first_index)
    for slot in slot_index:
        slot_salt: Any = salt[slot]
        write_slot_words(home_word, slot_salt, slot_word)
        homes = (supply_wh[slot], choices, class_rank, quota_wh)
        if not _write_stable_slot(*homes, capacity_wh[slot], entries, slot_word, steps_max, parts_wh[slot]):
            return int(slot)
    return NOBODY
