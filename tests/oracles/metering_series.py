"""Series of readings for tests of metering, and the way a caller measures them.

Enter: meters and dicts from boundary to reading. Leave: ReadingRows and points. Not here: what is expected.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.day import MeasuredDay, measure_day, window_needed
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec, ReadingRows
from sanchi.core.metering.sources import Stage
from sanchi.core.metering.windows import day_span, window_span

MONDAY = date(2020, 12, 7)
MONDAY_BOUNDARY = boundary_ordinal(MONDAY, 0)
PLAUSIBLE_WH_MAX = 900
N_DAYS = 6


def day_after(n_days: int) -> date:
    return MONDAY + timedelta(days=n_days)


def boundary_at(n_days: int, slot_index: int = 0) -> int:
    return MONDAY_BOUNDARY + n_days * 48 + slot_index


def register(meter_no=1, channel=Channel.EXPORT, **changes) -> MeterSpec:
    return MeterSpec(
        **{
            "meter_no": meter_no,
            "meter_id": f"N{meter_no:03d}",
            "channel": channel,
            "unit_wh": 100,
            "digits": 4,
            "installed_boundary": boundary_at(-400),
            "removed_boundary": None,
            "plausible_wh_max": PLAUSIBLE_WH_MAX,
        }
        | changes
    )


def interval_meter(meter_no=1, channel=Channel.PV, **changes) -> MeterSpec:
    return register(meter_no, channel, **({"unit_wh": 1, "digits": 0} | changes))


def point_of(*meters: MeterSpec, party_no: int = 7) -> MeteringPoint:
    label = "/".join(meter.meter_id for meter in meters)
    return MeteringPoint(party_no=party_no, label=label, channel=meters[0].channel, meters=meters)


def rows_of(
    meter: MeterSpec, readings: Mapping[int, int], *, received_s=0, delivery_no=1, first_row_no=1, stage=Stage.FLASH
) -> ReadingRows:
    n_rows = len(readings)
    return ReadingRows(
        meter_no=np.full(n_rows, meter.meter_no, dtype=np.int32),
        channel_no=np.full(n_rows, meter.channel, dtype=np.int8),
        boundary=np.array(list(readings), dtype=np.int32),
        reading=np.array(list(readings.values()), dtype=np.int64),
        received_s=np.full(n_rows, received_s, dtype=np.int64),
        delivery_no=np.full(n_rows, delivery_no, dtype=np.int32),
        row_no=np.arange(first_row_no, first_row_no + n_rows, dtype=np.int32),
        source_no=np.full(n_rows, meter.own_source, dtype=np.int8),
        stage_no=np.full(n_rows, stage, dtype=np.int8),
    )


def counts_of(slot_wh: Iterable[int], first_boundary: int, *, first_wh=0, turn_count=10**4) -> dict[int, int]:
    """Let a register of 0.1 kWh steps count the true energy of slots from a boundary on."""
    counts = {first_boundary: first_wh // 100 % turn_count}
    total_wh = first_wh
    for boundary, energy_wh in enumerate(slot_wh, start=first_boundary + 1):
        total_wh += energy_wh
        counts[boundary] = total_wh // 100 % turn_count
    return counts


def steady_counts(first_day=0, n_days=N_DAYS, slot_wh=200, first_wh=0) -> dict[int, int]:
    return counts_of([slot_wh] * (n_days * 48), boundary_at(first_day), first_wh=first_wh)


def without(readings: Mapping[int, int], first: int, last: int) -> dict[int, int]:
    """Lose the readings from one boundary to another, both included."""
    return {boundary: reading for boundary, reading in readings.items() if not first <= boundary <= last}


def close_day(rows: ReadingRows, points: list[MeteringPoint], delivery_date: date, resting_nos=()) -> MeasuredDay:
    """Measure a day as a caller does: the day for all, the window for the meters that need it."""
    of_day = rows.between(*day_span(delivery_date))
    meter_nos = window_needed(of_day, points, delivery_date, resting_nos)
    of_window = rows.between(*window_span(delivery_date)).of_meters(meter_nos)
    seen = ReadingRows.joined([of_day.without_meters(meter_nos), of_window])
    return measure_day(seen, points, delivery_date, resting_nos=resting_nos)


def codes_of(day: MeasuredDay) -> list[str]:
    """Give the codes of a day's findings but for one: panels of tests say the same in every slot, on purpose."""
    codes = [found.problem.code for found in day.problems]
    return [str(code) for code in codes if code is not ProblemCode.VALUE_STANDS_STILL]
