"""A matched day: conservation, fairness, and independence of order."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import DayMatchInput
from tests.oracles.eating_markets import (
    day_of,
    home_key,
    random_day,
    slot_market_of,
    slot_markets,
)
from tests.oracles.eating_oracle import (
    ONE_SLOT,
    ONE_WH,
    ROUNDING_MAX,
    SlotMarket,
    closing_times,
    parts,
    real_parts,
    roundings,
)

MARKETS = settings(max_examples=1_000, deadline=None)


def ragged(match, market):
    """Give the parts of slot 25 as lists as long as the homes' choices."""
    rows = match.parts_wh[24].tolist()
    return [row[: len(choices)] for row, choices in zip(rows, market.choices, strict=True)]


def assert_same(match, again):
    """Compare table and parts to the last bit."""
    assert np.array_equal(match.closing_t32, again.closing_t32)
    assert np.array_equal(match.rounding_phi60, again.rounding_phi60)
    assert np.array_equal(match.parts_wh, again.parts_wh)


class TestAgainstTheOracle:
    @MARKETS
    @given(slot_markets())
    def test_parts_equal_the_plain_integers(self, market):
        closings = closing_times(market)

        assert ragged(match_day(day_of(market)), market) == parts(market, closings, roundings(market, closings))

    @pytest.mark.parametrize("seed", range(4))
    def test_all_slots_of_a_random_day_equal_the_plain_integers(self, seed):
        day = random_day(seed, n_homes=12, n_buyers=5, k_max=4, scarcity_percent=60 + 20 * seed)
        match = match_day(day)
        for slot_index in range(48):
            market = slot_market_of(day, slot_index)
            closings = closing_times(market)
            found = roundings(market, closings)

            assert match.closing_t32[slot_index].tolist() == closings
            assert match.rounding_phi60[slot_index].tolist() == found
            for home, row in enumerate(parts(market, closings, found)):
                assert match.parts_wh[slot_index, home, : len(row)].tolist() == row

    @MARKETS
    @given(slot_markets(supply_wh=st.integers(0, 2500)))
    def test_part_is_its_real_share_but_for_rounding(self, market):
        match = match_day(day_of(market))
        found = match.rounding_phi60[24].tolist()
        for home, row in enumerate(real_parts(market)):
            visited = [0] + [found[buyer] for buyer in market.choices[home]]
            spread = Fraction(max(visited) - min(visited), ONE_WH)
            ticks = Fraction(market.supplies[home] * len(market.capacities), ONE_SLOT)
            for choice, share in enumerate(row):
                part = int(match.parts_wh[24, home, choice])

                assert abs(part - share) <= 1 + spread + ticks

    @MARKETS
    @given(slot_markets(homes_max=13, buyers_max=6, choices_max=5, supply_wh=st.integers(0, 2500)))
    def test_part_is_within_two_wh_of_its_real_share(self, market):
        match = match_day(day_of(market))
        for home, row in enumerate(real_parts(market)):
            for choice, share in enumerate(row):
                assert abs(int(match.parts_wh[24, home, choice]) - share) < 2


class TestEngines:
    @MARKETS
    @given(slot_markets())
    def test_numba_and_numpy_give_the_same_day(self, market):
        assert_same(match_day(day_of(market)), match_day(day_of(market), engine=Engine.NUMPY))

    def test_numba_and_numpy_give_the_same_random_days(self):
        for seed in range(3):
            day = random_day(seed, n_homes=700, n_buyers=30, k_max=4, scarcity_percent=70 + 20 * seed)

            assert_same(match_day(day), match_day(day, engine=Engine.NUMPY))


