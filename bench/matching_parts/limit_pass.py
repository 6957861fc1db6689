"""The limit of any kernel: one compiled pass that reads each home's supply and choices and writes its parts.

Enters and leaves: arrays. Not here: any rule; the pass gives a first choice all, exactly and unfairly.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def one_pass(supply_wh: np.ndarray, choice_buyer_index: np.ndarray, parts_wh: np.ndarray, intake_wh: np.ndarray) -> int:
    """Write parts of shape (n_slots, n_homes, k_max) and sums of shape (n_slots, n_buyers); give the total [Wh]."""
    total_wh = 0
    for slot in range(supply_wh.shape[0]):
        for home in range(supply_wh.shape[1]):
            left_wh = supply_wh[slot, home]
            for choice in range(choice_buyer_index.shape[1]):
                buyer = choice_buyer_index[home, choice]
                part_wh = left_wh if buyer >= 0 else 0
                parts_wh[slot, home, choice] = part_wh
                intake_wh[slot, max(buyer, 0)] += part_wh
                left_wh -= part_wh
            total_wh += supply_wh[slot, home] - left_wh
    return total_wh


@numba.njit(cache=True, nogil=True)
def total_wh(supply_wh: np.ndarray) -> int:
    """Read a column once."""
    total = 0
    for row in range(len(supply_wh)):
        total += supply_wh[row]
    return total
