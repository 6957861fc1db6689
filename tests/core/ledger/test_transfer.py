"""Transfers and what is none."""

from datetime import date

import pytest

from sanchi.core.base.ids import TransferId
from sanchi.core.ledger.account import Currency
from sanchi.core.ledger.transfer import TransferCode, UnfitTransfer, signed_transfer
from tests.core.ledger.entries import COST, DUE, JANUARY, transfer


def signed(amount_e5yen):
    """Make a transfer of either sign from cost to due."""
    return signed_transfer(
        transfer_id=TransferId("t"),
        debit_account=COST,
        credit_account=DUE,
        amount_e5yen=amount_e5yen,
        code=TransferCode.CLOSE,
        posting_month=JANUARY,
        value_date=date(2021, 1, 31),
    )


class TestTransfer:
    @pytest.mark.parametrize("amount_e5yen", [0, -1, 2**63])
    def test_amount_has_to_be_above_zero_and_fit_a_column(self, amount_e5yen):
        with pytest.raises(UnfitTransfer, match=r"is not in 1\.\.2\^63-1"):
            transfer("t", COST, DUE, amount_e5yen)

    def test_largest_amount_is_taken(self):
        assert transfer("t", COST, DUE, 2**63 - 1).currency is Currency.JPY_E5

    def test_one_account_on_both_sides_is_refused(self):
        with pytest.raises(UnfitTransfer, match="both sides"):
            transfer("t", DUE, DUE, 1)


class TestSignedTransfer:
    def test_amount_above_zero_keeps_its_sides(self):
        found = signed(5)

        assert (found.debit_account, found.credit_account, found.amount_e5yen) == (COST, DUE, 5)

    def test_amount_below_zero_changes_sides(self):
        found = signed(-5)

        assert (found.debit_account, found.credit_account, found.amount_e5yen) == (DUE, COST, 5)

    def test_zero_is_refused(self):
        with pytest.raises(UnfitTransfer, match="post nothing for zero"):
            signed(0)
