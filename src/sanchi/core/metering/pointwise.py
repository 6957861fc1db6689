"""Measure the metering points whose day is not complete, one by one, from a window of days.

Enter: readings of the window and those points. Leave: PointDays. Not here: complete days (see day).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY, dates_between, slot_ending_at
from sanchi.core.metering.estimation import History
from sanchi.core.metering.filling import Fill, fill_gap
from sanchi.core.metering.gaps import Gap, MeterDay, read_intervals
from sanchi.core.metering.grids import BoolArray, IntArray, MeterTable, lay_out
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.registers import read_register
from sanchi.core.metering.siblings import Siblings
from sanchi.core.metering.slotwise import measure_slots
from sanchi.core.metering.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDay:
    """What one metering point measured on a delivery date; arrays of shape (48,), fills in order of time.

    filled_rank : of slots filled from counts on both sides of a gap, the weaker of both; else 0.
    """

    point: MeteringPoint
    energy_wh: IntArray
    quality: IntArray
    method_no: IntArray
    filled_rank: NDArray[np.int8]
    fills: tuple[Fill, ...]
    meter_days: tuple[MeterDay, ...]


def gap_dates(point_days: Sequence[PointDay], delivery_date: date) -> dict[date, frozenset[int]]:
    """Name the other dates that share a recovered gap with the delivery date, in order, and whose gaps they are."""
    touched: defaultdict[date, set[int]] = defaultdict(set)
    for point_day in point_days:
        for gap in [fill.gap for fill in point_day.fills if fill.quality is Quality.RECOVERED]:
            first_date = slot_ending_at(gap.first_boundary + 1).delivery_date
            for touched_date in dates_between(first_date, slot_ending_at(gap.last_boundary).delivery_date):
                touched[touched_date].add(point_day.point.party_no)
    return {day: frozenset(party_nos) for day, party_nos in sorted(touched.items()) if day != delivery_date}


def with_standing_fills(point_day: PointDay, is_standing: BoolArray) -> PointDay:
    """Note on each fill of a point whether any slot of it still stands by it; is_standing : shape (48,)."""
    fills = tuple(
        replace(fill, is_counted=bool(is_standing[fill.first_slot_index : fill.end_slot_index].any()))
        for fill in point_day.fills
    )
    return replace(point_day, fills=fills)


def measure_points(rows: ReadingRows, points: Sequence[MeteringPoint], window: Window) -> list[PointDay]:
    """Measure points with gaps on the delivery date of a window; rows may hold other meters.

    points : with those that measure the same energy by another way, which give a gap its shape.
    """
    if not points:
        return []
    table = MeterTable.of(points)
    rows = rows.of_meters({spec.meter_no for spec in table.specs})
    grid = lay_out(rows, table, window)
    reading = grid.passed()
    slots = measure_slots(reading, table)
    step_wh = np.where(table.is_register, table.unit_wh, 0)
    meter_days = [
        read_register(spec, reading[n], slots.is_complete_day[n], window)
        if spec.is_register
        else read_intervals(spec, reading[n], window)
        for n, spec in enumerate(table.specs)
    ]
    of_points = [np.flatnonzero(table.point_index == n) for n in range(len(points))]
    histories = [
        History(
            channel=point.channel,
            first_day=window.first_day,
            # A slot belongs to one meter of the point, so nothing is added up here.
            energy_wh=slots.energy_wh[of_point].sum(axis=0),
            is_measured=np.any(slots.is_measured[of_point], axis=0),
            step_wh=(slots.is_measured[of_point] * step_wh[of_point, None, None]).sum(axis=0),
        )
        for point, of_point in zip(points, of_points, strict=True)
    ]
    siblings = Siblings.of(points)
    rank_of_spec = {spec.series_key: grid.rank[n] for n, spec in enumerate(table.specs)}
    return [
        _measure_point(
            point,
            tuple(meter_days[meter] for meter in of_points[n]),
            histories[n],
            _Ways(
                window=window,
                rank_of_spec=rank_of_spec,
                others=tuple(histories[other] for other in siblings.of_point(n)) if siblings.has_any else (),
            ),
        )
        for n, point in enumerate(points)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """What is known beside a point's own energies: ranks of readings, and what other ways measured.

    rank_of_spec : by series_key, shape (n_boundaries,).
    """

    window: Window
    rank_of_spec: Mapping[int, NDArray[np.int8]]
    others: tuple[History, ...]

    def rank(self, fill: Fill) -> int:
        """Give the weaker rank of the counts on both sides of a gap, 0 where its energy is none of theirs."""
        if fill.quality is not Quality.RECOVERED:
            return 0
        rank = self.rank_of_spec[fill.gap.spec.series_key]
        first, last = (each - self.window.first_boundary for each in (fill.gap.first_boundary, fill.gap.last_boundary))
        return int(min(rank[first], rank[last]))

    def shape_wh(self, gap: Gap) -> list[int] | None:
        """Give what the first other way that measured every slot of a gap measured in them; None where none did."""
        first = gap.first_boundary - self.window.first_day * SLOTS_PER_DAY
        of_gap = slice(first, first + gap.n_slots)
        for other in self.others:
            if other.is_measured.ravel()[of_gap].all():
                energy_wh: list[int] = other.energy_wh.ravel()[of_gap].tolist()
                return energy_wh
        return None


def _measure_point(point: MeteringPoint, meter_days: tuple[MeterDay, ...], history: History, ways: _Ways) -> PointDay:
    """Put what the point's meters measured and what fills their gaps into one row of slots."""
    energy_wh = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    quality = np.full(SLOTS_PER_DAY, Quality.MISSING, dtype=np.int64)
    method_no = np.full(SLOTS_PER_DAY, Method.MISSING, dtype=np.int64)
    filled_rank = np.zeros(SLOTS_PER_DAY, dtype=np.int8)
    for meter_day in meter_days:
        energy_wh[meter_day.is_measured] = meter_day.energy_wh[meter_day.is_measured]
        quality[meter_day.is_measured] = Quality.MEASURED
        method_no[meter_day.is_measured] = Method.COUNTS if meter_day.spec.is_register else Method.DELIVERED
    gaps = [gap for meter_day in meter_days for gap in meter_day.gaps]
    fills = tuple(
        fill
        for gap in gaps
        for fill in fill_gap(gap, history, ways.window.day_boundary, ways.shape_wh(gap) if gap.is_recoverable else None)
    )
    for fill in fills:
        slots = slice(fill.first_slot_index, fill.end_slot_index)
        energy_wh[slots] = fill.energy_wh
        quality[slots] = fill.quality
        method_no[slots] = fill.method
        filled_rank[slots] = ways.rank(fill)
    return PointDay(
        point=point,
        energy_wh=energy_wh,
        quality=quality,
        method_no=method_no,
        filled_rank=filled_rank,
        fills=fills,
        meter_days=meter_days,
    )
