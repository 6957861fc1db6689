"""What delivered parts of half hours (minutes) made of them, delivery by delivery: rows that the search can look at.

Enter: parts as they came. Leave: BlockRows and PeakRows. Not here: which energy counts (parts.adding).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.faults.observations import PeakRows
from sanchi.core.metering.faults.spans import EPOCH_S, SLOT_S
from sanchi.core.metering.readings import CHANNEL_END

WS_PER_WH: Final = 3600
# A slot of which less was delivered is no reading; the rule of adding parts is the same.
COVERED_S_MIN: Final = SLOT_S - 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRows:
    """Columns of ReadingRows, one row for each delivered block of a half hour, in the order of arrival.

    reading : energy of the half hour [Wh] as this block tells it, a missing rest counted as the mean.
    """

    meter_no: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    boundary: NDArray[np.int32]
    reading: NDArray[np.int64]
    received_s: NDArray[np.int64]
    delivery_no: NDArray[np.int32]
    row_no: NDArray[np.int32]


def block_rows(
    series_key: NDArray[np.int64],
    stamp_s: NDArray[np.int64],
    interval_s: NDArray[np.int32],
    energy_ws: NDArray[np.int64],
    received_s: NDArray[np.int64],
    delivery_no: NDArray[np.int32],
    row_no: NDArray[np.int32],
) -> tuple[BlockRows, PeakRows]:
    """Put the parts of each half hour that came together into one row; the columns of PartRows, of shape (n,).

    A part that comes again, even in the same delivery, belongs to another block: so what is delivered twice gives two
    rows, and the search sees it. Of a block that covers too little there is no row.
    """
    order = np.lexsort((row_no, delivery_no, received_s, stamp_s, series_key))
    key, stamp = series_key[order], stamp_s[order]
    # How often a part of the same series and stamp came before, in whatever delivery.
    is_new = np.ones(key.size, dtype=np.bool_)
    is_new[1:] = (key[1:] != key[:-1]) | (stamp[1:] != stamp[:-1])
    starts = np.flatnonzero(is_new)
    turn = np.arange(key.size) - np.repeat(starts, np.diff(np.append(starts, key.size)))
    boundary = -(-(stamp - EPOCH_S) // SLOT_S)
    columns = (key, boundary, received_s[order], delivery_no[order].astype(np.int64), turn)
    blocks, block_index = _grouped(columns)
    n_blocks = blocks.shape[1]
    total_ws, covered_s, peak_w = (np.zeros(n_blocks, dtype=np.int64) for _ in range(3))
    first_row = np.full(n_blocks, np.iinfo(np.int32).max, dtype=np.int64)
    np.add.at(total_ws, block_index, energy_ws[order])
    np.add.at(covered_s, block_index, interval_s[order].astype(np.int64))
    np.maximum.at(peak_w, block_index, energy_ws[order] // interval_s[order])
    np.minimum.at(first_row, block_index, row_no[order])
    whole = np.flatnonzero((covered_s >= COVERED_S_MIN) & (covered_s <= SLOT_S))
    whole = whole[np.lexsort((first_row[whole], blocks[3, whole], blocks[2, whole]))]
    rows = BlockRows(
        meter_no=(blocks[0, whole] // CHANNEL_END).astype(np.int32),
        channel_no=(blocks[0, whole] % CHANNEL_END).astype(np.int8),
        boundary=blocks[1, whole].astype(np.int32),
        reading=total_ws[whole] * SLOT_S // (covered_s[whole] * WS_PER_WH),
        received_s=blocks[2, whole],
        delivery_no=blocks[3, whole].astype(np.int32),
        row_no=first_row[whole].astype(np.int32),
    )
    peaks = PeakRows(
        meter_no=(blocks[0] // CHANNEL_END).astype(np.int32),
        channel_no=(blocks[0] % CHANNEL_END).astype(np.int8),
        boundary=blocks[1].astype(np.int32),
        peak_w=peak_w,
    )
    return rows, peaks


def _grouped(columns: tuple[NDArray[np.int64], ...]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """List the different rows of columns, shape (n_columns, n_different), and which of them each row is."""
    sorted_index = np.lexsort(columns[::-1])
    told = np.stack([column[sorted_index] for column in columns])
    is_first = np.ones(sorted_index.size, dtype=np.bool_)
    is_first[1:] = (told[:, 1:] != told[:, :-1]).any(axis=0)
    group_index = np.empty(sorted_index.size, dtype=np.intp)
    group_index[sorted_index] = np.cumsum(is_first) - 1
    return told[:, is_first], group_index
