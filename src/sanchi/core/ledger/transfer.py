"""A transfer is the entry: one amount from one account to another, never changed.

Enters and leaves: Transfer. Not here: balances (see book).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import Account, Currency

# What a 64-bit column holds: 92 trillion yen.
AMOUNT_E5YEN_MAX: Final = 2**63 - 1


class TransferCode(StrEnum):
    """Why money moved."""

    ACCRUAL = "accrual"  # what a day gave, or the difference that a revision makes
    CARRY = "carry"  # accruals of a day that is not finalised go on to the next month
    CLOSE = "close"  # a month's accruals of a pair go into its remainder
    DOCUMENT = "document"  # the whole yen of a statement become due


class UnfitTransfer(WrongInput):
    """A transfer breaks its definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """amount_e5yen from the debit to the credit account [1e-5 yen], above zero.

    transfer_id : also the idempotency key; posting_month : the period that it counts in; value_date : the
    date that it is for. Raises: UnfitTransfer.
    """

    transfer_id: TransferId
    debit_account: Account
    credit_account: Account
    amount_e5yen: int
    code: TransferCode
    posting_month: Month
    value_date: date

    def __post_init__(self) -> None:
        """Refuse what is no transfer."""
        if not 0 < self.amount_e5yen <= AMOUNT_E5YEN_MAX:
            raise UnfitTransfer(
                f"transfer {self.transfer_id}: {self.amount_e5yen} is not in 1..2^63-1 [1e-5 yen].",
                hint="Swap debit and credit for an amount below zero; post nothing for zero.",
            )
        if self.debit_account == self.credit_account:
            raise UnfitTransfer(
                f"transfer {self.transfer_id}: {self.debit_account.account_id} is on both sides.",
                hint="A transfer joins two accounts.",
            )
        if self.debit_account.currency is not self.credit_account.currency:
            raise UnfitTransfer(
                f"transfer {self.transfer_id}: {self.debit_account.currency} cannot become "
                f"{self.credit_account.currency}.",
                hint="Exchange through one account in each currency.",
            )

    @property
    def currency(self) -> Currency:
        """Give what both accounts count."""
        return self.debit_account.currency


def signed_transfer(
    *,
    transfer_id: TransferId,
    debit_account: Account,
    credit_account: Account,
    amount_e5yen: int,
    code: TransferCode,
    posting_month: Month,
    value_date: date,
) -> Transfer:
    """Make a transfer of an amount of either sign; below zero the accounts change sides.

    Raises: UnfitTransfer when the amount is zero.
    """
    if amount_e5yen < 0:
        debit_account, credit_account = credit_account, debit_account
    return Transfer(
        transfer_id=transfer_id,
        debit_account=debit_account,
        credit_account=credit_account,
        amount_e5yen=abs(amount_e5yen),
        code=code,
        posting_month=posting_month,
        value_date=value_date,
    )
