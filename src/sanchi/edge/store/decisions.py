"""Keeps what operators decided about single slots; every decision stays, replaced and withdrawn ones too.

Enter and leave: Decisions. Not here: which of them stands (core.metering.decisions).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sanchi.core.base.ids import MarketId
from sanchi.core.metering.decisions import Action, Decision
from sanchi.core.metering.readings import Channel
from sanchi.edge.store.sql import fetch, insert, read_instant, stored_instant

_COLUMNS: Final = (
    "market", "delivery_no", "row_no", "meter_no", "channel_no", "boundary", "action_no", "energy_wh", "reason",
    "decided_by", "decided_at",
)  # fmt: skip


def insert_decisions(market_id: MarketId, delivery_no: int, decisions: Sequence[Decision]) -> None:
    """Add the decisions of a delivery."""
    rows = [
        (
            market_id,
            delivery_no,
            each.row_no,
            each.meter_no,
            int(each.channel),
            each.boundary,
            int(each.action),
            each.energy_wh,
            each.reason,
            each.decided_by,
            stored_instant(datetime.fromtimestamp(each.decided_s, UTC)),
        )
        for each in decisions
    ]
    insert("slot_decision", _COLUMNS, rows)


def fetch_decisions(market_id: MarketId, first_boundary: int, last_boundary: int) -> tuple[Decision, ...]:
    """Load the decisions about slots that end from one boundary to another, both included."""
    rows = fetch(
        f"SELECT {', '.join(_COLUMNS[1:])} FROM slot_decision WHERE market = %s AND boundary BETWEEN %s AND %s "
        "ORDER BY delivery_no, row_no",
        [market_id, first_boundary, last_boundary],
    )
    return tuple(
        Decision(
            delivery_no=delivery_no,
            row_no=row_no,
            meter_no=meter_no,
            channel=Channel(channel_no),
            boundary=boundary,
            action=Action(action_no),
            energy_wh=energy_wh,
            reason=reason,
            decided_by=decided_by,
            decided_s=int(read_instant(decided_at).timestamp()),
        )
        for (
            delivery_no, row_no, meter_no, channel_no, boundary, action_no, energy_wh, reason, decided_by, decided_at
        ) in rows
    )  # fmt: skip
