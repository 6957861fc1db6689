"""Rows that came twice because sanchi asked twice: the end of one round of a cloud as the beginning of the next.

Enter: the rows of a connector as they arrived. Leaves: a mask. Not here: what devices and clouds deliver twice.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.readings import ReadingRows

# A cloud that is resumed by a time of upload is asked for the last one again, as more may have come in it. Of such a
# connector nearly every round begins so; where hardly any does, what looks alike is another thing.
USUAL_SHARE: Final = 2  # at least half of its rounds
ROUNDS_COUNT_MIN: Final = 4


def asked_again(rows: ReadingRows, index: NDArray[np.intp]) -> NDArray[np.intp]:
    """List the rows of one connector that open a round and closed the one before; positions in rows.

    index : the rows of the connector. Of a round that begins with k rows that are the last k of the round before, in
    their order, these k rows tell nothing; k is the largest there is.
    """
    order = index[np.lexsort((rows.row_no[index], rows.delivery_no[index], rows.received_s[index]))]
    told = np.stack([rows.series_key[order], rows.boundary[order].astype(np.int64), rows.reading[order]])
    _, content = np.unique(told, axis=1, return_inverse=True)
    received_s = rows.received_s[order]
    edges = [0, *(np.flatnonzero(np.diff(received_s)) + 1).tolist(), order.size]
    rounds = [content.reshape(-1)[begin:end].tolist() for begin, end in pairwise(edges)]
    shared = [_shared_count(before, after) for before, after in pairwise(rounds)]
    n_shared = sum(count > 0 for count in shared)
    if len(shared) < ROUNDS_COUNT_MIN or n_shared * USUAL_SHARE < len(shared):
        return np.empty(0, dtype=np.intp)
    again = [order[begin : begin + count] for begin, count in zip(edges[1:-1], shared, strict=True)]
    return np.concatenate([np.empty(0, dtype=np.intp), *again])


def _shared_count(before: Sequence[int], after: Sequence[int]) -> int:
    """Give the largest k for which the last k of one sequence are the first k of the other.

    >>> _shared_count([1, 2, 3], [2, 3, 4])
    2
    """
    if not before:
        return 0
    ends = [place + 1 for place, content in enumerate(after[: len(before)]) if content == before[-1]]
    return max((count for count in ends if before[-count:] == after[:count]), default=0)
