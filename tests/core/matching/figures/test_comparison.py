"""Figures of small allocations worked out by hand; envy, blocking pairs and Gini against plain loops of fractions."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.figures.comparison import added_up, figures_of, gini
from sanchi.core.matching.figures.fairness import blocking_pair_count, envy_wh
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.auctions import uniform_price
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.max_welfare import max_welfare
from tests.oracles.auction_markets import SLOT_INDEX, priced_markets, prices_of
from tests.oracles.eating_markets import day_of
from tests.oracles.eating_oracle import SlotMarket

MECHANISMS = st.sampled_from([eating, uniform_price, max_welfare])


def small_market() -> MatchMarket:
    plain = SlotMarket(supplies=[100, 100], choices=[[0, 1], [0]], capacities=[100, 50], phases=[1, 2])
    return MatchMarket(day=day_of(plain), prices=prices_of([1000, 900], [850, 850]))


def allocation_of(rows) -> Allocation:
    home, buyer, energy, paid, received = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Allocation(
        slot_index=np.full_like(home, SLOT_INDEX),
        home_index=home,
        buyer_index=buyer,
        choice_index=np.full_like(home, -1),
        energy_wh=energy,
        payment_e5yen=paid,
        receipt_e5yen=received,
    )


def plain_parts(allocation):
    return {
        (home, buyer): energy
        for home, buyer, energy in zip(
            allocation.home_index.tolist(), allocation.buyer_index.tolist(), allocation.energy_wh.tolist(), strict=True
        )
    }


def plain_envy(market, allocation):
    parts, supplies = plain_parts(allocation), market.day.supply_wh[SLOT_INDEX].tolist()
    envies = []
    for home, row in enumerate(market.day.choice_buyer_index.tolist()):
        most = Fraction(0)
        named = [buyer for buyer in row if buyer >= 0]
        for other, depth in [(other, depth) for other in range(len(supplies)) for depth in range(1, len(named) + 1)]:
            mine = sum(parts.get((home, buyer), 0) for buyer in named[:depth])
            theirs = sum(parts.get((other, buyer), 0) for buyer in named[:depth])
            most = max(most, Fraction(theirs * supplies[home], max(supplies[other], 1)) - mine)
        envies.append(max(ceil(most - 1), 0))
    return envies


def plain_blocking(market, allocation):
    parts, day = plain_parts(allocation), market.day
    count = 0
    for home, row in enumerate(day.choice_buyer_index.tolist()):
        left = int(day.supply_wh[SLOT_INDEX, home])
        for buyer in [buyer for buyer in row if buyer >= 0]:
            left -= parts.get((home, buyer), 0)
            taken = sum(energy for (_, taker), energy in parts.items() if taker == buyer)
            count += left > 0 and taken < int(day.capacity_wh[SLOT_INDEX, buyer])
    return count


class TestFiguresOf:
    def test_hand_made_allocation_is_measured(self):
        market = small_market()
        rows = allocation_of([(0, 0, 100, 100_000, 95_000), (1, 1, 30, 27_000, 26_000)])
        figures = figures_of(market, rows, 20_000, np.array([7, 9]), np.array([3, 4]))

        assert (figures.supply_wh, figures.matched_wh, figures.matched_permille) == (200, 130, 650)
        assert (figures.first_choice_wh, figures.first_choice_permille) == (100, 500)
        assert [home.envy_wh for home in figures.homes] == [0, 99]
        assert figures.envious_count == 1
        # The second home names only the first buyer, which is full.
        assert figures.blocking_pair_count == 0
        assert [buyer.hour_matched_permille for buyer in figures.buyers] == [1000, 600]
        assert figures.to_homes_e5yen == 95_000 + 26_000 + 70 * 850
        assert figures.paid_e5yen == 127_000
        assert figures.missed_welfare_e5yen == 20_000 - (100 * 150 + 30 * 50)
        assert figures.fill_gini == Fraction(7, 26)

    def test_days_add_up_by_home_and_buyer(self):
        market = small_market()
        rows = allocation_of([(0, 0, 100, 100_000, 95_000)])
        numbers = np.array([7, 9]), np.array([3, 4])
        day = figures_of(market, rows, 20_000, *numbers)
        both = added_up([day, replace(day, homes=day.homes[:1])])

        assert [(home.home_no, home.matched_wh, home.supply_wh) for home in both.homes] == [(7, 200, 200), (9, 0, 100)]
        assert [buyer.hour_matched_wh for buyer in both.buyers] == [200, 0]
        assert both.paid_e5yen == 200_000


class TestFairness:
    @settings(max_examples=150)
    @given(priced_markets(), MECHANISMS)
    def test_envy_is_what_plain_loops_find(self, market, mechanism):
        allocation = mechanism(market).allocation

        assert envy_wh(market, allocation)[SLOT_INDEX].tolist() == plain_envy(market, allocation)

    @settings(max_examples=100)
    @given(priced_markets(), MECHANISMS)
    def test_blocking_pairs_are_what_plain_loops_find(self, market, mechanism):
        allocation = mechanism(market).allocation

        assert blocking_pair_count(market, allocation) == plain_blocking(market, allocation)

    @pytest.mark.parametrize(("ranks", "count"), [([[0, 0], [1, 0]], 0), ([[1, 0], [0, 0]], 1)])
    def test_worse_class_at_a_full_buyer_blocks(self, ranks, count):
        market = replace(small_market(), class_rank=np.array(ranks, dtype=np.int32))
        rows = allocation_of([(0, 0, 100, 0, 0)])

        assert blocking_pair_count(market, rows) == count


class TestGini:
    @given(st.lists(st.fractions(0, 1), min_size=1, max_size=8))
    def test_is_the_mean_difference(self, shares):
        spread = sum((abs(one - other) for one in shares for other in shares), Fraction(0))

        assert gini(shares) == (spread / (2 * len(shares) * sum(shares)) if sum(shares) else None)
