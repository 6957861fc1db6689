"""The chart of accounts as data, and how accounts are named.

Enter: codes, parties, months. Leaves: Account. Not here: balances (book), and what the money is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sanchi.core.base.ids import AccountId
from sanchi.core.base.months import Month


class Currency(StrEnum):
    """What an account counts; a transfer never crosses currencies."""

    JPY_E5 = "JPY_E5"  # yen in units of 1e-5


class Side(StrEnum):
    """The two sides of an entry; a balance is credits minus debits."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountCode(StrEnum):
    """The kinds of accounts; the chart explains them."""

    COST = "cost"
    ACCRUED = "accrued"
    REMAINDER = "remainder"
    DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntry:
    """One kind of account: the side on which it grows, what it holds, and the least balance (None = any)."""

    normal_side: Side
    explanation: str
    floor_e5yen: int | None


CHART: Final[Mapping[AccountCode, ChartEntry]] = MappingProxyType(
    {
        AccountCode.COST: ChartEntry(
            normal_side=Side.DEBIT,
            explanation="what a payer's purchases cost it since the market began",
            floor_e5yen=None,
        ),
        AccountCode.ACCRUED: ChartEntry(
            normal_side=Side.CREDIT,
            explanation="what a payer owes a payee for a month that no statement covers yet",
            # A correction posted in a month with few deliveries leaves the month below zero.
            floor_e5yen=None,
        ),
        AccountCode.REMAINDER: ChartEntry(
            normal_side=Side.CREDIT,
            explanation="fractions of a yen of a pair, and totals below zero, carried to its next statement",
            floor_e5yen=None,
        ),
        AccountCode.DUE: ChartEntry(
            normal_side=Side.CREDIT,
            explanation="whole yen of statements, to be paid",
            floor_e5yen=0,
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the book, named after its code, payer, payee and month."""

    code: AccountCode
    payer_no: int
    payee_no: int | None = None
    month: Month | None = None
    currency: Currency = Currency.JPY_E5

    @property
    def account_id(self) -> AccountId:
        """Write the account's name.

        >>> accrued_account(7, 12, Month(year=2020, month_no=12)).account_id
        'accrued:7:12:2020-12'
        """
        parts = (self.code, self.payer_no, self.payee_no, self.month)
        return AccountId(":".join(str(part) for part in parts if part is not None))

    @property
    def floor_e5yen(self) -> int | None:
        """Give the least balance that a transfer may leave, None = any."""
        return CHART[self.code].floor_e5yen


def cost_account(payer_no: int) -> Account:
    """Name a payer's account of cost: `cost:7`."""
    return Account(code=AccountCode.COST, payer_no=payer_no)


def accrued_account(payer_no: int, payee_no: int, month: Month) -> Account:
    """Name a pair's account of one month: `accrued:7:12:2020-12`."""
    return Account(code=AccountCode.ACCRUED, payer_no=payer_no, payee_no=payee_no, month=month)


def remainder_account(payer_no: int, payee_no: int) -> Account:
    """Name a pair's account of what is carried: `remainder:7:12`."""
    return Account(code=AccountCode.REMAINDER, payer_no=payer_no, payee_no=payee_no)


def due_account(payer_no: int, payee_no: int) -> Account:
    """Name a pair's account of whole yen: `due:7:12`."""
    return Account(code=AccountCode.DUE, payer_no=payer_no, payee_no=payee_no)
