"""The allocation that is worth most to all together: a linear program a slot, proven in integers.

Enters: a MatchMarket with prices, and places where fees differ. Leaves: allocation and welfare per slot.
Not here: the exact check and repair (exact_flow), the measure itself (welfare).
"""

from typing import Final

import numpy as np

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.allocation import NOBODY, Allocation, FactName, MechanismResult, PublishedFacts
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.exact_flow import Transport, repaired
from sanchi.core.matching.offers import ExcessiveSupply
from sanchi.core.matching.welfare import exact_sum, pair_fee_sen_per_kwh, pair_gain_sen_per_kwh

# Published figures are int64.
_FIGURE_MAX: Final = 2**63 - 1
# Measured on one core: a slot of 30,000 gaining pairs takes 0.3 s, of 100,000 pairs 1 s; a sunny day has 24 of them.
GAINING_PAIRS_MAX: Final = 100_000


class TooManyPairs(WrongInput):
    """More pairs gain than the linear program is meant for."""


def max_welfare(market: MatchMarket) -> MechanismResult:
    """Find the Wh on listed pairs with the largest sum of (bid - ask - fee) x Wh.

    Source: the transportation problem (its unit form: Shapley & Shubik, "The assignment game I: The core",
    International Journal of Game Theory 1, 1971), solved by the dual simplex of HiGHS (Huangfu & Hall, "Parallelizing
    the dual revised simplex method", Mathematical Programming Computation 10, 2018). Its corners are integral; the
    solver's floats are only a proposal: rounded Wh and dual prices are checked in integers, and where they fail
    exact_flow repairs them.
    Pairs that gain nothing are not traded. Of several optima the solver takes one, the same for any order of homes.
    Money: of each row home and buyer share the gain half and half, an odd 1e-5 yen is the buyer's; the buyer pays the
    fee on top, so payments = receipts + fees.
    Raises: MissingTerms without prices; TooManyPairs above GAINING_PAIRS_MAX listed pairs that gain; ExcessiveSupply
    where the welfare of a slot reaches 2^63 x 1e-5 yen.
    """
    market.needed_prices("max_welfare")
    homes = np.argsort(market.day.home_key)
    choices = market.day.choice_buyer_index[homes].astype(np.int64)
    row, choice_index = np.nonzero(choices >= 0)
    home_index, buyer_index = homes[row], choices[row, choice_index]
    gain_sen_per_kwh = pair_gain_sen_per_kwh(market, home_index, buyer_index)
    gains = gain_sen_per_kwh > 0
    if (pairs_count := int(gains.sum())) > GAINING_PAIRS_MAX:
        raise TooManyPairs(
            f"max_welfare looks at {pairs_count} listed pairs of home and buyer, at most "
            f"{GAINING_PAIRS_MAX} are meant.",
            hint="Take a part of the market, for example one grid area, or shorten the lists.",
        )
    pairs = np.stack([home_index[gains], buyer_index[gains], choice_index[gains], gain_sen_per_kwh[gains]])
    slots = [_best_of_slot(market, slot_index, pairs) for slot_index in range(SLOTS_PER_DAY)]
    table = np.concatenate(slots, axis=1)
    welfare_by_slot_e5yen = [exact_sum(slot[4] * slot[5]) for slot in slots]
    return MechanismResult(allocation=_shared_gain(market, table), facts=_welfare_facts(welfare_by_slot_e5yen))


def _best_of_slot(market: MatchMarket, slot_index: int, pairs: IntArray) -> IntArray:
    """Give the rows (slot, home, buyer, choice, gain, Wh) of a slot."""
    supply_wh, capacity_wh = market.day.supply_wh[slot_index], market.day.capacity_wh[slot_index]
    is_open = (supply_wh[pairs[0]] > 0) & (capacity_wh[pairs[1]] > 0)
    home_index, buyer_index, choice_index, gain_sen_per_kwh = pairs[:, is_open]
    homes, home_row = np.unique(home_index, return_inverse=True)
    buyers, buyer_row = np.unique(buyer_index, return_inverse=True)
    transport = Transport(
        home_index=home_row,
        buyer_index=buyer_row,
        gain_sen_per_kwh=gain_sen_per_kwh,
        supply_wh=supply_wh[homes],
        # More than all homes give together is never taken; smaller numbers are easier on the solver.
        capacity_wh=np.minimum(capacity_wh[buyers], supply_wh[homes].sum()),
    )
    energy_wh = best_transport_wh(transport)
    rows = np.stack(
        [np.full_like(home_index, slot_index), home_index, buyer_index, choice_index, gain_sen_per_kwh, energy_wh]
    )
    return rows[:, energy_wh > 0]


