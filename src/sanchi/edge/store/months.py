"""Keeps values of months and which of them were spread by which delivery; every version stays.

Enter and leave: MonthValues, SpreadMonths. Not here: which value is in force (core.metering.monthly).
"""

from collections.abc import Sequence
from typing import Final

from sanchi.app.month_spreads import SpreadMonth
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.metering.monthly.spreading import SpreadShape
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.store.sql import Row, fetch, insert

_VALUE: Final = (
    "delivery_no", "row_no", "meter_no", "channel_no", "month", "energy_wh", "source_no", "stage_no", "received_s",
)  # fmt: skip
_SPREAD: Final = (
    "delivery_no", "first_boundary", "slot_count", "shape_no", "stand_in_count",
)  # fmt: skip


def insert_months(market_id: MarketId, delivery_no: int, values: Sequence[MonthValue]) -> None:
    """Add the values of a delivery."""
    rows = [
        (
            market_id,
            delivery_no,
            each.row_no,
            each.meter_no,
            int(each.channel),
            each.month.first_date,
            each.energy_wh,
            int(each.source),
            int(each.stage),
            each.received_s,
        )
        for each in values
    ]
    insert("month_value", ("market", *_VALUE), rows)


def fetch_months(market_id: MarketId) -> tuple[MonthValue, ...]:
    """Load all values in the order of delivery and row."""
    rows = fetch(
        f"SELECT {', '.join(_VALUE)} FROM month_value WHERE market = %s ORDER BY delivery_no, row_no", [market_id]
    )
    return tuple(_month_value(row) for row in rows)


def insert_spreads(market_id: MarketId, spreads: Sequence[SpreadMonth]) -> None:
    """Note which values a delivery spread."""
    rows = [
        (
            market_id,
            each.value.delivery_no,
            each.value.row_no,
            each.delivery_no,
            each.first_boundary,
            each.slot_count,
            int(each.shape),
            each.stand_in_count,
        )
        for each in spreads
    ]
    insert("month_spread", ("market", "value_delivery_no", "value_row_no", *_SPREAD), rows)


def fetch_spreads(market_id: MarketId) -> tuple[SpreadMonth, ...]:
    """Load all spreads in the order of delivery."""
    names = [f"month_spread.{name}" for name in _SPREAD] + [f"month_value.{name}" for name in _VALUE]
    rows = fetch(
        f"SELECT {', '.join(names)} FROM month_spread JOIN month_value ON month_value.market = month_spread.market "
        "AND month_value.delivery_no = value_delivery_no AND month_value.row_no = value_row_no "
        "WHERE month_spread.market = %s "
        "ORDER BY month_spread.delivery_no, month_value.delivery_no, month_value.row_no",
        [market_id],
    )
    return tuple(
        SpreadMonth(
            delivery_no=delivery_no,
            value=_month_value(tuple(value)),
            first_boundary=first_boundary,
            slot_count=slot_count,
            shape=SpreadShape(shape_no),
            stand_in_count=stand_in_count,
        )
        for delivery_no, first_boundary, slot_count, shape_no, stand_in_count, *value in rows
    )


def _month_value(row: Row) -> MonthValue:
    """Read a value."""
    delivery_no, row_no, meter_no, channel_no, month, energy_wh, source_no, stage_no, received_s = row
    return MonthValue(
        meter_no=meter_no,
        channel=Channel(channel_no),
        month=Month.of(month),
        energy_wh=energy_wh,
        source=Source(source_no),
        stage=Stage(stage_no),
        received_s=received_s,
        delivery_no=delivery_no,
        row_no=row_no,
    )
