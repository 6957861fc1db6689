"""Energy added up per combination of columns: the one grouping of certificates and accruals.

Enter: equal-length integer columns. Leave: distinct combinations in order, with sums. Not here: meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntColumn = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyTotals:
    """Distinct combinations in ascending order, one array a column, and their energy [Wh]."""

    columns: tuple[IntColumn, ...]
    energy_wh: NDArray[np.int64]

    def as_dict(self) -> dict[tuple[int, ...], int]:
        """Give the sums by combination as plain integers, in ascending order."""
        combinations = zip(*(column.tolist() for column in self.columns), strict=True)
        return dict(zip(combinations, self.energy_wh.tolist(), strict=True))


def total_energy(columns: Sequence[IntColumn], energy_wh: NDArray[np.int64]) -> EnergyTotals:
    """Add energy up per combination of the columns.

    columns : integer arrays of shape (n,), the first one sorts first; energy_wh : int64 (n,) [Wh], any sign.
    """
    order = np.lexsort(tuple(reversed(columns)))
    in_order = [column[order] for column in columns]
    firsts = first_rows(in_order)
    totals = EnergyTotals(
        columns=tuple(column[firsts] for column in in_order),
        energy_wh=np.add.reduceat(energy_wh[order], firsts),
    )
    assert totals.energy_wh.sum() == energy_wh.sum(), "grouping lost energy"
    return totals


def first_rows(columns: Sequence[IntColumn]) -> NDArray[np.intp]:
    """Give the positions at which sorted columns begin a new combination."""
    begins = np.ones(len(columns[0]), dtype=np.bool_)
    begins[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return np.flatnonzero(begins)
