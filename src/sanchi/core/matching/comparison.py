"""What an allocation did, in figures by which mechanisms are compared; they add up over days.

Enter: a MatchMarket, an Allocation. Leaves: AllocationFigures. Not here: how envy and blocking are found (fairness).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.fairness import blocking_pair_count, envy_wh, parts_by_choice_wh
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.welfare import exact_sum, welfare_e5yen


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFigures:
    """What a home offered, gave to buyers, and envies others beyond 1 Wh a slot; None where that was not counted."""

    home_no: int
    supply_wh: int
    matched_wh: int
    envy_wh: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerFigures:
    """What a buyer wanted in each slot, summed, and how much of it arrived in the same slot.

    Wanted is its use where the market knows any, else its capacity, at most all that homes offer in the slot; nothing
    on a day on which it has no capacity at all, as it does not buy this kind then.
    """

    buyer_no: int
    wanted_wh: int
    hour_matched_wh: int

    @property
    def hour_matched_permille(self) -> int | None:
        """Give the share, cut; None where nothing was wanted."""
        return _permille(self.hour_matched_wh, self.wanted_wh)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFigures:
    """One allocation in sums; money of homes includes what the standard offer pays for the rest at their asks.

    best_welfare_e5yen : that of max_welfare, None where it did not run.
    """

    homes: tuple[HomeFigures, ...]
    buyers: tuple[BuyerFigures, ...]
    first_choice_wh: int
    blocking_pair_count: int
    received_e5yen: int
    standard_offer_e5yen: int
    paid_e5yen: int
    welfare_e5yen: int
    best_welfare_e5yen: int | None

    @property
    def supply_wh(self) -> int:
        """Sum what homes offered."""
        return sum(home.supply_wh for home in self.homes)

    @property
    def matched_wh(self) -> int:
        """Sum what went to buyers."""
        return sum(home.matched_wh for home in self.homes)

    @property
    def matched_permille(self) -> int | None:
        """Give the matched share of the supply, cut."""
        return _permille(self.matched_wh, self.supply_wh)

    @property
    def rest_permille(self) -> int | None:
        """Give what no buyer took, such that with the matched share it is the whole."""
        return None if self.matched_permille is None else PERMILLE - self.matched_permille

    @property
    def first_choice_permille(self) -> int | None:
        """Give the share of the supply that went to first choices, cut."""
        return _permille(self.first_choice_wh, self.supply_wh)

    @property
    def envious_count(self) -> int | None:
        """Count the homes with envy in any slot; None where it was not counted."""
        envies = [home.envy_wh for home in self.homes if home.envy_wh is not None]
        return sum(envy > 0 for envy in envies) if len(envies) == len(self.homes) else None

    @property
    def to_homes_e5yen(self) -> int:
        """Give what homes get in all."""
        return self.received_e5yen + self.standard_offer_e5yen

    @property
    def missed_welfare_e5yen(self) -> int | None:
        """Give the distance from max_welfare on the listed pairs; below zero where pairs beyond the lists traded."""
        return None if self.best_welfare_e5yen is None else self.best_welfare_e5yen - self.welfare_e5yen

    @property
    def envy_wh(self) -> int | None:
        """Sum the homes' envy; None where it was not counted."""
        return None if self.envious_count is None else sum(home.envy_wh or 0 for home in self.homes)

    @property
    def hour_matched_permille(self) -> int | None:
        """Give the hour-matched share of all buyers together, cut."""
        return _permille(
            sum(buyer.hour_matched_wh for buyer in self.buyers), sum(buyer.wanted_wh for buyer in self.buyers)
        )

    @property
    def fill_gini(self) -> Fraction | None:
        """Give the Gini coefficient of the homes' fill rates: 0 = all alike; None where nothing was matched."""
        return gini([Fraction(home.matched_wh, home.supply_wh) for home in self.homes if home.supply_wh])


