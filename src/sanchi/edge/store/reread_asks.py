"""Keeps which days gateways were to ask their meters for, and when; nothing of it is ever changed.

Enter and leave: AskedDays. Not here: which days to ask for (core.metering.rereading).
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sanchi.core.base.ids import MarketId
from sanchi.core.metering.rereading import AskedDay
from sanchi.edge.store.sql import fetch, fetch_number, insert, take_turn

_COLUMNS: Final = ("gateway", "delivery_date", "missing_count", "asked_s")


def insert_asks(market_id: MarketId, asks: Sequence[AskedDay]) -> None:
    """Note days, numbered on from the last one."""
    take_turn(market_id)
    last_no = fetch_number("SELECT max(ask_no) FROM reread_ask WHERE market = %s", [market_id])
    rows = [
        (market_id, ask_no, each.gateway, each.delivery_date, each.missing_count, each.asked_s)
        for ask_no, each in enumerate(asks, start=last_no + 1)
    ]
    insert("reread_ask", ("market", "ask_no", *_COLUMNS), rows)


def fetch_asks(market_id: MarketId, first_date: date) -> tuple[AskedDay, ...]:
    """Load what was asked about days from one on, in the order of asking."""
    rows = fetch(
        f"SELECT {', '.join(_COLUMNS)} FROM reread_ask WHERE market = %s AND delivery_date >= %s ORDER BY ask_no",
        [market_id, first_date],
    )
    return tuple(
        AskedDay(gateway=gateway, delivery_date=delivery_date, missing_count=missing_count, asked_s=asked_s)
        for gateway, delivery_date, missing_count, asked_s in rows
    )
