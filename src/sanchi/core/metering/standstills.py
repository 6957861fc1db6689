"""Tell values that stood still while energy must have flowed: what measured them said the same again and again.

Enter: points and what each of them measured. Leave: findings by point. Not here: filling anything, as the energies may
be true; rests over midnight (midnights); what other days and homes say of a standstill (faults.stuck).
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import SLOTS_PER_DAY, slot_ending_at
from sanchi.core.metering.grids import BoolArray, IntArray
from sanchi.core.metering.readings import Channel, MeteringPoint, Quality

# A register that rests so long and then counts so much in one slot has kept it back: sun and habits come by degrees.
STILL_SLOTS_MIN: Final = 5
# What it kept back comes at once: the slot after the leap counts half of it at most, where a habit would go on.
LEAP_WH_MIN: Final = 1_000
LEAP_TIMES: Final = 2
# The same energy of panels to the Wh, half hour by half hour, is no weather.
SAME_SLOTS_MIN: Final = 6
# Nowhere in Japan does the sun shine before 03:00 or from 20:00 on, on any date; less than this is a sensor's noise.
DARK_SLOT_INDEXES: Final = np.array([*range(6), *range(40, SLOTS_PER_DAY)])
DARK_WH_MAX: Final = 100
HINT: Final = (
    "Compare the meter's display with its counts and ask for its history; where the energies are wrong, decide them "
    "(sanchi override)."
)


def standstill_findings(
    points: Sequence[MeteringPoint],
    energy_wh: NDArray[np.int64],
    quality: NDArray[np.int8],
    day_boundary: int,
    began_before: Collection[int] = (),
) -> list[tuple[int, Problem]]:
    """Tell the standstills of a day by position of the point.

    energy_wh, quality : shape (n_points, 48); slots that were not measured end a standstill.
    began_before : positions of points whose rest at the day's beginning is told with the days before (midnights).
    """
    is_measured = quality == Quality.MEASURED
    still_wh = np.where(is_measured, energy_wh, -1)
    found = []
    for n in _candidates(still_wh).tolist():
        point = points[n]
        if point.meters[-1].is_register:
            runs = [(first, last + 1) for first, last in _kept_back(still_wh[n]) if first or n not in began_before]
        elif point.channel is Channel.PV:
            runs = sorted([*_same(still_wh[n]), *_in_the_dark(still_wh[n])])
        else:
            continue
        found += [(n, _describe(point, still_wh[n], run, day_boundary)) for run in runs]
    return found


def _candidates(still_wh: IntArray) -> NDArray[np.intp]:
    """Name the points with so many equal neighbours as a standstill needs, or with much in the dark; most have none."""
    is_same = (still_wh[:, 1:] == still_wh[:, :-1]) & (still_wh[:, 1:] >= 0)
    within = STILL_SLOTS_MIN - 1
    windows: NDArray[np.bool_] = np.lib.stride_tricks.sliding_window_view(is_same, within, axis=1)
    is_still: NDArray[np.bool_] = np.all(windows, axis=2)
    is_bright = (still_wh[:, DARK_SLOT_INDEXES] > DARK_WH_MAX).any(axis=1)
    return np.flatnonzero(np.any(is_still, axis=1) | is_bright)


def _kept_back(still_wh: IntArray) -> Iterator[tuple[int, int]]:
    """Give first and last slot of each rest of a register that ends with a leap in the next slot."""
    for first, last in _runs(still_wh == 0):
        if last - first + 1 >= STILL_SLOTS_MIN and last + 1 < SLOTS_PER_DAY:
            leap_wh, *after_wh = still_wh[last + 1 : last + 3].tolist()
            if leap_wh >= max(LEAP_WH_MIN, LEAP_TIMES * sum(after_wh)):
                yield first, last


def _same(still_wh: IntArray) -> Iterator[tuple[int, int]]:
    """Give first and last slot of each run of the same energy, not of nothing."""
    is_same = np.concatenate([[False], (still_wh[1:] == still_wh[:-1]) & (still_wh[1:] > 0)])
    for first, last in _runs(is_same):
        if last - first + 2 >= SAME_SLOTS_MIN:
            yield first - 1, last


def _in_the_dark(still_wh: IntArray) -> Iterator[tuple[int, int]]:
    """Give first and last slot of each run that panels cannot have generated, but for what is told as the same."""
    is_told = np.ones(SLOTS_PER_DAY, dtype=np.bool_)
    is_told[DARK_SLOT_INDEXES] = False
    for first, last in _same(still_wh):
        is_told[first : last + 1] = True
    return _runs((still_wh > DARK_WH_MAX) & ~is_told)


def _runs(is_meant: BoolArray) -> Iterator[tuple[int, int]]:
    """Give first and last place of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_meant, [False]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        yield first, end - 1


def _describe(point: MeteringPoint, still_wh: IntArray, run: tuple[int, int], day_boundary: int) -> Problem:
    """Describe one standstill."""
    first, last = run
    spec = point.meters[-1]
    day = slot_ending_at(day_boundary + 1).delivery_date
    told = f"{int(still_wh[last]):,} Wh"
    if spec.is_register:
        detail = f"the register rested for {last - first} slots, then counted {told} in one"
    elif (still_wh[first : last + 1] == still_wh[last]).all() and last - first + 1 >= SAME_SLOTS_MIN:
        detail = f"{told} in each of {last - first + 1} slots"
    else:
        detail = f"up to {int(still_wh[first : last + 1].max()):,} Wh a slot while no sun shines"
    return Problem(
        code=ProblemCode.VALUE_STANDS_STILL,
        severity=Severity.WATCH,
        where=f"meter {spec.meter_id} {point.channel.text}, {day} slots {first + 1}-{last + 1}",
        detail=detail,
        hint=HINT,
    )
