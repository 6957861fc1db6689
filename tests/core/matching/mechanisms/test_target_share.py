"""A building's energy towards its tenants' targets: exact against the oracle, need before surplus."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.market import MissingTerms, UnfitTerms
from sanchi.core.matching.mechanisms.target_share import target_share
from tests.oracles.eating_oracle import SlotMarket
from tests.oracles.share_markets import (
    SLOT_INDEX,
    assert_order_of_rows_is_irrelevant,
    fits_still,
    parts_in,
    target_market_of,
    target_markets,
)
from tests.oracles.share_oracle import target_share_parts

MARKETS = settings(max_examples=1_000, deadline=None)


def got_by(slot, parts):
    """Sum what each tenant got."""
    got = [0] * len(slot.capacities)
    for choices, row in zip(slot.choices, parts, strict=True):
        for tenant, wh in zip(choices, row, strict=True):
            got[tenant] += wh
    return got


def targets_of(permilles, uses):
    """Give the targets in whole Wh."""
    return [-(-use * permille // 1000) for use, permille in zip(uses, permilles, strict=True)]


class TestTargetShare:
    @MARKETS
    @given(target_markets())
    def test_parts_equal_the_plain_integers(self, drawn):
        slot, permilles, uses = drawn

        assert parts_in(target_share(target_market_of(*drawn)), slot) == target_share_parts(slot, permilles, uses)

    @MARKETS
    @given(target_markets())
    def test_supplies_and_capacities_hold_and_nothing_fits_at_the_end(self, drawn):
        slot, _, uses = drawn
        market = target_market_of(*drawn)
        result = target_share(market)
        check_allocation(market.day, result.allocation)

        assert fits_still(slot, parts_in(result, slot), lambda home, at: uses[slot.choices[home][at]] > 0) == []

    @MARKETS
    @given(target_markets())
    def test_nobody_of_one_list_is_above_target_while_another_is_below(self, drawn):
        slot, permilles, uses = drawn
        tenants = list(range(len(uses)))
        slot = SlotMarket(
            supplies=slot.supplies,
            choices=[tenants] * len(slot.supplies),
            capacities=slot.capacities,
            phases=slot.phases,
        )
        got = got_by(slot, parts_in(target_share(target_market_of(slot, permilles, uses)), slot))
        targets = targets_of(permilles, uses)
        lacks = [tenant for tenant in tenants if got[tenant] < min(targets[tenant], slot.capacities[tenant])]

        assert not lacks or all(wh <= target for wh, target in zip(got, targets, strict=True))

    @MARKETS
    @given(target_markets())
    def test_published_figure_is_what_lacks_to_the_target(self, drawn):
        slot, permilles, uses = drawn
        result = target_share(target_market_of(*drawn))
        got = got_by(slot, parts_in(result, slot))
        facts = result.facts

        assert set(facts.fact_no.tolist()) == {FactName.SHORT_WH}
        assert facts.figure[facts.slot_index == SLOT_INDEX].tolist() == [
            max(0, target - wh) for target, wh in zip(targets_of(permilles, uses), got, strict=True)
        ]

    @MARKETS
    @given(
        st.lists(st.integers(0, 2500), min_size=1, max_size=6),
        st.lists(st.integers(1, 9000), min_size=1, max_size=5),
    )
    def test_scarce_energy_is_shared_by_shortfall(self, supplies, uses):
        tenants = list(range(len(uses)))
        slot = SlotMarket(
            supplies=supplies, choices=[tenants] * len(supplies), capacities=uses, phases=[0] * len(supplies)
        )
        got = got_by(slot, parts_in(target_share(target_market_of(slot, [1000] * len(uses), uses)), slot))
        for use, wh in zip(uses, got, strict=True):
            share = min(Fraction(use), Fraction(sum(supplies) * use, sum(uses)))

            assert abs(wh - share) < 2 * len(supplies) * len(uses)
        assert sum(got) == min(sum(supplies), sum(uses))

    def test_need_comes_before_surplus(self):
        # Tenant 0 wants half of 100 Wh, tenant 1 all of 100 Wh: 150 Wh of need, then 30 Wh by use.
        slot = SlotMarket(supplies=[180], choices=[[0, 1]], capacities=[100, 110], phases=[0])
        got = parts_in(target_share(target_market_of(slot, [500, 1000], [100, 100])), slot)

        assert sum(got[0]) == 180
        assert got[0][1] == 110

    @MARKETS
    @given(target_markets())
    def test_order_of_rows_is_irrelevant(self, drawn):
        assert_order_of_rows_is_irrelevant(target_share, target_market_of(*drawn))

    @pytest.mark.parametrize("missing", ["target_permille", "use_wh"])
    def test_market_without_targets_or_use_is_refused(self, missing):
        slot = SlotMarket(supplies=[1], choices=[[0]], capacities=[1], phases=[0])
        market = target_market_of(slot, [1000], [1])
        with pytest.raises(MissingTerms, match=missing):
            target_share(replace(market, **{missing: None}))

    def test_use_beyond_the_arithmetic_is_refused(self):
        slot = SlotMarket(supplies=[1], choices=[[0, 1]], capacities=[1, 1], phases=[0])
        market = target_market_of(slot, [1000, 1000], [2**46, 2**46])
        with pytest.raises(UnfitTerms, match="use_wh"):
            target_share(market)

    def test_largest_supplies_go_to_the_targets_exactly(self):
        edge = 2**31 - 1
        slot = SlotMarket(supplies=[edge] * 3, choices=[[0, 1]] * 3, capacities=[2**45, 2**45], phases=[0] * 3)
        got = got_by(slot, parts_in(target_share(target_market_of(slot, [1000, 1000], [2**44, 2**44])), slot))

        assert sum(got) == 3 * edge
        assert abs(got[0] - got[1]) <= 3
        assert np.array(got).min() > 0
