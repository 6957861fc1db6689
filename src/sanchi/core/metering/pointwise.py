"""Measure the metering points whose day is not complete, one by one, from a window of days.

Enter: readings of the window and those points. Leave: PointDays. Not here: complete days (see day).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.estimation import History
from sanchi.core.metering.filling import Fill, fill_gap
from sanchi.core.metering.gaps import MeterDay, read_intervals
from sanchi.core.metering.grids import IntArray, MeterTable, lay_out
from sanchi.core.metering.readings import MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.registers import read_register
from sanchi.core.metering.slotwise import measure_slots
from sanchi.core.metering.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDay:
    """What one metering point measured on a delivery date; arrays of shape (48,), fills in order of time."""

    point: MeteringPoint
    energy_wh: IntArray
    quality: IntArray
    fills: tuple[Fill, ...]
    meter_days: tuple[MeterDay, ...]


def measure_points(rows: ReadingRows, points: Sequence[MeteringPoint], window: Window) -> list[PointDay]:
    """Measure points with gaps on the delivery date of a window; rows may hold other meters."""
    if not points:
        return []
    table = MeterTable.of(points)
    rows = rows.of_meters({spec.meter_no for spec in table.specs})
    reading = lay_out(rows, table, window).passed()
    slots = measure_slots(reading, table)
    step_wh = np.where(table.is_register, table.unit_wh, 0)
    meter_days = [
        read_register(spec, reading[n], slots.is_complete_day[n], window)
        if spec.is_register
        else read_intervals(spec, reading[n], window)
        for n, spec in enumerate(table.specs)
    ]
    point_days = []
    for point_index, point in enumerate(points):
        of_point = np.flatnonzero(table.point_index == point_index)
        history = History(
            channel=point.channel,
            first_day=window.first_day,
            # A slot belongs to one meter of the point, so nothing is added up here.
            energy_wh=slots.energy_wh[of_point].sum(axis=0),
            is_measured=np.any(slots.is_measured[of_point], axis=0),
            step_wh=(slots.is_measured[of_point] * step_wh[of_point, None, None]).sum(axis=0),
        )
        of_meters = tuple(meter_days[n] for n in of_point)
        point_days.append(_measure_point(point, of_meters, history, window.day_boundary))
    return point_days


def _measure_point(
    point: MeteringPoint, meter_days: tuple[MeterDay, ...], history: History, day_boundary: int
) -> PointDay:
    """Put what the point's meters measured and what fills their gaps into one row of slots."""
    energy_wh = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    quality = np.full(SLOTS_PER_DAY, Quality.MISSING, dtype=np.int64)
    for meter_day in meter_days:
        energy_wh[meter_day.is_measured] = meter_day.energy_wh[meter_day.is_measured]
        quality[meter_day.is_measured] = Quality.MEASURED
    gaps = [gap for meter_day in meter_days for gap in meter_day.gaps]
    fills = tuple(fill for gap in gaps for fill in fill_gap(gap, history, day_boundary))
    for fill in fills:
        slots = slice(fill.first_slot_index, fill.end_slot_index)
        energy_wh[slots] = fill.energy_wh
        quality[slots] = fill.quality
    return PointDay(point=point, energy_wh=energy_wh, quality=quality, fills=fills, meter_days=meter_days)
