"""Tell registers that stood still over midnight and then leapt: on every day they did, as each day alone looks right.

Enter: the day's counts, and readings of days around it of the few meters concerned. Leave: MidnightRests and their
findings. Not here: standstills within a day (standstills); filling anything, as the energies may be true.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import SLOTS_PER_DAY, dates_between, day_ordinal, slot_ending_at
from sanchi.core.metering.findings import stamp_of
from sanchi.core.metering.grids import NO_READING, IntArray, MeterTable, lay_out
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec, ReadingRows
from sanchi.core.metering.standstills import HINT, LEAP_TIMES, LEAP_WH_MIN, STILL_SLOTS_MIN
from sanchi.core.metering.windows import GAP_DAYS_MAX, Window

# So many days before and after are looked at: what rests longer is told as a rest by then.
REACH_DAYS: Final = GAP_DAYS_MAX
# A battery rests as it is set to and then gives what it has; these flow by themselves.
CHANNELS: Final = frozenset({Channel.IMPORT, Channel.EXPORT, Channel.PV})
# Positions in the counts of one day, as Window.around(day, 0) has them.
_BEFORE, _OPENING, _LAST, _END = 0, 1, SLOTS_PER_DAY, SLOTS_PER_DAY + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MidnightRest:
    """A register that showed one count from a boundary to another, over a midnight or until one, and then leapt."""

    point_index: int
    spec: MeterSpec
    first_boundary: int
    last_boundary: int
    leap_wh: int

    @property
    def dates(self) -> tuple[date, ...]:
        """Name the delivery dates from the first slot at rest to the one that counted the leap."""
        return dates_between(
            slot_ending_at(self.first_boundary + 1).delivery_date, slot_ending_at(self.last_boundary + 1).delivery_date
        )


def looked_at_over_midnight(
    table: MeterTable, counts: IntArray, points: Sequence[MeteringPoint], resting_nos: Collection[int]
) -> NDArray[np.intp]:
    """Name the meters, by position in the table, whose days around have to be seen.

    counts : of the day, shape (n_meters, 51), NO_READING where there is none. Few meters leap after a midnight at rest.
    resting_nos : the party_nos of which another day tells such a rest; theirs are seen if they rest at the day's end.
    """
    may_rest = table.is_register & np.array([spec.channel in CHANNELS for spec in table.specs], dtype=np.bool_)
    starts = np.flatnonzero(may_rest & _is_same(counts[:, _BEFORE], counts[:, _OPENING]))
    is_looked_at = np.zeros(len(table.specs), dtype=np.bool_)
    is_looked_at[starts] = _leap_within(counts[starts], table.unit_wh[starts])
    if resting_nos:
        is_told = np.isin([point.party_no for point in points], sorted(resting_nos))[table.point_index]
        is_looked_at |= is_told & may_rest & _is_same(counts[:, _LAST], counts[:, _END])
    return np.flatnonzero(is_looked_at)


def midnight_rests(
    rows: ReadingRows, points: Sequence[MeteringPoint], positions: Sequence[int], delivery_date: date
) -> list[MidnightRest]:
    """Find the rests that touch a delivery date and another one.

    positions : of the points to look at, whose rows reach REACH_DAYS around the date.
    """
    if not positions:
        return []
    window = Window.around(delivery_date, REACH_DAYS)
    table = MeterTable.of([points[n] for n in positions])
    grid = lay_out(rows.of_meters({spec.meter_no for spec in table.specs}), table, window)
    found = []
    for n, (spec, counts) in enumerate(zip(table.specs, grid.passed().tolist(), strict=True)):
        for first, last in _rests(counts, spec) if spec.is_register else ():
            rest = MidnightRest(
                point_index=positions[table.point_index[n]],
                spec=spec,
                first_boundary=window.first_boundary + first,
                last_boundary=window.first_boundary + last,
                leap_wh=(counts[last + 1] - counts[last]) * spec.unit_wh,
            )
            if len(rest.dates) > 1 and delivery_date in rest.dates:
                found.append(rest)
    return found


def describe_midnight_rest(rest: MidnightRest, day_boundary: int) -> Problem:
    """Describe what of a rest lies on one of its dates, the slot of the leap included."""
    day = slot_ending_at(day_boundary + 1).delivery_date
    first_slot = max(rest.first_boundary - day_boundary, 0) + 1
    last_slot = min(rest.last_boundary + 1 - day_boundary, SLOTS_PER_DAY)
    return Problem(
        code=ProblemCode.STOOD_STILL_OVER_MIDNIGHT,
        severity=Severity.WATCH,
        where=f"meter {rest.spec.meter_id} {rest.spec.channel.text}, {day} slots {first_slot}-{last_slot}",
        detail=(
            f"the register rested from {stamp_of(rest.first_boundary)} to {stamp_of(rest.last_boundary)}, "
            f"{rest.last_boundary - rest.first_boundary} slots, then counted {rest.leap_wh:,} Wh in one"
        ),
        hint=HINT,
    )


def told_by_others(
    rests: Sequence[MidnightRest], delivery_date: date
) -> Iterator[tuple[date, list[tuple[int, Problem]]]]:
    """Describe the rests of a delivery date as the other dates that they touch tell them, by position of the point."""
    for day in sorted({day for rest in rests for day in rest.dates} - {delivery_date}):
        opening = day_ordinal(day) * SLOTS_PER_DAY
        yield day, [(rest.point_index, describe_midnight_rest(rest, opening)) for rest in rests if day in rest.dates]


def _leap_within(counts: IntArray, unit_wh: IntArray) -> NDArray[np.bool_]:
    """Tell which registers, at rest when the day opened, end that rest within the day by a leap."""
    is_other = counts[:, _OPENING + 1 :] != counts[:, _OPENING, None]
    place = _OPENING + 1 + np.argmax(is_other, axis=1)
    row = np.arange(counts.shape[0])
    leap, after = counts[row, place], counts[row, np.minimum(place + 1, _END + 1)]
    leap_wh = (leap - counts[:, _OPENING]) * unit_wh
    after_wh = np.where(after == NO_READING, 0, (after - leap) * unit_wh)
    is_leap: NDArray[np.bool_] = (
        is_other.any(axis=1)
        & (place <= _END)
        & (leap != NO_READING)
        & (leap_wh >= LEAP_WH_MIN)
        & (after_wh >= 0)
        & (leap_wh >= LEAP_TIMES * after_wh)
    )
    return is_leap


def _rests(counts: Sequence[int], spec: MeterSpec) -> list[tuple[int, int]]:
    """List first and last position of each count that was shown long enough and left by a leap.

    The outer boundaries only show how a leap goes on: a day beyond them would not see this one.
    """
    found = []
    first = 1
    for place in range(2, len(counts) - 1):
        if counts[place] == counts[first]:
            continue
        is_long = place - 1 - first >= STILL_SLOTS_MIN
        if is_long and NO_READING not in {counts[first], counts[place]} and _is_leap(counts, place, spec):
            found.append((first, place - 1))
        first = place
    return found


def _is_leap(counts: Sequence[int], place: int, spec: MeterSpec) -> bool:
    """Tell whether the count at a place is a leap that stands: a wild one is taken back by the next."""
    leap_wh = (counts[place] - counts[place - 1]) * spec.unit_wh
    is_last = place + 1 >= len(counts) or counts[place + 1] == NO_READING
    after_wh = 0 if is_last else (counts[place + 1] - counts[place]) * spec.unit_wh
    return leap_wh >= LEAP_WH_MIN and after_wh >= 0 and leap_wh >= LEAP_TIMES * after_wh


def _is_same(one: IntArray, other: IntArray) -> NDArray[np.bool_]:
    """Tell where two counts are there and equal."""
    is_same: NDArray[np.bool_] = (one == other) & (one != NO_READING)
    return is_same
