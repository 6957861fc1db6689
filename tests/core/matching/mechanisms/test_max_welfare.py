"""The best allocation against a slow search for better paths; no other mechanism is worth more on the same pairs."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.figures.welfare import exact_sum, pair_fee_sen_per_kwh, pair_gain_sen_per_kwh, welfare_e5yen
from sanchi.core.matching.market import MatchMarket, MatchPrices, MissingTerms
from sanchi.core.matching.mechanisms.exact_flow import Transport, repaired
from sanchi.core.matching.mechanisms.max_welfare import best_transport_wh, max_welfare
from sanchi.core.matching.mechanisms.table import MECHANISMS
from sanchi.core.matching.offers import DayMatchInput, ExcessiveSupply
from tests.oracles.auction_markets import SLOT_INDEX, open_to_all, placed_markets, priced_markets
from tests.oracles.auction_oracle import best_welfare
from tests.oracles.eating_markets import random_day


def fee_of(market, home, buyer):
    if market.places is None:
        return 0
    places = zip(market.places.home_place_no[home].tolist(), market.places.buyer_place_no[buyer].tolist(), strict=True)
    level = next((n for n, (mine, theirs) in enumerate(places) if mine == theirs >= 0), 3)
    return int(market.places.fee_sen_per_kwh[level])


def oracle_welfare(market):
    asks, bids = market.prices.ask_sen_per_kwh.tolist(), market.prices.buyer_price_sen_per_kwh.tolist()
    gains = {
        (home, buyer): bids[buyer] - asks[home] - fee_of(market, home, buyer)
        for home, row in enumerate(market.day.choice_buyer_index.tolist())
        for buyer in row
        if buyer >= 0
    }
    supplies, capacities = market.day.supply_wh[SLOT_INDEX].tolist(), market.day.capacity_wh[SLOT_INDEX].tolist()
    return best_welfare(supplies, capacities, {pair: gain for pair, gain in gains.items() if gain > 0})


def transport_of(market):
    home, choice = np.nonzero(market.day.choice_buyer_index >= 0)
    buyer = market.day.choice_buyer_index[home, choice].astype(np.int64)
    gain = pair_gain_sen_per_kwh(market, home, buyer)
    return Transport(
        home_index=home[gain > 0],
        buyer_index=buyer[gain > 0],
        gain_sen_per_kwh=gain[gain > 0],
        supply_wh=market.day.supply_wh[SLOT_INDEX],
        capacity_wh=market.day.capacity_wh[SLOT_INDEX],
    )


class TestMaxWelfare:
    @settings(max_examples=500)
    @given(placed_markets())
    def test_is_worth_what_the_oracle_finds(self, market):
        result = max_welfare(market)

        check_allocation(market.day, result.allocation)
        assert welfare_e5yen(market, result.allocation) == oracle_welfare(market)
        assert result.facts.figure[SLOT_INDEX] == oracle_welfare(market)
        assert (result.facts.fact_no == FactName.WELFARE_E5YEN).all()

    @settings(max_examples=100)
    @given(placed_markets())
    def test_buyers_pay_receipts_and_fees_within_bid_and_ask(self, market):
        rows = max_welfare(market).allocation
        fees = pair_fee_sen_per_kwh(market, rows.home_index, rows.buyer_index) * rows.energy_wh

        assert (rows.payment_e5yen == rows.receipt_e5yen + fees).all()
        assert (rows.payment_e5yen <= rows.energy_wh * market.prices.buyer_price_sen_per_kwh[rows.buyer_index]).all()
        assert (rows.receipt_e5yen >= rows.energy_wh * market.prices.ask_sen_per_kwh[rows.home_index]).all()

    @settings(max_examples=60)
    @given(priced_markets())
    def test_nothing_is_worth_more_on_open_lists(self, market):
        everywhere = open_to_all(market)
        best_e5yen = welfare_e5yen(everywhere, max_welfare(everywhere).allocation)
        worth_e5yen = {}
        for name, mechanism in MECHANISMS.items():
            try:
                worth_e5yen[name] = welfare_e5yen(everywhere, mechanism(everywhere).allocation)
            except MissingTerms:
                continue

        assert all(worth <= best_e5yen for worth in worth_e5yen.values())
        assert worth_e5yen["uniform_price"] == worth_e5yen["pay_as_bid"] == best_e5yen

    @settings(max_examples=60)
    @given(priced_markets())
    def test_heeds_no_order_of_homes(self, market):
        turned = slice(None, None, -1)
        day = market.day
        backwards = replace(
            market,
            day=replace(
                day,
                home_key=day.home_key[turned],
                choice_buyer_index=day.choice_buyer_index[turned],
                supply_wh=day.supply_wh[:, turned],
            ),
            prices=replace(market.prices, ask_sen_per_kwh=market.prices.ask_sen_per_kwh[turned].copy()),
        )

        given_wh = max_welfare(backwards).allocation.given_wh(backwards.day)

        assert (given_wh[:, turned] == max_welfare(market).allocation.given_wh(market.day)).all()

    def test_needs_prices(self):
        with pytest.raises(MissingTerms, match="Mechanism max_welfare needs prices"):
            max_welfare(MatchMarket(day=random_day(1, 3, 2, 2)))


class TestExactFlow:
    @settings(max_examples=100)
    @given(placed_markets())
    def test_repair_from_nothing_finds_the_optimum(self, market):
        transport = transport_of(market)
        energy_wh = repaired(transport, np.zeros_like(transport.home_index))

        assert transport.is_feasible(energy_wh)
        assert exact_sum(energy_wh * transport.gain_sen_per_kwh) == oracle_welfare(market)

    def test_worse_transport_is_not_taken_for_the_best(self):
        transport = Transport(
            home_index=np.array([0, 0]),
            buyer_index=np.array([0, 1]),
            gain_sen_per_kwh=np.array([5, 9]),
            supply_wh=np.array([10]),
            capacity_wh=np.array([10, 10]),
        )
        duals = np.array([9]), np.array([0, 0])

        assert not transport.is_best(np.array([10, 0]), *duals)
        assert transport.is_best(np.array([0, 10]), *duals)
        assert best_transport_wh(transport).tolist() == [0, 10]
        assert not transport.is_feasible(np.array([1, 10]))


class TestLimits:
    def test_welfare_beyond_64_bits_is_refused_by_name(self):
        n_homes, supply_wh = 4_300, 2**31 - 1
        day = DayMatchInput(
            home_key=np.arange(n_homes),
            choice_buyer_index=np.zeros((n_homes, 1), dtype=np.int32),
            supply_wh=np.array([[supply_wh] * n_homes] + [[0] * n_homes] * 47),
            capacity_wh=np.full((48, 1), 2**46),
            delivery_date=date(2026, 4, 1),
        )
        prices = MatchPrices(
            home_price_sen_per_kwh=np.zeros(1, dtype=np.int64),
            buyer_price_sen_per_kwh=np.full(1, 1_000_000),
            ask_sen_per_kwh=np.zeros(n_homes, dtype=np.int64),
        )

        with pytest.raises(ExcessiveSupply, match="welfare of slot 1 is"):
            max_welfare(MatchMarket(day=day, prices=prices))