class TestConservation:
    @MARKETS
    @given(slot_markets())
    def test_parts_and_rest_are_the_supply(self, market):
        match = match_day(day_of(market))

        assert (match.parts_wh >= 0).all()
        assert (match.rest_wh >= 0).all()
        assert (match.parts_wh.sum(axis=2) + match.rest_wh == match.day.supply_wh).all()

    @MARKETS
    @given(slot_markets())
    def test_no_buyer_is_above_its_capacity(self, market):
        match = match_day(day_of(market))
        intake = [0] * len(market.capacities)
        for choices, row in zip(market.choices, ragged(match, market), strict=True):
            for buyer, part in zip(choices, row, strict=True):
                intake[buyer] += part

        assert match.intake_wh[24].tolist() == intake
        assert all(got <= capacity for got, capacity in zip(intake, market.capacities, strict=True))

    @MARKETS
    @given(slot_markets())
    def test_closed_buyer_is_full_unless_its_homes_have_nothing_left(self, market):
        # Steps are single Wh at different thresholds, so a shortfall needs homes that all gave their whole
        # supply: the closing time is then so near to 1 that rounding up ends at the supply itself.
        # The other way is a mass so large that its first tick alone is more than the capacity.
        match = match_day(day_of(market))
        closings = match.closing_t32[24].tolist()
        for buyer, capacity in enumerate(market.capacities):
            if closings[buyer] == ONE_SLOT or match.intake_wh[24, buyer] == capacity:
                continue
            came = [
                home
                for home, choices in enumerate(market.choices)
                if buyer in choices
                and all(closings[better] < closings[buyer] for better in choices[: choices.index(buyer)])
                and closings[buyer] > 0
            ]

            assert (match.rest_wh[24, came] == 0).all() or match.rounding_phi60[24, buyer] == ROUNDING_MAX

    def test_closed_buyers_of_pilot_days_are_full_to_the_wh(self):
        for seed in range(20):
            day = random_day(seed, n_homes=50, n_buyers=7, k_max=3)
            match = match_day(day)
            is_closed = match.closing_t32 < ONE_SLOT

            assert is_closed.sum() > 50
            assert (match.intake_wh[is_closed] == day.capacity_wh[is_closed]).all()

    def test_nothing_offered_gives_nothing(self):
        market = SlotMarket(supplies=[0, 0], choices=[[0, 1], [1]], capacities=[0, 50], phases=[0, 0])
        match = match_day(day_of(market))

        assert not match.parts_wh.any()
        assert not match.rounding_phi60.any()
        assert (match.closing_t32 == ONE_SLOT).all()

    def test_no_capacity_leaves_everything_to_the_rest(self):
        market = SlotMarket(supplies=[10, 20], choices=[[0, 1], [1]], capacities=[0, 0], phases=[0, 0])
        match = match_day(day_of(market))

        assert not match.parts_wh.any()
        assert match.rest_wh[24].tolist() == [10, 20]

    @pytest.mark.parametrize(("n_homes", "n_buyers", "k_max"), [(0, 2, 3), (2, 0, 3), (2, 2, 0), (0, 0, 0)])
    def test_markets_without_homes_buyers_or_choices_pass(self, n_homes, n_buyers, k_max):
        day = DayMatchInput(
            home_key=np.arange(n_homes),
            choice_buyer_index=np.full((n_homes, k_max), -1, dtype=np.int32),
            supply_wh=np.full((48, n_homes), 7),
            capacity_wh=np.full((48, n_buyers), 9),
            delivery_date=date(2020, 11, 20),
        )
        match = match_day(day)

        assert match.parts_wh.shape == (48, n_homes, k_max)
        assert (match.rest_wh == 7).all()
        assert match.intake_wh.tolist() == [[0] * n_buyers] * 48


