"""A digest of the readings that a close has read, so that its inputs stay told apart from what came later.

Enter: readings of a market. Leaves: sha256 hex. Not here: the digest of results (result_digest).
"""

from hashlib import sha256
from typing import Final

import numpy as np

from sanchi.core.metering.readings import ReadingRows

# In the order of the digest; the first columns tell every row of a market from every other.
DIGESTED: Final = (
    "delivery_no", "row_no", "channel_no", "boundary", "meter_no", "reading", "received_s", "source_no", "stage_no",
)  # fmt: skip


def readings_digest(rows: ReadingRows) -> str:
    """Digest rows in the order of their deliveries, whatever order they stand in; little-endian int64, row by row."""
    columns = [getattr(rows, name).astype("<i8") for name in DIGESTED]
    order = np.lexsort([columns[n] for n in (3, 2, 1, 0)])
    return sha256(np.ascontiguousarray(np.stack(columns, axis=1)[order]).tobytes()).hexdigest()
