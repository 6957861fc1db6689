"""What a day earns, exact."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.months import Month
from sanchi.core.certificates.correction import correction_between
from sanchi.core.certificates.debts import Debt
from sanchi.core.settlement.accruals import (
    AccrualKey,
    HomeParties,
    accrual_differences,
    accrue_day,
    accrued_so_far,
)
from sanchi.core.settlement.posting import book_differences
from tests.core.certificates.market_days import (
    CAFE,
    DAY,
    MARKET,
    OFFICE,
    RETAILER,
    SELF,
    SURPLUS,
    allocated,
    market_days,
)

# The payee of home 103 is its landlord.
PARTIES = [
    HomeParties(home_no=101, purchaser_no=RETAILER, payee_no=101),
    HomeParties(home_no=102, purchaser_no=2, payee_no=102),
    HomeParties(home_no=103, purchaser_no=RETAILER, payee_no=200),
]


def key(payer, payee, home, holder, price, kind=SURPLUS):
    """Make a key."""
    return AccrualKey(
        payer_no=payer, payee_no=payee, home_no=home, holder_no=holder, kind=kind, price_sen_per_kwh=price
    )


def debts_of(removals):
    """Owe all removals of a day."""
    return [
        Debt(
            debt_no=number,
            home_no=each.home_no,
            kind=each.kind,
            delivery_date=DAY,
            slot_no=each.slot_no,
            holder_no=each.holder_no,
            debt_wh=each.energy_wh,
            home_price_sen_per_kwh=each.home_price_sen_per_kwh,
            buyer_price_sen_per_kwh=each.buyer_price_sen_per_kwh,
            revision=2,
        )
        for number, each in enumerate(removals, start=1)
    ]


class TestAccrueDay:
    def test_bought_energy_has_two_legs(self):
        accrued = accrue_day(allocated((SURPLUS, 102, 20, CAFE, 500)), [], PARTIES)

        assert accrued == {key(2, 102, 102, CAFE, 1_000): 500, key(CAFE, 2, 102, CAFE, 1_200): 500}

    def test_standard_offer_has_one_leg(self):
        accrued = accrue_day(allocated((SURPLUS, 103, 20, RETAILER, 500)), [], PARTIES)

        assert accrued == {key(RETAILER, 200, 103, RETAILER, 850): 500}

    def test_kept_self_consumption_moves_no_money(self):
        assert accrue_day(allocated((SELF, 101, 20, RETAILER, 500)), [], PARTIES) == {}

    def test_leg_without_price_gives_no_line(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 500))
        free = replace(rows, buyer_price_sen_per_kwh=rows.buyer_price_sen_per_kwh * 0)

        assert accrue_day(free, [], PARTIES) == {key(RETAILER, 101, 101, CAFE, 1_000): 500}

    def test_slots_are_added_up_and_prices_are_not(self):
        rows = allocated((SELF, 101, 20, CAFE, 5), (SELF, 101, 21, CAFE, 6), (SELF, 101, 21, OFFICE, 7))

        accrued = accrue_day(rows, [], PARTIES)

        assert accrued == {
            key(RETAILER, 101, 101, CAFE, 1_000, SELF): 11,
            key(RETAILER, 101, 101, OFFICE, 1_100, SELF): 7,
            key(CAFE, RETAILER, 101, CAFE, 1_200, SELF): 11,
            key(OFFICE, RETAILER, 101, OFFICE, 1_250, SELF): 7,
        }
        assert list(accrued) == sorted(accrued)

    def test_home_without_parties_trips(self):
        with pytest.raises(AssertionError, match="home 104"):
            accrue_day(allocated((SURPLUS, 104, 20, CAFE, 5)), [], PARTIES)

    @given(market_days())
    def test_every_row_is_priced_on_both_legs(self, rows):
        expected = Counter()
        columns = (rows.home_no, rows.energy_wh, rows.home_price_sen_per_kwh, rows.buyer_price_sen_per_kwh)
        for home_no, wh, home_price, buyer_price in zip(*(each.tolist() for each in columns), strict=True):
            expected[home_no] += wh * (home_price + buyer_price)
        found = Counter(dict.fromkeys(expected, 0))
        for each, wh in accrue_day(rows, [], PARTIES).items():
            found[each.home_no] += wh * each.price_sen_per_kwh

        assert found == expected

    @given(market_days(), market_days())
    def test_watt_hours_that_became_debts_stay_paid(self, before, after):
        correction = correction_between(before, after)
        owed = accrue_day(after, debts_of(correction.removals), PARTIES)

        differences = accrual_differences(accrue_day(before, [], PARTIES), owed)

        assert differences == accrue_day(correction.increase, [], PARTIES)


class TestAccrualDifferences:
    @given(st.lists(market_days(), max_size=4))
    def test_differences_of_all_revisions_add_up_to_the_state_in_force(self, revisions):
        booked = []
        for revision, rows in enumerate(revisions, start=1):
            differences = accrual_differences(accrued_so_far(booked), accrue_day(rows, [], PARTIES))
            booked.extend(
                book_differences(
                    market_id=MARKET,
                    delivery_date=DAY,
                    revision=revision,
                    differences=differences,
                    posting_month=Month.of(DAY),
                ).accruals
            )

            assert accrued_so_far(booked) == accrue_day(rows, [], PARTIES)

    @given(market_days())
    def test_same_state_again_books_nothing(self, rows):
        state = accrue_day(rows, [], PARTIES)

        assert accrual_differences(state, state) == {}

    def test_lower_energy_and_a_new_price_are_signed(self):
        old = {key(CAFE, RETAILER, 101, CAFE, 1_200): 500}
        new = {key(CAFE, RETAILER, 101, CAFE, 1_200): 300, key(CAFE, RETAILER, 101, CAFE, 1_300): 10}

        assert list(accrual_differences(old, new).values()) == [-200, 10]
