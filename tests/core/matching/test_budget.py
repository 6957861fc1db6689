"""Budgets of a day: never exceeded, shared over the slots by what was got there, and no matter to anybody else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.shares import split_by_weights
from sanchi.core.matching.budget import NO_BUDGET_WH, first_gains_wh, match_within_budgets
from sanchi.core.matching.eating.matched_day import match_day
from tests.oracles.eating_markets import random_day

N_BUYERS = 4
BUDGETS = st.lists(
    st.one_of(st.integers(0, 3), st.integers(0, 60_000), st.just(NO_BUDGET_WH)), min_size=N_BUYERS, max_size=N_BUYERS
)
DAYS = st.builds(
    random_day,
    seed=st.integers(0, 2**32 - 1),
    n_homes=st.integers(1, 12),
    n_buyers=st.just(N_BUYERS),
    k_max=st.integers(1, 4),
    scarcity_percent=st.sampled_from([40, 100, 300]),
)
FEW = settings(max_examples=60, deadline=None)


class TestBudget:
    @FEW
    @given(day=DAYS, budgets=BUDGETS)
    def test_is_never_exceeded_and_nothing_is_lost(self, day, budgets):
        match = match_within_budgets(day, np.array(budgets))

        assert (match.intake_wh.sum(axis=0) <= budgets).all()
        assert (match.day.capacity_wh <= day.capacity_wh).all()
        assert (match.parts_wh.sum(axis=2) + match.rest_wh == day.supply_wh).all()
        assert (match.intake_wh <= match.day.capacity_wh).all()

    @FEW
    @given(day=DAYS, budgets=BUDGETS)
    def test_that_binds_is_published_whole_as_capacities(self, day, budgets):
        match = match_within_budgets(day, np.array(budgets))

        changed = (match.day.capacity_wh != day.capacity_wh).any(axis=0)
        assert match.day.capacity_wh.sum(axis=0)[changed].tolist() == [
            budget for budget, is_changed in zip(budgets, changed, strict=True) if is_changed
        ]

    @FEW
    @given(day=DAYS, budgets=BUDGETS)
    def test_gives_the_same_match_again_from_the_published_capacities(self, day, budgets):
        match = match_within_budgets(day, np.array(budgets))
        again = match_day(match.day)

        assert (again.closing_t32 == match.closing_t32).all()
        assert (again.parts_wh == match.parts_wh).all()

    @FEW
    @given(day=DAYS)
    def test_of_nobody_changes_nothing(self, day):
        match = match_within_budgets(day, np.full(N_BUYERS, NO_BUDGET_WH))

        assert match.day is day
        assert (match.parts_wh == match_day(day).parts_wh).all()

    def test_is_shared_in_proportion_to_what_each_slot_gave(self):
        day = random_day(7, n_homes=6, n_buyers=1, k_max=1)
        free_wh = match_day(day).intake_wh[:, 0].tolist()
        half_wh = sum(free_wh) // 2

        match = match_within_budgets(day, np.array([half_wh]))

        assert match.intake_wh[:, 0].tolist() == split_by_weights(half_wh, free_wh)


class TestFirstGains:
    @given(gains=st.lists(st.integers(0, 9), min_size=48, max_size=48), left_wh=st.integers(-5, 300))
    def test_are_kept_in_the_order_of_slots_until_nothing_is_left(self, gains, left_wh):
        kept, still_wh = [], max(left_wh, 0)
        for gain in gains:
            kept.append(min(gain, still_wh))
            still_wh -= kept[-1]

        assert first_gains_wh(np.array(gains), left_wh).tolist() == kept

    def test_refuse_a_loss(self):
        with pytest.raises(AssertionError, match="negative"):
            first_gains_wh(np.full(48, -1), 5)
