"""The orders on which sanchi and its peers are measured: integers, made from a seed, the same on every machine.

Enters: how many orders, a seed. Leaves: SlotOrders. Not here: any package; the peers' environment reads this file too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

# The shape of the pilot behind the project: of 61 orders 58 are of homes and 3 of buyers.
BUYERS_OF_PILOT = 3
ORDERS_OF_PILOT = 61
NEED_PERCENT = 80
PILOT_SLOTS = 48


@dataclass(frozen=True, kw_only=True)
class SlotOrders:
    """One slot: what homes offer and from which price on, what buyers need and up to which price, who names whom."""

    supply_wh: list[int]
    ask_sen_per_kwh: list[int]
    need_wh: list[int]
    bid_sen_per_kwh: list[int]
    partner_index: list[int]

    @property
    def n_orders(self) -> int:
        """Count the orders of both sides."""
        return len(self.supply_wh) + len(self.need_wh)


def slot_orders(n_orders: int, seed: int) -> SlotOrders:
    """Draw one slot: 50..2,500 Wh from 8..13 yen/kWh on, 80 % of it needed, up to 10..16 yen/kWh."""
    rng = Random(seed * 1_000_003 + n_orders)  # noqa: S311 - orders of a measurement, no secrets
    n_buyers = max(BUYERS_OF_PILOT, round(n_orders * BUYERS_OF_PILOT / ORDERS_OF_PILOT))
    n_homes = n_orders - n_buyers
    # The order of the draws is part of the definition: Wh and price home by home, then cuts, bids, partners.
    offers = [(rng.randint(50, 2500), rng.randint(800, 1300)) for _ in range(n_homes)]
    supply_wh = [wh for wh, _ in offers]
    wanted_wh = int(sum(supply_wh) * (NEED_PERCENT / 100))
    cuts_wh = sorted(rng.randint(0, wanted_wh) for _ in range(n_buyers - 1))
    bounds_wh = [0, *cuts_wh, wanted_wh]
    bids = [rng.randint(1000, 1600) for _ in range(n_buyers)]
    return SlotOrders(
        supply_wh=supply_wh,
        ask_sen_per_kwh=[sen for _, sen in offers],
        need_wh=[max(1, end - start) for start, end in pairwise(bounds_wh)],
        bid_sen_per_kwh=bids,
        partner_index=[rng.randrange(n_buyers) for _ in range(n_homes)],
    )


def case_slots(case: str) -> list[SlotOrders]:
    """Make the slots of a case: '61x48' is 48 slots of 61 orders, '1000' one slot of 1,000."""
    n_orders, _, n_slots = case.partition("x")
    return [slot_orders(int(n_orders), seed) for seed in range(1, int(n_slots or 1) + 1)]


def crossing_wh(slot: SlotOrders) -> int:
    """Give the Wh at which the merit orders cross: what a uniform price of most welfare trades."""
    offers = sorted(zip(slot.ask_sen_per_kwh, slot.supply_wh, strict=True))
    wants = sorted(zip(slot.bid_sen_per_kwh, slot.need_wh, strict=True), reverse=True)
    traded_wh = offered_wh = wanted_wh = 0
    remaining = iter(wants)
    bid_sen, wish_wh = next(remaining)
    wanted_wh = wish_wh
    for ask_sen, supply_wh in offers:
        offered_wh += supply_wh
        while bid_sen >= ask_sen and wanted_wh < offered_wh:
            traded_wh = max(traded_wh, wanted_wh)
            bid_sen, wish_wh = next(remaining, (-1, 0))
            wanted_wh += wish_wh
        if bid_sen < ask_sen:
            break
        traded_wh = offered_wh
    return traded_wh


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an engine made of some slots: (slot, order) -> Wh on either side, and the money in Wh x sen/kWh."""

    sold_wh: dict[tuple[int, int], float]
    bought_wh: dict[tuple[int, int], float]
    paid: float
    received: float


def judged(slots: list[SlotOrders], outcome: Outcome) -> dict[str, float | int | None]:
    """Judge an outcome: orders that gave or got more than they named, energy and money that do not add up."""
    sold_wh, bought_wh = sum(outcome.sold_wh.values()), sum(outcome.bought_wh.values())
    optimum_wh = sum(map(crossing_wh, slots))
    return {
        "oversold_orders": _above(outcome.sold_wh, (slot.supply_wh for slot in slots)),
        "overbought_orders": _above(outcome.bought_wh, (slot.need_wh for slot in slots)),
        "sold_wh": round(sold_wh, 3),
        "bought_minus_sold_wh": round(bought_wh - sold_wh, 3),
        "of_crossing": round(sold_wh / optimum_wh, 4) if optimum_wh else None,
        "paid_over_received": round(outcome.paid / outcome.received, 6) if outcome.received else None,
    }


def _above(taken_wh: dict[tuple[int, int], float], limits_wh: Iterable[list[int]]) -> int:
    """Count the orders with more than their own amount; a millionth of a Wh is the peers' rounding."""
    by_slot = list(limits_wh)
    return sum(wh > by_slot[slot][order] + 1e-6 for (slot, order), wh in taken_wh.items())
