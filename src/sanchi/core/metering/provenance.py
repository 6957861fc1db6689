"""What stands beside the energies of a day: which meter, how it came about, by which way, what it said itself.

Enter: the day's grid and what was measured of it. Leaves: a Provenance. Not here: energies and their quality.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.grids import NO_READING, BoolArray, IntArray, MeterTable, ReadingGrid
from sanchi.core.metering.methods import Method
from sanchi.core.metering.slotwise import SlotTable
from sanchi.core.metering.windows import Window

NO_METER: Final = -1
# A wild reading says more than any energy can be: then it has said nothing that could stand beside one.
ORIGINAL_WH_MAX: Final = 10**15


@dataclass(slots=True, kw_only=True)
class Provenance:
    """Arrays of shape (n_points, 48) in the order of the points, filled on while a day is measured.

    meter_no : of the meter in service, NO_METER where none is; method_no : members of Method.
    rank : of the reading or, where two counts make the energy, of the weaker one; 0 = no reading.
    original_wh : what the meter's own reading says of the slot before any rule, NO_READING where there is none.
    """

    meter_no: NDArray[np.int32]
    method_no: NDArray[np.int8]
    rank: NDArray[np.int8]
    original_wh: IntArray

    @property
    def is_served(self) -> BoolArray:
        """Tell in which slots a meter of the point is in service."""
        return np.asarray(self.meter_no != NO_METER)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySlots:
    """The slots of one day by meter, arrays of shape (n_meters, 48).

    is_served : the meter is in service; rank, original_wh : as in Provenance.
    """

    is_served: BoolArray
    rank: NDArray[np.int8]
    original_wh: IntArray

    @classmethod
    def of(cls, grid: ReadingGrid, slots: SlotTable, table: MeterTable, window: Window) -> "DaySlots":
        """Look at the readings of a window of one day."""
        opening = slice(1, 1 + SLOTS_PER_DAY)
        closing = slice(2, 2 + SLOTS_PER_DAY)
        earlier, later = grid.reading[:, opening], grid.reading[:, closing]
        is_register = table.is_register[:, None]
        said = np.where(is_register, later - earlier, later)
        is_said = (later != NO_READING) & (said >= 0) & ((earlier != NO_READING) | ~is_register)
        is_said &= said <= ORIGINAL_WH_MAX // table.unit_wh[:, None]
        original_wh = np.where(is_said, said, 0) * table.unit_wh[:, None]
        # A register that turned over fell, and yet it said how much.
        original_wh = np.where(
            slots.is_measured[:, 0], slots.energy_wh[:, 0], np.where(is_said, original_wh, NO_READING)
        )
        rank = grid.rank[:, closing]
        return cls(
            is_served=table.serves_slots(window.day_boundary),
            rank=np.where(is_register, np.minimum(grid.rank[:, opening], rank), rank),
            original_wh=original_wh,
        )

    def by_point(self, table: MeterTable, n_points: int) -> Provenance:
        """Lay the slots of each point's meters out: of one slot a single meter is in service."""
        shape = (n_points, SLOTS_PER_DAY)
        provenance = Provenance(
            meter_no=np.full(shape, NO_METER, dtype=np.int32),
            method_no=np.full(shape, Method.MISSING, dtype=np.int8),
            rank=np.zeros(shape, dtype=np.int8),
            original_wh=np.full(shape, NO_READING, dtype=np.int64),
        )
        meter, slot = np.nonzero(self.is_served)
        point = table.point_index[meter]
        meter_nos = np.array([spec.meter_no for spec in table.specs], dtype=np.int32)
        provenance.meter_no[point, slot] = meter_nos[meter]
        provenance.rank[point, slot] = self.rank[meter, slot]
        provenance.original_wh[point, slot] = self.original_wh[meter, slot]
        return provenance
