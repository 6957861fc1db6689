"""The watt-hours of one beneficiary's claims, by half hour, roof and serials, and their sums.

Enter: columns of claimed serials. Leave: ClaimedRows, sums in whole Wh. Not here: names, words, and how rows are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY, day_ordinal


class UnfitClaim(WrongInput):
    """Columns of claimed serials that break their definition."""


_DTYPES: Final = (
    ("day_no", np.int64), ("slot_no", np.int64), ("kind_no", np.int64), ("home_no", np.int64),
    ("certificate_id", np.object_), ("lo_wh", np.int64), ("hi_wh", np.int64), ("is_estimated", np.bool_),
    ("claim_no", np.int64),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRows:
    """Serials [lo_wh, hi_wh) that were used up, each of one half hour; equal-length arrays, made read-only.

    day_no : days since EPOCH_DATE; is_estimated : the half hour was not measured as such, its shape was estimated.
    Raises: UnfitClaim.
    """

    day_no: NDArray[np.int64]
    slot_no: NDArray[np.int64]
    kind_no: NDArray[np.int64]
    home_no: NDArray[np.int64]
    certificate_id: NDArray[np.object_]
    lo_wh: NDArray[np.int64]
    hi_wh: NDArray[np.int64]
    is_estimated: NDArray[np.bool_]
    claim_no: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check types, lengths and ranges; then freeze."""
        for name, dtype in _DTYPES:
            column = getattr(self, name)
            if column.dtype != dtype or column.shape != self.lo_wh.shape:
                raise UnfitClaim(f"{name}: {column.dtype} of shape {column.shape}, expected {np.dtype(dtype)}.")
            column.setflags(write=False)
        if (self.hi_wh <= self.lo_wh).any() or (self.slot_no < 1).any() or (self.slot_no > SLOTS_PER_DAY).any():
            raise UnfitClaim(f"serials without watt-hours, or a slot outside 1..{SLOTS_PER_DAY}.")

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]]) -> "ClaimedRows":
        """Make the columns of rows in the order of the fields; no row gives empty columns."""
        by_column = zip(*rows, strict=True) if rows else ((),) * len(_DTYPES)
        columns: dict[str, Any] = {
            name: np.array(list(values), dtype=dtype) for (name, dtype), values in zip(_DTYPES, by_column, strict=True)
        }
        return cls(**columns)

    @property
    def energy_wh(self) -> NDArray[np.int64]:
        """Count the watt-hours of each row."""
        return self.hi_wh - self.lo_wh

    @property
    def total_wh(self) -> int:
        """Count all watt-hours."""
        return int(self.energy_wh.sum())

    def taken(self, mask: NDArray[np.bool_]) -> "ClaimedRows":
        """Keep some of the rows."""
        columns: dict[str, Any] = {name: getattr(self, name)[mask] for name, _dtype in _DTYPES}
        return ClaimedRows(**columns)

    def between(self, first_date: date, last_date: date) -> "ClaimedRows":
        """Keep the rows of some delivery dates, both ends included."""
        return self.taken((self.day_no >= day_ordinal(first_date)) & (self.day_no <= day_ordinal(last_date)))

    def before(self, first_date: date) -> "ClaimedRows":
        """Keep the rows of earlier delivery dates."""
        return self.taken(self.day_no < day_ordinal(first_date))

    def estimated(self) -> "ClaimedRows":
        """Keep the rows whose half hour was estimated."""
        return self.taken(self.is_estimated)

    def of_kind(self, kind: CertificateKind) -> "ClaimedRows":
        """Keep the rows of a kind."""
        return self.taken(self.kind_no == kind)

    def slot_matrix(self, first_date: date, n_days: int) -> NDArray[np.int64]:
        """Add up by day and slot: int64 array of shape (n_days, 48) [Wh]; all rows have to lie in these days."""
        matrix = np.zeros((n_days, SLOTS_PER_DAY), dtype=np.int64)
        # add.at adds int64 as int64; bincount with weights would go through floats.
        np.add.at(matrix, (self.day_no - day_ordinal(first_date), self.slot_no - 1), self.energy_wh)
        return matrix

    def totals_by(self, *names: str) -> dict[tuple[Any, ...], int]:
        """Add up by the values of some columns, in the order of these values [Wh]."""
        totals: dict[tuple[Any, ...], int] = {}
        keys = zip(*(getattr(self, name).tolist() for name in names), strict=True)
        for key, energy_wh in zip(keys, self.energy_wh.tolist(), strict=True):
            totals[key] = totals.get(key, 0) + energy_wh
        return dict(sorted(totals.items()))
