"""The second level after a correction: what an owner passed on of a home is cut back to what it still has of it.

Enter: rows home -> owner -> tenant as columns, and the new first level. Leave: the rows' new Wh. Not here: close.
"""

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import IntArray


def cut_to_parts(part_no: NDArray[np.int64], energy_wh: IntArray, new_part_wh: IntArray) -> IntArray:
    """Give what stays of each row when the parts of the first level that rows were passed on from change.

    part_no : int64 (n_rows,), which part a row comes of: one home's Wh of a kind and slot to one owner. Rows of a part
    stand together, the owner's first tenant first. energy_wh : int64 (n_rows,) [Wh].
    new_part_wh : int64 (n_parts,) [Wh], the parts as they are now.
    More Wh stay with the owner. Less Wh are taken from what the owner kept first, then from the last tenant to the
    first: what stays is the beginning of the line tenants, then owner.
    Returns: int64 (n_rows,) [Wh], 0..energy_wh; the owner keeps new_part_wh - their sum.
    """
    assert (energy_wh >= 0).all(), "a passed on row is negative"
    assert (new_part_wh >= 0).all(), "a part is negative"
    ends_wh = np.cumsum(energy_wh)
    is_first = np.diff(part_no, prepend=-1) != 0
    assert np.unique(part_no).size == is_first.sum(), "rows of a part do not stand together"
    before_part_wh = (ends_wh - energy_wh)[is_first][np.cumsum(is_first) - 1]
    before_wh = ends_wh - energy_wh - before_part_wh
    kept_wh: IntArray = np.clip(new_part_wh[part_no] - before_wh, 0, energy_wh)
    return kept_wh
