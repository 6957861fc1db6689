"""Lay readings out as a dense table of meters x boundaries and screen what no meter can have shown.

Enter: ReadingRows and metering points. Leaves: a ReadingGrid. Not here: energies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.readings import BOUNDARY_END, MeteringPoint, MeterSpec, ReadingRows
from sanchi.core.metering.sources import rank_of
from sanchi.core.metering.versions import positions_in_force
from sanchi.core.metering.windows import Window

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

NO_READING: Final = -1
# How large a table of all series numbers may be beside the rows that look into it.
KEYS_PER_ROW_MAX: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterTable:
    """The meters of all points as columns of shape (n_meters,), in the order of points, then of service.

    A meter with several channels stands once a channel. removed_boundary is BOUNDARY_END while in service.
    """

    specs: tuple[MeterSpec, ...]
    point_index: IntArray
    series_key: IntArray
    unit_wh: IntArray
    turn_count: IntArray
    installed_boundary: IntArray
    removed_boundary: IntArray
    plausible_wh_max: IntArray
    is_register: BoolArray
    is_monthly: BoolArray

    @classmethod
    def of(cls, points: Sequence[MeteringPoint]) -> "MeterTable":
        """Spread the meters of points out into columns."""
        specs = tuple(spec for point in points for spec in point.meters)
        point_index = [index for index, point in enumerate(points) for _ in point.meters]
        rows = [
            (
                spec.series_key,
                spec.unit_wh,
                spec.turn_count,
                spec.installed_boundary,
                BOUNDARY_END if spec.removed_boundary is None else spec.removed_boundary,
                spec.plausible_wh_max,
            )
            for spec in specs
        ]
        columns = np.array(rows, dtype=np.int64).reshape(len(rows), 6).T
        assert np.unique(columns[0]).size == len(specs), "a channel of a meter belongs to two points"
        return cls(
            specs=specs,
            point_index=np.array(point_index, dtype=np.int64),
            series_key=columns[0],
            unit_wh=columns[1],
            turn_count=columns[2],
            installed_boundary=columns[3],
            removed_boundary=columns[4],
            plausible_wh_max=columns[5],
            is_register=columns[2] > 1,
            is_monthly=np.array([spec.is_monthly for spec in specs], dtype=np.bool_),
        )

    def locate(self, rows: ReadingRows) -> IntArray:
        """Find the meter of each row; -1 where it is none of the table's."""
        if not self.specs:
            return np.full(rows.row_count, -1)
        row_key = rows.series_key
        last_key = int(self.series_key.max())
        if self.series_key.min() >= 0 and last_key < KEYS_PER_ROW_MAX * rows.row_count:
            # Meters are numbered without large holes, so that a look-up by number is far cheaper than a search.
            place_of = np.full(last_key + 2, -1, dtype=np.int64)
            place_of[self.series_key] = np.arange(len(self.specs))
            return place_of[np.where((row_key >= 0) & (row_key <= last_key), row_key, last_key + 1)]
        order = np.argsort(self.series_key)
        place = order[np.minimum(np.searchsorted(self.series_key, row_key, sorter=order), order.size - 1)]
        return np.where(self.series_key[place] == row_key, place, -1)

    def serves(self, first_boundary: int, last_boundary: int) -> BoolArray:
        """Tell which meters are in service in any slot between two boundaries, shape (n_meters,)."""
        return (self.installed_boundary < last_boundary) & (self.removed_boundary > first_boundary)

    def serves_slots(self, day_boundary: int) -> BoolArray:
        """Tell which meters are in service in which slots of a day, shape (n_meters, 48)."""
        opening = day_boundary + np.arange(SLOTS_PER_DAY)
        return (self.installed_boundary[:, None] <= opening) & (opening < self.removed_boundary[:, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingGrid:
    """Readings in force, arrays of shape (n_meters, n_boundaries) in the order of a MeterTable and a Window.

    reading : as delivered, NO_READING where there is none.
    rank : of the reading, see sources; 0 where there is none.
    row_count : rows of every version in each cell.
    screened : for each rule, the cells that it set aside.
    """

    reading: IntArray
    rank: NDArray[np.int8]
    row_count: IntArray
    screened: dict[ProblemCode, BoolArray]

    def passed(self) -> IntArray:
        """Give the readings that the screen let pass, NO_READING for all others."""
        is_out = np.logical_or.reduce(list(self.screened.values()))
        return np.where(is_out, NO_READING, self.reading)


def lay_out(rows: ReadingRows, table: MeterTable, window: Window) -> ReadingGrid:
    """Lay the readings in force of a window out as a grid; rows of other meters are passed over."""
    rows = rows.between(window.first_boundary, window.last_boundary)
    meter_index = table.locate(rows)
    known = meter_index >= 0
    if not known.all():
        rows, meter_index = rows.take(known), meter_index[known]
    shape = (len(table.specs), window.n_boundaries)
    cell = meter_index * window.n_boundaries + (rows.boundary - window.first_boundary)
    reading = np.full(shape, NO_READING, dtype=np.int64)
    rank = np.zeros(shape, dtype=np.int8)
    row_count = np.bincount(cell, minlength=reading.size)
    # The usual day has one version of everything, so nothing has to be put in order.
    in_force = slice(None) if row_count.max(initial=0) <= 1 else positions_in_force(rows)
    reading.flat[cell[in_force]] = rows.reading[in_force]
    rank.flat[cell[in_force]] = rank_of(rows.stage_no[in_force], rows.source_no[in_force])
    boundary = window.first_boundary + np.arange(window.n_boundaries)
    cells = ScreenedCells(reading=reading, boundary=boundary, table=table)
    return ReadingGrid(
        reading=reading,
        rank=rank,
        row_count=row_count.reshape(shape),
        screened={code: breaks(cells) for code, breaks in SCREEN_RULES.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedCells:
    """What the screen looks at: readings in force of shape (n_meters, n_boundaries), and where they stand.

    boundary : shape (n_boundaries,).
    """

    reading: IntArray
    boundary: IntArray
    table: MeterTable

    @property
    def in_life(self) -> BoolArray:
        """Tell which cells hold a reading of a meter in service."""
        table = self.table
        # The energy of a slot belongs to the meter only if the whole slot does; a count may open the series.
        earliest = np.where(table.is_register, table.installed_boundary, table.installed_boundary + 1)
        lives = (earliest[:, None] <= self.boundary) & (self.boundary <= table.removed_boundary[:, None])
        return np.asarray((self.reading != NO_READING) & lives)


def is_out_of_life(cells: ScreenedCells) -> BoolArray:
    """Find readings of a meter that is not in service, as its dates are told now."""
    return np.asarray((cells.reading != NO_READING) & ~cells.in_life)


def is_too_long(cells: ScreenedCells) -> BoolArray:
    """Find counts that the register has no digits for, as they are told now."""
    table = cells.table
    return np.asarray(cells.in_life & (cells.reading >= table.turn_count[:, None]) & table.is_register[:, None])


def is_too_much(cells: ScreenedCells) -> BoolArray:
    """Find energies of a slot that the connection cannot carry."""
    table = cells.table
    most = table.plausible_wh_max // table.unit_wh
    return np.asarray(cells.in_life & (cells.reading > most[:, None]) & ~table.is_register[:, None])


# A cell breaks at most one of them (docs/reference/vee.md).
SCREEN_RULES: Final[Mapping[ProblemCode, Callable[[ScreenedCells], BoolArray]]] = {
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: is_out_of_life,
    ProblemCode.REGISTER_OVERFLOW: is_too_long,
    ProblemCode.ENERGY_IMPLAUSIBLE: is_too_much,
}
