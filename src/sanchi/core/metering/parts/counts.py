"""Counts of a register read every minute, five or fifteen: a slot needs those at the half hours alone.

Enter: counts at any second. Leave: which of them stand at a half hour, and counts that their neighbours prove.
Not here: energies (see registers), counts that nobody knows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.intake import EPOCH_S
from sanchi.core.metering.parts.rows import SLOT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryCounts:
    """What counts say about half hours.

    at_boundary_index : positions of the rows that stand at a half hour; all other rows are passed over, and
    at_boundary_index.size + passed_over_count = rows.
    proven_index : positions of rows whose count is proven for proven_boundary as well, where no row stands: the
    next counts within a slot before and after it are equal, and a register does not fall in between. It is the
    later one of the two, so that time of receipt and row tell when the proof was there. Elsewhere nothing is
    taken for a missing count: its two slots stay a gap whose energy the counts at its ends tell.
    """

    at_boundary_index: NDArray[np.intp]
    passed_over_count: int
    proven_index: NDArray[np.intp]
    proven_boundary: NDArray[np.int32]


def counts_at_boundaries(
    series_key: NDArray[np.int64], stamp_s: NDArray[np.int64], reading: NDArray[np.int64]
) -> BoundaryCounts:
    """Choose the counts that half hours need; rows in any order, every version of each.

    A proof needs all versions of both neighbours to agree, and takes the last row of them.
    """
    since_s = stamp_s - EPOCH_S
    is_at_boundary = since_s % SLOT_S == 0
    order = np.lexsort((np.arange(stamp_s.size), since_s, series_key))
    series, at_s, count = series_key[order], since_s[order], reading[order]
    earlier, later = slice(None, -1), slice(1, None)
    # The half hour that lies strictly between two neighbours, where there is exactly one.
    boundary = at_s[earlier] // SLOT_S + 1
    is_proven = (
        (series[earlier] == series[later])
        & (count[earlier] == count[later])
        & (boundary * SLOT_S < at_s[later])
        & (at_s[later] < (boundary + 1) * SLOT_S)
    )
    is_disputed = _differs_from_a_version(series, at_s, count)
    proven = np.flatnonzero(is_proven & ~is_disputed[earlier] & ~is_disputed[later])
    # Several versions of the later neighbour follow one another; the last one stands for all.
    last = np.searchsorted(_cells(series, at_s), _cells(series, at_s)[proven + 1], side="right") - 1
    return BoundaryCounts(
        at_boundary_index=np.flatnonzero(is_at_boundary),
        passed_over_count=int(np.count_nonzero(~is_at_boundary)),
        proven_index=order[last],
        proven_boundary=boundary[proven].astype(np.int32),
    )


def _differs_from_a_version(
    series: NDArray[np.int64], at_s: NDArray[np.int64], count: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell, in ordered rows, whose series and stamp have another count as well."""
    cells = _cells(series, at_s)
    differs = np.flatnonzero((cells[1:] == cells[:-1]) & (count[1:] != count[:-1]))
    return np.isin(cells, cells[differs])


def _cells(series: NDArray[np.int64], at_s: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give each pair of series and stamp in ordered rows its number, from 0."""
    is_new = np.ones(series.size, dtype=np.bool_)
    is_new[1:] = (series[1:] != series[:-1]) | (at_s[1:] != at_s[:-1])
    return np.cumsum(is_new) - 1
