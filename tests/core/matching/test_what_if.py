"""A home's choices in another order, matched anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating import match_day
from sanchi.core.matching.what_if import UnfitOrder, match_in_order, only_slot, orders_to_try
from tests.oracles.eating_markets import day_of, random_day, slot_markets
from tests.oracles.eating_oracle import SlotMarket, closing_times, parts, roundings


class TestOrdersToTry:
    @pytest.mark.parametrize(("n_choices", "n_orders"), [(0, 0), (1, 0), (2, 1), (3, 5), (4, 3), (5, 4)])
    def test_are_all_others_up_to_three_choices_then_each_put_first(self, n_choices, n_orders):
        orders = orders_to_try(n_choices)

        assert len(set(orders)) == len(orders) == n_orders
        assert tuple(range(n_choices)) not in orders
        assert all(sorted(order) == list(range(n_choices)) for order in orders)
        if n_choices > 3:
            assert [order[0] for order in orders] == list(range(1, n_choices))


class TestMatchInOrder:
    @settings(max_examples=60, deadline=None)
    @given(slot_markets(), st.data())
    def test_own_order_gives_what_was_matched(self, market, data):
        day = day_of(market)
        home = data.draw(st.integers(0, day.n_homes - 1))
        match = match_day(day)
        n_choices = len(market.choices[home])

        outcome = match_in_order(day, home, range(n_choices))

        assert outcome.parts_wh.tolist() == match.parts_wh[:, home, :n_choices].tolist()
        assert outcome.rest_wh.tolist() == match.rest_wh[:, home].tolist()

    @settings(max_examples=60, deadline=None)
    @given(slot_markets(), st.data())
    def test_other_order_gives_what_the_oracle_gives_for_the_changed_list(self, market, data):
        home = data.draw(st.integers(0, len(market.supplies) - 1))
        assume(len(market.choices[home]) > 1)
        order = data.draw(st.permutations(range(len(market.choices[home]))))
        own_list = market.choices[home]
        lists = [*market.choices]
        lists[home] = [own_list[choice] for choice in order]
        changed = SlotMarket(
            supplies=market.supplies, choices=lists, capacities=market.capacities, phases=market.phases
        )
        closings = closing_times(changed)
        expected_wh = parts(changed, closings, roundings(changed, closings))[home]

        outcome = match_in_order(day_of(market), home, order)

        for place, choice in enumerate(order):
            assert outcome.parts_wh[24, choice] == expected_wh[place]
        assert outcome.parts_wh.sum() + outcome.rest_wh.sum() == market.supplies[home]

    def test_whole_day_equals_matching_it_from_scratch(self):
        day = random_day(7, n_homes=40, n_buyers=6, k_max=3)
        home = int(np.flatnonzero((day.choice_buyer_index >= 0).all(axis=1))[0])
        lists = day.choice_buyer_index.copy()
        lists[home] = lists[home][[2, 0, 1]]
        scratch = match_day(replace(day, choice_buyer_index=lists))

        outcome = match_in_order(day, home, (2, 0, 1))

        assert outcome.parts_wh[:, [2, 0, 1]].tolist() == scratch.parts_wh[:, home].tolist()
        assert outcome.rest_wh.tolist() == scratch.rest_wh[:, home].tolist()
        assert outcome.parts_wh.tolist() != match_in_order(day, home, (0, 1, 2)).parts_wh.tolist()

    def test_one_slot_alone_gives_what_it_gives_in_its_day(self):
        day = random_day(8, n_homes=20, n_buyers=4, k_max=2)
        home = int(np.flatnonzero((day.choice_buyer_index >= 0).all(axis=1))[0])

        alone = match_in_order(only_slot(day, 24), home, (1, 0))

        assert alone.parts_wh[24].tolist() == match_in_order(day, home, (1, 0)).parts_wh[24].tolist()
        assert alone.parts_wh.sum() == alone.parts_wh[24].sum() > 0

    @pytest.mark.parametrize("order", [(0,), (0, 0), (0, 2), (1, 0, 2)])
    def test_order_that_does_not_name_each_choice_once_is_refused(self, order):
        day = day_of(SlotMarket(supplies=[9], choices=[[1, 0]], capacities=[5, 5], phases=[0]))

        with pytest.raises(UnfitOrder, match=r"each of 0\.\.1 once"):
            match_in_order(day, 0, order)
