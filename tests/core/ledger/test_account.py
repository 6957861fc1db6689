"""The chart of accounts and the names of accounts."""

import pytest

from sanchi.core.base.months import Month
from sanchi.core.ledger.account import (
    CHART,
    AccountCode,
    Currency,
    Side,
    accrued_account,
    cost_account,
    due_account,
    remainder_account,
)

DECEMBER = Month(year=2020, month_no=12)


class TestAccount:
    @pytest.mark.parametrize(
        ("account", "name"),
        [
            (cost_account(7), "cost:7"),
            (accrued_account(7, 12, DECEMBER), "accrued:7:12:2020-12"),
            (remainder_account(7, 12), "remainder:7:12"),
            (due_account(7, 12), "due:7:12"),
        ],
    )
    def test_name_tells_code_parties_and_month(self, account, name):
        assert account.account_id == name
        assert account.currency is Currency.JPY_E5

    def test_only_what_is_due_has_a_floor(self):
        accounts = [
            cost_account(7),
            accrued_account(7, 12, DECEMBER),
            remainder_account(7, 12),
            due_account(7, 12),
        ]

        assert [account.floor_e5yen for account in accounts] == [None, None, None, 0]


class TestChart:
    def test_every_code_is_explained(self):
        assert set(CHART) == set(AccountCode)
        assert all(len(entry.explanation) > 20 for entry in CHART.values())

    def test_costs_grow_by_debits_and_all_else_by_credits(self):
        sides = {code: entry.normal_side for code, entry in CHART.items()}

        assert sides.pop(AccountCode.COST) is Side.DEBIT
        assert set(sides.values()) == {Side.CREDIT}
