"""The checked input of a market-day."""

from datetime import date

import numpy as np
import pytest

from sanchi.core.base.errors import SanchiError
from sanchi.core.matching.offers import (
    HOME_SUPPLY_WH_MAX,
    ChoiceGap,
    DayMatchInput,
    ExcessiveSupply,
    NegativeEnergy,
    RepeatedChoice,
    RepeatedHomeKey,
    UnfitArray,
    UnknownBuyer,
    choosers_by_buyer,
)


def fields(**changes):
    """Give a good input of 3 homes and 2 buyers, with changes."""
    good = {
        "home_key": np.array([7, -3, 2**62]),
        "choice_buyer_index": np.array([[1, 0], [0, -1], [-1, -1]], dtype=np.int32),
        "supply_wh": np.full((48, 3), 500),
        "capacity_wh": np.full((48, 2), 600),
        "delivery_date": date(2020, 11, 20),
    }
    return good | changes


def changed(array, place, number):
    """Give a copy of an array with one number changed."""
    copy = array.copy()
    copy[place] = number
    return copy


class TestDayMatchInput:
    def test_good_input_is_kept_and_frozen(self):
        given = fields()
        day = DayMatchInput(**given)

        assert (day.n_homes, day.n_buyers) == (3, 2)
        assert day.supply_wh is given["supply_wh"]
        for array in (day.home_key, day.choice_buyer_index, day.supply_wh, day.capacity_wh):
            assert not array.flags.writeable

    def test_array_in_another_memory_order_is_copied(self):
        day = DayMatchInput(**fields(supply_wh=np.asfortranarray(np.arange(144).reshape(48, 3))))

        assert day.supply_wh.flags.c_contiguous
        assert day.supply_wh[1].tolist() == [3, 4, 5]

    @pytest.mark.parametrize(
        ("name", "array", "expected"),
        [
            ("home_key", np.array([1.0, 2.0, 3.0]), "int64, found float64"),
            ("home_key", [1, 2, 3], "int64, found list"),
            ("home_key", np.zeros((3, 1), dtype=np.int64), r"shape \(any\), found \(3, 1\)"),
            ("choice_buyer_index", np.zeros((3, 1), dtype=np.int64), "int32, found int64"),
            ("choice_buyer_index", np.zeros((2, 1), dtype=np.int32), r"shape \(3, any\), found \(2, 1\)"),
            ("supply_wh", np.zeros((47, 3), dtype=np.int64), r"shape \(48, 3\), found \(47, 3\)"),
            ("supply_wh", np.zeros((48, 3), dtype=np.int32), "int64, found int32"),
            ("capacity_wh", np.zeros((24, 2), dtype=np.int64), r"shape \(48, any\), found \(24, 2\)"),
        ],
    )
    def test_array_of_another_form_is_refused(self, name, array, expected):
        with pytest.raises(UnfitArray, match=f"{name}: expected .*{expected}"):
            DayMatchInput(**fields(**{name: array}))

    @pytest.mark.parametrize("name", ["supply_wh", "capacity_wh"])
    def test_negative_energy_is_refused_with_its_place(self, name):
        array = changed(fields()[name], (30, 1), -5)

        with pytest.raises(NegativeEnergy, match=rf"{name}\[30, 1\] is -5 Wh"):
            DayMatchInput(**fields(**{name: array}))

    def test_supply_beyond_31_bits_is_refused(self):
        supply_wh = changed(fields()["supply_wh"], (30, 1), HOME_SUPPLY_WH_MAX + 1)

        with pytest.raises(ExcessiveSupply, match=r"supply_wh\[30, 1\] is 2147483648 Wh"):
            DayMatchInput(**fields(supply_wh=supply_wh))

    def test_slot_beyond_46_bits_is_refused(self):
        n_homes = 2**15 + 1
        supply_wh = np.zeros((48, n_homes), dtype=np.int64)
        supply_wh[9] = HOME_SUPPLY_WH_MAX
        choices = np.zeros((n_homes, 1), dtype=np.int32)

        with pytest.raises(ExcessiveSupply, match=r"supply_wh\[9\] sums to"):
            DayMatchInput(**fields(home_key=np.arange(n_homes), choice_buyer_index=choices, supply_wh=supply_wh))

    @pytest.mark.parametrize(
        ("choices", "error", "message"),
        [
            ([[0, 1], [0, 2], [-1, -1]], UnknownBuyer, r"\[1, 1\] is 2, expected 0..1 or -1"),
            ([[0, 1], [-2, -1], [-1, -1]], UnknownBuyer, r"\[1, 0\] is -2"),
            ([[0, 1], [0, -1], [-1, 1]], ChoiceGap, r"\[2\] has a gap"),
            ([[0, 1], [1, 1], [-1, -1]], RepeatedChoice, r"\[1\] names buyer 1 twice"),
        ],
    )
    def test_bad_choice_list_is_refused(self, choices, error, message):
        with pytest.raises(error, match=message):
            DayMatchInput(**fields(choice_buyer_index=np.array(choices, dtype=np.int32)))

    def test_repeat_is_found_over_a_distance(self):
        choices = np.array([[0, 1, 0], [0, 1, -1], [-1, -1, -1]], dtype=np.int32)

        with pytest.raises(RepeatedChoice, match=r"\[0\] names buyer 0 twice"):
            DayMatchInput(**fields(choice_buyer_index=choices))

    def test_two_homes_with_one_key_are_refused(self):
        with pytest.raises(RepeatedHomeKey, match="same key"):
            DayMatchInput(**fields(home_key=np.array([7, -3, 7])))

    def test_every_refusal_is_a_sanchi_error(self):
        errors = (
            UnfitArray,
            NegativeEnergy,
            ExcessiveSupply,
            UnknownBuyer,
            ChoiceGap,
            RepeatedChoice,
            RepeatedHomeKey,
        )

        assert all(issubclass(error, SanchiError) for error in errors)


class TestChoosers:
    def test_choosers_of_each_buyer_stand_together(self):
        choices = np.array([[2, 0], [0, -1], [-1, -1], [2, -1]], dtype=np.int32)
        choosers = choosers_by_buyer(choices, 4)
        entries = list(zip(choosers.home_index.tolist(), choosers.choice_index.tolist(), strict=True))
        of_buyer = [
            entries[first:last]
            for first, last in zip(choosers.buyer_first_index, choosers.buyer_first_index[1:], strict=False)
        ]

        assert of_buyer == [[(0, 1), (1, 0)], [], [(0, 0), (3, 0)], []]

    def test_lists_without_any_choice_have_no_chooser(self):
        choosers = choosers_by_buyer(np.empty((3, 0), dtype=np.int32), 2)

        assert choosers.buyer_first_index.tolist() == [0, 0, 0]
