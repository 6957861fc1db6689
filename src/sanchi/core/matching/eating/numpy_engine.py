"""The rule of matching in NumPy and Python integers alone: no tree, no heap, no limbs, the same numbers.

Enter: choices, supplies, capacities, words, salts; or a table. Leave: a slot's table; parts. Not here: Numba.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import ChoiceArray, IntArray
from sanchi.core.matching.phase import phase_of_word

_END_T32: Final = 2**32
_WH_PHI60: Final = 2**60
_HIGHEST_PHI60: Final = 3 * _WH_PHI60
_TAKES_NOTHING_PHI60: Final = -4 * _WH_PHI60
_NOBODY: Final = -1


def numpy_slot_table(
    choices: ChoiceArray,
    supply_wh: ChoiceArray,
    capacity_wh: IntArray,
    home_word: NDArray[np.uint64],
    salt: np.uint64,
) -> tuple[IntArray, IntArray]:
    """Give closing times and rounding numbers of a slot; arguments as slot_table, homes in any one order."""
    return _SlotWalk(choices, supply_wh.astype(np.int64), capacity_wh, phase_of_word(home_word, salt)).table()


class _SlotWalk:
    """One slot on its way from its start to its end: where each home eats, and what eats at each buyer."""

    def __init__(
        self, choices: ChoiceArray, supply_wh: IntArray, capacity_wh: IntArray, phase_u60: NDArray[np.uint64]
    ) -> None:
        n_homes, n_buyers = len(supply_wh), len(capacity_wh)
        # A last column of nobody ends every list.
        self.choices = np.hstack([choices, np.full((n_homes, 1), _NOBODY, dtype=np.int32)])
        self.supply_wh = supply_wh
        self.capacities = capacity_wh.tolist()
        self.phase_u60 = phase_u60.astype(np.int64)
        self.choice = np.zeros(n_homes, dtype=np.int64)
        self.eats_at = self.choices[:, 0].copy()
        self.arrived_t32 = np.zeros(n_homes, dtype=np.int64)
        self.eaten = np.zeros(n_homes, dtype=np.int64)
        # Python integers: mass times ticks may exceed 64 bits.
        self.masses = [0] * n_buyers
        self.lates = [0] * n_buyers
        self.closing_t32 = np.full(n_buyers, _END_T32)
        self.rounding_phi60 = np.zeros(n_buyers, dtype=np.int64)
        # A buyer's next closing time, the end of the slot once it has closed.
        self.next_t32 = np.full(n_buyers, _END_T32)
        self.is_closed = np.zeros(n_buyers, dtype=np.bool_)
        self._add_mass(np.arange(n_homes), 0)

    def table(self) -> tuple[IntArray, IntArray]:
        """Close buyers in the order (closing time, buyer), then settle those that stay open."""
        while self.next_t32.size and self.next_t32.min() < _END_T32:
            buyer = int(self.next_t32.argmin())
            now_t32 = int(self.next_t32[buyer])
            self._settle(buyer, now_t32)
            self.closing_t32[buyer] = now_t32
            self.is_closed[buyer] = True
            self.next_t32[buyer] = _END_T32
            homes = np.flatnonzero(self.eats_at == buyer)
            self._move(homes)
            self._add_mass(homes, now_t32)
        for open_buyer in np.flatnonzero(~self.is_closed):
            self._settle(int(open_buyer), _END_T32)
        return self.closing_t32, self.rounding_phi60

    def _move(self, homes: IntArray) -> None:
        """Move homes to their next open choice, or to nobody."""
        while homes.size:
            self.choice[homes] += 1
            self.eats_at[homes] = self.choices[homes, self.choice[homes]]
            homes = homes[(self.eats_at[homes] != _NOBODY) & self.is_closed[self.eats_at[homes]]]

    def _add_mass(self, homes: IntArray, now_t32: int) -> None:
        """Let homes eat at their buyers from now on and bring forward when those close."""
        homes = homes[self.eats_at[homes] != _NOBODY]
        self.arrived_t32[homes] = now_t32
        homes = homes[self.supply_wh[homes] > 0]
        homes = homes[np.argsort(self.eats_at[homes], kind="stable")]
        buyers, firsts = np.unique(self.eats_at[homes], return_index=True)
        if not buyers.size:
            return
        masses = np.add.reduceat(self.supply_wh[homes], firsts)
        for buyer, mass in zip(buyers.tolist(), masses.tolist(), strict=True):
            self.masses[buyer] += mass
            self.lates[buyer] += mass * now_t32
            tick = (self.capacities[buyer] * _END_T32 + self.lates[buyer]) // self.masses[buyer]
            self.next_t32[buyer] = min(tick, _END_T32)

    def _settle(self, buyer: int, closes_t32: int) -> None:
        """Choose a buyer's rounding number and let its homes have eaten what it says."""
        homes = np.flatnonzero((self.eats_at == buyer) & (self.arrived_t32 < closes_t32))
        asked = _Asked(self.supply_wh[homes], self.eaten[homes], self.phase_u60[homes], closes_t32)
        rounding = asked.rounding(self.capacities[buyer])
        self.rounding_phi60[buyer] = rounding
        self.eaten[homes] = asked.eaten(rounding)


