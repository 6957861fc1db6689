"""Parts of a fleet become arrays, each row checked; what does not fit is refused by file and row.

Enter: parts. Leave: choices, capacities, supplies as arrays. Not here: matching.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.fleet_rows import NO_ROW, take_supply_rows
from sanchi.core.matching.kernel import Engine
from sanchi.edge.fleet.folder import FleetFolder, FleetPart, damaged_part
from sanchi.edge.fleet.tables import CAPACITY, CHOICES, SUPPLY

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


class UnfitRow(WrongInput):
    """A row of a fleet's file breaks its definition; nothing was matched."""


def read_supply(folder: FleetFolder, part: FleetPart, engine: Engine) -> Int32Array:
    """Read a block's supplies, int32 (48, n_block_homes) [Wh]; what no row names is 0. Raises: UnfitRow."""
    block_wh = np.zeros((SLOTS_PER_DAY, part.last_home_no - part.first_home_no + 1), dtype=np.int32)
    file = folder.open_part(SUPPLY, part)
    rows_before, after_key = 0, -1
    for group in range(file.num_row_groups):
        home_no, slot_no, supply_wh = _columns(folder, file, part, [group])
        row = take_supply_rows(
            home_no,
            slot_no,
            supply_wh,
            first_home_no=part.first_home_no,
            after_key=after_key,
            block_wh=block_wh,
            engine=engine,
        )
        if row != NO_ROW:
            found = f"home {home_no[row]}, slot {slot_no[row]}, {supply_wh[row]} Wh"
            raise _unfit(
                part, rows_before + row, found, "slot 1..48, 0 Wh or more, once each in order of home and slot"
            )
        if len(home_no):
            rows_before += len(home_no)
            after_key = int(home_no[-1]) * SLOTS_PER_DAY + int(slot_no[-1])
    return block_wh


def read_choices(folder: FleetFolder, part: FleetPart, n_buyers: int) -> Int32Array:
    """Read a block's choices, int32 (n_block_homes, k_max), -1 = none. Raises: UnfitRow."""
    n_homes = part.last_home_no - part.first_home_no + 1
    home_no, rank, buyer = _columns(folder, folder.open_part(CHOICES, part), part)
    # In 8 bits the rank after 127 would be -128 and pass for the next one.
    rank = rank.astype(np.int64)
    is_next = np.zeros(len(home_no), dtype=np.bool_)
    is_next[1:] = home_no[1:] == home_no[:-1]
    is_unfit = rank != np.where(is_next, np.roll(rank, 1) + 1, 1)
    is_unfit |= (buyer < 0) | (buyer >= n_buyers) | (home_no < part.first_home_no) | (home_no > part.last_home_no)
    is_unfit[1:] |= home_no[1:] < home_no[:-1]
    if is_unfit.any():
        row = int(is_unfit.argmax())
        found = f"home {home_no[row]}, rank {rank[row]}, buyer {buyer[row]}"
        raise _unfit(part, row, found, f"ranks 1, 2, ... without gap in order of home, buyer 0..{n_buyers - 1}")
    choices = np.full((n_homes, int(rank.max(initial=0))), -1, dtype=np.int32)
    choices[home_no - part.first_home_no, rank - 1] = buyer
    for later in range(1, choices.shape[1]):
        repeats = (choices[:, :later] == choices[:, [later]]) & (choices[:, [later]] >= 0)
        if repeats.any():
            home = int(repeats.any(axis=1).argmax())
            row = int(np.flatnonzero((home_no == home + part.first_home_no) & (rank == later + 1))[0])
            found = f"home {home_no[row]} names buyer {buyer[row]} again"
            raise _unfit(part, row, found, "each buyer once in a home's list")
    return choices


def read_capacity(folder: FleetFolder, parts: tuple[FleetPart, ...], n_buyers: int) -> Int64Array:
    """Read a day's capacities, int64 (48, n_buyers) [Wh]; what no row names is 0. Raises: UnfitRow."""
    capacity_wh = np.zeros((SLOTS_PER_DAY, n_buyers), dtype=np.int64)
    after_key = -1
    for part in parts:
        buyer, slot_no, part_wh = _columns(folder, folder.open_part(CAPACITY, part), part)
        key = buyer.astype(np.int64) * SLOTS_PER_DAY + slot_no
        is_unfit = (buyer < 0) | (buyer >= n_buyers) | (slot_no < 1) | (slot_no > SLOTS_PER_DAY) | (part_wh < 0)
        is_unfit |= np.diff(key, prepend=after_key) <= 0
        if is_unfit.any():
            row = int(is_unfit.argmax())
            found = f"buyer {buyer[row]}, slot {slot_no[row]}, {part_wh[row]} Wh"
            raise _unfit(part, row, found, f"buyer 0..{n_buyers - 1}, slot 1..48, 0 Wh or more, once each in order")
        capacity_wh[slot_no - 1, buyer] = part_wh
        after_key = int(key[-1]) if len(key) else after_key
    return capacity_wh


def _columns(
    folder: FleetFolder, file: pq.ParquetFile, part: FleetPart, groups: list[int] | None = None
) -> list[np.ndarray[Any, Any]]:
    """Give the columns of a file, or of some row groups, as arrays. Raises: DamagedPart; UnfitRow without a value."""
    try:
        table = file.read(use_threads=False) if groups is None else file.read_row_groups(groups, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise damaged_part(folder, part, "its pages cannot be decoded") from error
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.null_count:
            raise _unfit(part, 0, f"{name} without a value further down", "a value in each row")
    return [column.to_numpy() for column in table.columns]


def _unfit(part: FleetPart, row: int, found: str, expected: str) -> UnfitRow:
    """Word what is wrong with a row; rows count from 0."""
    return UnfitRow(
        f"{part.path}, row {row}: {found}; expected {expected}.", hint="Correct the fleet and write it anew."
    )
