"""Share by demand: exact against the oracle, nothing fits at the end, no home favoured by its row."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.allocation import FactName, check_allocation
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.pro_rata import pro_rata
from tests.oracles.eating_markets import day_of, random_day, slot_market_of, slot_markets
from tests.oracles.eating_oracle import SlotMarket
from tests.oracles.share_markets import (
    SLOT_INDEX,
    assert_order_of_rows_is_irrelevant,
    fits_still,
    parts_in,
)
from tests.oracles.share_oracle import pro_rata_parts

MARKETS = settings(max_examples=1_000, deadline=None)
INT32_EDGE = 2**31 - 1


def shared(slot):
    """Share a slot and give its parts by home and choice."""
    return parts_in(pro_rata(MatchMarket(day=day_of(slot))), slot)


class TestProRata:
    @MARKETS
    @given(slot_markets())
    def test_parts_equal_the_plain_integers(self, slot):
        assert shared(slot) == pro_rata_parts(slot)

    def test_all_slots_of_a_random_day_equal_the_plain_integers(self):
        day = random_day(3, n_homes=40, n_buyers=5, k_max=4)
        rows = pro_rata(MatchMarket(day=day)).allocation
        parts_wh = np.zeros((48, *day.choice_buyer_index.shape), dtype=np.int64)
        parts_wh[rows.slot_index, rows.home_index, rows.choice_index] = rows.energy_wh
        for slot_index in range(48):
            expected = pro_rata_parts(slot_market_of(day, slot_index), day.home_key.tolist())
            for home, row in enumerate(expected):
                assert parts_wh[slot_index, home, : len(row)].tolist() == row

    @MARKETS
    @given(slot_markets())
    def test_supplies_and_capacities_hold_and_nothing_fits_at_the_end(self, slot):
        day = day_of(slot)
        check_allocation(day, pro_rata(MatchMarket(day=day)).allocation)

        assert fits_still(slot, shared(slot)) == []

    @MARKETS
    @given(slot_markets())
    def test_order_of_rows_is_irrelevant(self, slot):
        assert_order_of_rows_is_irrelevant(pro_rata, MatchMarket(day=day_of(slot)))

    @MARKETS
    @given(st.lists(st.integers(0, 2500), min_size=1, max_size=10), st.integers(0, 9000))
    def test_homes_that_name_one_buyer_share_within_one_wh(self, supplies, capacity):
        phases = [0] * len(supplies)
        parts = shared(
            SlotMarket(supplies=supplies, choices=[[0]] * len(supplies), capacities=[capacity], phases=phases)
        )
        for supply, (part,) in zip(supplies, parts, strict=True):
            share = min(Fraction(supply), Fraction(supply * capacity, max(1, sum(supplies))))

            assert abs(part - share) < 1
        assert sum(part for (part,) in parts) == min(sum(supplies), capacity)

    @MARKETS
    @given(slot_markets(supply_wh=st.integers(0, 2500)), st.integers(2, 1000))
    def test_manifold_market_gives_manifold_parts_but_for_rounding(self, slot, factor):
        # With one choice a home there is one round, in which each part is less than 1 Wh from its share.
        large = SlotMarket(
            supplies=[factor * wh for wh in slot.supplies],
            choices=[choices[:1] for choices in slot.choices],
            capacities=[factor * wh for wh in slot.capacities],
            phases=slot.phases,
        )
        small = SlotMarket(
            supplies=slot.supplies, choices=large.choices, capacities=slot.capacities, phases=slot.phases
        )
        for little, much in zip(shared(small), shared(large), strict=True):
            assert all(abs(factor * one - other) < factor + 1 for one, other in zip(little, much, strict=True))

    def test_odd_wh_goes_round_the_homes(self):
        # Three equal homes and 1 Wh in each of 48 slots: each gets some, whatever its row.
        day = day_of(SlotMarket(supplies=[5, 5, 5], choices=[[0]] * 3, capacities=[1], phases=[0] * 3))
        supply_wh = np.full((48, 3), 5)
        day = type(day)(
            home_key=day.home_key.copy(),
            choice_buyer_index=day.choice_buyer_index.copy(),
            supply_wh=supply_wh,
            capacity_wh=np.ones((48, 1), dtype=np.int64),
            delivery_date=day.delivery_date,
        )
        given_wh = pro_rata(MatchMarket(day=day)).allocation.given_wh(day).sum(axis=0)

        assert given_wh.sum() == 48
        assert given_wh.min() >= 8

    @MARKETS
    @given(slot_markets())
    def test_published_figure_is_what_first_choices_with_room_were_asked(self, slot):
        facts = pro_rata(MatchMarket(day=day_of(slot))).facts
        asked = [0] * len(slot.capacities)
        for supply, choices in zip(slot.supplies, slot.choices, strict=True):
            with_room = [buyer for buyer in choices if slot.capacities[buyer]]
            if with_room:
                asked[with_room[0]] += supply

        assert set(facts.fact_no.tolist()) == {FactName.ASKED_WH}
        assert facts.figure[facts.slot_index == SLOT_INDEX].tolist() == asked

    @pytest.mark.parametrize(
        ("supplies", "capacity", "expected"),
        [
            ([0, 0], 9, [[0], [0]]),
            ([7, 7], 0, [[0], [0]]),
            ([7], 9, [[7]]),
            ([INT32_EDGE] * 4, 2 * INT32_EDGE, [[INT32_EDGE // 2 + at] for at in (0, 0, 1, 1)]),
        ],
        ids=["nothing supplied", "no capacity", "one home", "largest supplies"],
    )
    def test_edges_are_shared_exactly(self, supplies, capacity, expected):
        slot = SlotMarket(supplies=supplies, choices=[[0]] * len(supplies), capacities=[capacity], phases=[0] * 4)

        assert sorted(shared(slot)) == expected

    @pytest.mark.parametrize(("n_homes", "n_buyers", "k_max"), [(0, 2, 3), (2, 0, 3), (2, 2, 0)])
    def test_markets_without_homes_buyers_or_choices_give_no_row(self, n_homes, n_buyers, k_max):
        day = type(random_day(0, 1, 1, 1))(
            home_key=np.arange(n_homes),
            choice_buyer_index=np.full((n_homes, k_max), -1, dtype=np.int32),
            supply_wh=np.full((48, n_homes), 7),
            capacity_wh=np.full((48, n_buyers), 9),
            delivery_date=random_day(0, 1, 1, 1).delivery_date,
        )

        assert pro_rata(MatchMarket(day=day)).allocation.energy_wh.size == 0
