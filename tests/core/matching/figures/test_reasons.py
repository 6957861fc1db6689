"""Why a choice got what it got, from market, rows and figures of any mechanism."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from sanchi.core.matching.allocation import FactName, MechanismResult, PublishedFacts
from sanchi.core.matching.figures.reasons import ReasonCode, explain_home
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.fixed_share import fixed_share, fixed_share_passed_on
from sanchi.core.matching.mechanisms.pro_rata import pro_rata
from sanchi.core.matching.mechanisms.target_share import target_share
from sanchi.core.matching.mechanisms.two_sided import two_sided
from tests.oracles.eating_markets import day_of, slot_markets
from tests.oracles.eating_oracle import SlotMarket
from tests.oracles.share_markets import (
    SLOT_INDEX,
    keyed_market_of,
    keyed_markets,
    parts_in,
    stable_market_of,
    stable_markets,
    target_market_of,
    target_markets,
)
from tests.oracles.stable_oracle import StableMarket

MARKETS = settings(max_examples=150, deadline=None)


def slot_of(supplies, choices, capacities):
    """Give a slot without phases, which day_of makes anew."""
    return SlotMarket(supplies=supplies, choices=choices, capacities=capacities, phases=[0] * len(supplies))


def reasons(mechanism, market, home_index=0):
    """Give the reasons of a home's choices in the slot."""
    explained = explain_home(market, mechanism(market), home_index, SLOT_INDEX)
    return [choice.reason for choice in explained]


def open_market(slot, **terms):
    """Give a market with terms that need no alignment."""
    return MatchMarket(day=day_of(slot), **terms)


class TestEveryMechanism:
    @pytest.mark.parametrize("mechanism", [eating, pro_rata])
    @MARKETS
    @given(slot=slot_markets())
    def test_ranked_choices_always_have_a_reason_and_their_parts(self, mechanism, slot):
        market = open_market(slot)
        result = mechanism(market)
        for home, row in enumerate(parts_in(result, slot)):
            explained = explain_home(market, result, home, SLOT_INDEX)

            assert [choice.part_wh for choice in explained] == row
            assert [choice.buyer_index for choice in explained] == slot.choices[home]
            assert ReasonCode.NOT_SERVED not in {choice.reason for choice in explained}

    @MARKETS
    @given(stable_markets())
    def test_stable_choices_always_have_a_reason(self, drawn):
        market = stable_market_of(drawn)
        result = two_sided(market)
        for home in range(market.day.n_homes):
            explained = explain_home(market, result, home, SLOT_INDEX)

            assert not {ReasonCode.NOT_SERVED, ReasonCode.TOOK_ITS_SHARE} & {choice.reason for choice in explained}

    @MARKETS
    @given(keyed_markets())
    def test_keyed_choices_always_have_a_reason_where_shares_are_passed_on(self, drawn):
        market = keyed_market_of(*drawn)
        result = fixed_share_passed_on(market)
        for home in range(market.day.n_homes):
            explained = explain_home(market, result, home, SLOT_INDEX)

            assert ReasonCode.NOT_SERVED not in {choice.reason for choice in explained}

    @MARKETS
    @given(target_markets())
    def test_tenants_always_have_a_reason(self, drawn):
        market = target_market_of(*drawn)
        result = target_share(market)
        for home in range(market.day.n_homes):
            explained = explain_home(market, result, home, SLOT_INDEX)

            assert ReasonCode.NOT_SERVED not in {choice.reason for choice in explained}


