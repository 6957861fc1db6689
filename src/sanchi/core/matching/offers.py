"""What a market-day offers to matching: supplies, ranked choices, capacities; checked once, then frozen.

Enter: arrays. Leaves: DayMatchInput. Not here: prices and how capacities come about.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.kernel import ChoiceArray, IntArray, read_only

# Supply times closing time (at most 2^32) has to stay below 2^63.
HOME_SUPPLY_WH_MAX: Final = 2**31 - 1
# The two-step division of closing times is exact below this mass at one buyer.
SLOT_SUPPLY_WH_MAX: Final = 2**46 - 1


class UnfitArray(WrongInput):
    """An array has another type or shape than its definition."""


class NegativeEnergy(WrongInput):
    """A supply or capacity is below zero."""


class ExcessiveSupply(WrongInput):
    """A supply is beyond what the integer arithmetic carries."""


class UnknownBuyer(WrongInput):
    """A choice names a buyer index that has no capacity row."""


class ChoiceGap(WrongInput):
    """A choice stands behind an empty one; a gap would make two ways of walking the list disagree."""


class RepeatedChoice(WrongInput):
    """A home names the same buyer twice."""


class RepeatedHomeKey(WrongInput):
    """Two homes share a key; with equal phases a buyer could not be filled to the Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMatchInput:
    """One kind of one market-day, as match_day reads it.

    home_key : int64 array of shape (n_homes,), stable and unique; it feeds the public phase only.
    choice_buyer_index : int32 array of shape (n_homes, k_max), best first, -1 = none, without gap or repeat.
    supply_wh : int64 array of shape (48, n_homes) [Wh], 0..2^31-1, less than 2^46 in a slot.
    capacity_wh : int64 array of shape (48, n_buyers) [Wh], not negative.
    The arrays are handed over: they become read-only (a copy only where one is not C-contiguous).
    Raises: a subclass of WrongInput named after the broken rule.
    """

    home_key: IntArray
    choice_buyer_index: ChoiceArray
    supply_wh: IntArray
    capacity_wh: IntArray
    delivery_date: date

    def __post_init__(self) -> None:
        """Check the definition in the order: arrays, energies, choices, keys; then freeze."""
        self._check_arrays()
        _check_energy(self.supply_wh, self.capacity_wh)
        _check_choices(self.choice_buyer_index, self.n_buyers)
        if np.unique(self.home_key).size != self.n_homes:
            raise RepeatedHomeKey("home_key: two homes have the same key.", hint="Give each home its own key.")
        for name in ("home_key", "choice_buyer_index", "supply_wh", "capacity_wh"):
            object.__setattr__(self, name, read_only(np.ascontiguousarray(getattr(self, name))))

    @property
    def n_homes(self) -> int:
        """Count the homes."""
        return len(self.home_key)

    @property
    def n_buyers(self) -> int:
        """Count the buyers."""
        return int(self.capacity_wh.shape[1])

    def _check_arrays(self) -> None:
        """Refuse wrong types and shapes; n_homes comes from home_key, k_max and n_buyers are free."""
        check_array("home_key", self.home_key, np.int64, (None,))
        n_homes = len(self.home_key)
        check_array("choice_buyer_index", self.choice_buyer_index, np.int32, (n_homes, None))
        check_array("supply_wh", self.supply_wh, np.int64, (SLOTS_PER_DAY, n_homes))
        check_array("capacity_wh", self.capacity_wh, np.int64, (SLOTS_PER_DAY, None))


