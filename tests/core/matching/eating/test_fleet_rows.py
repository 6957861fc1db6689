"""Rows become arrays or are refused at the first that does not fit; both engines agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.matching.eating.fleet_rows import NO_ROW, add_taken, take_supply_rows
from sanchi.core.matching.kernel import Engine

FIRST_HOME_NO = 3
N_HOMES = 4

rows = st.lists(st.tuples(st.integers(2, 7), st.integers(0, 49), st.integers(-1, 2**31 - 1)), max_size=12)
fitting_rows = st.dictionaries(
    st.tuples(st.integers(3, 6), st.integers(1, 48)), st.integers(0, 2**31 - 1), max_size=30
).map(lambda supplies: [(*key, supplies[key]) for key in sorted(supplies)])


def taken(supply_rows, engine, after_key=-1):
    """Give the first unfit row and the block."""
    block_wh = np.zeros((48, N_HOMES), dtype=np.int32)
    home_no, slot_no, supply_wh = np.array(supply_rows, dtype=np.int64).reshape(-1, 3).T
    row = take_supply_rows(
        home_no.astype(np.int32),
        slot_no.astype(np.int8),
        supply_wh.astype(np.int32),
        first_home_no=FIRST_HOME_NO,
        after_key=after_key,
        block_wh=block_wh,
        engine=engine,
    )
    return row, block_wh


def first_unfit(supply_rows):
    """Say the same row by row, as the definition does."""
    before = (-1, -1)
    for row, (home_no, slot_no, supply_wh) in enumerate(supply_rows):
        is_inside = FIRST_HOME_NO <= home_no < FIRST_HOME_NO + N_HOMES and 1 <= slot_no <= 48
        if not is_inside or supply_wh < 0 or (home_no, slot_no) <= before:
            return row
        before = (home_no, slot_no)
    return NO_ROW


@pytest.mark.parametrize("engine", Engine)
class TestSupplyRows:
    @given(supply_rows=rows)
    def test_first_unfit_row_is_found(self, engine: Engine, supply_rows):
        assert taken(supply_rows, engine)[0] == first_unfit(supply_rows)

    @given(supply_rows=fitting_rows)
    def test_fitting_rows_are_all_taken(self, engine: Engine, supply_rows):
        row, block_wh = taken(supply_rows, engine)

        assert row == NO_ROW
        assert int(block_wh.sum(dtype=np.int64)) == sum(supply_wh for _, _, supply_wh in supply_rows)
        assert all(block_wh[slot_no - 1, home_no - 3] == supply_wh for home_no, slot_no, supply_wh in supply_rows)

    def test_row_of_the_call_before_is_not_taken_again(self, engine: Engine):
        assert taken([(4, 9, 5)], engine, after_key=4 * 48 + 9)[0] == 0
        assert taken([(4, 9, 5)], engine, after_key=4 * 48 + 8)[0] == NO_ROW


@pytest.mark.parametrize("engine", Engine)
class TestTaken:
    def test_rows_add_up_by_buyer_and_slot(self, engine: Engine):
        taken_wh = np.zeros((3, 48), dtype=np.int64)
        slot_no = np.array([1, 1, 48, 1], dtype=np.int8)
        buyer_index = np.array([0, 0, 1, -1], dtype=np.int32)

        add_taken(slot_no, buyer_index, np.array([2**31 - 1, 5, 7, 9], dtype=np.int32), taken_wh, engine=engine)

        assert (taken_wh[0, 0], taken_wh[1, 47], taken_wh[2, 0]) == (2**31 + 4, 7, 9)
        assert taken_wh.sum() == 2**31 + 20
