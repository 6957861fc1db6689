"""A home's parts from the published table."""

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.parts import (
    ROUNDING_PHI60_MAX,
    TAKES_NOTHING_PHI60,
    WH_PHI60,
    eaten_wh,
    write_day_parts,
    write_home_parts,
)
from sanchi.core.matching.kernel import read_only
from sanchi.core.matching.phase import day_salts, home_words
from tests.oracles.eating_markets import DELIVERY_DATE, home_key
from tests.oracles.eating_oracle import ONE_SLOT, eaten, phase

compiled_eaten = numba.njit(eaten_wh)
SUPPLY_WH = st.one_of(st.integers(0, 2**31 - 1), st.integers(2**31 - 3, 2**31 - 1), st.integers(0, 3))
TICK = st.one_of(st.integers(0, ONE_SLOT), st.integers(ONE_SLOT - 2, ONE_SLOT))
ROUNDING = st.one_of(
    st.integers(-ROUNDING_PHI60_MAX, ROUNDING_PHI60_MAX),
    st.sampled_from([-ROUNDING_PHI60_MAX, ROUNDING_PHI60_MAX, 0, TAKES_NOTHING_PHI60]),
)


class TestEaten:
    @settings(max_examples=400, deadline=None)
    @given(SUPPLY_WH, TICK, st.integers(0, WH_PHI60 - 1), ROUNDING, st.integers(0, 2**31 - 1))
    def test_compiled_arithmetic_never_overflows(self, supply, tick, home_phase, rounding, before):
        before = min(before, supply)

        assert compiled_eaten(supply, tick, home_phase, rounding, before) == eaten(
            supply, tick, home_phase, rounding, before
        )

    def test_whole_slot_without_rounding_gives_the_whole_supply(self):
        assert eaten_wh(777, ONE_SLOT, WH_PHI60 - 1, 0, 0) == 777

    def test_phase_decides_the_fraction(self):
        half = ONE_SLOT // 2

        assert eaten_wh(5, half, WH_PHI60 // 2 - 1, 0, 0) == 2
        assert eaten_wh(5, half, WH_PHI60 // 2, 0, 0) == 3

    def test_buyer_that_takes_nothing_leaves_all_with_the_home(self):
        assert eaten_wh(5, ONE_SLOT, 0, TAKES_NOTHING_PHI60, 2) == 2


class TestHomeParts:
    def test_choice_that_closed_before_arrival_gets_nothing(self):
        parts_wh = [-1, -1, -1]
        write_home_parts(1000, [4, 7, 9], {4: ONE_SLOT // 2, 7: ONE_SLOT // 4, 9: ONE_SLOT}, [0] * 10, 0, parts_wh)

        assert parts_wh == [500, 0, 500]

    def test_missing_choice_gets_nothing(self):
        parts_wh = [-1, -1]
        write_home_parts(1000, [0, -1], [ONE_SLOT // 4], [0], 0, parts_wh)

        assert parts_wh == [250, 0]

    @settings(max_examples=100, deadline=None)
    @given(
        st.integers(0, 2**31 - 1),
        st.lists(st.tuples(TICK, ROUNDING), min_size=3, max_size=3),
        st.permutations([0, 1, 2]),
    )
    def test_any_table_gives_parts_within_the_supply(self, supply, table, choices):
        parts_wh = [0, 0, 0]
        closings, roundings = zip(*table, strict=True)
        home_phase = phase(home_key(0), DELIVERY_DATE.isoformat(), 25)
        write_home_parts(supply, choices, closings, roundings, home_phase, parts_wh)

        assert min(parts_wh) >= 0
        assert sum(parts_wh) <= supply

        compiled = self.compiled_parts(supply, choices, closings, roundings)
        assert compiled[24, 0].tolist() == parts_wh

    def compiled_parts(self, supply, choices, closings, roundings):
        """Run the kernel of the day on one home whose slots all have the same table."""
        parts_wh = np.zeros((48, 1, 3), dtype=np.int64)
        write_day_parts(
            np.arange(48),
            read_only(np.full((48, 1), supply)),
            read_only(np.array([choices], dtype=np.int32)),
            np.tile(np.array(closings), (48, 1)),
            np.tile(np.array(roundings), (48, 1)),
            home_words(np.array([home_key(0)])),
            day_salts(DELIVERY_DATE),
            parts_wh,
        )
        return parts_wh
