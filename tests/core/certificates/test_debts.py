"""Debts paid off by withholding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sanchi.core.certificates.debts import Debt, DebtSettlement, keep_settlements, withhold
from tests.core.certificates.market_days import CAFE, DAY, SELF, SURPLUS

SUPPLY = arrays.arrays(np.int64, 48, elements=st.integers(0, 5))
DEBTS = st.lists(st.integers(1, 60), max_size=5)


def debts(*open_wh, home_no=101, kind=SURPLUS):
    """Make debts of one home, numbered from 1."""
    return [
        Debt(
            debt_no=number,
            home_no=home_no,
            kind=kind,
            delivery_date=DAY,
            slot_no=20,
            holder_no=CAFE,
            debt_wh=wh,
            home_price_sen_per_kwh=1_000,
            buyer_price_sen_per_kwh=1_200,
            revision=2,
        )
        for number, wh in enumerate(open_wh, start=1)
    ]


def supply(**wh_by_slot):
    """Make a supply of slots named s1..s48."""
    supply_wh = np.zeros(48, dtype=np.int64)
    for name, wh in wh_by_slot.items():
        supply_wh[int(name[1:]) - 1] = wh
    return supply_wh


def settled(*rows):
    """Make settlements of (debt, slot, Wh)."""
    return tuple(DebtSettlement(debt_no=debt, slot_no=slot, settled_wh=wh) for debt, slot, wh in rows)


class TestWithhold:
    @pytest.mark.parametrize(
        ("supply_wh", "owed_wh", "expected"),
        [
            (supply(s20=10, s21=10), [4], [(1, 20, 4)]),
            (supply(s20=10, s21=10), [4, 3], [(1, 20, 4), (2, 20, 3)]),
            (supply(s20=10, s21=10), [14], [(1, 20, 10), (1, 21, 4)]),
            (supply(s20=10, s21=10), [10, 2], [(1, 20, 10), (2, 21, 2)]),
            (supply(s1=1, s48=1), [5, 5], [(1, 1, 1), (1, 48, 1)]),
            (supply(s20=10), [], []),
            (supply(), [5], []),
        ],
    )
    def test_earliest_slots_pay_the_oldest_debt_first(self, supply_wh, owed_wh, expected):
        withheld_wh, settlements = withhold(supply_wh, debts(*owed_wh))

        assert settlements == settled(*expected)
        assert withheld_wh.sum() == sum(wh for _, _, wh in expected)

    @given(SUPPLY, DEBTS)
    def test_watt_hour_by_watt_hour_gives_the_same(self, supply_wh, owed_wh):
        pool = [slot_no for slot_no, wh in enumerate(supply_wh.tolist(), start=1) for _ in range(wh)]
        owed = [number for number, wh in enumerate(owed_wh, start=1) for _ in range(wh)]
        expected = {}
        for debt_no, slot_no in zip(owed, pool, strict=False):
            expected[debt_no, slot_no] = expected.get((debt_no, slot_no), 0) + 1

        withheld_wh, settlements = withhold(supply_wh, debts(*owed_wh))

        assert settlements == settled(*((*key, wh) for key, wh in expected.items()))
        assert withheld_wh.sum() == min(sum(owed_wh), supply_wh.sum())
        for slot_no in range(1, 49):
            of_slot = sum(each.settled_wh for each in settlements if each.slot_no == slot_no)
            assert withheld_wh[slot_no - 1] == of_slot <= supply_wh[slot_no - 1]

    def test_supply_is_left_as_it_was(self):
        supply_wh = supply(s20=10)

        withhold(supply_wh, debts(4))

        assert supply_wh.sum() == 10

    def test_debts_of_another_kind_trip(self):
        with pytest.raises(AssertionError, match="several homes or kinds"):
            withhold(supply(s20=10), [*debts(4), *debts(4, kind=SELF)])

    def test_negative_supply_trips(self):
        with pytest.raises(AssertionError, match="negative"):
            withhold(supply(s20=-1), debts(4))


class TestKeepSettlements:
    @pytest.mark.parametrize(
        ("supply_wh", "expected"),
        [
            (supply(s20=10, s21=10), [(1, 20, 4), (2, 20, 3), (2, 21, 5)]),
            (supply(s20=7, s21=5), [(1, 20, 4), (2, 20, 3), (2, 21, 5)]),
            (supply(s20=5, s21=4), [(1, 20, 4), (2, 20, 1), (2, 21, 4)]),
            (supply(s20=4, s21=4), [(1, 20, 4), (2, 21, 4)]),
            (supply(s21=9), [(2, 21, 5)]),
            (supply(), []),
        ],
    )
    def test_older_debts_stay_paid_as_far_as_the_supply_goes(self, supply_wh, expected):
        withheld_wh, kept = keep_settlements(supply_wh, settled((1, 20, 4), (2, 20, 3), (2, 21, 5)))

        assert kept == settled(*expected)
        assert withheld_wh.sum() == sum(wh for _, _, wh in expected)

    @given(SUPPLY, SUPPLY, DEBTS)
    def test_no_more_is_kept_than_was_withheld_or_is_there(self, supply_wh, corrected_wh, owed_wh):
        before_wh, settlements = withhold(supply_wh, debts(*owed_wh))

        after_wh, kept = keep_settlements(corrected_wh, settlements)

        assert after_wh.tolist() == np.minimum(before_wh, corrected_wh).tolist()
        assert sum(each.settled_wh for each in kept) == after_wh.sum()


class TestDebt:
    def test_debt_of_nothing_trips(self):
        with pytest.raises(AssertionError, match="debt 1 is 0 Wh"):
            debts(0)
