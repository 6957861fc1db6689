"""Stable allocation: no blocking pair, the best for every home, exact against Wh that propose one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.market import MatchMarket, MissingTerms
from sanchi.core.matching.mechanisms import two_sided as module
from sanchi.core.matching.mechanisms.two_sided import UnsettledSlot, two_sided
from tests.oracles.eating_markets import day_of, random_day, slot_market_of
from tests.oracles.eating_oracle import SlotMarket
from tests.oracles.share_markets import (
    SLOT_INDEX,
    assert_order_of_rows_is_irrelevant,
    parts_in,
    stable_market_of,
    stable_markets,
)
from tests.oracles.stable_oracle import StableMarket, blocking_pairs, stable_parts

MARKETS = settings(max_examples=1_000, deadline=None)
FEW_WH = st.one_of(st.integers(0, 4), st.integers(0, 30))


def stable(slot, classes, quotas=None):
    """Give the parts of a slot; without quotas a pair may give all of its supply."""
    if quotas is None:
        quotas = [[supply] * len(choices) for supply, choices in zip(slot.supplies, slot.choices, strict=True)]
    market = StableMarket(slot=slot, classes=classes, quotas=quotas)
    return parts_in(two_sided(stable_market_of(market)), slot)


class TestTwoSided:
    @MARKETS
    @given(stable_markets(supply_wh=FEW_WH))
    def test_parts_equal_those_of_wh_that_propose_one_by_one(self, market):
        assert parts_in(two_sided(stable_market_of(market)), market.slot) == stable_parts(market)

    @MARKETS
    @given(stable_markets())
    def test_there_is_no_blocking_pair(self, market):
        assert blocking_pairs(market, parts_in(two_sided(stable_market_of(market)), market.slot)) == []

    @MARKETS
    @given(stable_markets())
    def test_supplies_capacities_and_quotas_hold(self, market):
        terms = stable_market_of(market)
        result = two_sided(terms)
        check_allocation(terms.day, result.allocation)
        for row, quotas in zip(parts_in(result, market.slot), market.quotas, strict=True):
            assert all(wh <= quota for wh, quota in zip(row, quotas, strict=True))

    @MARKETS
    @given(stable_markets())
    def test_order_of_rows_is_irrelevant(self, market):
        assert_order_of_rows_is_irrelevant(two_sided, stable_market_of(market))

    def test_all_slots_of_a_random_day_have_no_blocking_pair(self):
        day = random_day(5, n_homes=60, n_buyers=6, k_max=4)
        class_rank = np.arange(60 * 4, dtype=np.int32).reshape(60, 4) % 3
        rows = two_sided(MatchMarket(day=day, class_rank=class_rank)).allocation
        parts_wh = np.zeros((48, 60, 4), dtype=np.int64)
        parts_wh[rows.slot_index, rows.home_index, rows.choice_index] = rows.energy_wh
        for slot_index in range(16, 36):
            slot = slot_market_of(day, slot_index)
            lengths = [len(choices) for choices in slot.choices]
            market = StableMarket(
                slot=slot,
                classes=[row[:length] for row, length in zip(class_rank.tolist(), lengths, strict=True)],
                quotas=[[supply] * length for supply, length in zip(slot.supplies, lengths, strict=True)],
            )
            parts = [row[:length] for row, length in zip(parts_wh[slot_index].tolist(), lengths, strict=True)]

            assert blocking_pairs(market, parts) == []

    @MARKETS
    @given(stable_markets())
    def test_published_class_is_the_last_that_got_anything(self, market):
        result = two_sided(stable_market_of(market))
        last = [-1] * len(market.slot.capacities)
        for home, row in enumerate(parts_in(result, market.slot)):
            for choice, wh in enumerate(row):
                if wh:
                    buyer = market.slot.choices[home][choice]
                    last[buyer] = max(last[buyer], market.classes[home][choice])
        facts = result.facts

        assert set(facts.fact_no.tolist()) == {FactName.CUTOFF_CLASS}
        assert facts.figure[facts.slot_index == SLOT_INDEX].tolist() == last

    def test_homes_of_one_class_share_pro_rata_to_supply(self):
        slot = SlotMarket(supplies=[300, 600, 900], choices=[[0]] * 3, capacities=[600], phases=[0] * 3)
        parts = stable(slot, [[0]] * 3)

        assert sum(wh for (wh,) in parts) == 600
        assert all(abs(wh - share) <= 1 for (wh,), share in zip(parts, (100, 200, 300), strict=True))

    def test_own_employees_are_served_first(self):
        slot = SlotMarket(supplies=[300, 600], choices=[[0], [0]], capacities=[700], phases=[0] * 2)

        assert stable(slot, [[1], [0]]) == [[100], [600]]

    def test_what_a_quota_keeps_goes_to_the_next_choice(self):
        slot = SlotMarket(supplies=[300], choices=[[0, 1]], capacities=[700, 700], phases=[0])

        assert stable(slot, [[0, 0]], [[120, 300]]) == [[120, 180]]

    def test_opposed_rankings_end_at_what_homes_like_best(self):
        # Each buyer would rather have the other's home: both fit, so the homes' wishes stand.
        slot = SlotMarket(supplies=[1000, 1000], choices=[[0, 1], [1, 0]], capacities=[1000, 1000], phases=[0] * 2)

        assert stable(slot, [[1, 0], [1, 0]]) == [[1000, 0], [1000, 0]]

    def test_one_wh_too_much_under_opposed_rankings_turns_all_round(self):
        # The Wh too much wanders to and fro, each time pushing out one more, until the buyers have what they like.
        slot = SlotMarket(supplies=[1001, 1001], choices=[[0, 1], [1, 0]], capacities=[1000, 1000], phases=[0] * 2)

        assert stable(slot, [[1, 0], [1, 0]]) == [[0, 1000], [0, 1000]]

    @pytest.mark.parametrize(
        ("supplies", "capacity", "given_wh"),
        [([0, 0], 9, 0), ([7, 7], 0, 0), ([7], 9, 7), ([2**31 - 1] * 4, 2**32 + 5, 2**32 + 5)],
        ids=["nothing supplied", "no capacity", "one home", "largest supplies"],
    )
    def test_edges_are_shared_exactly(self, supplies, capacity, given_wh):
        slot = SlotMarket(supplies=supplies, choices=[[0]] * len(supplies), capacities=[capacity], phases=[0] * 4)
        parts = stable(slot, [[0]] * len(supplies))

        assert sum(wh for (wh,) in parts) == given_wh
        assert max(wh for (wh,) in parts) - min(wh for (wh,) in parts) <= 1

    def test_market_without_classes_is_refused(self):
        slot = SlotMarket(supplies=[1], choices=[[0]], capacities=[1], phases=[0])
        with pytest.raises(MissingTerms, match="class_rank"):
            two_sided(MatchMarket(day=day_of(slot)))

    def test_market_without_quotas_is_one_whose_quotas_do_not_bind(self):
        slot = SlotMarket(supplies=[5, 9], choices=[[0, 1], [0, 1]], capacities=[6, 4], phases=[0] * 2)
        market = StableMarket(slot=slot, classes=[[0, 0]] * 2, quotas=[[5, 5], [9, 9]])
        terms = stable_market_of(market)

        assert parts_in(two_sided(replace(terms, pair_quota_wh=None)), slot) == parts_in(two_sided(terms), slot)

    def test_slot_that_goes_round_for_too_long_is_refused_by_name(self, monkeypatch):
        # The limit is lowered: the real one lets this market turn for some ten seconds.
        monkeypatch.setattr(module, "SLOT_STEPS_MAX", 10_000)
        supply_wh = 2**31 - 1
        slot = SlotMarket(
            supplies=[supply_wh] * 2,
            choices=[[0, 1], [1, 0]],
            capacities=[supply_wh, supply_wh - 1],
            phases=[0] * 2,
        )

        with pytest.raises(UnsettledSlot, match=f"Slot {SLOT_INDEX + 1} is not settled after 10000 steps"):
            stable(slot, [[1, 0], [1, 0]])
