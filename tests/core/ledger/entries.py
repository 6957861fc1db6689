"""Transfers for the tests of the ledger.

Enter: accounts and an amount. Leaves: Transfer. Not here: any expected result.
"""

from datetime import date

from sanchi.core.base.ids import TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import cost_account, due_account
from sanchi.core.ledger.transfer import Transfer, TransferCode

DECEMBER = Month(year=2020, month_no=12)
JANUARY = DECEMBER.next_month
COST, DUE, OTHER_DUE = cost_account(7), due_account(7, 12), due_account(7, 13)


def transfer(name, debit_account, credit_account, amount_e5yen, posting_month=JANUARY):
    """Make a transfer."""
    return Transfer(
        transfer_id=TransferId(name),
        debit_account=debit_account,
        credit_account=credit_account,
        amount_e5yen=amount_e5yen,
        code=TransferCode.ACCRUAL,
        posting_month=posting_month,
        value_date=date(2020, 12, 31),
    )
