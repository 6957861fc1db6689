"""Our own side of part `peers`: the mechanisms on the same orders as the peers, from arrays in memory to all rows.

Enters: a case. Leaves: Figures, judged as the peers are. Not here: the bars (see kernel).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from bench.matching_parts.clock import Cost, median_cost
from bench.matching_parts.figures import Figure
from bench.matching_parts.limit_pass import one_pass
from bench.matching_parts.orders import Outcome, SlotOrders, case_slots, judged
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.mechanisms.table import MECHANISMS, MechanismName
from sanchi.core.matching.offers import DayMatchInput

DELIVERY_DATE = date(2020, 11, 20)
NAMES = ("eating", "uniform_price")
# The same energies; the partners, which no peer looks at, are those of slot 1.
AS_A_DAY = "sanchi eating as a day, partners of slot 1"


def market_of_orders(slots: list[SlotOrders]) -> MatchMarket:
    """Write orders as a market in which each order is a home or buyer of its own, open in its slot alone.

    Prices of the orders change from slot to slot, those of a market hold for its day: so a home of 48 slots stands
    here as 48 homes. Home and buyer numbers run through the slots.
    """
    n_homes = sum(len(slot.supply_wh) for slot in slots)
    n_buyers = sum(len(slot.need_wh) for slot in slots)
    supply_wh = np.zeros((SLOTS_PER_DAY, n_homes), dtype=np.int64)
    capacity_wh = np.zeros((SLOTS_PER_DAY, n_buyers), dtype=np.int64)
    choices, asks, bids = [], [], []
    home = buyer = 0
    for slot_index, slot in enumerate(slots):
        supply_wh[slot_index, home : home + len(slot.supply_wh)] = slot.supply_wh
        capacity_wh[slot_index, buyer : buyer + len(slot.need_wh)] = slot.need_wh
        choices += [buyer + partner for partner in slot.partner_index]
        asks += slot.ask_sen_per_kwh
        bids += slot.bid_sen_per_kwh
        home, buyer = home + len(slot.supply_wh), buyer + len(slot.need_wh)
    day = DayMatchInput(
        home_key=np.arange(n_homes),
        choice_buyer_index=np.array(choices, dtype=np.int32)[:, None],
        supply_wh=supply_wh,
        capacity_wh=capacity_wh,
        delivery_date=DELIVERY_DATE,
    )
    bid_sen_per_kwh = np.array(bids, dtype=np.int64)
    prices = MatchPrices(
        home_price_sen_per_kwh=bid_sen_per_kwh,
        buyer_price_sen_per_kwh=bid_sen_per_kwh,
        ask_sen_per_kwh=np.array(asks, dtype=np.int64),
    )
    return MatchMarket(day=day, prices=prices)


def outcome_of_rows(slots: list[SlotOrders], rows: Allocation) -> Outcome:
    """Add the rows up by order; a home's and a buyer's first numbers in each slot give the order's place."""
    first_home = np.cumsum([0, *(len(slot.supply_wh) for slot in slots)])
    first_buyer = np.cumsum([0, *(len(slot.need_wh) for slot in slots)])
    sold_wh: defaultdict[tuple[int, int], float] = defaultdict(int)
    bought_wh: defaultdict[tuple[int, int], float] = defaultdict(int)
    columns = (rows.slot_index, rows.home_index, rows.buyer_index, rows.energy_wh)
    for slot, home, buyer, wh in zip(*(column.tolist() for column in columns), strict=True):
        sold_wh[slot, home - int(first_home[slot])] += wh
        bought_wh[slot, buyer - int(first_buyer[slot])] += wh
    return Outcome(
        sold_wh=sold_wh,
        bought_wh=bought_wh,
        paid=int(rows.payment_e5yen.sum()),
        received=int(rows.receipt_e5yen.sum()),
    )


def our_figures(case: str) -> Iterator[Figure]:
    """Measure our mechanisms on a case, and the limit: one compiled pass over the same arrays."""
    slots = case_slots(case)
    market = market_of_orders(slots)
    n_orders = sum(slot.n_orders for slot in slots)
    limit = pass_cost(market.day)
    yield Figure(what=f"limit: one compiled pass, {case}", n_orders=n_orders, cost=limit)
    table = {str(name): mechanism for name, mechanism in MECHANISMS.items()}
    for name in NAMES:
        what = f"sanchi {name}, {case}"
        mechanism = table.get(name)
        if mechanism is None:
            yield Figure(what=what, n_orders=n_orders, note="left out: not among the mechanisms")
            continue
        cost = median_cost(partial(mechanism, market))
        seen = judged(slots, outcome_of_rows(slots, mechanism(market).allocation))
        yield Figure(what=what, n_orders=n_orders, cost=cost, x_limit=cost.cpu_s / limit.cpu_s, seen=seen)
    if len(slots) > 1:
        yield _day_figure(case, slots, n_orders)


def _day_figure(case: str, slots: list[SlotOrders], n_orders: int) -> Figure:
    """Measure eating as it is meant to be fed: a home stands once and names one buyer all day, slot 1's."""
    day = replace(
        market_of_orders(slots[:1]).day,
        supply_wh=_day_rows([slot.supply_wh for slot in slots]),
        capacity_wh=_day_rows([slot.need_wh for slot in slots]),
    )
    cost, limit = median_cost(partial(MECHANISMS[MechanismName.EATING], MatchMarket(day=day))), pass_cost(day)
    what = f"{AS_A_DAY}, {case}"
    return Figure(what=what, n_orders=n_orders, cost=cost, x_limit=cost.cpu_s / limit.cpu_s)


def _day_rows(rows: list[list[int]]) -> np.ndarray:
    """Lay slots out as the first rows of a day, int64 array of shape (48, width)."""
    energy_wh = np.zeros((SLOTS_PER_DAY, len(rows[0])), dtype=np.int64)
    energy_wh[: len(rows)] = rows
    return energy_wh


def pass_cost(day: DayMatchInput) -> Cost:
    """Measure one compiled pass over the slots of a day in which anything is supplied."""
    supply_wh = np.ascontiguousarray(day.supply_wh[day.supply_wh.any(axis=1)])
    parts_wh = np.zeros((*supply_wh.shape, day.choice_buyer_index.shape[1]), dtype=np.int64)
    intake_wh = np.zeros((len(supply_wh), day.n_buyers), dtype=np.int64)
    return median_cost(lambda: one_pass(supply_wh, day.choice_buyer_index, parts_wh, intake_wh))