def best_transport_wh(transport: Transport) -> IntArray:
    """Give the Wh of each edge in a best transport, int64 (n_edges,) [Wh], proven in integers."""
    if not transport.home_index.size:
        return np.zeros(0, dtype=np.int64)
    proposed = _proposed_by_solver(transport)
    if proposed is None:
        return repaired(transport, np.zeros_like(transport.home_index))
    energy_wh, home_dual_sen_per_kwh, buyer_dual_sen_per_kwh = proposed
    if not transport.is_feasible(energy_wh):
        energy_wh = np.zeros_like(energy_wh)
    if transport.is_best(energy_wh, home_dual_sen_per_kwh, buyer_dual_sen_per_kwh):
        return energy_wh
    return repaired(transport, energy_wh)


def _proposed_by_solver(transport: Transport) -> tuple[IntArray, IntArray, IntArray] | None:
    """Let HiGHS solve the program in floats; give Wh and dual prices rounded, None where it gives up."""
    from scipy.optimize import linprog  # noqa: PLC0415 - a third of a second that other mechanisms need not wait for
    from scipy.sparse import coo_array  # noqa: PLC0415 - see above

    n_homes, n_buyers, n_edges = transport.supply_wh.size, transport.capacity_wh.size, transport.home_index.size
    ends = np.concatenate([transport.home_index, n_homes + transport.buyer_index])
    edges = np.tile(np.arange(n_edges), 2)
    incidence = coo_array((np.ones(2 * n_edges), (ends, edges)), shape=(n_homes + n_buyers, n_edges)).tocsr()
    solved = linprog(
        c=-transport.gain_sen_per_kwh,
        A_ub=incidence,
        b_ub=np.concatenate([transport.supply_wh, transport.capacity_wh]),
        method="highs-ds",
    )
    if solved.x is None or not solved.success:
        return None
    energy_wh = np.rint(solved.x).astype(np.int64)
    duals = np.rint(-solved.ineqlin.marginals).astype(np.int64)
    return energy_wh, duals[:n_homes], duals[n_homes:]


def _shared_gain(market: MatchMarket, table: IntArray) -> Allocation:
    """Order the rows and share each row's gain between home and buyer."""
    table = table[:, np.lexsort((table[2], table[1], table[0]))]
    slot_index, home_index, buyer_index, choice_index, gain_sen_per_kwh, energy_wh = table
    ask_sen_per_kwh = market.needed_prices("max_welfare").ask_sen_per_kwh[home_index]
    receipt_e5yen = energy_wh * ask_sen_per_kwh + energy_wh * gain_sen_per_kwh // 2
    return Allocation(
        slot_index=slot_index,
        home_index=home_index,
        buyer_index=buyer_index,
        choice_index=choice_index,
        energy_wh=energy_wh,
        payment_e5yen=receipt_e5yen + energy_wh * pair_fee_sen_per_kwh(market, home_index, buyer_index),
        receipt_e5yen=receipt_e5yen,
    )


def _welfare_facts(welfare_by_slot_e5yen: list[int]) -> PublishedFacts:
    """Publish the welfare of each slot. Raises: ExcessiveSupply."""
    most_e5yen = max(welfare_by_slot_e5yen)
    if most_e5yen > _FIGURE_MAX:
        raise ExcessiveSupply(
            f"The welfare of slot {welfare_by_slot_e5yen.index(most_e5yen) + 1} is {most_e5yen} x 1e-5 yen, expected "
            f"at most {_FIGURE_MAX}.",
            hint="Check the units of supplies and prices, or split the market.",
        )
    return PublishedFacts(
        slot_index=np.arange(SLOTS_PER_DAY, dtype=np.int64),
        buyer_index=np.full(SLOTS_PER_DAY, NOBODY, dtype=np.int64),
        fact_no=np.full(SLOTS_PER_DAY, FactName.WELFARE_E5YEN, dtype=np.int64),
        figure=np.array(welfare_by_slot_e5yen, dtype=np.int64),
    )
