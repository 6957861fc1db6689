"""The rounding number of one buyer, close to its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.eating.parts import ROUNDING_PHI60_MAX, TAKES_NOTHING_PHI60, WH_PHI60
from sanchi.core.matching.eating.rounding import (
    bisected_rounding,
    buyer_rounding,
    nearest_step,
    smallest_step,
    taken_wh,
)
from tests.oracles.eating_markets import day_of, random_day, slot_market_of, slot_markets
from tests.oracles.eating_oracle import ONE_SLOT, closing_times, rounding_of, roundings

HALF = ONE_SLOT // 2


@st.composite
def buyers(draw):
    """Draw homes (supply, before, phase) at a buyer, phases that often coincide, a tick and a capacity."""
    tick = draw(st.one_of(st.integers(1, ONE_SLOT), st.just(ONE_SLOT), st.just(HALF)))
    supplies = draw(st.lists(st.one_of(st.integers(0, 4), st.integers(0, 3000)), min_size=1, max_size=7))
    phases = st.one_of(st.integers(0, WH_PHI60 - 1), st.sampled_from([0, 1, WH_PHI60 // 2, WH_PHI60 - 1]))
    homes = []
    for supply in supplies:
        due = supply * tick // ONE_SLOT
        before = draw(st.one_of(st.just(0), st.integers(0, supply), st.just(due)))
        homes.append((supply, before, draw(phases)))
    real = sum(max(0, supply * tick // ONE_SLOT - before) for supply, before, _ in homes)
    capacity = max(0, real + draw(st.integers(-4 * len(homes), 4 * len(homes))))
    return homes, tick, capacity


def arrays_of(homes):
    """Give supplies, Wh before and phases as three arrays."""
    return tuple(np.array(column, dtype=np.int64) for column in zip(*homes, strict=True))


class TestBuyerRounding:
    @settings(max_examples=300, deadline=None)
    @given(buyers())
    def test_number_is_the_nearest_with_the_largest_sum(self, buyer):
        homes, tick, capacity = buyer

        assert buyer_rounding(*arrays_of(homes), tick, capacity) == rounding_of(homes, tick, capacity)

    @settings(max_examples=200, deadline=None)
    @given(buyers())
    def test_single_step_and_bisection_agree(self, buyer):
        homes, tick, capacity = buyer
        arrays = arrays_of(homes)
        missing = capacity - int(taken_wh(*arrays, tick, 0))
        step = nearest_step(*arrays, tick, missing) if missing else 0
        if step and taken_wh(*arrays, tick, step) == capacity:
            assert bisected_rounding(*arrays, tick, capacity) == step

    def test_lifting_takes_the_home_nearest_to_the_next_wh(self):
        homes = [(5, 0, WH_PHI60 // 8), (5, 0, WH_PHI60 // 4), (5, 0, 0)]

        # Each has 2.5 Wh and its phase: 2 Wh; the second is nearest to 3 with a fraction of three quarters.
        assert buyer_rounding(*arrays_of(homes), HALF, 7) == WH_PHI60 // 4

    def test_lowering_takes_the_home_nearest_above_the_wh(self):
        homes = [(4, 0, WH_PHI60 // 8), (4, 0, WH_PHI60 // 4), (4, 0, WH_PHI60 // 2)]

        assert buyer_rounding(*arrays_of(homes), HALF, 5) == -WH_PHI60 // 8 - 1

    def test_homes_with_one_threshold_leave_the_buyer_below_its_capacity(self):
        homes = [(5, 0, 7), (5, 0, 7), (5, 0, 3)]

        assert buyer_rounding(*arrays_of(homes), HALF, 7) == 0
        assert buyer_rounding(*arrays_of(homes), HALF, 8) == WH_PHI60 // 2 - 7

    def test_buyer_that_never_closed_is_not_lifted(self):
        assert buyer_rounding(*arrays_of([(5, 0, 0)]), ONE_SLOT, 100) == 0

    def test_buyer_that_never_closed_is_cut_to_its_capacity(self):
        # Both would give all their 10 Wh; the home with the smaller phase keeps one.
        homes = [(10, 0, 11), (10, 0, 5)]
        rounding = buyer_rounding(*arrays_of(homes), ONE_SLOT, 19)

        assert rounding == -6
        assert taken_wh(*arrays_of(homes), ONE_SLOT, rounding) == 19

    @pytest.mark.parametrize(
        ("capacity", "rounding"),
        [
            (46, TAKES_NOTHING_PHI60),
            (47, -2 * WH_PHI60 - 1),
            (53, ROUNDING_PHI60_MAX),
            (60, ROUNDING_PHI60_MAX),
        ],
    )
    def test_search_ends_at_three_wh(self, capacity, rounding):
        arrays = arrays_of([(100, 0, 0)])

        assert buyer_rounding(*arrays, HALF, capacity) == rounding
        assert taken_wh(*arrays, HALF, rounding) <= capacity

    def test_search_stays_within_64_bits_for_the_largest_supplies(self):
        homes = [(2**31 - 1, 0, WH_PHI60 - 1), (2**31 - 1, 0, WH_PHI60 - 2)]
        tick = ONE_SLOT - 1
        exact = sum((supply * tick * 2**28 + u) // WH_PHI60 for supply, _, u in homes)
        for capacity in (exact - 7, exact - 3, exact - 1, exact + 1, exact + 3):
            expected = rounding_of(homes, tick, capacity)

            assert buyer_rounding(*arrays_of(homes), tick, capacity) == expected

    def test_buyer_that_no_home_reached_in_time_keeps_zero(self):
        none = np.empty(0, dtype=np.int64)

        assert buyer_rounding(none, none, none, HALF, 3) == 0


class TestSmallestStep:
    @given(st.lists(st.one_of(st.integers(1, WH_PHI60), st.integers(1, 3)), min_size=1, max_size=30), st.data())
    def test_rank_is_found_as_by_sorting(self, thresholds, data):
        rank = data.draw(st.integers(1, len(thresholds)))

        assert smallest_step(np.array(thresholds), rank) == sorted(thresholds)[rank - 1]


class TestRoundingNumbers:
    @settings(max_examples=250, deadline=None)
    @given(slot_markets())
    def test_rounding_numbers_equal_the_plain_integers(self, market):
        match = match_day(day_of(market))

        assert match.rounding_phi60[24].tolist() == roundings(market, closing_times(market))

    def test_rounding_numbers_of_a_pilot_day_equal_the_plain_integers(self):
        day = random_day(seed=5, n_homes=50, n_buyers=7, k_max=3)
        match = match_day(day)
        for slot_index in range(14, 34, 3):
            market = slot_market_of(day, slot_index)

            assert match.rounding_phi60[slot_index].tolist() == roundings(market, closing_times(market))
