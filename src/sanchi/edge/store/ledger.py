"""Keeps the ledger: accounts, transfers, accruals, statements and closed months.

Enter and leave: records of core.ledger and core.settlement. Not here: the rules of posting (core.ledger.book).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sanchi.core.base.ids import AccountId, MarketId, TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger import book
from sanchi.core.ledger.book import AccountTotals
from sanchi.core.ledger.transfer import Transfer
from sanchi.core.settlement.accruals import Accrual
from sanchi.core.settlement.statement import Pair, Statement
from sanchi.edge.store import ledger_rows
from sanchi.edge.store.sql import (
    execute_given,
    fetch,
    fetch_number,
    in_batches,
    insert,
    placeholders,
    take_turn,
    upsert,
)


class DjangoLedgerStore:
    """Fulfils app.ports.LedgerStore."""

    def latest_closed_month(self, market_id: MarketId) -> Month | None:
        """Give the latest closed month, or None: every month after it is open."""
        found = fetch(
            "SELECT month FROM period WHERE market = %s AND is_closed ORDER BY month DESC LIMIT 1", [market_id]
        )
        return Month.of(found[0][0]) if found else None

    def accruals_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Accrual, ...]:
        """Load the accruals of a delivery date, all revisions."""
        return _accruals("delivery_date", market_id, delivery_date)

    def accruals_of_month(self, market_id: MarketId, posting_month: Month) -> tuple[Accrual, ...]:
        """Load the accruals posted in a month."""
        return _accruals("posting_month", market_id, posting_month.first_date)

    def add_accruals(self, market_id: MarketId, accruals: Sequence[Accrual]) -> None:
        """Insert accrual lines."""
        insert("accrual", ledger_rows.ACCRUAL, [ledger_rows.accrual_row(market_id, each) for each in accruals])

    def post(self, market_id: MarketId, transfers: Sequence[Transfer]) -> None:
        """Insert transfers, opening accounts as needed, and net their balances; same id twice = one effect.

        Raises: Refused (IDEMPOTENCY_CONFLICT, PERIOD_CLOSED, BALANCE_BELOW_FLOOR).
        """
        take_turn(market_id)
        accounts = {
            account.account_id: account for each in transfers for account in (each.debit_account, each.credit_account)
        }
        totals = _totals(market_id, accounts)
        posting = book.post(
            totals,
            _posted(market_id, transfers),
            transfers,
            latest_closed_month=self.latest_closed_month(market_id),
        )
        opened = [accounts[account_id] for account_id in posting.movements if account_id not in totals]
        insert("account", ledger_rows.ACCOUNT, [ledger_rows.account_row(market_id, each) for each in opened])
        _move_balances(market_id, posting.movements)
        _add_transfers(market_id, posting.new_transfers)

    def balances(self, market_id: MarketId) -> dict[str, int]:
        """Give credits minus debits per account_id [1e-5 yen]."""
        return dict(
            fetch(
                "SELECT account_id, credits_posted - debits_posted FROM account WHERE market = %s ORDER BY account_id",
                [market_id],
            )
        )

    def add_statements(self, market_id: MarketId, statements: Sequence[Statement]) -> None:
        """Insert statements with their lines."""
        rows = [ledger_rows.statement_row(market_id, each) for each in statements]
        insert("statement", ledger_rows.STATEMENT, rows)
        lines = [line for each in statements for line in ledger_rows.statement_line_rows(market_id, each)]
        insert("statement_line", ledger_rows.STATEMENT_LINE, lines)

    def remainders_e5yen(self, market_id: MarketId) -> dict[Pair, int]:
        """Give the carried remainder per (payer_no, payee_no) after the latest statements."""
        rows = fetch(
            "SELECT payer_no, payee_no, closing_remainder_e5yen FROM (SELECT payer_no, payee_no, "
            "closing_remainder_e5yen, row_number() OVER (PARTITION BY payer_no, payee_no ORDER BY month DESC) "
            "AS months_ago FROM statement WHERE market = %s) AS dated WHERE months_ago = 1 ORDER BY payer_no, payee_no",
            [market_id],
        )
        return {(payer_no, payee_no): remainder_e5yen for payer_no, payee_no, remainder_e5yen in rows}

    def close_period(self, market_id: MarketId, month: Month, closed_on: date) -> None:
        """Close a month: no transfer may be posted in it again."""
        row = (market_id, month.first_date, True, closed_on)
        upsert("period", ("market", "month"), ("market", "month", "is_closed", "closed_on"), [row])


def _accruals(column: str, market_id: MarketId, wanted: date) -> tuple[Accrual, ...]:
    """Load the accruals of a day or month in the order in which they were booked."""
    rows = fetch(
        f"SELECT {', '.join(ledger_rows.ACCRUAL)} FROM accrual WHERE market = %s AND {column} = %s "
        "ORDER BY delivery_date, revision, line_no",
        [market_id, wanted],
    )
    return tuple(map(ledger_rows.accrual, rows))


def _totals(market_id: MarketId, account_ids: Iterable[AccountId]) -> dict[AccountId, AccountTotals]:
    """Load what was posted to those of the accounts that are open."""
    rows = [
        row
        for batch in in_batches(account_ids)
        for row in fetch(
            "SELECT account_id, debits_posted, credits_posted FROM account "
            f"WHERE market = %s AND account_id IN ({placeholders(len(batch))})",
            [market_id, *batch],
        )
    ]
    return {
        account_id: AccountTotals(debits_e5yen=debits_e5yen, credits_e5yen=credits_e5yen)
        for account_id, debits_e5yen, credits_e5yen in rows
    }


def _posted(market_id: MarketId, transfers: Sequence[Transfer]) -> dict[TransferId, Transfer]:
    """Load those transfers that were posted before."""
    rows = [
        row
        for batch in in_batches(each.transfer_id for each in transfers)
        for row in fetch(
            f"SELECT {', '.join(ledger_rows.POSTED_TRANSFER)} FROM transfer "
            "JOIN account AS debited ON debited.market = transfer.market AND debited.account_id = debit_account "
            "JOIN account AS credited ON credited.market = transfer.market AND credited.account_id = credit_account "
            f"WHERE transfer.market = %s AND transfer_id IN ({placeholders(len(batch))})",
            [market_id, *batch],
        )
    ]
    return {each.transfer_id: each for each in map(ledger_rows.transfer, rows)}


def _move_balances(market_id: MarketId, movements: Mapping[AccountId, AccountTotals]) -> None:
    """Move each balance once."""
    n_moved = execute_given(
        "UPDATE account SET debits_posted = debits_posted + given.debits_e5yen, "
        "credits_posted = credits_posted + given.credits_e5yen FROM {given} "
        "WHERE account.market = given.market AND account.account_id = given.account_id",
        ("market", "account_id", "debits_e5yen", "credits_e5yen"),
        [(market_id, account_id, each.debits_e5yen, each.credits_e5yen) for account_id, each in movements.items()],
    )
    assert n_moved == len(movements), f"{len(movements) - n_moved} accounts of {market_id} are missing"


def _add_transfers(market_id: MarketId, new: Sequence[Transfer]) -> None:
    """Insert transfers, numbered in the order of posting."""
    last_no = fetch_number("SELECT max(sequence_no) FROM transfer WHERE market = %s", [market_id])
    rows = [
        (*ledger_rows.transfer_row(market_id, each), sequence_no)
        for sequence_no, each in enumerate(new, start=last_no + 1)
    ]
    insert("transfer", (*ledger_rows.TRANSFER, "sequence_no"), rows)