def figures_of(
    market: MatchMarket, allocation: Allocation, best_welfare_e5yen: int | None, home_no: IntArray, buyer_no: IntArray
) -> AllocationFigures:
    """Measure an allocation; home_no and buyer_no name its rows, so that days can be added up.

    Raises: MissingTerms without prices.
    """
    day = market.day
    asks = market.needed_prices("comparison").ask_sen_per_kwh
    intake_wh, envies_wh = allocation.intake_wh(day), envy_wh(market, allocation)
    envy_by_home = [None] * day.n_homes if envies_wh is None else envies_wh.sum(axis=0).tolist()
    offered_wh = day.supply_wh.sum(axis=1, keepdims=True)
    wanted_wh = np.minimum(day.capacity_wh, offered_wh)
    if market.use_wh is not None:
        wanted_wh = np.where(market.use_wh.any(axis=0), market.use_wh, wanted_wh)
    wanted_wh = np.where(day.capacity_wh.any(axis=0), wanted_wh, 0)
    by_home = (home_no, day.supply_wh.sum(axis=0), allocation.given_wh(day).sum(axis=0))
    by_buyer = (buyer_no, wanted_wh.sum(axis=0), np.minimum(intake_wh, wanted_wh).sum(axis=0))
    return AllocationFigures(
        homes=tuple(
            HomeFigures(home_no=no, supply_wh=supply, matched_wh=matched, envy_wh=envy)
            for no, supply, matched, envy in zip(*(column.tolist() for column in by_home), envy_by_home, strict=True)
        ),
        buyers=tuple(
            BuyerFigures(buyer_no=no, wanted_wh=wanted, hour_matched_wh=matched)
            for no, wanted, matched in zip(*(column.tolist() for column in by_buyer), strict=True)
        ),
        first_choice_wh=int(parts_by_choice_wh(market, allocation)[:, :, :1].sum()),
        blocking_pair_count=blocking_pair_count(market, allocation),
        received_e5yen=exact_sum(allocation.receipt_e5yen),
        standard_offer_e5yen=exact_sum(allocation.rest_wh(day) * asks),
        paid_e5yen=exact_sum(allocation.payment_e5yen),
        welfare_e5yen=welfare_e5yen(market, allocation),
        best_welfare_e5yen=best_welfare_e5yen,
    )


def added_up(days: Sequence[AllocationFigures]) -> AllocationFigures:
    """Add the figures of days up, by home and buyer; what one day did not count has no sum."""
    best_e5yen = [each.best_welfare_e5yen for each in days]
    return AllocationFigures(
        homes=tuple(_added_homes(home for each in days for home in each.homes)),
        buyers=tuple(_added_buyers(buyer for each in days for buyer in each.buyers)),
        first_choice_wh=sum(each.first_choice_wh for each in days),
        blocking_pair_count=sum(each.blocking_pair_count for each in days),
        received_e5yen=sum(each.received_e5yen for each in days),
        standard_offer_e5yen=sum(each.standard_offer_e5yen for each in days),
        paid_e5yen=sum(each.paid_e5yen for each in days),
        welfare_e5yen=sum(each.welfare_e5yen for each in days),
        best_welfare_e5yen=None if None in best_e5yen else sum(filter(None, best_e5yen)),
    )


def _added_homes(parts: Iterable[HomeFigures]) -> list[HomeFigures]:
    """Add homes up by number."""
    total: dict[int, HomeFigures] = {}
    for part in parts:
        known = total.get(part.home_no, HomeFigures(home_no=part.home_no, supply_wh=0, matched_wh=0, envy_wh=0))
        is_counted = known.envy_wh is not None and part.envy_wh is not None
        total[part.home_no] = HomeFigures(
            home_no=part.home_no,
            supply_wh=known.supply_wh + part.supply_wh,
            matched_wh=known.matched_wh + part.matched_wh,
            envy_wh=(known.envy_wh or 0) + (part.envy_wh or 0) if is_counted else None,
        )
    return [total[home_no] for home_no in sorted(total)]


def _added_buyers(parts: Iterable[BuyerFigures]) -> list[BuyerFigures]:
    """Add buyers up by number."""
    total: dict[int, BuyerFigures] = {}
    for part in parts:
        known = total.get(part.buyer_no, BuyerFigures(buyer_no=part.buyer_no, wanted_wh=0, hour_matched_wh=0))
        total[part.buyer_no] = BuyerFigures(
            buyer_no=part.buyer_no,
            wanted_wh=known.wanted_wh + part.wanted_wh,
            hour_matched_wh=known.hour_matched_wh + part.hour_matched_wh,
        )
    return [total[buyer_no] for buyer_no in sorted(total)]


def gini(shares: Iterable[Fraction]) -> Fraction | None:
    """Give the Gini coefficient exactly: sum of |a - b| over all ordered pairs, over 2 n times the sum; None for 0.

    >>> gini([Fraction(0), Fraction(1)])
    Fraction(1, 2)
    """
    ranked = sorted(shares)
    total = _exact_total(ranked)
    if not total:
        return None
    weighted = _exact_total([(2 * rank - len(ranked) + 1) * share for rank, share in enumerate(ranked)])
    return weighted / (len(ranked) * total)


def _exact_total(terms: Sequence[Fraction]) -> Fraction:
    """Sum fractions pair by pair, shortened once at the end: one after the other takes minutes for some 10,000."""
    ratios = [(term.numerator, term.denominator) for term in terms] or [(0, 1)]
    while len(ratios) > 1:
        paired = [(a * d + c * b, b * d) for (a, b), (c, d) in zip(ratios[::2], ratios[1::2], strict=False)]
        ratios = paired + ratios[len(ratios) - len(ratios) % 2 :]
    return Fraction(*ratios[0])


def _permille(part: int, whole: int) -> int | None:
    """Give a share in permille, cut; None of nothing."""
    return part * PERMILLE // whole if whole else None
