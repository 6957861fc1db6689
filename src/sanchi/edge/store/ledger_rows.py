"""Accounts, transfers, accruals and statements as rows of the database, and back.

Enter and leave: rows in the order of the tuples below, and records of core.ledger and core.settlement.
Nothing is stored here.
"""

from typing import Final

from sanchi.core.base.ids import MarketId, TransferId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import Account, AccountCode, Currency
from sanchi.core.ledger.transfer import Transfer, TransferCode
from sanchi.core.settlement.accruals import Accrual, AccrualKey
from sanchi.core.settlement.statement import Statement
from sanchi.edge.store.sql import Row

ACCOUNT: Final = (
    "market", "account_id", "currency", "code", "payer_no", "payee_no", "month", "floor_e5yen", "debits_posted",
    "credits_posted",
)  # fmt: skip
ACCOUNT_NAME: Final = ("code", "payer_no", "payee_no", "month", "currency")
TRANSFER: Final = (
    "market", "transfer_id", "debit_account", "credit_account", "currency", "amount_e5yen", "code", "posting_month",
    "value_date",
)  # fmt: skip
POSTED_TRANSFER: Final = (
    *(f"transfer.{column}" for column in ("transfer_id", "amount_e5yen", "code", "posting_month", "value_date")),
    *(f"debited.{column}" for column in ACCOUNT_NAME),
    *(f"credited.{column}" for column in ACCOUNT_NAME),
)
ACCRUAL: Final = (
    "market", "delivery_date", "revision", "line_no", "posting_month", "payer_no", "payee_no", "home_no",
    "holder_no", "kind_no", "energy_wh", "price_sen_per_kwh", "amount_e5yen", "transfer_id",
)  # fmt: skip
STATEMENT: Final = (
    "market", "statement_no", "payer_no", "payee_no", "month", "tax_permille", "opening_remainder_e5yen",
    "accrued_e5yen", "amount_yen", "tax_yen", "closing_remainder_e5yen",
)  # fmt: skip
STATEMENT_LINE: Final = (
    "market", "statement_no", "line_no", "kind_no", "holder_no", "price_sen_per_kwh", "energy_wh", "amount_e5yen",
    "corrected_month",
)  # fmt: skip


def account_row(market_id: MarketId, each: Account) -> Row:
    """Lay a new account out; nothing is posted to it yet."""
    month = None if each.month is None else each.month.first_date
    chart = (each.currency.value, each.code.value, each.payer_no, each.payee_no, month, each.floor_e5yen)
    return (market_id, each.account_id, *chart, 0, 0)


def account(row: Row) -> Account:
    """Read an account from code, payer_no, payee_no, month, currency."""
    code, payer_no, payee_no, month, currency = row
    return Account(
        code=AccountCode(code),
        payer_no=payer_no,
        payee_no=payee_no,
        month=None if month is None else Month.of(month),
        currency=Currency(currency),
    )


def transfer_row(market_id: MarketId, each: Transfer) -> Row:
    """Lay a transfer out."""
    return (
        market_id,
        each.transfer_id,
        each.debit_account.account_id,
        each.credit_account.account_id,
        each.currency.value,
        each.amount_e5yen,
        each.code.value,
        each.posting_month.first_date,
        each.value_date,
    )


def transfer(row: Row) -> Transfer:
    """Read a transfer from POSTED_TRANSFER."""
    transfer_id, amount_e5yen, code, posting_month, value_date = row[: -2 * len(ACCOUNT_NAME)]
    return Transfer(
        transfer_id=TransferId(transfer_id),
        debit_account=account(row[-2 * len(ACCOUNT_NAME) : -len(ACCOUNT_NAME)]),
        credit_account=account(row[-len(ACCOUNT_NAME) :]),
        amount_e5yen=amount_e5yen,
        code=TransferCode(code),
        posting_month=Month.of(posting_month),
        value_date=value_date,
    )


def accrual_row(market_id: MarketId, each: Accrual) -> Row:
    """Lay an accrual out."""
    return (
        market_id,
        each.delivery_date,
        each.revision,
        each.line_no,
        each.posting_month.first_date,
        each.key.payer_no,
        each.key.payee_no,
        each.key.home_no,
        each.key.holder_no,
        int(each.key.kind),
        each.energy_wh,
        each.key.price_sen_per_kwh,
        each.amount_e5yen,
        each.transfer_id,
    )


def accrual(row: Row) -> Accrual:
    """Read an accrual."""
    stored = dict(zip(ACCRUAL, row, strict=True))
    return Accrual(
        delivery_date=stored["delivery_date"],
        revision=stored["revision"],
        line_no=stored["line_no"],
        posting_month=Month.of(stored["posting_month"]),
        key=AccrualKey(
            payer_no=stored["payer_no"],
            payee_no=stored["payee_no"],
            home_no=stored["home_no"],
            holder_no=stored["holder_no"],
            kind=CertificateKind(stored["kind_no"]),
            price_sen_per_kwh=stored["price_sen_per_kwh"],
        ),
        energy_wh=stored["energy_wh"],
        transfer_id=TransferId(stored["transfer_id"]),
    )


def statement_row(market_id: MarketId, each: Statement) -> Row:
    """Lay a statement out without its lines."""
    return (
        market_id,
        each.statement_no,
        each.payer_no,
        each.payee_no,
        each.month.first_date,
        each.tax_permille,
        each.opening_remainder_e5yen,
        each.accrued_e5yen,
        each.amount_yen,
        each.tax_yen,
        each.closing_remainder_e5yen,
    )


def statement_line_rows(market_id: MarketId, each: Statement) -> list[Row]:
    """Lay the lines of a statement out."""
    return [
        (
            market_id,
            each.statement_no,
            line.line_no,
            int(line.kind),
            line.holder_no,
            line.price_sen_per_kwh,
            line.energy_wh,
            line.amount_e5yen,
            None if line.corrected_month is None else line.corrected_month.first_date,
        )
        for line in each.lines
    ]
