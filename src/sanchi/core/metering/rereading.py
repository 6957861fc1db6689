"""Which days to ask meters for again, before anything is estimated: they keep their counts of 99 days.

Enter: readings, metering points, who stands behind which gateway, what was asked before. Leave: days, the most valuable
first. Not here: asking (edge.connectors.rereads), any clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY, day_ordinal, slot_ending_at
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray, MeterTable, ReadingGrid, lay_out
from sanchi.core.metering.readings import MeteringPoint, ReadingRows
from sanchi.core.metering.siblings import Siblings
from sanchi.core.metering.slotwise import measure_slots
from sanchi.core.metering.windows import Window

# A meter keeps today and so many days before it (ECHONET Lite, E5 of class 0x0288).
KEPT_DAYS: Final = 99
# An answer may be on its way for so long; each further time that nothing new came the wait is four times as long.
FIRST_WAIT_S: Final = 3_600
WAIT_FACTOR: Final = 4
WAIT_S_MAX: Final = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingDay:
    """A day of the meter behind a gateway; missing_count : its counts, of both directions, that would fill a gap."""

    gateway: str
    delivery_date: date
    missing_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDay:
    """A day that was asked for at an instant, when so many counts were missing."""

    gateway: str
    delivery_date: date
    missing_count: int
    asked_s: int


def missing_days(
    rows: ReadingRows,
    points: Sequence[MeteringPoint],
    gateways: Mapping[int, str],
    first_date: date,
    last_boundary: int,
) -> tuple[MissingDay, ...]:
    """List the days on which counts are missing, by gateway, oldest first.

    rows : of the points' meters, from one boundary before first_date on. gateways : by meter_no, of meters whose
    counts a gateway can ask for. last_boundary : later counts are not expected yet.
    A count between two half hours that another way measured is not missed: nothing would rest on it.
    """
    table = MeterTable.of(points)
    n_days = slot_ending_at(last_boundary + 1).delivery_date.toordinal() - first_date.toordinal() + 1
    if not table.specs or n_days < 1:
        return ()
    window = Window(first_day=day_ordinal(first_date), n_days=n_days, day_index=0)
    grid = lay_out(rows, table, window)
    is_missing = _is_due(table, window, gateways, last_boundary) & (_of_days(grid.reading, window) == NO_READING)
    is_missing &= ~_is_needless(grid, table, points, window)
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    count = is_missing.reshape(len(table.specs), n_days, SLOTS_PER_DAY).sum(axis=2)
    for meter, day_index in np.argwhere(count).tolist():
        found[gateways[table.specs[meter].meter_no], day_index] += int(count[meter, day_index])
    return tuple(
        MissingDay(
            gateway=gateway,
            delivery_date=date.fromordinal(first_date.toordinal() + day_index),
            missing_count=missing_count,
        )
        for (gateway, day_index), missing_count in sorted(found.items())
    )


def _of_days(values: IntArray, window: Window) -> IntArray:
    """Take the boundaries that open a slot of the window's days: those that a meter tells with its day."""
    opening = window.opening_position(0)
    return values[:, opening : opening + window.n_days * SLOTS_PER_DAY]


def _is_due(table: MeterTable, window: Window, gateways: Mapping[int, str], last_boundary: int) -> BoolArray:
    """Tell which counts a gateway should have brought by now."""
    boundary = window.first_boundary + 1 + np.arange(window.n_days * SLOTS_PER_DAY)
    in_life = (table.installed_boundary[:, None] <= boundary) & (boundary <= table.removed_boundary[:, None])
    is_asked = table.is_register & np.array([spec.meter_no in gateways for spec in table.specs], dtype=np.bool_)
    return in_life & is_asked[:, None] & (boundary <= last_boundary)


def _is_needless(grid: ReadingGrid, table: MeterTable, points: Sequence[MeteringPoint], window: Window) -> BoolArray:
    """Tell beside which counts another way measured both half hours, shape (n_meters, n_days * 48)."""
    slots = measure_slots(grid.passed(), table)
    n_slots = window.n_days * SLOTS_PER_DAY
    energy_index = Siblings.of(points).energy_index[table.point_index]
    is_known = np.zeros((energy_index.max() + 1, n_slots), dtype=np.bool_)
    np.logical_or.at(is_known, energy_index, slots.is_measured.reshape(len(table.specs), n_slots))
    before = np.concatenate([np.ones((is_known.shape[0], 1), dtype=np.bool_), is_known[:, :-1]], axis=1)
    is_needless: BoolArray = (is_known & before)[energy_index]
    return is_needless


def plan_rereads(
    missing: Iterable[MissingDay], asked: Iterable[AskedDay], now_s: int, days_max: int, gateway_days_max: int
) -> tuple[MissingDay, ...]:
    """Choose the days to ask for now: most missing counts first, of equals the older day, as it is lost first.

    asked : before. A day waits after each asking that brought nothing: an hour, 4, 16 .. at most seven days.
    """
    earlier: defaultdict[tuple[str, date], list[AskedDay]] = defaultdict(list)
    for each in asked:
        earlier[each.gateway, each.delivery_date].append(each)
    chosen: list[MissingDay] = []
    of_gateway: defaultdict[str, int] = defaultdict(int)
    for day in sorted(missing, key=_by_value):
        if len(chosen) == days_max:
            break
        is_free = of_gateway[day.gateway] < gateway_days_max
        if is_free and now_s >= due_s(day, earlier[day.gateway, day.delivery_date]):
            chosen.append(day)
            of_gateway[day.gateway] += 1
    return tuple(chosen)


def due_s(day: MissingDay, asked: Sequence[AskedDay]) -> int:
    """Give the instant from which a day may be asked for again; an asking since which counts came does not count."""
    in_vain = [each for each in asked if each.missing_count <= day.missing_count]
    if not in_vain:
        return 0
    wait_s = min(FIRST_WAIT_S * int(WAIT_FACTOR ** (len(in_vain) - 1)), WAIT_S_MAX)
    return max(each.asked_s for each in in_vain) + wait_s


def _by_value(day: MissingDay) -> tuple[int, date, str]:
    """Give what days are ordered by."""
    return -day.missing_count, day.delivery_date, day.gateway
