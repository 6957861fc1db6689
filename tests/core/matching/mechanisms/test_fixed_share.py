"""Static keys: exact against the oracle, kept or passed on, no home favoured by its row."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import check_allocation
from sanchi.core.matching.market import MatchMarket, MissingTerms
from sanchi.core.matching.mechanisms.fixed_share import fixed_share, fixed_share_passed_on
from tests.oracles.eating_markets import day_of
from tests.oracles.eating_oracle import SlotMarket
from tests.oracles.share_markets import (
    assert_order_of_rows_is_irrelevant,
    fits_still,
    keyed_market_of,
    keyed_markets,
    parts_in,
)
from tests.oracles.share_oracle import fixed_share_parts

MARKETS = settings(max_examples=1_000, deadline=None)
BOTH = pytest.mark.parametrize("mechanism", [fixed_share, fixed_share_passed_on])
INT32_EDGE = 2**31 - 1


class TestFixedShare:
    @MARKETS
    @given(keyed_markets())
    def test_parts_equal_the_plain_integers(self, drawn):
        parts = parts_in(fixed_share(keyed_market_of(*drawn)), drawn[0])

        assert parts == fixed_share_parts(*drawn, is_passed_on=False)

    @MARKETS
    @given(keyed_markets())
    def test_passed_on_parts_equal_the_plain_integers(self, drawn):
        parts = parts_in(fixed_share_passed_on(keyed_market_of(*drawn)), drawn[0])

        assert parts == fixed_share_parts(*drawn, is_passed_on=True)

    @BOTH
    @MARKETS
    @given(drawn=keyed_markets())
    def test_supplies_and_capacities_hold(self, mechanism, drawn):
        market = keyed_market_of(*drawn)

        check_allocation(market.day, mechanism(market).allocation)

    @MARKETS
    @given(keyed_markets())
    def test_nothing_fits_where_shares_are_passed_on(self, drawn):
        slot, keys = drawn
        parts = parts_in(fixed_share_passed_on(keyed_market_of(slot, keys)), slot)

        assert fits_still(slot, parts, lambda home, choice: keys[home][choice] > 0) == []

    @BOTH
    @MARKETS
    @given(drawn=keyed_markets())
    def test_order_of_rows_is_irrelevant(self, mechanism, drawn):
        assert_order_of_rows_is_irrelevant(mechanism, keyed_market_of(*drawn))

    @BOTH
    @MARKETS
    @given(drawn=keyed_markets())
    def test_choice_without_key_gets_nothing(self, mechanism, drawn):
        slot, keys = drawn
        parts = parts_in(mechanism(keyed_market_of(slot, keys)), slot)

        assert not any(
            wh for row, own in zip(parts, keys, strict=True) for wh, key in zip(row, own, strict=True) if key == 0
        )

    @BOTH
    @MARKETS
    @given(drawn=keyed_markets(supply_wh=st.integers(0, 2500)))
    def test_part_is_within_one_wh_of_its_key_where_nothing_is_full(self, mechanism, drawn):
        slot, keys = drawn
        wide = SlotMarket(
            supplies=slot.supplies,
            choices=slot.choices,
            capacities=[sum(slot.supplies)] * len(slot.capacities),
            phases=slot.phases,
        )
        parts = parts_in(mechanism(keyed_market_of(wide, keys)), wide)
        for supply, row, own in zip(slot.supplies, parts, keys, strict=True):
            for wh, key in zip(row, own, strict=True):
                assert abs(wh - Fraction(supply * key, max(1, sum(own)))) < 1

    def test_unused_share_is_kept_or_passed_on(self):
        slot = SlotMarket(supplies=[100], choices=[[0, 1]], capacities=[10, 200], phases=[0])
        market = keyed_market_of(slot, [[1, 1]])

        assert parts_in(fixed_share(market), slot) == [[10, 50]]
        assert parts_in(fixed_share_passed_on(market), slot) == [[10, 90]]

    def test_key_of_a_buyer_without_room_still_counts(self):
        slot = SlotMarket(supplies=[100], choices=[[0, 1]], capacities=[0, 200], phases=[0])
        market = keyed_market_of(slot, [[3, 1]])

        assert parts_in(fixed_share(market), slot) == [[0, 25]]
        assert parts_in(fixed_share_passed_on(market), slot) == [[0, 100]]

    @BOTH
    def test_largest_supplies_and_keys_are_cut_exactly(self, mechanism):
        slot = SlotMarket(
            supplies=[INT32_EDGE] * 3, choices=[[0, 1]] * 3, capacities=[4 * INT32_EDGE] * 2, phases=[0] * 3
        )
        parts = parts_in(mechanism(keyed_market_of(slot, [[INT32_EDGE, INT32_EDGE]] * 3)), slot)

        assert all(sum(row) == INT32_EDGE and abs(row[0] - row[1]) == 1 for row in parts)

    @BOTH
    def test_market_without_keys_is_refused(self, mechanism):
        slot = SlotMarket(supplies=[1], choices=[[0]], capacities=[1], phases=[0])
        with pytest.raises(MissingTerms, match="static_key"):
            mechanism(MatchMarket(day=day_of(slot)))
