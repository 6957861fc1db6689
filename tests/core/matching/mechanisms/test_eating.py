"""Eating behind the interface of all mechanisms: the same Wh as match_day, priced by posted offers."""

import numpy as np
from hypothesis import given, settings

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.mechanisms.eating import eating
from tests.oracles.eating_markets import day_of, slot_markets


class TestEatingMechanism:
    @settings(max_examples=100, deadline=None)
    @given(slot_markets())
    def test_allocation_is_what_match_day_gives(self, drawn):
        day = day_of(drawn)
        result = eating(MatchMarket(day=day))
        match = match_day(day)

        check_allocation(day, result.allocation)
        assert (result.allocation.intake_wh(day) == match.intake_wh).all()
        assert (result.allocation.rest_wh(day) == match.rest_wh).all()

    @settings(max_examples=20, deadline=None)
    @given(slot_markets())
    def test_facts_are_the_published_table(self, drawn):
        day = day_of(drawn)
        facts = eating(MatchMarket(day=day)).facts
        closing = facts.figure[facts.fact_no == FactName.CLOSING_T32]

        assert closing.reshape(day.capacity_wh.shape).tolist() == match_day(day).closing_t32.tolist()

    @settings(max_examples=20, deadline=None)
    @given(slot_markets())
    def test_rows_are_priced_by_the_posted_offers(self, drawn):
        day = day_of(drawn)
        prices = MatchPrices(
            home_price_sen_per_kwh=np.arange(day.n_buyers) + 900,
            buyer_price_sen_per_kwh=np.arange(day.n_buyers) + 1000,
            ask_sen_per_kwh=np.full(day.n_homes, 850),
        )
        rows = eating(MatchMarket(day=day, prices=prices)).allocation

        assert (rows.receipt_e5yen == rows.energy_wh * (900 + rows.buyer_index)).all()
        assert (rows.payment_e5yen - rows.receipt_e5yen == rows.energy_wh * 100).all()
