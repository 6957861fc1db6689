"""Auctions against an oracle in fractions, and the laws that hold for all three of them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.market import MatchMarket, MissingTerms
from sanchi.core.matching.mechanisms.auctions import mid_market_rate, pay_as_bid, uniform_price
from sanchi.core.matching.mechanisms.merit_order import ExcessiveBids, pro_rata_wh
from tests.oracles.auction_markets import SLOT_INDEX, auction_slot, open_to_all, priced_markets, prices_of
from tests.oracles.auction_oracle import auction, margin
from tests.oracles.eating_markets import random_day

AUCTIONS = [uniform_price, pay_as_bid, mid_market_rate]
each_auction = pytest.mark.parametrize("mechanism", AUCTIONS, ids=lambda mechanism: mechanism.__name__)


def rows_of(allocation):
    columns = (allocation.home_index, allocation.buyer_index, allocation.energy_wh, allocation.payment_e5yen)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@each_auction
class TestEveryAuction:
    @settings(max_examples=1_000)
    @given(priced_markets())
    def test_equals_the_oracle(self, mechanism, market):
        allocation = mechanism(market).allocation

        check_allocation(market.day, allocation)
        assert rows_of(allocation) == auction(auction_slot(market), mechanism.__name__)

    @settings(max_examples=500)
    @given(priced_markets())
    def test_pays_homes_what_buyers_pay_within_bid_and_ask(self, mechanism, market):
        rows = mechanism(market).allocation

        assert (rows.payment_e5yen == rows.receipt_e5yen).all()
        assert (rows.payment_e5yen <= rows.energy_wh * market.prices.buyer_price_sen_per_kwh[rows.buyer_index]).all()
        assert (rows.receipt_e5yen >= rows.energy_wh * market.prices.ask_sen_per_kwh[rows.home_index]).all()

    @settings(max_examples=500)
    @given(priced_markets())
    def test_trades_the_crossing_volume_in_few_rows(self, mechanism, market):
        rows = mechanism(market).allocation
        found = margin(auction_slot(market))

        assert rows.energy_wh.sum() == (0 if found is None else found.volume)
        assert rows.energy_wh.size < market.day.n_homes + market.day.n_buyers

    @settings(max_examples=100)
    @given(priced_markets(), st.randoms())
    def test_heeds_no_order_of_homes(self, mechanism, market, random):
        order = list(range(market.day.n_homes))
        random.shuffle(order)
        day = market.day
        shuffled = MatchMarket(
            day=replace(
                day,
                home_key=day.home_key[order],
                choice_buyer_index=day.choice_buyer_index[order],
                supply_wh=day.supply_wh[:, order],
            ),
            prices=replace(market.prices, ask_sen_per_kwh=market.prices.ask_sen_per_kwh[order]),
        )

        moved = [(order[home], *rest) for home, *rest in rows_of(mechanism(shuffled).allocation)]

        assert sorted(moved) == rows_of(mechanism(market).allocation)

    @settings(max_examples=100)
    @given(priced_markets(), st.randoms())
    def test_heeds_no_order_of_buyers_that_differ(self, mechanism, market, random):
        n_buyers = market.day.n_buyers
        bids = market.prices.buyer_price_sen_per_kwh // 8 * 8 + np.arange(n_buyers)
        asks = market.prices.ask_sen_per_kwh
        order = list(range(n_buyers))
        random.shuffle(order)
        bids = np.minimum(bids, 999_000 + np.arange(n_buyers))
        plain = replace(open_to_all(market), prices=prices_of(bids, asks))
        day = replace(plain.day, capacity_wh=plain.day.capacity_wh[:, order])
        shuffled = replace(plain, day=day, prices=prices_of(bids[order], asks))

        moved = [(home, order[buyer], *rest) for home, buyer, *rest in rows_of(mechanism(shuffled).allocation)]

        assert sorted(moved) == rows_of(mechanism(plain).allocation)

    def test_needs_prices(self, mechanism):
        with pytest.raises(MissingTerms, match=f"Mechanism {mechanism.__name__} needs prices"):
            mechanism(MatchMarket(day=random_day(1, 3, 2, 2)))

    def test_trades_nothing_below_the_asks(self, mechanism):
        market = MatchMarket(day=random_day(1, 5, 3, 2), prices=prices_of([849] * 3, [850] * 5))
        result = mechanism(market)

        assert result.allocation.energy_wh.size == 0
        assert result.facts.figure.size == 0

    def test_whole_day_is_its_slots(self, mechanism):
        day = random_day(7, 40, 6, 3)
        market = MatchMarket(day=day, prices=prices_of(np.arange(840, 900, 10), 800 + np.arange(40) % 7 * 15))
        rows = mechanism(market).allocation

        check_allocation(day, rows)
        assert rows.energy_wh[rows.slot_index == SLOT_INDEX].sum() > 0
        assert len(set(rows.slot_index.tolist())) > 20


class TestUniformPrice:
    @settings(max_examples=100)
    @given(priced_markets())
    def test_publishes_the_margin(self, market):
        facts = uniform_price(market).facts
        found = margin(auction_slot(market))
        expected = [] if found is None else [found.bid + found.ask, found.bid, found.ask]

        assert facts.figure.tolist() == expected
        assert (facts.buyer_index == -1).all()
        assert facts.fact_no.tolist()[:1] == [FactName.CLEARING_PRICE_E5YEN][: len(expected)]

    @settings(max_examples=100)
    @given(priced_markets())
    def test_shares_ties_pro_rata_within_one_wh(self, market):
        slot = auction_slot(market)
        found = margin(slot)
        given_wh = uniform_price(market).allocation.given_wh(market.day)[SLOT_INDEX]
        tied = [home for home, ask in enumerate(slot.asks) if found is not None and ask == found.ask]
        sold_wh = sum(int(given_wh[home]) for home in tied)
        offered_wh = sum(slot.supplies[home] for home in tied)

        for home in tied:
            assert abs(int(given_wh[home]) - Fraction(slot.supplies[home] * sold_wh, offered_wh)) < 1


class TestMidMarketRate:
    def test_surplus_lets_each_home_sell_the_same_part(self):
        day = random_day(2, 4, 1, 1)
        supply_wh, capacity_wh = np.zeros_like(day.supply_wh), np.zeros_like(day.capacity_wh)
        supply_wh[30], capacity_wh[30] = [100, 200, 300, 400], [500]
        market = MatchMarket(
            day=replace(day, supply_wh=supply_wh, capacity_wh=capacity_wh), prices=prices_of([1001], [850] * 4)
        )
        result = mid_market_rate(market)

        assert result.allocation.given_wh(market.day)[30].tolist() == [50, 100, 150, 200]
        assert result.allocation.payment_e5yen.sum() == 500 * 1851 // 2
        assert result.facts.figure[0] == 1851

    def test_deficit_lets_each_buyer_get_the_same_part(self):
        day = random_day(2, 1, 2, 1)
        supply_wh, capacity_wh = np.zeros_like(day.supply_wh), np.zeros_like(day.capacity_wh)
        supply_wh[30], capacity_wh[30] = [90], [60, 120]
        market = MatchMarket(
            day=replace(day, supply_wh=supply_wh, capacity_wh=capacity_wh), prices=prices_of([900, 1000], [850])
        )

        # A bid counts for at most all that is offered: 60 and 90 share 90 Wh.
        assert mid_market_rate(market).allocation.intake_wh(market.day)[30].tolist() == [36, 54]


class TestProRata:
    @settings(max_examples=500)
    @given(st.lists(st.integers(0, 2**46), min_size=1, max_size=9), st.integers(0, 2**62), st.data())
    def test_is_exact_within_one_wh_and_loses_nothing(self, offered, start, data):
        total = data.draw(st.integers(0, sum(offered)))
        parts = pro_rata_wh(np.array(offered, dtype=np.int64), total, start).tolist()

        assert sum(parts) == total
        for part, offer in zip(parts, offered, strict=True):
            assert 0 <= part <= offer
            assert abs(part - Fraction(offer * total, max(sum(offered), 1))) < 1


class TestLimits:
    def test_bids_beyond_the_arithmetic_are_refused(self):
        day = random_day(1, 40_000, 1, 1)
        supply_wh = np.zeros_like(day.supply_wh)
        supply_wh[24, :32_000] = 2**31 - 1
        capacity_wh = np.full((48, 40_000), 2**62, dtype=np.int64)
        prices = prices_of([900] * 40_000, [1] * 40_000)
        market = MatchMarket(day=replace(day, supply_wh=supply_wh, capacity_wh=capacity_wh), prices=prices)

        with pytest.raises(ExcessiveBids, match="Split the market"):
            uniform_price(market)
