"""Allocated energy as checked columns."""

import numpy as np
import pytest
from hypothesis import given

from sanchi.core.certificates.allocated import AllocatedEnergy, UnfitAllocation
from tests.core.certificates.market_days import CAFE, OFFICE, RETAILER, SELF, SURPLUS, allocated, market_days

COLUMNS = {
    "kind_no": np.array([1, 2], dtype=np.int8),
    "home_no": np.array([101, 101], dtype=np.int32),
    "slot_no": np.array([1, 48], dtype=np.int8),
    "choice_no": np.array([0, 1], dtype=np.int8),
    "holder_no": np.array([1, 11], dtype=np.int32),
    "energy_wh": np.array([5, 7], dtype=np.int64),
    "home_price_sen_per_kwh": np.array([850, 1000], dtype=np.int64),
    "buyer_price_sen_per_kwh": np.array([0, 1200], dtype=np.int64),
}


def with_column(name, numbers, dtype=None):
    """Make the columns with one of them replaced."""
    columns = {each: array.copy() for each, array in COLUMNS.items()}
    return {**columns, name: np.array(numbers, dtype=dtype or COLUMNS[name].dtype)}


class TestAllocatedEnergy:
    @pytest.mark.parametrize(
        ("name", "numbers", "message"),
        [
            ("energy_wh", [5, 0], "above 0"),
            ("energy_wh", [-5, 7], "above 0"),
            ("slot_no", [0, 48], "slot_no has to be 1..48"),
            ("slot_no", [1, 49], "slot_no has to be 1..48"),
            ("kind_no", [1, 3], "kind_no"),
            ("choice_no", [0, -1], "choice_no"),
            ("home_price_sen_per_kwh", [-1, 1000], "home_price_sen_per_kwh"),
            ("buyer_price_sen_per_kwh", [0, -1], "buyer_price_sen_per_kwh"),
            ("buyer_price_sen_per_kwh", [1, 1200], "nobody pays"),
            ("kind_no", [2, 2], "nobody pays"),
            ("home_no", [101], "home_no: int32 of shape"),
        ],
    )
    def test_wrong_row_is_refused_by_name(self, name, numbers, message):
        with pytest.raises(UnfitAllocation, match=message):
            AllocatedEnergy(**with_column(name, numbers))

    def test_another_integer_type_is_refused(self):
        with pytest.raises(UnfitAllocation, match="slot_no: int64"):
            AllocatedEnergy(**with_column("slot_no", [1, 48], np.int64))

    def test_two_dimensions_are_refused(self):
        with pytest.raises(UnfitAllocation, match=r"of shape \(1, 2\)"):
            AllocatedEnergy(**{name: array[None, :] for name, array in COLUMNS.items()})

    def test_columns_cannot_be_written(self):
        rows = AllocatedEnergy(**with_column("home_no", [101, 102]))

        with pytest.raises(ValueError, match="read-only"):
            rows.energy_wh[0] = 1

    def test_of_home_and_of_kind_take_their_rows(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 5), (SELF, 102, 20, CAFE, 7), (SURPLUS, 102, 21, OFFICE, 9))

        assert rows.of_home(102).energy_wh.tolist() == [7, 9]
        assert rows.without_home(102).energy_wh.tolist() == [5]
        assert rows.of_kind(SURPLUS).energy_wh.tolist() == [5, 9]
        assert rows.of_home(999).row_count == 0

    def test_bought_energy_leaves_the_rest_out(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 5), (SURPLUS, 101, 20, RETAILER, 7), (SELF, 101, 20, CAFE, 9))

        assert rows.bought_wh(SURPLUS) == 5

    def test_joined_without_parts_is_empty(self):
        assert AllocatedEnergy.joined([]).totals_by("home_no") == {}

    @given(market_days(), market_days())
    def test_totals_of_joined_days_are_the_sums_of_both(self, one, other):
        both = AllocatedEnergy.joined([one, other]).totals_by("home_no", "kind_no")
        first, second = one.totals_by("home_no", "kind_no"), other.totals_by("home_no", "kind_no")

        assert both == {key: first.get(key, 0) + second.get(key, 0) for key in {*first, *second}}
