"""Measure every slot of every meter by its own readings alone, and find the days that are complete.

Enters: a grid of screened readings. Leaves: a SlotTable. Not here: gaps, and which of two readings is true.
"""

from dataclasses import dataclass

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.counting import counted_wh, uncarried_wh_min
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray, MeterTable
from sanchi.core.metering.windows import OUTER_BOUNDARIES


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTable:
    """The slots of whole days; energy_wh and is_measured have the shape (n_meters, n_days, 48).

    energy_wh : 0 where not measured.
    is_complete_day : shape (n_meters, n_days); all slots are measured and no count at the edges of the day
    contradicts its neighbour. Such a day stands whatever others say, so it can be measured without them.
    """

    energy_wh: IntArray
    is_measured: BoolArray
    is_complete_day: BoolArray


def measure_slots(reading: IntArray, table: MeterTable) -> SlotTable:
    """Measure slots by their delivered energy, or by the counts at both ends where they are plausible.

    reading : int64 array of shape (n_meters, n_boundaries) of a Window, screened.
    """
    earlier, later = reading[:, :-1], reading[:, 1:]
    has_both = (earlier != NO_READING) & (later != NO_READING)
    unit_wh = table.unit_wh[:, None]
    step_wh = counted_wh(earlier, later, table.turn_count[:, None], unit_wh)
    is_carried = step_wh < uncarried_wh_min(np.array(1), table.plausible_wh_max[:, None], unit_wh)

    is_register = table.is_register[:, None]
    is_measured = np.where(is_register, has_both & is_carried, later != NO_READING)[:, 1:-1]
    energy_wh = np.where(is_register, step_wh, later * unit_wh)[:, 1:-1] * is_measured
    n_days = (reading.shape[1] - OUTER_BOUNDARIES) // SLOTS_PER_DAY
    by_day = (len(table.specs), n_days, SLOTS_PER_DAY)
    is_measured = is_measured.reshape(by_day)

    is_contradiction = is_register & has_both & ~is_carried
    before_day = is_contradiction[:, :-SLOTS_PER_DAY:SLOTS_PER_DAY]
    after_day = is_contradiction[:, SLOTS_PER_DAY + 1 :: SLOTS_PER_DAY]
    return SlotTable(
        energy_wh=energy_wh.reshape(by_day),
        is_measured=is_measured,
        is_complete_day=is_measured.all(axis=2) & ~before_day & ~after_day,
    )
