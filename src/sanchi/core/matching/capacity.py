"""What a buyer can take in each slot: its metered use, an agreed cap, or the smaller of both.

Enter: use, caps, what an earlier kind already delivered. Leaves: capacity. Not here: offers and their dates.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import IntArray

# A cap as large as this binds nobody: it is the largest supply that a slot may have.
NO_CAP_WH: Final = 2**46 - 1


def slot_capacity_wh(
    *, use_wh: IntArray, received_wh: IntArray, cap_wh: IntArray, follows_use: NDArray[np.bool_]
) -> IntArray:
    """Give what each buyer can still take.

    use_wh, received_wh : int64 arrays of shape (48, n_buyers) [Wh]; cap_wh : int64 (n_buyers,) [Wh], NO_CAP_WH
    where none is agreed; follows_use : bool (n_buyers,), False for a buyer of value alone, whose cap counts alone.
    Returns: int64 array of shape (48, n_buyers) [Wh], not negative.
    """
    assert (use_wh >= 0).all(), "a metered use is negative"
    still_used_wh = np.maximum(use_wh - received_wh, 0)
    capacity_wh: IntArray = np.where(follows_use, np.minimum(still_used_wh, cap_wh), cap_wh)
    return capacity_wh
