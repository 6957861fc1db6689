"""Rows of a fleet's files to arrays and back to sums: the checks and counts that pass over each row of a day.

Enter: columns of one block. Leave: supplies by slot and home, sums by buyer and slot. Not here: files, messages.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.kernel import ChoiceArray, Engine, IntArray, default_engine, entry_kernel, frozen_view

NO_ROW: Final = -1


def take_supply_rows(
    home_no: ChoiceArray,
    slot_no: NDArray[np.int8],
    supply_wh: ChoiceArray,
    *,
    first_home_no: int,
    after_key: int,
    block_wh: ChoiceArray,
    engine: Engine | None = None,
) -> int:
    """Write the rows of a block into block_wh, int32 (48, n_block_homes) [Wh], and give the first unfit row or NO_ROW.

    A row fits when its home lies in the block, its slot in 1..48, its supply is not negative, and it stands behind
    the row before it in the order home, slot; so no row stands twice. after_key : home * 48 + slot of the last row of
    an earlier call, -1 at first. Rows before an unfit one may have been written: throw the block away then.
    """
    if (engine or default_engine()) is Engine.NUMBA:
        columns = (frozen_view(home_no), frozen_view(slot_no), frozen_view(supply_wh))
        return int(write_supply_rows(*columns, first_home_no, after_key, block_wh))
    key = home_no.astype(np.int64) * SLOTS_PER_DAY + slot_no
    place = home_no.astype(np.int64) - first_home_no
    is_unfit = (place < 0) | (place >= block_wh.shape[1]) | (slot_no < 1) | (slot_no > SLOTS_PER_DAY)
    is_unfit |= (supply_wh < 0) | (np.diff(key, prepend=after_key) <= 0)
    if is_unfit.any():
        return int(is_unfit.argmax())
    block_wh[slot_no - 1, place] = supply_wh
    return NO_ROW


@entry_kernel
def write_supply_rows(
    home_no: ChoiceArray,
    slot_no: NDArray[np.int8],
    supply_wh: ChoiceArray,
    first_home_no: int,
    after_key: int,
    block_wh: ChoiceArray,
) -> int:
    """Do what take_supply_rows says, row by row."""
    for row in range(len(home_no)):
        place = np.int64(home_no[row]) - first_home_no
        slot = np.int64(slot_no[row])
        key: Any = np.int64(home_no[row]) * SLOTS_PER_DAY + slot
        if place < 0 or place >= block_wh.shape[1] or slot < 1 or slot > SLOTS_PER_DAY:
            return row
        if supply_wh[row] < 0 or key <= after_key:
            return row
        after_key = key
        block_wh[slot - 1, place] = supply_wh[row]
    return NO_ROW


def add_taken(
    slot_no: NDArray[np.int8],
    buyer_index: ChoiceArray,
    energy_wh: ChoiceArray,
    taken_wh: IntArray,
    *,
    engine: Engine | None = None,
) -> None:
    """Add rows to taken_wh, int64 (n_buyers + 1, 48) [Wh]; the last line is the standard offer's (buyer -1)."""
    if (engine or default_engine()) is Engine.NUMBA:
        write_taken(frozen_view(slot_no), frozen_view(buyer_index), frozen_view(energy_wh), taken_wh)
    else:
        np.add.at(taken_wh, (buyer_index, slot_no - 1), energy_wh)


@entry_kernel
def write_taken(
    slot_no: NDArray[np.int8], buyer_index: ChoiceArray, energy_wh: ChoiceArray, taken_wh: IntArray
) -> None:
    """Do what add_taken says, row by row."""
    for row in range(len(slot_no)):
        taken_wh[buyer_index[row], slot_no[row] - 1] += energy_wh[row]
