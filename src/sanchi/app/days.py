"""What closing a market-day produces, as one value that a store saves or gives back whole.

Enters and leaves: frozen records over core arrays. Not here: the steps that make them (close_day).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode
from sanchi.core.certificates.allocated import AllocatedEnergy


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDay:
    """Where one delivery date stands."""

    delivery_date: date
    revision_in_force: int
    is_finalised: bool
    is_stale: bool
    result_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEnergyTable:
    """Balanced slot energy of the homes of a day; every array has shape (n_homes, 48), energies in [Wh]."""

    home_no: NDArray[np.int32]
    import_wh: NDArray[np.int64]
    export_wh: NDArray[np.int64]
    pv_wh: NDArray[np.int64]
    charge_wh: NDArray[np.int64]
    discharge_wh: NDArray[np.int64]
    export_pv_wh: NDArray[np.int64]
    grid_export_wh: NDArray[np.int64]
    charge_pv_wh: NDArray[np.int64]
    self_wh: NDArray[np.int64]
    surplus_offered_wh: NDArray[np.int64]
    self_offered_wh: NDArray[np.int64]
    surplus_withheld_wh: NDArray[np.int64]
    self_withheld_wh: NDArray[np.int64]
    import_quality: NDArray[np.int8]
    export_quality: NDArray[np.int8]
    pv_quality: NDArray[np.int8]
    ct_meter_residual_wh: NDArray[np.int64]  # shape (n_homes,)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerUseTable:
    """Metered use of the buyers of a day; arrays of shape (n_buyers, 48)."""

    buyer_no: NDArray[np.int32]
    use_wh: NDArray[np.int64]
    use_quality: NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingTable:
    """The published table of a day: one row per kind, slot and buyer (equal-length columns)."""

    kind_no: NDArray[np.int8]
    slot_no: NDArray[np.int8]
    buyer_no: NDArray[np.int32]
    capacity_wh: NDArray[np.int64]
    closing_t32: NDArray[np.int64]
    rounding_phi60: NDArray[np.int64]


_PASSED_ON: Final = {
    "kind_no": np.int8, "slot_no": np.int8, "home_no": np.int32, "owner_no": np.int32, "tenant_no": np.int32,
    "energy_wh": np.int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOnTable:
    """What owners passed on of each home to each tenant, in the order of the columns; no row of 0 Wh.

    What an owner kept is no row: it is the home's allocation to the owner less the rows.
    """

    kind_no: NDArray[np.int8]
    slot_no: NDArray[np.int8]
    home_no: NDArray[np.int32]
    owner_no: NDArray[np.int32]
    tenant_no: NDArray[np.int32]
    energy_wh: NDArray[np.int64]

    @classmethod
    def empty(cls) -> "PassedOnTable":
        """Give no rows."""
        return cls.joined([])

    @classmethod
    def joined(cls, parts: Sequence["PassedOnTable"]) -> "PassedOnTable":
        """Put several values one behind the other; no part gives no rows."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])
            for name, dtype in _PASSED_ON.items()
        }
        return cls(**columns)

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.energy_wh.size)

    def take(self, positions: NDArray[np.intp] | NDArray[np.bool_]) -> "PassedOnTable":
        """Take rows by position or by mask of shape (n_rows,)."""
        columns: dict[str, Any] = {name: getattr(self, name)[positions] for name in _PASSED_ON}
        return PassedOnTable(**columns)

    def with_energy_wh(self, energy_wh: NDArray[np.int64]) -> "PassedOnTable":
        """Give the rows with other energies; rows that come to 0 Wh are left out."""
        return replace(self, energy_wh=energy_wh).take(energy_wh > 0)


_SLOT_VALUES: Final = {
    "party_no": np.int32, "meter_no": np.int32, "channel_no": np.int8, "slot_no": np.int8, "energy_wh": np.int64,
    "quality": np.int8, "method_no": np.int8, "source_no": np.int8, "stage_no": np.int8, "original_wh": np.int64,
    "rule_wh": np.int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotValueTable:
    """Where the energy of each slot comes from: one row an energy and slot, of the meter that counts in it.

    A party's rows of a channel add up to its energy. source_no, stage_no : 0 = no reading made the energy.
    original_wh : what the meter's own reading says before any rule, -1 = nothing; rule_wh : what the rules give,
    other than energy_wh where an operator decided.
    """

    party_no: NDArray[np.int32]
    meter_no: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    slot_no: NDArray[np.int8]
    energy_wh: NDArray[np.int64]
    quality: NDArray[np.int8]
    method_no: NDArray[np.int8]
    source_no: NDArray[np.int8]
    stage_no: NDArray[np.int8]
    original_wh: NDArray[np.int64]
    rule_wh: NDArray[np.int64]

    @classmethod
    def empty(cls) -> "SlotValueTable":
        """Give no rows."""
        return cls.joined([])

    @classmethod
    def joined(cls, parts: Sequence["SlotValueTable"]) -> "SlotValueTable":
        """Put several values together, ordered by party, channel, meter and slot."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])
            for name, dtype in _SLOT_VALUES.items()
        }
        order = np.lexsort([columns[name] for name in ("slot_no", "meter_no", "channel_no", "party_no")])
        return cls(**{name: column[order] for name, column in columns.items()})

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.energy_wh.size)

    def of_parties(self, party_no: NDArray[np.int32], *, others: bool = False) -> "SlotValueTable":
        """Take the rows of some parties, or of all others."""
        taken = np.isin(self.party_no, party_no, invert=others)
        columns: dict[str, Any] = {name: getattr(self, name)[taken] for name in _SLOT_VALUES}
        return SlotValueTable(**columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProblem:
    """A finding of a close, the party that it concerns (None = the whole market), and how many rows it sets aside."""

    party_no: int | None
    problem: Problem
    row_count: int


def in_order(problems: Iterable[DayProblem]) -> tuple[DayProblem, ...]:
    """Put rests over midnight last, in an order of their own: other days may add them, and a close finds the same."""
    told = tuple(problems)
    rests = [each for each in told if each.problem.code is ProblemCode.STOOD_STILL_OVER_MIDNIGHT]
    others = (each for each in told if each.problem.code is not ProblemCode.STOOD_STILL_OVER_MIDNIGHT)
    return (*others, *sorted(rests, key=lambda each: (each.party_no or 0, each.problem.where, each.problem.detail)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """What became of the day's readings: used + superseded + set aside = rows.

    readings_digest : of all those rows, every version, so that a close shows which readings it was made from.
    """

    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int
    readings_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """One revision of one market-day, complete but for certificates and money."""

    delivery_date: date
    revision: int
    is_home_only: bool
    result_digest: str
    row_counts: RowCounts
    slot_energy: SlotEnergyTable
    buyer_use: BuyerUseTable
    allocated: AllocatedEnergy
    closing: ClosingTable
    problems: tuple[DayProblem, ...]
    passed_on: PassedOnTable = field(default_factory=PassedOnTable.empty)
    slot_values: SlotValueTable = field(default_factory=SlotValueTable.empty)
