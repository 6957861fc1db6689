"""What actually arrived: the true series after the fault plan, as rows in three rounds.

Enters: series and the plan; leaves: rows per round. Not here: files (see files).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.sample.faults import FaultPlan, Late, Repeated, Round, Where, Wrong
from tools.sample.period import MONTHS, SLOT_S, IntArray, instant_s, month_indexes
from tools.sample.series import Series

BoolArray = NDArray[np.bool_]
STAMPS_PER_DAY: Final = 86_400 // SLOT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Delivered rows of one series in one file."""

    meter_id: str
    channel: str
    stamp_s: IntArray
    reading: IntArray
    received_s: IntArray

    @property
    def is_register(self) -> bool:
        """Tell whether the rows belong into a file of registers."""
        return self.channel in {"import", "export"}


Deliveries = dict[tuple[Round, str], list[Rows]]  # (round, month or "") -> rows in the order of their file


def deliver(all_series: list[Series], plan: FaultPlan) -> Deliveries:
    """Run the plan over all series; on-time rows are parted by month, the later rounds are one part each."""
    deliveries: Deliveries = {}
    for series in all_series:
        on_time = on_time_rows(series, plan)
        month_index = month_indexes(on_time.stamp_s)
        for position, month in enumerate(MONTHS):
            of_month = some(on_time, month_index == position)
            deliveries.setdefault((Round.ON_TIME, month), []).append(of_month)
        for later in (Round.LATE, Round.AFTER_FINAL):
            deliveries.setdefault((later, ""), []).extend(later_rows(series, plan, later))
    for repeated in plan.repeated:
        deliveries[Round.ON_TIME, repeated.month] += second_copies(deliveries, repeated)
    return deliveries


def on_time_rows(series: Series, plan: FaultPlan) -> Rows:
    """Give what arrived in time: without outages and late readings, with what was wrong at first."""
    reading = series.reading.copy()
    for wrong in plan.wrong:
        if touches(wrong.where, series):
            reading = spoil(series, reading, wrong)
    absent = np.zeros(len(reading), dtype=bool)
    for where in [fault.where for fault in plan.outages] + [fault.where for fault in plan.late]:
        if touches(where, series):
            absent |= within(where, series.stamp_s)
    received_s = series.stamp_s + series.fetch_delay_s
    whole = Rows(
        meter_id=series.meter_id,
        channel=series.channel,
        stamp_s=series.stamp_s,
        reading=reading,
        received_s=received_s,
    )
    return some(whole, ~absent)


def later_rows(series: Series, plan: FaultPlan, later: Round) -> list[Rows]:
    """Give what arrived in a later round: late readings and corrections, with their true content."""
    listed = []
    later_faults: tuple[Late | Wrong, ...] = (*plan.late, *plan.wrong)
    for fault in later_faults:
        if fault.round is later and touches(fault.where, series):
            whole = Rows(
                meter_id=series.meter_id,
                channel=series.channel,
                stamp_s=series.stamp_s,
                reading=series.reading,
                received_s=np.full_like(series.stamp_s, instant_s(fault.received)),
            )
            listed.append(some(whole, within(fault.where, series.stamp_s)))
    return listed


def second_copies(deliveries: Deliveries, repeated: Repeated) -> list[Rows]:
    """Copy rows that arrived on time, whichever month's file they came in."""
    arrived = [rows for (when, _), listed in deliveries.items() if when is Round.ON_TIME for rows in listed]
    copies = [some(rows, within(repeated.where, rows.stamp_s)) for rows in arrived if touches(repeated.where, rows)]
    return [rows for rows in copies if len(rows.stamp_s)]


def spoil(series: Series, reading: IntArray, wrong: Wrong) -> IntArray:
    """Put wrong content into the window; a register's counts still never fall."""
    window = within(wrong.where, series.stamp_s)
    if isinstance(wrong.how, int):
        return np.where(window, reading * wrong.how // 1000, reading)
    if wrong.how == "frozen":
        spoiled = np.where(window, reading[int(np.argmax(window)) - 1], reading)
    else:
        spoiled = reading + units_ahead(wrong.where, series.stamp_s) * window
    assert (np.diff(spoiled) >= 0).all(), f"{wrong.where}: the wrong counts fall; choose another day"
    return spoiled


def units_ahead(where: Where, stamp_s: IntArray) -> IntArray:
    """Count how far a register runs ahead: up by one a stamp, level, and down in the same hours next day."""
    first = int(np.argmax(within(where, stamp_s)))
    n_stamps = int(within(where, stamp_s).sum()) - STAMPS_PER_DAY
    since = np.arange(len(stamp_s)) - first + 1
    return np.clip(np.minimum(since, n_stamps + STAMPS_PER_DAY - since), 0, n_stamps)


def touches(where: Where, series: Series | Rows) -> bool:
    """Tell whether a fault reaches a series at all."""
    is_meant = where.meters in {series.meter_id, series.meter_id.split("-")[0]}
    return is_meant and series.channel in where.reach.channels


def within(where: Where, stamp_s: IntArray) -> BoolArray:
    """Tell which stamps a fault reaches."""
    return (stamp_s > instant_s(where.after)) & (stamp_s <= instant_s(where.until))


def some(rows: Rows, chosen: BoolArray) -> Rows:
    """Keep the chosen rows."""
    return Rows(
        meter_id=rows.meter_id,
        channel=rows.channel,
        stamp_s=rows.stamp_s[chosen],
        reading=rows.reading[chosen],
        received_s=rows.received_s[chosen],
    )
