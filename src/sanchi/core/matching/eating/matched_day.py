"""Simultaneous eating: all homes pour their supply at once into their best open buyer.

Enters: DayMatchInput. Leaves: DayMatch, the published table and the parts. Not here: prices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.eating.choice_tree import build_choice_tree
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.eating.numpy_engine import numpy_parts, numpy_slot_table
from sanchi.core.matching.eating.parts import write_day_parts
from sanchi.core.matching.eating.slot_table import write_slot_tables
from sanchi.core.matching.kernel import Engine, IntArray, default_engine, read_only
from sanchi.core.matching.offers import DayMatchInput, choosers_by_buyer
from sanchi.core.matching.phase import day_salts, home_words, phase_of_word


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMatch:
    """The result of one kind of one market-day; arrays are read-only.

    closing_t32 : int64 (48, n_buyers), 2^-32 of the slot, 2^32 = never closed.
    rounding_phi60 : int64 (48, n_buyers), 2^-60 Wh; both together are the published table.
    parts_wh : int64 (48, n_homes, k_max) [Wh], to the buyer of each choice.
    """

    day: DayMatchInput
    closing_t32: IntArray
    rounding_phi60: IntArray
    parts_wh: IntArray

    @property
    def rest_wh(self) -> IntArray:
        """Give what no choice took, int64 array of shape (48, n_homes) [Wh]."""
        rest_wh = self.day.supply_wh.copy()
        # One choice after the other is many times faster than a sum over so short an axis.
        for choice in range(self.parts_wh.shape[2]):
            rest_wh -= self.parts_wh[:, :, choice]
        return rest_wh

    @property
    def intake_wh(self) -> IntArray:
        """Give what each buyer got, int64 array of shape (48, n_buyers) [Wh]."""
        choosers = choosers_by_buyer(self.day.choice_buyer_index, self.day.n_buyers)
        n_slots, n_homes, k_max = self.parts_wh.shape
        in_rows_wh = self.parts_wh.reshape(n_slots, n_homes * k_max)
        running_wh = np.zeros((n_slots, n_homes * k_max + 1), dtype=np.int64)
        by_buyer_wh = in_rows_wh.take(choosers.home_index * k_max + choosers.choice_index, axis=1)
        by_buyer_wh.cumsum(axis=1, out=running_wh[:, 1:])
        return running_wh[:, choosers.buyer_first_index[1:]] - running_wh[:, choosers.buyer_first_index[:-1]]


def match_day(day: DayMatchInput, *, engine: Engine | None = None) -> DayMatch:
    """Match one day: closing times from sums, rounding numbers from phases, parts from both.

    Each home eats at a speed proportional to its supply; a buyer closes when its capacity is full.
    engine : None = Numba, or NumPy where Numba cannot be imported; both give the same numbers.
    Source: Bogomolnaia & Moulin, "A new solution to the random assignment problem", 2001 (probabilistic
    serial), for divisible goods with supplies as weights; integers as in docs/decisions/0002.
    """
    engine = engine or default_engine()
    closing_t32 = np.full_like(day.capacity_wh, NEVER_CLOSED_T32)
    rounding_phi60 = np.zeros_like(day.capacity_wh)
    # At night nothing is supplied: no buyer closes, no number is rounded, nobody gives a part.
    slot_index = np.flatnonzero(day.supply_wh.any(axis=1))
    words, salts = home_words(day.home_key), day_salts(day.delivery_date)
    if engine is Engine.NUMPY:
        parts_wh = _match_in_numpy(day, slot_index, words, salts, closing_t32, rounding_phi60)
    else:
        parts_wh = _match_in_numba(day, slot_index, words, salts, closing_t32, rounding_phi60)
    for array in (closing_t32, rounding_phi60, parts_wh):
        array.setflags(write=False)
    match = DayMatch(day=day, closing_t32=closing_t32, rounding_phi60=rounding_phi60, parts_wh=parts_wh)
    assert (parts_wh >= 0).all(), "a part is negative"
    assert (match.rest_wh >= 0).all(), "a home gave more than its supply"
    assert (match.intake_wh <= day.capacity_wh).all(), "a buyer got more than its capacity"
    return match


def _match_in_numba(
    day: DayMatchInput,
    slot_index: IntArray,
    words: NDArray[np.uint64],
    salts: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> IntArray:
    """Write the table by a walk of the tree and give the parts."""
    tree = build_choice_tree(day.choice_buyer_index, day.n_buyers)
    supply_wh = day.supply_wh.take(tree.home_order, axis=1).astype(np.int32)
    write_slot_tables(
        slot_index,
        tree.node_index,
        tree.n_roots,
        tree.buyer_first_index,
        read_only(supply_wh),
        day.capacity_wh,
        read_only(words[tree.home_order]),
        read_only(salts),
        closing_t32,
        rounding_phi60,
    )
    parts_wh = np.zeros((SLOTS_PER_DAY, *day.choice_buyer_index.shape), dtype=np.int64)
    write_day_parts(
        slot_index, day.supply_wh, day.choice_buyer_index, closing_t32, rounding_phi60, words, salts, parts_wh
    )
    return parts_wh


def _match_in_numpy(
    day: DayMatchInput,
    slot_index: IntArray,
    words: NDArray[np.uint64],
    salts: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> IntArray:
    """Write the table slot by slot and give the parts."""
    for slot in slot_index:
        closing_t32[slot], rounding_phi60[slot] = numpy_slot_table(
            day.choice_buyer_index, day.supply_wh[slot], day.capacity_wh[slot], words, salts[slot]
        )
    phase_u60 = phase_of_word(words[:, None], salts).astype(np.int64)
    parts_wh = numpy_parts(day.supply_wh.T, day.choice_buyer_index, phase_u60, closing_t32.T, rounding_phi60.T)
    return np.ascontiguousarray(parts_wh.transpose(1, 0, 2))
