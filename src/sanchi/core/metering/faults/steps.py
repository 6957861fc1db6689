"""The steps of a register and the energies of a series, half hour by half hour, before anything is filled.

Enter: a Timeline. Leave: arrays. Not here: what they mean.
"""

from typing import Final

import numpy as np

from sanchi.core.metering.faults.picture import NONE, IntArray, Timeline

UNKNOWN_STEP: Final = np.iinfo(np.int64).min


def slot_energy_wh(line: Timeline) -> IntArray:
    """Give the energy of the slot that each position closes [Wh]; NONE where it is not known or not plausible."""
    spec = line.watched.spec
    if not spec.is_register:
        return np.where(line.first_reading == NONE, NONE, line.first_reading * spec.unit_wh)
    step = register_steps(line)
    is_fit = (step >= 0) & (step * spec.unit_wh <= spec.plausible_wh_max + spec.unit_wh)
    return np.where(is_fit, step * spec.unit_wh, NONE)


def register_steps(line: Timeline) -> IntArray:
    """Give the step of a register at each position; the least number where a count is missing on either side."""
    count = line.first_reading
    step = np.full(count.size, UNKNOWN_STEP, dtype=np.int64)
    known = (count[1:] != NONE) & (count[:-1] != NONE)
    step[1:] = np.where(known, np.diff(count), step[1:])
    return step
