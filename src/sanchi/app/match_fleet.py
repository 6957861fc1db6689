"""Match a whole market-day of a fleet: read, close each slot, write each block, check, publish.

Enter: the stages as the edge offers them. Leaves: a FleetReport. Not here: files, workers, any energy of one home.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from sanchi.core.base.errors import SanchiError
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.kernel import Engine, IntArray


class NotConserved(SanchiError):
    """Energy in is not energy out; nothing was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOrder:
    """What to match, where to put it and on what: n_workers threads, or as many processes, or a Dask cluster."""

    fleet_location: str
    out_location: str
    delivery_date: date
    n_workers: int
    on_processes: bool = False
    cluster_address: str | None = None
    engine: Engine | None = None
    with_standard_offer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReport:
    """What a run did; energies of the whole day [Wh].

    cpu_s, peak_memory_bytes : of this process and its worker processes, the memory of the largest one of them; a
    cluster's workers are not counted.
    """

    n_homes: int
    n_buyers: int
    n_slots_with_sun: int
    n_allocation_rows: int
    supplied_wh: int
    matched_wh: int
    standard_offer_wh: int
    n_closings: int
    stage_s: dict[str, float]
    cpu_s: float
    peak_memory_bytes: int


class FleetStages(Protocol):
    """One run, stage by stage; each stage needs those before it."""

    def read(self) -> tuple[IntArray, IntArray]:
        """Read and check everything; give supply (48,) and capacity (48, n_buyers), int64 [Wh]."""

    def close_slots(self) -> IntArray:
        """Close the slots and write the table; give closing_t32, int64 (48, n_buyers)."""

    def write_blocks(self) -> IntArray:
        """Write the allocation; give taken_wh, int64 (48, n_buyers + 1) [Wh], the standard offer last."""

    def publish(self) -> None:
        """Write the manifest: from now on readers find the result."""

    def report(self, *, supplied_wh: int, matched_wh: int, standard_offer_wh: int, n_closings: int) -> FleetReport:
        """Add what the run cost."""


def match_fleet(stages: FleetStages) -> FleetReport:
    """Match a market-day; nothing is published unless every Wh is accounted for. Raises: NotConserved."""
    supply_wh, capacity_wh = stages.read()
    closing_t32 = stages.close_slots()
    taken_wh = stages.write_blocks()
    check_conserved(supply_wh, capacity_wh, taken_wh)
    stages.publish()
    return stages.report(
        supplied_wh=int(supply_wh.sum()),
        matched_wh=int(taken_wh[:, :-1].sum()),
        standard_offer_wh=int(taken_wh[:, -1].sum()),
        n_closings=int(np.count_nonzero(closing_t32 < NEVER_CLOSED_T32)),
    )


def check_conserved(supply_wh: IntArray, capacity_wh: IntArray, taken_wh: IntArray) -> None:
    """Refuse a result where supply is not matched + standard offer, or a buyer has more than its capacity."""
    is_off = supply_wh != taken_wh.sum(axis=1)
    is_off |= (taken_wh < 0).any(axis=1) | (taken_wh[:, :-1] > capacity_wh).any(axis=1)
    if is_off.any():
        slot_index = int(is_off.argmax())
        raise NotConserved(
            f"slot {slot_index + 1}: {supply_wh[slot_index]} Wh were supplied, {taken_wh[slot_index].sum()} Wh "
            f"given out, expected the same and no buyer above its capacity.",
            hint="Nothing was published. Please report this: it is a fault of sanchi or of the machine.",
        )
