"""Add intervals up to the half hours that they lie in; nothing is counted twice, nothing guessed beyond a rule.

Enter: PartRows. Leave: SlotSums. Not here: how parts are delivered, slots without any part.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.intake import EPOCH_S
from sanchi.core.metering.parts.rows import INTERVALS_S, SLOT_S, WS_PER_WH, PartRows
from sanchi.core.metering.readings import BOUNDARY_END, CHANNEL_END, ReadingRows, UnfitReadings
from sanchi.core.metering.sources import Source, Stage

# A slot that misses at most so much is completed by the mean of what it has. On the minutes of one measured
# household (44,195 half hours, mean 559 Wh, minutes in a row knocked out) the error is, by minutes missing:
# 1: 4 Wh, 3: 13 Wh, 5: 21 Wh (3.7 %), 6: 25 Wh, 10: 41 Wh, 15: 62 Wh; 95 of 100 slots err by less than
# 89 Wh at five and 107 Wh at six. So five is the most that stays below one step of a register (100 Wh).
MISSING_S_MAX: Final = 5 * 60

# The year 2514. The position of a series and a stamp make one int64.
STAMP_S_END: Final = 1 << 34

IntArray = NDArray[np.int64]


class SumMethod(IntEnum):
    """How the energy of a slot came out of its parts; the numbers stand in files and never change."""

    NOT_WHOLE = 0  # more than MISSING_S_MAX is missing: no energy
    COMPLETED = 1  # the missing part counts as the mean of the others
    SUMMED = 2  # the parts cover the slot


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSums:
    """Slots with at least one part, in the order of series_key, then boundary; arrays of shape (n_slots,).

    boundary : half hours since 2000-01-01 JST, the one that closes the slot.
    energy_ws : the sum of the parts that count, exact, whatever the method.
    energy_wh : rounded half up once, from the exact sum; 0 where the method is NOT_WHOLE.
    part_count : parts that count; superseded_count : older versions, and parts inside a longer one that counts.
    missing_s : what of the slot no part covers; received_s : of the newest part that counts.
    off_grid_index : positions of rows whose interval does not end on the grid of its own length. They count
    nowhere: sum(part_count) + sum(superseded_count) + off_grid_index.size = rows.
    """

    series_key: IntArray
    boundary: NDArray[np.int32]
    energy_ws: IntArray
    energy_wh: IntArray
    method_no: NDArray[np.int8]
    part_count: NDArray[np.int32]
    superseded_count: NDArray[np.int32]
    missing_s: NDArray[np.int32]
    received_s: IntArray
    off_grid_index: NDArray[np.intp]

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Tell which slots have an energy."""
        return np.not_equal(self.method_no, SumMethod.NOT_WHOLE)