class TestReasons:
    def test_buyer_that_took_the_rest_says_so(self):
        market = open_market(slot_of([100], [[0, 1]], [60, 90]))

        assert reasons(pro_rata, market) == [ReasonCode.FILLED_BUYER, ReasonCode.TOOK_ALL_THAT_WAS_LEFT]

    def test_choice_behind_one_that_took_all_was_not_needed(self):
        market = open_market(slot_of([100], [[0, 1]], [200, 90]))

        assert reasons(pro_rata, market) == [ReasonCode.TOOK_ALL_THAT_WAS_LEFT, ReasonCode.NOTHING_LEFT]

    def test_buyer_full_with_others_is_told_from_one_without_capacity(self):
        market = open_market(slot_of([50, 100], [[0, 1, 2], [1]], [50, 0, 20]))
        full = open_market(slot_of([60, 100], [[0, 1, 2], [1]], [50, 100, 0]))

        assert reasons(pro_rata, market)[1:] == [ReasonCode.NO_CAPACITY, ReasonCode.NOTHING_LEFT]
        assert reasons(pro_rata, full) == [ReasonCode.FILLED_BUYER, ReasonCode.BUYER_FULL, ReasonCode.NO_CAPACITY]

    def test_home_without_supply_gave_nothing_to_anybody(self):
        assert reasons(pro_rata, open_market(slot_of([0], [[0]], [50]))) == [ReasonCode.NOTHING_SUPPLIED]

    def test_key_of_nothing_and_share_of_a_key_are_named(self):
        market = keyed_market_of(slot_of([100], [[0, 1, 2]], [80, 80, 10]), [[1, 0, 1]])

        assert reasons(fixed_share, market) == [
            ReasonCode.TOOK_ITS_SHARE,
            ReasonCode.NO_KEY,
            ReasonCode.FILLED_BUYER,
        ]

    def test_buyer_closed_to_a_class_is_named(self):
        slot = slot_of([100, 100], [[0], [0]], [80])
        market = stable_market_of(StableMarket(slot=slot, classes=[[1], [0]], quotas=[[100], [100]]))

        assert reasons(two_sided, market) == [ReasonCode.CLASS_CLOSED]

    def test_quota_reached_and_quota_of_nothing_are_named(self):
        slot = slot_of([100], [[0, 1]], [80, 80])
        market = stable_market_of(StableMarket(slot=slot, classes=[[0, 0]], quotas=[[30, 0]]))

        assert reasons(two_sided, market) == [ReasonCode.TOOK_ITS_QUOTA, ReasonCode.NO_QUOTA]

    def test_tenant_that_uses_nothing_is_named(self):
        market = target_market_of(slot_of([100], [[0, 1]], [50, 50]), [1000, 1000], [50, 0])

        assert reasons(target_share, market) == [ReasonCode.FILLED_BUYER, ReasonCode.NO_USE]

    def test_price_below_ask_comes_before_room_where_a_price_was_published(self):
        prices = MatchPrices(
            home_price_sen_per_kwh=np.array([800, 900]),
            buyer_price_sen_per_kwh=np.array([800, 900]),
            ask_sen_per_kwh=np.array([850, 100]),
        )
        market = open_market(slot_of([40, 50], [[0, 1], [0]], [50, 90]), prices=prices)
        result = pro_rata(market)
        cleared = PublishedFacts(
            slot_index=np.array([SLOT_INDEX]),
            buyer_index=np.array([-1]),
            fact_no=np.array([FactName.CLEARING_PRICE_E5YEN]),
            figure=np.array([1700]),
        )
        rows = result.allocation
        is_kept = ~((rows.home_index == 0) & (rows.buyer_index == 0))
        without = replace(rows, **{name: getattr(rows, name)[is_kept] for name in type(rows).__slots__})
        explained = explain_home(market, MechanismResult(allocation=without, facts=cleared), 0, SLOT_INDEX)

        assert explained[0].reason is ReasonCode.PRICE_BELOW_ASK

    def test_buyer_that_closed_a_wh_short_by_rounding_counts_as_full(self):
        result = pro_rata(open_market(slot_of([20], [[0, 1]], [9, 11])))
        closed = PublishedFacts(
            slot_index=np.array([SLOT_INDEX]),
            buyer_index=np.array([0]),
            fact_no=np.array([FactName.CLOSING_T32]),
            figure=np.array([2**32 - 1]),
        )
        market = open_market(slot_of([20], [[0, 1]], [10, 11]))
        explained = explain_home(market, replace(result, facts=closed), 0, SLOT_INDEX)

        assert explained[0].reason is ReasonCode.FILLED_BUYER

    def test_buyer_outside_the_choices_is_listed_behind_them(self):
        market = open_market(slot_of([100, 5], [[0], [1]], [60, 90]))
        result = pro_rata(market)
        without_choices = replace(
            market,
            day=replace(market.day, choice_buyer_index=np.array([[1], [0]], dtype=np.int32)),
        )
        explained = explain_home(without_choices, result, 0, SLOT_INDEX)

        assert [(choice.choice_index, choice.buyer_index, choice.part_wh) for choice in explained] == [
            (0, 1, 0),
            (-1, 0, 60),
        ]
