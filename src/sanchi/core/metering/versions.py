"""Choose, of several readings with the same meter, channel and boundary, the one in force.

Enter: ReadingRows with every version. Leave: positions of those in force. Not here: what readings mean.
"""

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.readings import BOUNDARY_END, ReadingRows


def positions_in_force(rows: ReadingRows) -> NDArray[np.intp]:
    """Find the latest version of each reading: received last, then delivered last, then the last row.

    Returns: positions in rows, in any order; every other row is superseded.
    """
    cell = rows.series_key * BOUNDARY_END + rows.boundary
    ordered = np.sort(cell, kind="stable")
    if not np.any(ordered[1:] == ordered[:-1]):
        # The usual day has one version of everything, so the full order below is not needed.
        return np.arange(rows.row_count)
    order = np.lexsort((rows.row_no, rows.delivery_no, rows.received_s, cell))
    is_last = np.append(cell[order][1:] != cell[order][:-1], np.True_)
    return np.asarray(order[is_last], dtype=np.intp)