def check_array(name: str, array: Any, dtype: type, shape: tuple[int | None, ...]) -> None:
    """Refuse an array that is not of the type and shape; None stands for any length."""
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        found = getattr(array, "dtype", type(array).__name__)
        raise UnfitArray(f"{name}: expected a NumPy array of {dtype.__name__}, found {found}.")
    fits = array.ndim == len(shape) and all(
        expected in (None, actual) for expected, actual in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise UnfitArray(f"{name}: expected shape ({wanted}), found {array.shape}.")


def _check_energy(supply_wh: IntArray, capacity_wh: IntArray) -> None:
    """Refuse negative energies and supplies beyond the limits of the arithmetic."""
    for name, energy_wh in (("supply_wh", supply_wh), ("capacity_wh", capacity_wh)):
        if energy_wh.size and energy_wh.min() < 0:
            slot_index, column = np.argwhere(energy_wh < 0)[0]
            raise NegativeEnergy(
                f"{name}[{slot_index}, {column}] is {energy_wh[slot_index, column]} Wh, expected 0 or more.",
                hint="Withhold or estimate the slot before matching.",
            )
    if not supply_wh.size:
        return
    if supply_wh.max() > HOME_SUPPLY_WH_MAX:
        slot_index, home_index = np.argwhere(supply_wh > HOME_SUPPLY_WH_MAX)[0]
        raise ExcessiveSupply(
            f"supply_wh[{slot_index}, {home_index}] is {supply_wh[slot_index, home_index]} Wh, "
            f"expected at most {HOME_SUPPLY_WH_MAX}.",
            hint="Check the meter's multiplier.",
        )
    slot_wh = supply_wh.sum(axis=1)
    if slot_wh.max() > SLOT_SUPPLY_WH_MAX:
        slot_index = int(slot_wh.argmax())
        raise ExcessiveSupply(
            f"supply_wh[{slot_index}] sums to {slot_wh[slot_index]} Wh, expected at most {SLOT_SUPPLY_WH_MAX}.",
            hint="Split the market.",
        )


def _check_choices(choice_buyer_index: ChoiceArray, n_buyers: int) -> None:
    """Refuse choices outside the buyers, behind a gap, or named twice."""
    is_outside = (choice_buyer_index < -1) | (choice_buyer_index >= n_buyers)
    if is_outside.any():
        home_index, choice_index = np.argwhere(is_outside)[0]
        found = choice_buyer_index[home_index, choice_index]
        raise UnknownBuyer(
            f"choice_buyer_index[{home_index}, {choice_index}] is {found}, expected 0..{n_buyers - 1} or -1.",
            hint="Give each buyer a column of capacity_wh.",
        )
    is_named = choice_buyer_index >= 0
    is_behind_gap = is_named[:, 1:] & ~is_named[:, :-1]
    if is_behind_gap.any():
        home_index = int(np.argwhere(is_behind_gap)[0][0])
        raise ChoiceGap(f"choice_buyer_index[{home_index}] has a gap.", hint="Move the choices to the front.")
    # Side by side after sorting: to compare each choice with each would take hours where homes name thousands.
    by_buyer = np.sort(choice_buyer_index, axis=1)
    repeats = (by_buyer[:, 1:] == by_buyer[:, :-1]) & (by_buyer[:, 1:] >= 0)
    if repeats.any():
        home_index, place = np.argwhere(repeats)[0]
        raise RepeatedChoice(
            f"choice_buyer_index[{home_index}] names buyer {by_buyer[home_index, place]} twice.",
            hint="Keep the better rank only.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosers:
    """Who chose a buyer: buyer b has the entries from its first index to before the next buyer's.

    home_index, choice_index : int64 arrays, one entry a choice; buyer_first_index : int64 (n_buyers + 1,).
    """

    home_index: IntArray
    choice_index: IntArray
    buyer_first_index: IntArray


def choosers_by_buyer(choice_buyer_index: ChoiceArray, n_buyers: int) -> Choosers:
    """Turn the homes' lists into the buyers' lists; built once for all slots of a day."""
    buyer = choice_buyer_index.ravel()
    entries = np.argsort(buyer, kind="stable")
    k_max = max(choice_buyer_index.shape[1], 1)
    buyer_first_index = np.searchsorted(buyer[entries], np.arange(n_buyers + 1))
    return Choosers(
        home_index=entries // k_max,
        choice_index=entries % k_max,
        buyer_first_index=buyer_first_index.astype(np.int64),
    )
