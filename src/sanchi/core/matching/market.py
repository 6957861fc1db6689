"""What a mechanism may look at beside supplies, choices and capacities: prices, keys, ranks, places, targets.

Enter: arrays. Leaves: MatchMarket, checked and frozen. Not here: any mechanism; where the arrays come from.
Everything said of a pair of home and buyer is aligned with the home's choices, so that it stays as sparse as they are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.kernel import ChoiceArray, IntArray, read_only
from sanchi.core.matching.offers import DayMatchInput, check_array

# A price as large as this (10,000 yen/kWh) is a slip of units; below it Wh times price stays far from 2^63.
PRICE_SEN_PER_KWH_MAX: Final = 1_000_000
# How near a buyer can be to a home: the same building, district, grid area, or none of them.
PLACE_LEVELS: Final = 3
# Keys and quotas beyond these would leave 64 bits when they meet a supply.
STATIC_KEY_MAX: Final = 2**31 - 1


class MissingTerms(WrongInput):
    """A mechanism was asked for that needs prices, keys, ranks, places or targets which the market does not give."""


class UnfitTerms(WrongInput):
    """A price, key, rank, place or target lies outside its definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPrices:
    """Prices of a day [sen/kWh], 0..PRICE_SEN_PER_KWH_MAX.

    home_price_sen_per_kwh, buyer_price_sen_per_kwh : int64 (n_buyers,), what a buyer's offer pays to the home, and
    what the buyer pays for it in all; an auction reads the latter as the most that the buyer would pay.
    ask_sen_per_kwh : int64 (n_homes,), the least that a home would take: what the standard offer pays it.
    """

    home_price_sen_per_kwh: IntArray
    buyer_price_sen_per_kwh: IntArray
    ask_sen_per_kwh: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPlaces:
    """Where homes and buyers are, and what carrying a kWh between them costs.

    home_place_no, buyer_place_no : int32 (n_homes, 3) and (n_buyers, 3): building, district, grid area as numbers,
    -1 = unknown, which is near to nothing.
    fee_sen_per_kwh : int64 (4,), for the same building, district, grid area, and beyond; it never falls with distance.
    """

    home_place_no: ChoiceArray
    buyer_place_no: ChoiceArray
    fee_sen_per_kwh: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchMarket:
    """One kind of one market-day with all that any mechanism may need; a mechanism names what it misses.

    day : supplies, choices and capacities.
    prices, places : see there.
    static_key : int64 (n_homes, k_max), the fixed coefficient of each choice, 0..STATIC_KEY_MAX; 0 where no choice is.
    class_rank : int32 (n_homes, k_max), the class in which the chosen buyer puts the home, 0 = served first.
    pair_quota_wh : int64 (n_homes, k_max) [Wh], the most that a home gives to a choice in a slot.
    target_permille : int64 (n_buyers,), the share of its use that a tenant wants to be renewable, 0..1000.
    use_wh : int64 (48, n_buyers) [Wh], what a tenant uses.
    Raises: UnfitArray or UnfitTerms.
    """

    day: DayMatchInput
    prices: MatchPrices | None = None
    places: MatchPlaces | None = None
    static_key: IntArray | None = None
    class_rank: ChoiceArray | None = None
    pair_quota_wh: IntArray | None = None
    target_permille: IntArray | None = None
    use_wh: IntArray | None = None

    def __post_init__(self) -> None:
        """Check types, shapes and ranges; then freeze."""
        n_homes, n_buyers = self.day.n_homes, self.day.n_buyers
        by_choice = (n_homes, self.day.choice_buyer_index.shape[1])
        if self.prices is not None:
            for name, count in (("home_price", n_buyers), ("buyer_price", n_buyers), ("ask", n_homes)):
                field = f"{name}_sen_per_kwh"
                _check(field, getattr(self.prices, field), np.int64, (count,), PRICE_SEN_PER_KWH_MAX)
        if self.places is not None:
            self._check_places(self.places)
        _check("static_key", self.static_key, np.int64, by_choice, STATIC_KEY_MAX)
        _check("class_rank", self.class_rank, np.int32, by_choice, 2**31 - 1)
        _check("pair_quota_wh", self.pair_quota_wh, np.int64, by_choice, 2**62)
        _check("target_permille", self.target_permille, np.int64, (n_buyers,), PERMILLE)
        _check("use_wh", self.use_wh, np.int64, (SLOTS_PER_DAY, n_buyers), 2**46)

    def _check_places(self, places: MatchPlaces) -> None:
        """Refuse places of a wrong shape and fees that fall with distance."""
        _check("home_place_no", places.home_place_no, np.int32, (self.day.n_homes, PLACE_LEVELS), 2**31 - 1, lowest=-1)
        _check(
            "buyer_place_no", places.buyer_place_no, np.int32, (self.day.n_buyers, PLACE_LEVELS), 2**31 - 1, lowest=-1
        )
        _check("fee_sen_per_kwh", places.fee_sen_per_kwh, np.int64, (PLACE_LEVELS + 1,), PRICE_SEN_PER_KWH_MAX)
        if (np.diff(places.fee_sen_per_kwh) < 0).any():
            fees = ", ".join(map(str, places.fee_sen_per_kwh))
            raise UnfitTerms(
                f"fee_sen_per_kwh is {fees}: a fee falls with distance.",
                hint="Give the fees of building, district, grid area and beyond in this order.",
            )

    def needed_prices(self, mechanism: str) -> MatchPrices:
        """Give the prices; MissingTerms when there are none."""
        if self.prices is None:
            raise _missing(mechanism, "prices")
        return self.prices

    def needed_places(self, mechanism: str) -> MatchPlaces:
        """Give the places; MissingTerms when there are none."""
        if self.places is None:
            raise _missing(mechanism, "places")
        return self.places

    def needed(self, mechanism: str, name: str) -> IntArray:
        """Give one of the other arrays by its name; MissingTerms when it is not there."""
        array: IntArray | None = getattr(self, name)
        if array is None:
            raise _missing(mechanism, name)
        return array


def _missing(mechanism: str, name: str) -> MissingTerms:
    """Name what a mechanism misses."""
    return MissingTerms(f"Mechanism {mechanism} needs {name}, which this market does not give.", hint=f"Give {name}.")


def _check(
    name: str, array: np.ndarray | None, dtype: type, shape: tuple[int, ...], highest: int, lowest: int = 0
) -> None:
    """Refuse an array of another type, shape or range, then freeze it; None is absent, which is right."""
    if array is None:
        return
    check_array(name, array, dtype, shape)
    if array.size and (array.min() < lowest or array.max() > highest):
        place = np.argwhere((array < lowest) | (array > highest))[0]
        where = ", ".join(map(str, place))
        raise UnfitTerms(f"{name}[{where}] is {array[tuple(place)]}, expected {lowest}..{highest}.")
    read_only(array)
