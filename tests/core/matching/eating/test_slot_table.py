"""The published table of a slot, from the walk of the tree and from NumPy alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.choice_tree import build_choice_tree
from sanchi.core.matching.eating.slot_table import slot_table
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import HOME_SUPPLY_WH_MAX, ExcessiveSupply, NegativeEnergy, UnfitArray
from sanchi.core.matching.phase import day_salts, home_words
from tests.oracles.eating_markets import DELIVERY_DATE, day_of, fleet_slot, slot_markets
from tests.oracles.eating_oracle import ONE_SLOT, ONE_WH, closing_times, roundings

SALT = day_salts(DELIVERY_DATE)[24]


def table_of(slot, engine=Engine.NUMBA):
    """Give the table of a slot (home keys, choices, supplies, capacities)."""
    keys, choices, supply_wh, capacity_wh = slot
    tree = build_choice_tree(choices, len(capacity_wh))
    words = home_words(keys)[tree.home_order]
    return slot_table(tree, supply_wh.astype(np.int32)[tree.home_order], capacity_wh, words, SALT, engine=engine)


def slot_of(market):
    """Give a drawn market as arrays."""
    day = day_of(market)
    return day.home_key, day.choice_buyer_index, day.supply_wh[24], day.capacity_wh[24]


class TestAgainstTheOracle:
    @settings(max_examples=250)
    @given(slot_markets(homes_max=12, buyers_max=6, choices_max=5), st.sampled_from(Engine))
    def test_table_equals_the_plain_integers(self, market, engine):
        closing_t32, rounding_phi60 = table_of(slot_of(market), engine)
        closings = closing_times(market)

        assert closing_t32.tolist() == closings
        assert rounding_phi60.tolist() == roundings(market, closings)


class TestEngines:
    @settings(max_examples=250)
    @given(slot_markets(homes_max=30, buyers_max=8, choices_max=5))
    def test_numba_and_numpy_give_the_same_table(self, market):
        slot = slot_of(market)
        compiled, plain = table_of(slot, Engine.NUMBA), table_of(slot, Engine.NUMPY)

        assert np.array_equal(compiled, plain)

    @pytest.mark.parametrize(
        ("n_homes", "n_buyers", "k_max", "scarcity_percent"),
        [(3000, 40, 3, 80), (4000, 300, 4, 60), (2000, 900, 2, 110), (5000, 1, 1, 50), (3000, 12, 5, 30)],
    )
    def test_numba_and_numpy_give_the_same_table_of_thousands(self, n_homes, n_buyers, k_max, scarcity_percent):
        slot = fleet_slot(7, n_homes, n_buyers, k_max, scarcity_percent)
        compiled, plain = table_of(slot, Engine.NUMBA), table_of(slot, Engine.NUMPY)

        assert np.array_equal(compiled, plain)
        assert (compiled[0] < ONE_SLOT).any()

    def test_engine_is_chosen_by_what_is_installed(self):
        slot = fleet_slot(1, 200, 9, 3)

        assert np.array_equal(table_of(slot, None), table_of(slot, Engine.NUMPY))


class TestOrder:
    @pytest.mark.parametrize("engine", Engine)
    def test_order_of_thousands_of_homes_changes_nothing(self, engine):
        keys, choices, supply_wh, capacity_wh = fleet_slot(3, 4000, 50, 4)
        order = np.random.default_rng(5).permutation(len(keys))
        table = table_of((keys, choices, supply_wh, capacity_wh), engine)

        assert np.array_equal(table, table_of((keys[order], choices[order], supply_wh[order], capacity_wh), engine))

    def test_threads_give_the_same_tables(self):
        slots = [fleet_slot(seed, 2000, 30, 3) for seed in range(8)]
        alone = [table_of(slot) for slot in slots]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(table_of, slots))

        assert np.array_equal(alone, together)


class TestScaling:
    @settings(max_examples=150)
    @given(slot_markets(supply_wh=st.integers(0, 2500)), st.integers(2, 10_000))
    def test_all_energies_times_a_number_keep_every_closing_time(self, market, factor):
        # By induction over closings: T = floor((c * 2^32 + O) / R), and c, O and R all carry the factor, so the
        # quotient, its floor and thereby the next O are the same: not a single tick moves.
        keys, choices, supply_wh, capacity_wh = slot_of(market)
        closing_t32, _ = table_of((keys, choices, supply_wh, capacity_wh))
        scaled_t32, _ = table_of((keys, choices, supply_wh * factor, capacity_wh * factor))

        assert scaled_t32.tolist() == closing_t32.tolist()

    def test_larger_markets_need_smaller_rounding_numbers(self):
        small = np.abs(table_of(fleet_slot(1, 500, 10, 3))[1]).max()
        large = np.abs(table_of(fleet_slot(1, 50_000, 10, 3))[1]).max()

        assert large < small < ONE_WH


class TestEdges:
    @pytest.mark.parametrize("engine", Engine)
    def test_largest_supplies_close_to_the_wh(self, engine):
        n_homes = 3000
        keys, choices, _, _ = fleet_slot(2, n_homes, 4, 2)
        choices = np.where(choices < 0, (choices[:, ::-1] + 1) % 4, choices).astype(np.int32)
        supply_wh = np.full(n_homes, HOME_SUPPLY_WH_MAX)
        capacity_wh = np.full(4, n_homes * HOME_SUPPLY_WH_MAX // 8)
        closing_t32, rounding_phi60 = table_of((keys, choices, supply_wh, capacity_wh), engine)

        assert (closing_t32 < ONE_SLOT).all()
        assert np.array_equal(
            (closing_t32, rounding_phi60), table_of((keys, choices, supply_wh, capacity_wh), Engine.NUMPY)
        )

    @pytest.mark.parametrize("engine", Engine)
    @pytest.mark.parametrize(("n_homes", "n_buyers", "k_max"), [(0, 2, 3), (2, 0, 3), (2, 2, 0), (0, 0, 0), (1, 1, 1)])
    def test_empty_markets_leave_every_buyer_open(self, engine, n_homes, n_buyers, k_max):
        choices = np.full((n_homes, k_max), -1, dtype=np.int32)
        table = table_of((np.arange(n_homes), choices, np.full(n_homes, 7), np.full(n_buyers, 9)), engine)

        assert table[0].tolist() == [ONE_SLOT] * n_buyers
        assert table[1].tolist() == [0] * n_buyers

    @pytest.mark.parametrize("engine", Engine)
    def test_equal_homes_share_equally_whatever_their_number(self, engine):
        choices = np.zeros((1000, 1), dtype=np.int32)
        table = table_of((np.arange(1000), choices, np.full(1000, 500), np.array([250_000])), engine)

        assert table[0].tolist() == [ONE_SLOT // 2]


class TestRefusals:
    def refused(self, error, match, **changed):
        """Ask for a table of one home with something changed."""
        tree = build_choice_tree(np.zeros((1, 1), dtype=np.int32), 1)
        arguments = {
            "supply_wh": np.array([5], dtype=np.int32),
            "capacity_wh": np.array([5]),
            "home_word": np.zeros(1, dtype=np.uint64),
        }
        with pytest.raises(error, match=match):
            slot_table(tree, **(arguments | changed), salt=SALT)

    def test_negative_supply_is_refused_by_its_place(self):
        self.refused(NegativeEnergy, r"supply_wh\[0\] is -1 Wh", supply_wh=np.array([-1], dtype=np.int32))

    def test_negative_capacity_is_refused_by_its_place(self):
        self.refused(NegativeEnergy, r"capacity_wh\[0\] is -3 Wh", capacity_wh=np.array([-3]))

    def test_supplies_of_64_bits_are_refused(self):
        self.refused(UnfitArray, "expected a NumPy array of int32", supply_wh=np.array([5]))

    def test_buyer_without_capacity_row_is_refused(self):
        self.refused(UnfitArray, r"expected shape \(1\)", capacity_wh=np.array([5, 5]))

    def test_slot_beyond_the_arithmetic_is_refused(self):
        n_homes = 2**15 + 1
        tree = build_choice_tree(np.zeros((n_homes, 1), dtype=np.int32), 1)
        supply_wh = np.full(n_homes, HOME_SUPPLY_WH_MAX, dtype=np.int32)

        with pytest.raises(ExcessiveSupply, match="Split the market"):
            slot_table(tree, supply_wh, np.array([5]), np.zeros(n_homes, dtype=np.uint64), SALT)
