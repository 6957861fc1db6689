"""Derive from counts alone what a register's master data would tell: unit, digits, plausible maximum, service.

Enter: counts in Wh. Leave: integers with documented rules. Not here: reading files, measuring.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Smart meters count in steps of 1 kWh, 0.1 kWh, 10 Wh or 1 Wh.
UNITS_WH: Final = (1_000, 100, 10, 1)
# What smart meters show; a register of fewer digits has to be told.
DIGITS_MIN: Final = 6
# What a connection of 10 kVA carries in half an hour.
PLAUSIBLE_WH_MIN: Final = 5_000
# Of a meter's steps the highest hundredth may be wild; a home's true peaks stay below four times the rest.
USUAL_STEPS_PERCENT: Final = 99
PLAUSIBLE_TIMES: Final = 4
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSpans:
    """What the counts of each meter say; arrays of shape (n_meters,), meters without counts have none of it.

    first_boundary, last_boundary : its first and last count: it is in service in between.
    plausible_wh_max : the most that one slot can carry.
    """

    first_boundary: NDArray[np.int64]
    last_boundary: NDArray[np.int64]
    plausible_wh_max: NDArray[np.int64]


def narrowed_unit_wh(unit_wh: int, reading_wh: NDArray[np.int64]) -> int:
    """Give the largest unit up to the given one that divides all readings.

    >>> narrowed_unit_wh(1_000, np.array([12_300, 4_000]))
    100
    """
    return next(unit for unit in UNITS_WH if unit <= unit_wh and not np.any(reading_wh % unit))


def derived_digits(highest_count: int) -> int:
    """Give as many digits as the highest count has, and at least DIGITS_MIN.

    >>> derived_digits(87_311), derived_digits(1_234_567)
    (6, 7)
    """
    return max(DIGITS_MIN, len(str(highest_count)))


def derive_spans(
    meter_index: NDArray[np.int64], boundary: NDArray[np.int64], reading_wh: NDArray[np.int64], turn_wh: int
) -> MeterSpans:
    """Derive per meter its service and plausible maximum from counts ordered by meter, then boundary.

    turn_wh : where a register shows zero again; half of it is the most that can be plausible, so that a turn is told
    from a fall. meter_index : every meter from 0 on has at least one count.
    """
    opens = np.flatnonzero(np.diff(meter_index, prepend=-1))
    closes = np.append(opens[1:], meter_index.size) - 1
    step_wh = np.diff(reading_wh)
    is_step = (np.diff(meter_index) == 0) & (np.diff(boundary) == 1) & (step_wh >= 0)
    step_wh, step_meter = step_wh[is_step], meter_index[1:][is_step]
    order = np.lexsort((step_wh, step_meter))
    n_steps = np.bincount(step_meter, minlength=opens.size)
    first_step = np.cumsum(n_steps) - n_steps
    place = first_step + np.maximum(n_steps - 1, 0) * USUAL_STEPS_PERCENT // _PERCENT
    usual_wh = np.zeros(opens.size, dtype=np.int64)
    has_steps = n_steps > 0
    usual_wh[has_steps] = step_wh[order][place[has_steps]]
    return MeterSpans(
        first_boundary=boundary[opens].astype(np.int64),
        last_boundary=boundary[closes].astype(np.int64),
        plausible_wh_max=np.minimum(np.maximum(PLAUSIBLE_TIMES * usual_wh, PLAUSIBLE_WH_MIN), turn_wh // 2),
    )