class TestFairness:
    @MARKETS
    @given(st.lists(st.integers(0, 2500), min_size=1, max_size=10), st.integers(0, 9000))
    def test_homes_that_name_one_buyer_share_pro_rata(self, supplies, capacity):
        market = SlotMarket(
            supplies=supplies,
            choices=[[0]] * len(supplies),
            capacities=[capacity],
            phases=[0] * len(supplies),
        )
        match = match_day(day_of(market))
        total = max(sum(supplies), 1)
        bound = 1 + Fraction(abs(int(match.rounding_phi60[24, 0])), ONE_WH)
        for supply, part in zip(supplies, match.parts_wh[24, :, 0].tolist(), strict=True):
            share = min(Fraction(supply), Fraction(supply * capacity, total))

            assert abs(part - share) < bound + Fraction(supply, ONE_SLOT)
        assert match.intake_wh[24, 0] == min(sum(supplies), capacity)

    def test_thousands_that_name_one_buyer_share_pro_rata_within_one_wh(self):
        supplies = np.random.default_rng(2).integers(0, 2500, 3000)
        capacity = int(supplies.sum()) * 2 // 3
        market = SlotMarket(supplies=supplies.tolist(), choices=[[0]] * 3000, capacities=[capacity], phases=[0] * 3000)
        parts_wh = match_day(day_of(market)).parts_wh[24, :, 0]
        # Compared as integers: part * total against supply * capacity.
        error = np.abs(parts_wh * supplies.sum() - supplies * capacity)

        assert (error <= supplies.sum()).mean() >= 0.999
        assert (error < 2 * supplies.sum()).all()
        assert parts_wh.sum() == capacity

    @MARKETS
    @given(slot_markets(supply_wh=st.sampled_from([1, 640, 2500])))
    def test_nobody_envies_a_home_of_equal_supply_by_more_than_one_wh(self, market):
        rows = ragged(match_day(day_of(market)), market)
        got = [dict(zip(choices, row, strict=True)) for choices, row in zip(market.choices, rows, strict=True)]
        for home, choices in enumerate(market.choices):
            for other in range(len(rows)):
                if market.supplies[other] != market.supplies[home]:
                    continue
                for first in range(1, len(choices) + 1):
                    mine = sum(got[home][buyer] for buyer in choices[:first])
                    theirs = sum(got[other].get(buyer, 0) for buyer in choices[:first])

                    assert theirs <= mine + 1


class TestIndependence:
    @MARKETS
    @given(slot_markets(), st.randoms(use_true_random=False))
    def test_order_of_homes_changes_nothing(self, market, chance):
        order = list(range(len(market.supplies)))
        chance.shuffle(order)
        day = day_of(market)
        shuffled = replace(
            day,
            home_key=day.home_key[order],
            choice_buyer_index=day.choice_buyer_index[order],
            supply_wh=day.supply_wh[:, order],
        )
        match, again = match_day(day), match_day(shuffled)

        assert (again.closing_t32 == match.closing_t32).all()
        assert (again.rounding_phi60 == match.rounding_phi60).all()
        assert (again.parts_wh == match.parts_wh[:, order]).all()

    def test_slots_do_not_touch_each_other(self):
        day = random_day(seed=3, n_homes=20, n_buyers=4, k_max=3)
        supply_wh = day.supply_wh.copy()
        supply_wh[25] //= 2
        match, again = match_day(day), match_day(replace(day, supply_wh=supply_wh))
        others = np.arange(48) != 25

        assert (again.parts_wh[others] == match.parts_wh[others]).all()
        assert (again.parts_wh[25] != match.parts_wh[25]).any()

    def test_small_correction_moves_few_wh(self):
        day = random_day(seed=4, n_homes=50, n_buyers=7, k_max=3)
        supply_wh = day.supply_wh.copy()
        supply_wh[24, 0] += 1
        match, again = match_day(day), match_day(replace(day, supply_wh=supply_wh))

        assert np.abs(again.parts_wh - match.parts_wh).sum() <= 20

    def test_odd_wh_goes_to_another_home_in_other_slots(self):
        keys = np.array([home_key(home) for home in range(3)])
        day = DayMatchInput(
            home_key=keys,
            choice_buyer_index=np.zeros((3, 1), dtype=np.int32),
            supply_wh=np.full((48, 3), 100),
            capacity_wh=np.full((48, 1), 100),
            delivery_date=date(2020, 11, 20),
        )
        winners = match_day(day).parts_wh[:, :, 0].argmax(axis=1)

        assert np.bincount(winners, minlength=3).min() >= 8

    def test_result_cannot_be_written_to(self):
        match = match_day(random_day(seed=1, n_homes=3, n_buyers=2, k_max=2))
        for array in (match.closing_t32, match.rounding_phi60, match.parts_wh):
            assert not array.flags.writeable