def add_up_parts(rows: PartRows) -> SlotSums:
    """Add the parts of each slot up.

    Of several rows of one series and interval the newest counts (received last, then delivered last, then the
    last row). Intervals of different lengths lie apart or inside one another: the longest counts, and what lies
    inside it is superseded. That covers all that any part covers, once, in whatever order the rows come.
    Raises: UnfitReadings for stamps that no slot has.
    """
    if rows.row_count and not EPOCH_S < rows.stamp_s.min() <= rows.stamp_s.max() < STAMP_S_END:
        raise UnfitReadings(
            f"stamp_s: {rows.stamp_s.min()}..{rows.stamp_s.max()} leaves {EPOCH_S + 1}..{STAMP_S_END - 1}.",
            hint="Reject rows of a broken clock at intake.",
        )
    is_on_grid = rows.stamp_s % rows.interval_s == 0
    off_grid_index = np.flatnonzero(~is_on_grid)
    series, series_index = np.unique(rows.series_key, return_inverse=True)
    boundary = -(-(rows.stamp_s - EPOCH_S) // SLOT_S)
    slot_key = series_index * BOUNDARY_END + boundary
    counts = np.zeros(rows.row_count, dtype=np.bool_)
    counts[_newest(rows, series_index, np.flatnonzero(is_on_grid))] = True
    counts &= ~_lies_in_longer(rows, series_index, counts)

    slots, slot_index = np.unique(slot_key[is_on_grid], return_inverse=True)
    counts_on_grid = counts[is_on_grid]
    energy_ws, covered_s, received_s = (np.zeros(slots.size, dtype=np.int64) for _ in range(3))
    received_s[:] = np.iinfo(np.int64).min
    of_slot = slot_index[counts_on_grid]
    np.add.at(energy_ws, of_slot, rows.energy_ws[counts])
    np.add.at(covered_s, of_slot, rows.interval_s[counts].astype(np.int64))
    np.maximum.at(received_s, of_slot, rows.received_s[counts])
    part_count = np.bincount(of_slot, minlength=slots.size)
    row_count = np.bincount(slot_index, minlength=slots.size)
    missing_s = SLOT_S - covered_s
    method_no = np.select([missing_s == 0, missing_s <= MISSING_S_MAX], [SumMethod.SUMMED, SumMethod.COMPLETED], 0)
    return SlotSums(
        series_key=series[slots // BOUNDARY_END],
        boundary=(slots % BOUNDARY_END).astype(np.int32),
        energy_ws=energy_ws,
        energy_wh=np.where(method_no == SumMethod.NOT_WHOLE, 0, slot_wh(energy_ws, covered_s)),
        method_no=method_no.astype(np.int8),
        part_count=part_count.astype(np.int32),
        superseded_count=(row_count - part_count).astype(np.int32),
        missing_s=missing_s.astype(np.int32),
        received_s=received_s,
        off_grid_index=off_grid_index,
    )


def readings_of_sums(sums: SlotSums, delivery_no: int) -> ReadingRows:
    """Give the slots that have an energy as readings of it; a slot that is not whole has none.

    row_no is the position in the sums, from 1: a slot that is added up anew is a new version by its time of receipt.
    """
    whole = np.flatnonzero(sums.is_whole)
    return ReadingRows(
        meter_no=(sums.series_key[whole] // CHANNEL_END).astype(np.int32),
        channel_no=(sums.series_key[whole] % CHANNEL_END).astype(np.int8),
        boundary=sums.boundary[whole],
        reading=sums.energy_wh[whole],
        received_s=sums.received_s[whole],
        delivery_no=np.full(whole.size, delivery_no, dtype=np.int32),
        row_no=(whole + 1).astype(np.int32),
        source_no=np.full(whole.size, Source.CT, dtype=np.int8),
        stage_no=np.full(whole.size, Stage.FLASH, dtype=np.int8),
    )


def slot_wh(energy_ws: IntArray, covered_s: IntArray) -> IntArray:
    """Give the energy of whole slots [Wh] from what was measured in a part of each: the one rounding, half up.

    >>> slot_wh(np.array([1_800, 1_799, 3_600]), np.array([1_800, 1_800, 1_500]))
    array([1, 0, 1])
    """
    divisor = covered_s * WS_PER_WH
    return (2 * energy_ws * SLOT_S + divisor) // (2 * divisor)


def _newest(rows: PartRows, series_index: NDArray[np.intp], candidates: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give, of rows with the same series, length and stamp, the position of the newest."""
    cell = series_index[candidates] * STAMP_S_END + rows.stamp_s[candidates]
    interval_s = rows.interval_s[candidates]
    order = np.lexsort(
        (
            rows.row_no[candidates],
            rows.delivery_no[candidates],
            rows.received_s[candidates],
            interval_s,
            cell,
        )
    )
    ordered_cell, ordered_s = cell[order], interval_s[order]
    is_last = np.ones(order.size, dtype=np.bool_)
    is_last[:-1] = (ordered_cell[1:] != ordered_cell[:-1]) | (ordered_s[1:] != ordered_s[:-1])
    return candidates[order[is_last]]


def _lies_in_longer(rows: PartRows, series_index: NDArray[np.intp], counts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which rows lie inside a longer interval of their series that is in force."""
    inside = np.zeros(rows.row_count, dtype=np.bool_)
    for length_s in INTERVALS_S[1:]:
        longer = counts & (rows.interval_s == length_s)
        shorter = np.flatnonzero(counts & (rows.interval_s < length_s))
        if shorter.size and longer.any():
            around = series_index[shorter] * STAMP_S_END - (-rows.stamp_s[shorter] // length_s) * length_s
            inside[shorter] |= np.isin(around, series_index[longer] * STAMP_S_END + rows.stamp_s[longer])
    return inside
