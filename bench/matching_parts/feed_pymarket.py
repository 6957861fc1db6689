"""pymarket's mechanisms, fed with orders as its market takes them: one bid at a time.

Enters: slots. Leaves: its transactions a slot, and an Outcome of them. pymarket is MIT: measured, never shipped.
"""

import warnings
from collections import defaultdict
from typing import Any

import numpy as np
import pymarket

from bench.matching_parts.orders import Outcome, SlotOrders

warnings.simplefilter("ignore")
MATRIX_BYTES_MAX = 4_000_000_000


def reason_not_to_try(mechanism: str, slots: list[SlotOrders]) -> str:
    """Refuse the random pairing where its matrix of users x pairs would not fit."""
    n_bytes = max(slot.n_orders * len(slot.supply_wh) * len(slot.need_wh) for slot in slots)
    if mechanism == "p2p" and n_bytes > MATRIX_BYTES_MAX:
        return f"its matrix of pairs would take {n_bytes / 1e9:,.0f} GB"
    return ""


def clear(mechanism: str, slots: list[SlotOrders]) -> list[Any]:
    """Fill a market a slot, buyers first, and run it; give the tables of transactions."""
    tables = []
    for slot in slots:
        market = pymarket.Market()
        sides = (
            (True, slot.need_wh, slot.bid_sen_per_kwh),
            (False, slot.supply_wh, slot.ask_sen_per_kwh),
        )
        user = 0
        for is_buyer, energy_wh, price in sides:
            for wh, sen in zip(energy_wh, price, strict=True):
                market.accept_bid(wh, sen, user, is_buyer)
                user += 1
        # Huang's auction draws no lots; the others get their chance from a seed.
        options = {} if mechanism == "huang" else {"r": np.random.RandomState(1)}
        transactions, _ = market.run(mechanism, **options)
        tables.append(transactions.get_df())
    return tables


def outcome(slots: list[SlotOrders], tables: list[Any]) -> Outcome:
    """Add the transactions up by order, and the money by side."""
    sold_wh: defaultdict[tuple[int, int], float] = defaultdict(float)
    bought_wh: defaultdict[tuple[int, int], float] = defaultdict(float)
    paid = received = 0.0
    for slot_index, (slot, table) in enumerate(zip(slots, tables, strict=True)):
        n_buyers = len(slot.need_wh)
        for bid, quantity, price in zip(table.bid, table.quantity, table.price, strict=True):
            wh = float(quantity)
            if bid < n_buyers:
                bought_wh[slot_index, int(bid)] += wh
                paid += wh * float(price)
            else:
                sold_wh[slot_index, int(bid) - n_buyers] += wh
                received += wh * float(price)
    return Outcome(sold_wh=sold_wh, bought_wh=bought_wh, paid=paid, received=received)
