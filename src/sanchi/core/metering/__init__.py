"""Readings of meters become slot energy [Wh] with quality and findings; homes are balanced.

The ways in are `intake.take_in`, `day.measure_day`, `balance.balance_homes`. Not here: who buys the energy.
"""

from sanchi.core.metering.balance import BalanceInput, HomeBalances, balance_homes
from sanchi.core.metering.day import MeasuredDay, PointProblem, measure_day, window_needed
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec, Quality, ReadingRows
from sanchi.core.metering.windows import day_span, window_span

__all__ = [
    "BalanceInput",
    "Channel",
    "HomeBalances",
    "MeasuredDay",
    "MeterSpec",
    "MeteringPoint",
    "PointProblem",
    "Quality",
    "ReadingRows",
    "balance_homes",
    "day_span",
    "measure_day",
    "window_needed",
    "window_span",
]