class _Asked:
    """The homes that came to a buyer before it closed, and what they have poured out by then."""

    def __init__(self, supply_wh: IntArray, before_wh: IntArray, phase_u60: IntArray, closes_t32: int) -> None:
        self.supply_wh, self.before_wh, self.closes_t32 = supply_wh, before_wh, closes_t32
        self.whole_wh, self.fraction_phi60 = _poured(supply_wh, np.int64(closes_t32), phase_u60)

    def eaten(self, rounding: int) -> IntArray:
        """Give what each home has given away in all, for a rounding number."""
        return _eaten(self.whole_wh, self.fraction_phi60, np.int64(rounding), self.before_wh, self.supply_wh)

    def taken(self, rounding: int) -> int:
        """Give what the buyer takes."""
        return int((self.eaten(rounding) - self.before_wh).sum())

    def rounding(self, capacity: int) -> int:
        """Give the number nearest to 0 that takes the capacity, or the most below it."""
        missing = capacity - self.taken(0)
        if missing == 0 or (missing > 0 and self.closes_t32 == _END_T32):
            return 0
        nearest = self._single_step(missing)
        if nearest is not None and self.taken(nearest) <= capacity:
            return nearest
        if missing < 0:
            if self.taken(-_HIGHEST_PHI60) > capacity:
                return _TAKES_NOTHING_PHI60
            return self._last_within(capacity, -_HIGHEST_PHI60, -1)
        highest = self._last_within(capacity, 0, _HIGHEST_PHI60)
        most = self.taken(highest)
        return 0 if most == self.taken(0) else self._last_within(most - 1, 0, highest) + 1

    def _single_step(self, missing: int) -> int | None:
        """Give the number at which as many homes as Wh are missing have made their one step within a Wh of 0."""
        if missing > 0:
            steps = (
                _WH_PHI60 - self.fraction_phi60[(self.before_wh <= self.whole_wh) & (self.whole_wh < self.supply_wh)]
            )
        else:
            steps = self.fraction_phi60[self.whole_wh > self.before_wh] + 1
        if abs(missing) > steps.size:
            return None
        step = int(np.partition(steps, abs(missing) - 1)[abs(missing) - 1])
        return step if missing > 0 else -step

    def _last_within(self, bound: int, lowest: int, highest: int) -> int:
        """Give the largest number of [lowest, highest] that takes at most the bound; the lowest does."""
        while lowest < highest:
            middle = (lowest + highest + 1) // 2
            if self.taken(middle) <= bound:
                lowest = middle
            else:
                highest = middle - 1
        return lowest


def numpy_parts(
    supply_wh: IntArray,
    choices: ChoiceArray,
    phase_u60: IntArray,
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> IntArray:
    """Give parts from a table.

    supply_wh, phase_u60 : int64 (n_homes, n_slots); closing_t32, rounding_phi60 : int64 (n_buyers, n_slots).
    Returns: int64 (n_homes, n_slots, k_max) [Wh].
    """
    parts_wh = np.zeros((*supply_wh.shape, choices.shape[1]), dtype=np.int64)
    before_wh = np.zeros_like(supply_wh)
    arrived_t32 = np.zeros_like(supply_wh)
    for choice in range(choices.shape[1]):
        # The homes that make a choice at all: lists have no gaps.
        own = np.flatnonzero(choices[:, choice] >= 0)
        buyers = choices[own, choice]
        closes_t32 = closing_t32[buyers]
        whole_wh, fraction_phi60 = _poured(supply_wh[own], closes_t32, phase_u60[own])
        eaten = _eaten(whole_wh, fraction_phi60, rounding_phi60[buyers], before_wh[own], supply_wh[own])
        eaten = np.where(closes_t32 > arrived_t32[own], eaten, before_wh[own])
        parts_wh[own, :, choice] = eaten - before_wh[own]
        before_wh[own] = eaten
        arrived_t32[own] = np.maximum(arrived_t32[own], closes_t32)
    return parts_wh


def _poured(supply_wh: IntArray, closes_t32: IntArray | np.int64, phase_u60: IntArray) -> tuple[IntArray, IntArray]:
    """Give what homes have poured out by a tick, phase included: whole Wh and 2^-60 Wh below."""
    whole_wh, ticks = np.divmod(supply_wh * closes_t32, _END_T32)
    carry, fraction_phi60 = np.divmod(ticks * (_WH_PHI60 // _END_T32) + phase_u60, _WH_PHI60)
    return whole_wh + carry, fraction_phi60


def _eaten(
    whole_wh: IntArray,
    fraction_phi60: IntArray,
    rounding_phi60: IntArray | np.int64,
    before_wh: IntArray,
    supply_wh: IntArray,
) -> IntArray:
    """Give what homes have eaten in whole Wh, never below what they had nor above their supply."""
    eaten = whole_wh + (fraction_phi60 + rounding_phi60) // _WH_PHI60
    eaten = np.minimum(np.maximum(eaten, before_wh), supply_wh)
    return np.where(rounding_phi60 == _TAKES_NOTHING_PHI60, before_wh, eaten)
