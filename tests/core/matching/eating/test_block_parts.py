"""Rows of a block of homes from the published table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.block_parts import STANDARD_OFFER_INDEX, block_rows
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.eating.parts import ROUNDING_PHI60_MAX, TAKES_NOTHING_PHI60
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import NegativeEnergy, UnfitArray, UnknownBuyer
from sanchi.core.matching.phase import day_salts, home_words
from tests.oracles.eating_markets import DELIVERY_DATE, day_of, home_key, random_day, slot_markets
from tests.oracles.eating_oracle import ONE_SLOT, SlotMarket, parts, phase

SALTS = day_salts(DELIVERY_DATE)
TICK = st.one_of(st.integers(0, ONE_SLOT), st.sampled_from([0, 1, ONE_SLOT - 1, ONE_SLOT]))
ROUNDING = st.one_of(
    st.integers(-ROUNDING_PHI60_MAX, ROUNDING_PHI60_MAX),
    st.sampled_from([-ROUNDING_PHI60_MAX, ROUNDING_PHI60_MAX, 0, TAKES_NOTHING_PHI60]),
)


def rows_of(rows):
    """Give rows as tuples home, slot, buyer, Wh."""
    columns = (rows.home_index, rows.slot_no, rows.buyer_index, rows.energy_wh)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def expected_rows(match, homes, with_rest):
    """Lay the parts of some homes of a matched day out one by one."""
    expected = []
    for place, home in enumerate(homes):
        for slot in range(48):
            given_wh = [*match.parts_wh[slot, home].tolist(), int(match.rest_wh[slot, home]) if with_rest else 0]
            buyers = [*match.day.choice_buyer_index[home].tolist(), STANDARD_OFFER_INDEX]
            expected += [(place, slot + 1, buyer, wh) for buyer, wh in zip(buyers, given_wh, strict=True) if wh]
    return expected


def block_of(match, homes, *, with_rest, engine):
    """Give the rows of some homes of a matched day."""
    day = match.day
    return block_rows(
        day.supply_wh[:, homes].T.astype(np.int32),
        day.choice_buyer_index[homes],
        home_words(day.home_key)[homes],
        SALTS,
        np.ascontiguousarray(match.closing_t32.T),
        np.ascontiguousarray(match.rounding_phi60.T),
        with_rest=with_rest,
        engine=engine,
    )


class TestBlockRows:
    @settings(max_examples=60)
    @given(slot_markets(), st.booleans(), st.sampled_from(Engine))
    def test_rows_are_what_the_day_gave(self, market, with_rest, engine):
        match = match_day(day_of(market))
        homes = list(range(match.day.n_homes))
        rows = block_of(match, homes, with_rest=with_rest, engine=engine)

        assert rows_of(rows) == expected_rows(match, homes, with_rest)

    @pytest.mark.parametrize("engine", Engine)
    def test_any_block_of_a_day_gives_the_rows_of_its_homes(self, engine):
        match = match_day(random_day(seed=2, n_homes=300, n_buyers=11, k_max=4))
        homes = np.random.default_rng(1).permutation(300)[:70]
        rows = block_of(match, homes, with_rest=True, engine=engine)

        assert rows_of(rows) == expected_rows(match, homes.tolist(), with_rest=True)
        assert rows.energy_wh.sum() == match.day.supply_wh[:, homes].sum()

    @settings(max_examples=100)
    @given(
        st.lists(st.one_of(st.integers(0, 2**31 - 1), st.sampled_from([0, 1, 2**31 - 1])), min_size=1, max_size=5),
        st.lists(st.tuples(TICK, ROUNDING), min_size=3, max_size=3),
        st.permutations([0, 1, 2]),
        st.sampled_from(Engine),
    )
    def test_any_table_gives_the_rows_of_the_plain_integers(self, supplies, table, choices, engine):
        closings, found = zip(*table, strict=True)
        n_homes = len(supplies)
        day_wh = np.zeros((n_homes, 48), dtype=np.int32)
        day_wh[:, 24] = supplies
        keys = np.array([home_key(home) for home in range(n_homes)])
        by_slot = [np.tile(np.array(column)[:, None], 48) for column in (closings, found)]
        lists = np.array([choices] * n_homes, dtype=np.int32)
        rows = block_rows(day_wh, lists, home_words(keys), SALTS, *by_slot, with_rest=True, engine=engine)
        phases = [phase(home_key(home), DELIVERY_DATE.isoformat(), 25) for home in range(n_homes)]
        market = SlotMarket(supplies=supplies, choices=[list(choices)] * n_homes, capacities=[], phases=phases)
        expected = []
        for home, row in enumerate(parts(market, list(closings), list(found))):
            given_wh = zip([*choices, STANDARD_OFFER_INDEX], [*row, supplies[home] - sum(row)], strict=True)
            expected += [(home, 25, buyer, wh) for buyer, wh in given_wh if wh]

        assert rows_of(rows) == expected

    @pytest.mark.parametrize("engine", Engine)
    def test_block_without_homes_has_no_rows(self, engine):
        match = match_day(random_day(seed=1, n_homes=3, n_buyers=2, k_max=2))
        rows = block_of(match, [], with_rest=True, engine=engine)

        assert rows.n_rows == 0
        assert rows.slot_no.dtype == np.int8

    def test_rows_cannot_be_written_to(self):
        match = match_day(random_day(seed=1, n_homes=3, n_buyers=2, k_max=2))
        rows = block_of(match, [0, 1, 2], with_rest=True, engine=Engine.NUMBA)

        assert not rows.energy_wh.flags.writeable


class TestRefusals:
    def refused(self, error, match, **changed):
        """Ask for the rows of one home with something changed."""
        arguments = {
            "supply_wh": np.full((1, 48), 5, dtype=np.int32),
            "choice_buyer_index": np.zeros((1, 1), dtype=np.int32),
            "home_word": np.zeros(1, dtype=np.uint64),
            "salts": SALTS,
            "closing_t32": np.full((1, 48), ONE_SLOT),
            "rounding_phi60": np.zeros((1, 48), dtype=np.int64),
        }
        with pytest.raises(error, match=match):
            block_rows(**(arguments | changed), with_rest=True)

    def test_negative_supply_is_refused_by_its_place(self):
        self.refused(NegativeEnergy, r"supply_wh\[0, 0\] is -1 Wh", supply_wh=np.full((1, 48), -1, dtype=np.int32))

    def test_choice_without_a_row_of_the_table_is_refused(self):
        self.refused(
            UnknownBuyer, r"\[0, 0\] is 1, expected less than 1", choice_buyer_index=np.ones((1, 1), dtype=np.int32)
        )

    def test_table_of_another_shape_is_refused(self):
        self.refused(UnfitArray, "rounding_phi60: expected shape", rounding_phi60=np.zeros((2, 48), dtype=np.int64))
