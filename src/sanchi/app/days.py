"""What closing a market-day produces, as one value that a store saves or gives back whole.

Enters and leaves: frozen records over core arrays. Not here: the steps that make them (close_day).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProblem:
    """A finding of a close, the party that it concerns (None = the whole market), and how many rows it sets aside."""

    party_no: int | None
    problem: Problem
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """What became of the day's readings: used + superseded + set aside = rows."""

    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int


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
