"""Choose, of several readings with the same meter, channel and boundary, the one in force.

Enter: ReadingRows with every version. Leave: positions of those in force. Not here: what readings mean, and which
of two meters counts that measure the same energy by different ways (siblings).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.readings import BOUNDARY_END, ReadingRows

# The rule table of versions (docs/reference/vee.md): the first column in which two differ decides, the larger wins.
# Deliveries number their rows, so two rows of a store never tie; the reading makes the order total for all others.
PRECEDENCE: Final = ("stage_no", "source_no", "received_s", "delivery_no", "row_no", "reading")


def positions_in_force(rows: ReadingRows) -> NDArray[np.intp]:
    """Find the version of each reading that PRECEDENCE puts first.

    Returns: positions in rows, in any order; every other row is superseded.
    """
    cell = rows.series_key * BOUNDARY_END + rows.boundary
    ordered = np.sort(cell, kind="stable")
    if not np.any(ordered[1:] == ordered[:-1]):
        # The usual day has one version of everything, so the full order below is not needed.
        return np.arange(rows.row_count)
    # Of the keys of lexsort the last one is the first to decide.
    order = np.lexsort((*(getattr(rows, name) for name in reversed(PRECEDENCE)), cell))
    is_last = np.append(cell[order][1:] != cell[order][:-1], np.True_)
    return np.asarray(order[is_last], dtype=np.intp)
