"""Apply transfers to the book: all of a batch or nothing, balances netted per account.

Enter: totals, transfers posted before, a batch. Leaves: a Posting, or a refusal by rule. Not here: storage.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import AccountId, TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import Account
from sanchi.core.ledger.transfer import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTotals:
    """What was debited from and credited to one account [1e-5 yen]."""

    debits_e5yen: int = 0
    credits_e5yen: int = 0

    @property
    def balance_e5yen(self) -> int:
        """Give credits minus debits."""
        return self.credits_e5yen - self.debits_e5yen

    def plus(self, other: "AccountTotals") -> "AccountTotals":
        """Add two totals of the same account."""
        return AccountTotals(
            debits_e5yen=self.debits_e5yen + other.debits_e5yen,
            credits_e5yen=self.credits_e5yen + other.credits_e5yen,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a batch does: the transfers that are new, what each account moved by, and all totals after it."""

    new_transfers: tuple[Transfer, ...]
    movements: dict[AccountId, AccountTotals]
    totals: dict[AccountId, AccountTotals]


def post(
    totals: Mapping[AccountId, AccountTotals],
    posted: Mapping[TransferId, Transfer],
    batch: Sequence[Transfer],
    *,
    latest_closed_month: Month | None = None,
) -> Posting:
    """Apply a batch in its order; a transfer that was posted before has no second effect.

    totals : by account, absent = zero; posted : at least those of the batch's ids that were posted before.
    Raises: Refused. Of each transfer in turn: IDEMPOTENCY_CONFLICT for a known id with another content,
    PERIOD_CLOSED for a month that is closed, BALANCE_BELOW_FLOOR when the batch so far overdraws an account.
    """
    known = dict(posted)
    after = dict(totals)
    new_transfers: list[Transfer] = []
    for transfer in batch:
        if _was_posted(transfer, known):
            continue
        _refuse_closed_period(transfer, latest_closed_month)
        for account_id, movement in movements_of([transfer]).items():
            after[account_id] = after.get(account_id, AccountTotals()).plus(movement)
        _refuse_overdraft(transfer, transfer.debit_account, after)
        known[transfer.transfer_id] = transfer
        new_transfers.append(transfer)
    assert _sum_e5yen(after.values()) == _sum_e5yen(totals.values()), "money was lost or invented"
    return Posting(new_transfers=tuple(new_transfers), movements=movements_of(new_transfers), totals=after)


def movements_of(transfers: Iterable[Transfer]) -> dict[AccountId, AccountTotals]:
    """Add up what each account is debited and credited, so that a batch touches each account once."""
    movements: dict[AccountId, AccountTotals] = {}
    for transfer in transfers:
        debit = AccountTotals(debits_e5yen=transfer.amount_e5yen)
        credit = AccountTotals(credits_e5yen=transfer.amount_e5yen)
        for account, movement in ((transfer.debit_account, debit), (transfer.credit_account, credit)):
            so_far = movements.get(account.account_id, AccountTotals())
            movements[account.account_id] = so_far.plus(movement)
    assert _sum_e5yen(movements.values()) == 0, "debits and credits differ"
    return movements


def _sum_e5yen(totals: Iterable[AccountTotals]) -> int:
    """Add balances up."""
    return sum(each.balance_e5yen for each in totals)


def _was_posted(transfer: Transfer, known: Mapping[TransferId, Transfer]) -> bool:
    """Tell whether the same transfer is in the book; refuse another one under its id."""
    earlier = known.get(transfer.transfer_id, transfer)
    if earlier != transfer:
        raise Refused(
            RefusalRule.IDEMPOTENCY_CONFLICT,
            f"transfer {transfer.transfer_id} of {transfer.amount_e5yen} [1e-5 yen] was posted before with "
            f"another content: {earlier.amount_e5yen} from {earlier.debit_account.account_id} to "
            f"{earlier.credit_account.account_id}.",
            hint="Post the difference under an id of its own.",
        )
    return transfer.transfer_id in known


def _refuse_closed_period(transfer: Transfer, latest_closed_month: Month | None) -> None:
    """Refuse a posting into a month that statements were written for."""
    if latest_closed_month is not None and transfer.posting_month <= latest_closed_month:
        raise Refused(
            RefusalRule.PERIOD_CLOSED,
            f"transfer {transfer.transfer_id} is for {transfer.posting_month}; all months up to "
            f"{latest_closed_month} are closed.",
            hint=f"Post it in {latest_closed_month.next_month} and keep its value date.",
        )


def _refuse_overdraft(transfer: Transfer, account: Account, after: Mapping[AccountId, AccountTotals]) -> None:
    """Refuse to leave an account below its floor, even if a later transfer of the batch would fill it."""
    balance_e5yen = after[account.account_id].balance_e5yen
    if account.floor_e5yen is not None and balance_e5yen < account.floor_e5yen:
        raise Refused(
            RefusalRule.BALANCE_BELOW_FLOOR,
            f"transfer {transfer.transfer_id} would leave {account.account_id} at {balance_e5yen}, "
            f"below {account.floor_e5yen} [1e-5 yen].",
            hint="Pay in first, or transfer less.",
        )
