"""The measured homes, as whole Wh in days of 48 slots, and gaps drawn from stretches that are complete.

Enters: the parquet file. Leave: Homes, positions of gaps. Not here: filling them.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY, day_ordinal

FIRST_DATE = date(2012, 1, 2)
N_DAYS = 800
# As far as the like days of a recovered gap may lie.
COMPLETE_DAYS = 21


@dataclass(frozen=True, kw_only=True)
class Homes:
    """Arrays of shape (n_homes, n_slots) from FIRST_DATE on; 0 Wh where not measured. mean_wh : of a home's slots."""

    energy_wh: NDArray[np.int64]
    is_measured: NDArray[np.bool_]
    mean_wh: NDArray[np.float64]

    @property
    def n_homes(self) -> int:
        """Count the homes."""
        return self.energy_wh.shape[0]

    @property
    def first_day(self) -> int:
        """Give the ordinal of FIRST_DATE."""
        return day_ordinal(FIRST_DATE)


def read_homes(path: Path) -> Homes:
    """Read the general supply of each home, in the order of the homes' numbers, rounded to the Wh."""
    table = pq.read_table(path, columns=["customer_id", "reading_datetime", "general_supply_kwh"])
    names, home_index = np.unique(np.array(table["customer_id"].to_pylist()), return_inverse=True)
    minutes = (table["reading_datetime"].to_numpy() - np.datetime64(FIRST_DATE)).astype("timedelta64[m]")
    slot = minutes.astype(np.int64) // 30
    energy_wh = np.zeros((names.size, N_DAYS * SLOTS_PER_DAY), dtype=np.int64)
    is_measured = np.zeros(energy_wh.shape, dtype=np.bool_)
    energy_wh[home_index, slot] = np.rint(table["general_supply_kwh"].to_numpy() * 1000)
    is_measured[home_index, slot] = True
    return Homes(energy_wh=energy_wh, is_measured=is_measured, mean_wh=energy_wh.sum(axis=1) / is_measured.sum(axis=1))


def draw_gaps(homes: Homes, home_indexes: list[int], n_slots: int, n_gaps: int, seed: int) -> list[tuple[int, int]]:
    """Draw (home, first slot) evenly from all where the gap's days and 21 days on either side are complete."""
    days_needed = COMPLETE_DAYS + 2 + -(-n_slots // SLOTS_PER_DAY)
    first = np.arange(COMPLETE_DAYS * SLOTS_PER_DAY, (N_DAYS - days_needed) * SLOTS_PER_DAY)
    begin = (first // SLOTS_PER_DAY - COMPLETE_DAYS) * SLOTS_PER_DAY
    end = ((first + n_slots - 1) // SLOTS_PER_DAY + COMPLETE_DAYS + 1) * SLOTS_PER_DAY
    fitting = []
    for home in home_indexes:
        lost = np.concatenate([[0], np.cumsum(~homes.is_measured[home])])
        fitting += [(home, int(slot)) for slot in first[lost[end] == lost[begin]]]
    rng = np.random.default_rng([seed, n_slots])
    return [fitting[n] for n in rng.choice(len(fitting), n_gaps, replace=False)]
