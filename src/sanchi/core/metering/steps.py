"""A register's steps, evened out over the slots in which they may have flowed.

Enter: slots in one row. Leaves: their energy as it may have been. Not here: what was measured, which stays as it is.

A register of 0.1 kWh shows a steady 25 Wh a slot as 0, 0, 0, 100 Wh. Held against each other such slots seem to differ
that do not, and a sample of them says 0 Wh where that is never true.
"""

from typing import Final

import numpy as np

from sanchi.core.metering.grids import BoolArray, IntArray

# After a longer silence nothing is presumed to have flowed: the sun had set, or nobody drew power.
EMPTY_SLOTS_MAX: Final = 3


def evened(energy_wh: IntArray, is_known: BoolArray, step_wh: IntArray) -> IntArray:
    """Spread one step of each count over the empty slots before it, if they are few; nothing is lost.

    All arrays of shape (n_slots,); step_wh : 0 where the energy is no count of steps.

    >>> evened(np.array([300, 0, 0, 200]), np.full(4, True), np.full(4, 100)).tolist()
    [300, 33, 33, 134]
    """
    place = np.arange(energy_wh.size)
    is_empty = is_known & (energy_wh == 0)
    last_full = np.maximum.accumulate(np.where(is_empty, -1, place))
    n_empty = np.zeros(energy_wh.size, dtype=np.int64)
    n_empty[1:] = place[:-1] - last_full[:-1]
    is_spread = is_known & (energy_wh >= step_wh) & (energy_wh > 0) & (n_empty <= EMPTY_SLOTS_MAX)
    part_wh: IntArray = np.where(is_spread, step_wh // (n_empty + 1), 0)
    evened_wh: IntArray = energy_wh - part_wh * n_empty
    for back in range(1, EMPTY_SLOTS_MAX + 1):
        ends = np.flatnonzero(is_spread & (n_empty >= back))
        evened_wh[ends - back] += part_wh[ends]
    return evened_wh
