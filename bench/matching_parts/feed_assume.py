"""ASSUME's clearing, fed with orders as its market role expects them: one dictionary an order.

Enters: slots. Leaves: what its role accepted, and an Outcome of it. ASSUME is AGPL-3.0: measured, never shipped.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from assume.common.market_objects import MarketConfig, MarketProduct
from assume.markets.clearing_algorithms import clearing_mechanisms
from dateutil import rrule

from bench.matching_parts.orders import Outcome, SlotOrders

logging.disable(logging.CRITICAL)
DAY_START = datetime(2020, 11, 20)  # noqa: DTZ001 - ASSUME's simulated time carries no zone
SLOT = timedelta(minutes=30)


def reason_not_to_try(mechanism: str, slots: list[SlotOrders]) -> str:  # noqa: ARG001 - each peer answers the same
    """Give a reason not to try, or nothing."""
    return ""


def clear(mechanism: str, slots: list[SlotOrders]) -> list[dict[str, Any]]:
    """Write the book and clear it; give the accepted orders."""
    is_complex = mechanism == "complex_clearing"
    config = MarketConfig(
        market_id="slots",
        opening_hours=rrule.rrule(rrule.HOURLY, dtstart=DAY_START, until=DAY_START + timedelta(days=1)),
        market_products=[MarketProduct(SLOT, len(slots), timedelta(0))],
        maximum_bid_price=3000,
        minimum_bid_price=-500,
        market_mechanism=mechanism,
        additional_fields=["bid_type"] if is_complex else [],
    )
    book, products = [], []
    for slot_index, slot in enumerate(slots):
        start = DAY_START + SLOT * slot_index
        products.append((start, start + SLOT, None))
        book += _orders(slot_index, start, "home", 1, zip(slot.supply_wh, slot.ask_sen_per_kwh, strict=True))
        book += _orders(slot_index, start, "buyer", -1, zip(slot.need_wh, slot.bid_sen_per_kwh, strict=True))
    if is_complex:
        for order in book:
            order["bid_type"] = "SB"
    role = clearing_mechanisms[mechanism](config)
    accepted: list[dict[str, Any]] = role.clear(book, products)[0]
    return accepted


def _orders(
    slot_index: int, start: datetime, side: str, sign: int, amounts: Iterable[tuple[int, int]]
) -> list[dict[str, Any]]:
    """Write one side's orders of a slot; what is sold is positive, what is bought negative."""
    return [
        {
            "start_time": start,
            "end_time": start + SLOT,
            "only_hours": None,
            "volume": sign * wh,
            "price": sen,
            "agent_addr": side,
            "bid_id": f"{slot_index} {index} {side}",
            "node": "node0",
        }
        for index, (wh, sen) in enumerate(amounts)
    ]


def outcome(slots: list[SlotOrders], accepted: list[dict[str, Any]]) -> Outcome:  # noqa: ARG001 - as above
    """Add the accepted volumes up by order, and the money by side."""
    sold_wh: defaultdict[tuple[int, int], float] = defaultdict(float)
    bought_wh: defaultdict[tuple[int, int], float] = defaultdict(float)
    paid = received = 0.0
    for order in accepted:
        slot_no, index, _ = order["bid_id"].split()
        wh, price = _number(order["accepted_volume"]), _number(order["accepted_price"])
        key = (int(slot_no), int(index))
        if wh > 0:
            sold_wh[key] += wh
            received += wh * price
        else:
            bought_wh[key] -= wh
            paid -= wh * price
    return Outcome(sold_wh=sold_wh, bought_wh=bought_wh, paid=paid, received=received)


def _number(figure: Any) -> float:
    """Read a figure that some mechanisms give per product."""
    return float(sum(figure.values()) if isinstance(figure, dict) else figure)
