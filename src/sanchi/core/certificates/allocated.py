"""What matching decided on one market-day, as rows: who got which Wh of which home, and at which prices.

Enter: columns. Leave: AllocatedEnergy, checked once and frozen. Not here: matching; money (settlement).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.totals import total_energy

# What no choice took: the standard offer for surplus, kept by the value's owner for self-consumption.
REST_CHOICE_NO: Final = 0


class UnfitAllocation(WrongInput):
    """Columns of allocated energy break their definition."""


_DTYPES: Final = (
    ("kind_no", np.int8), ("home_no", np.int32), ("slot_no", np.int8), ("choice_no", np.int8),
    ("holder_no", np.int32), ("energy_wh", np.int64), ("home_price_sen_per_kwh", np.int64),
    ("buyer_price_sen_per_kwh", np.int64),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedEnergy:
    """Rows of one market-day in any order; equal-length arrays of shape (n_rows,) that become read-only.

    choice_no : 1.. = the home's choice, 0 = the rest, which no buyer pays for; energy_wh : above 0 [Wh].
    holder_no : who gets the certificate; home_price, buyer_price : what the payee gets and the holder pays.
    Raises: UnfitAllocation.
    """

    kind_no: NDArray[np.int8]
    home_no: NDArray[np.int32]
    slot_no: NDArray[np.int8]
    choice_no: NDArray[np.int8]
    holder_no: NDArray[np.int32]
    energy_wh: NDArray[np.int64]
    home_price_sen_per_kwh: NDArray[np.int64]
    buyer_price_sen_per_kwh: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check types, lengths and ranges; then freeze."""
        for name, dtype in _DTYPES:
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (self.row_count,):
                expected = f"expected {np.dtype(dtype)} of shape ({self.row_count},)"
                raise UnfitAllocation(f"{name}: {array.dtype} of shape {array.shape}, {expected}.")
            array.setflags(write=False)
        is_rest = self.choice_no == REST_CHOICE_NO
        is_kept = is_rest & (self.kind_no == CertificateKind.SELF_CONSUMPTION)
        self._refuse(self.energy_wh <= 0, "energy_wh has to be above 0", "Leave rows of 0 Wh out.")
        self._refuse((self.slot_no < 1) | (self.slot_no > SLOTS_PER_DAY), "slot_no has to be 1..48", "")
        self._refuse(~np.isin(self.kind_no, list(CertificateKind)), "kind_no has to be 1 or 2", "")
        self._refuse(self.choice_no < REST_CHOICE_NO, "choice_no has to be 0 or more", "")
        self._refuse(self.home_price_sen_per_kwh < 0, "home_price_sen_per_kwh is below 0", "")
        self._refuse(self.buyer_price_sen_per_kwh < 0, "buyer_price_sen_per_kwh is below 0", "")
        self._refuse(
            (is_rest & (self.buyer_price_sen_per_kwh > 0)) | (is_kept & (self.home_price_sen_per_kwh > 0)),
            "the rest has a price that nobody pays",
            "The rest has no buyer's price, and kept self-consumption no price at all.",
        )

    def _refuse(self, is_wrong: NDArray[np.bool_], what: str, hint: str) -> None:
        """Raise with the first wrong row, if there is one."""
        if is_wrong.any():
            row = int(np.argmax(is_wrong))
            found = ", ".join(f"{name} {getattr(self, name)[row]}" for name, _ in _DTYPES)
            raise UnfitAllocation(f"row {row}: {what}; found {found}.", hint=hint)

    @classmethod
    def joined(cls, parts: Sequence["AllocatedEnergy"]) -> "AllocatedEnergy":
        """Put several values one behind the other; no part gives no rows."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])
            for name, dtype in _DTYPES
        }
        return cls(**columns)

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.energy_wh.shape[0])

    def take(self, positions: NDArray[np.intp] | NDArray[np.bool_]) -> "AllocatedEnergy":
        """Take rows by position or by mask of shape (n_rows,)."""
        columns: dict[str, Any] = {name: getattr(self, name)[positions] for name, _ in _DTYPES}
        return AllocatedEnergy(**columns)

    def of_home(self, home_no: int) -> "AllocatedEnergy":
        """Take the rows of one home."""
        return self.take(self.home_no == home_no)

    def without_home(self, home_no: int) -> "AllocatedEnergy":
        """Take the rows of all other homes."""
        return self.take(self.home_no != home_no)

    def of_kind(self, kind: CertificateKind) -> "AllocatedEnergy":
        """Take the rows of one kind."""
        return self.take(self.kind_no == kind)

    def bought_wh(self, kind: CertificateKind) -> int:
        """Add up what the homes' choices took of a kind, without the rest [Wh]."""
        return int(self.energy_wh[(self.kind_no == kind) & (self.choice_no > REST_CHOICE_NO)].sum())

    def bought_by_buyer_wh(self) -> dict[tuple[int, int], int]:
        """Add up what the homes' choices took, by (kind_no, holder_no) [Wh]."""
        bought = self.take(self.choice_no > REST_CHOICE_NO).totals_by("kind_no", "holder_no")
        return {(kind_no, holder_no): energy_wh for (kind_no, holder_no), energy_wh in bought.items()}

    def totals_by(self, *column_names: str) -> dict[tuple[int, ...], int]:
        """Add the energy up per combination of columns [Wh], in ascending order.

        For example totals_by("home_no", "kind_no")[home_no, kind_no].
        """
        return total_energy([getattr(self, name) for name in column_names], self.energy_wh).as_dict()
