"""Booked accruals and their transfers."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.months import Month
from sanchi.core.ledger.transfer import TransferCode
from sanchi.core.settlement.accruals import AccrualKey, accrued_so_far
from sanchi.core.settlement.posting import book_differences, carry_over, posting_month_of
from tests.core.certificates.market_days import CAFE, DAY, MARKET, RETAILER, SURPLUS

NOVEMBER, DECEMBER, JANUARY = (Month.parse(text) for text in ("2020-11", "2020-12", "2021-01"))


def key(home=101, price=1_200):
    """Make a key of the cafe."""
    return AccrualKey(
        payer_no=CAFE, payee_no=RETAILER, home_no=home, holder_no=CAFE, kind=SURPLUS, price_sen_per_kwh=price
    )


def booked(differences, revision=1, day=DAY, posting_month=NOVEMBER):
    """Book the differences of a revision."""
    return book_differences(
        market_id=MARKET,
        delivery_date=day,
        revision=revision,
        differences=differences,
        posting_month=posting_month,
    )


class TestPostingMonth:
    @pytest.mark.parametrize(
        ("closed", "expected"),
        [
            (None, "2020-11"),
            ("2020-08", "2020-11"),
            ("2020-10", "2020-11"),
            ("2020-11", "2020-12"),
            ("2021-02", "2021-03"),
        ],
    )
    def test_month_of_delivery_or_else_the_earliest_open_one(self, closed, expected):
        latest_closed_month = None if closed is None else Month.parse(closed)

        assert str(posting_month_of(DAY, latest_closed_month)) == expected


class TestBookDifferences:
    def test_line_and_transfer_belong_together(self):
        (accrual,), (transfer,) = (found := booked({key(): 500})).accruals, found.transfers

        assert (accrual.line_no, accrual.energy_wh, accrual.amount_e5yen) == (1, 500, 600_000)
        assert accrual.transfer_id == transfer.transfer_id == "tokyo/2020-11-20/r1/000001"
        assert transfer.debit_account.account_id == "cost:11"
        assert transfer.credit_account.account_id == "accrued:11:1:2020-11"
        assert (transfer.amount_e5yen, transfer.code) == (600_000, TransferCode.ACCRUAL)
        assert (transfer.posting_month, transfer.value_date) == (NOVEMBER, DAY)

    def test_difference_below_zero_changes_sides_in_the_month_of_posting(self):
        (transfer,) = booked({key(): -500}, revision=2, posting_month=DECEMBER).transfers

        assert transfer.transfer_id == "tokyo/2020-11-20/r2/000001"
        assert transfer.debit_account.account_id == "accrued:11:1:2020-12"
        assert transfer.credit_account.account_id == "cost:11"
        assert (transfer.amount_e5yen, transfer.value_date) == (600_000, DAY)

    def test_repetition_gives_the_same_lines(self):
        differences = {key(101): 500, key(102): -3}

        assert booked(differences) == booked(differences)

    def test_posting_before_the_delivery_trips(self):
        with pytest.raises(AssertionError, match="cannot be posted in 2020-11"):
            booked({key(): 5}, day=date(2020, 12, 1))


ENERGY = st.dictionaries(
    st.builds(key, home=st.integers(101, 103), price=st.sampled_from([850, 1_200])),
    st.integers(-900, 900).filter(bool),
)


class TestCarryOver:
    def test_finalised_days_stay(self):
        posted = booked({key(): 500}).accruals

        found = carry_over(market_id=MARKET, month=NOVEMBER, accruals=posted, unfinalised_dates=set())

        assert (found.accruals, found.transfers) == ((), ())

    def test_line_is_taken_back_and_booked_in_the_next_month(self):
        posted = booked({key(): 500}).accruals

        found = carry_over(market_id=MARKET, month=NOVEMBER, accruals=posted, unfinalised_dates={DAY})

        assert [(each.line_no, each.posting_month, each.energy_wh) for each in found.accruals] == [
            (2, NOVEMBER, -500),
            (3, DECEMBER, 500),
        ]
        out, into = found.transfers
        assert (out.debit_account.account_id, out.credit_account.account_id) == (
            "accrued:11:1:2020-11",
            "cost:11",
        )
        assert (into.debit_account.account_id, into.credit_account.account_id) == (
            "cost:11",
            "accrued:11:1:2020-12",
        )
        assert {each.code for each in found.transfers} == {TransferCode.CARRY}
        assert {each.value_date for each in found.transfers} == {DAY}

    def test_lines_go_on_after_those_of_the_latest_revision(self):
        posted = [
            *booked({key(101): 5, key(102): 6, key(103): 7}).accruals,
            *booked({key(101): -2}, revision=2).accruals,
        ]

        found = carry_over(market_id=MARKET, month=NOVEMBER, accruals=posted, unfinalised_dates={DAY})

        assert [(each.transfer_id[-9:], each.energy_wh) for each in found.accruals] == [
            ("r2/000002", -3),
            ("r2/000003", -6),
            ("r2/000004", -7),
            ("r2/000005", 3),
            ("r2/000006", 6),
            ("r2/000007", 7),
        ]

    def test_accruals_of_another_month_trip(self):
        posted = booked({key(): 500}, posting_month=DECEMBER).accruals

        with pytest.raises(AssertionError, match="an accrual of 2020-12 in 2020-11"):
            carry_over(market_id=MARKET, month=NOVEMBER, accruals=posted, unfinalised_dates={DAY})

    @given(ENERGY, ENERGY, ENERGY)
    def test_day_carried_twice_keeps_its_state_and_unique_lines(self, first, second, third):
        lines = [*booked(first).accruals, *booked(second, revision=2).accruals]
        for month in (NOVEMBER, DECEMBER):
            of_month = [each for each in lines if each.posting_month == month]
            carried = carry_over(market_id=MARKET, month=month, accruals=of_month, unfinalised_dates={DAY})
            lines.extend(carried.accruals)

            assert accrued_so_far(each for each in lines if each.posting_month == month) == {}
        lines.extend(booked(third, revision=3, posting_month=JANUARY).accruals)
        expected = Counter()
        for differences in (first, second, third):
            for each, wh in differences.items():
                expected[each] += wh

        assert accrued_so_far(lines) == {each: wh for each, wh in expected.items() if wh}
        assert len({each.transfer_id for each in lines}) == len(lines)
