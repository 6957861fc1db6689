"""Balances are their transfers; the same transfer twice has one effect; closed months stay closed."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from sanchi.app.ports import LedgerStore
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId, TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import accrued_account, cost_account, due_account, remainder_account
from sanchi.core.ledger.transfer import Transfer, TransferCode
from sanchi.core.settlement.statement import close_month
from sanchi.edge.store.sql import execute, fetch
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, terms

DECEMBER = Month(year=2020, month_no=12)
JANUARY = DECEMBER.next_month


@pytest.fixture
def store(market: StoredMarket) -> LedgerStore:
    return market.home.stores.ledger


def transfer(name: str, amount_e5yen: int = 7, **changes: Any) -> Transfer:
    standard = Transfer(
        transfer_id=TransferId(f"{MARKET}/{name}"),
        debit_account=cost_account(4),
        credit_account=accrued_account(4, 6, DECEMBER),
        amount_e5yen=amount_e5yen,
        code=TransferCode.ACCRUAL,
        posting_month=DECEMBER,
        value_date=DAY,
    )
    return replace(standard, **changes)


def post(market: StoredMarket, *transfers: Transfer) -> None:
    with market.step():
        market.home.stores.ledger.post(MARKET, transfers)


def summed_transfers() -> dict[str, int]:
    """Add up balances from the transfers alone."""
    sums: Counter[str] = Counter()
    for debit_account, credit_account, amount_e5yen in fetch(
        "SELECT debit_account, credit_account, amount_e5yen FROM transfer"
    ):
        sums[debit_account] -= amount_e5yen
        sums[credit_account] += amount_e5yen
    return dict(sums)


class TestPost:
    def test_moves_both_accounts(self, market: StoredMarket, store: LedgerStore):
        post(market, transfer("a", 7), transfer("b", 5))

        assert store.balances(MARKET) == {"accrued:4:6:2020-12": 12, "cost:4": -12}
        assert fetch("SELECT transfer_id, sequence_no FROM transfer ORDER BY sequence_no") == [
            ("tokyo/a", 1),
            ("tokyo/b", 2),
        ]

    def test_opens_accounts_with_what_they_stand_for(self, market: StoredMarket):
        post(market, transfer("a"))

        accounts = fetch(
            "SELECT account_id, currency, code, payer_no, payee_no, month FROM account ORDER BY account_id"
        )
        assert accounts == [
            ("accrued:4:6:2020-12", "JPY_E5", "accrued", 4, 6, date(2020, 12, 1)),
            ("cost:4", "JPY_E5", "cost", 4, None, None),
        ]

    def test_twice_has_one_effect(self, market: StoredMarket, store: LedgerStore):
        post(market, transfer("a", 7), transfer("a", 7))
        post(market, transfer("b", 5), transfer("a", 7))

        assert store.balances(MARKET) == {"accrued:4:6:2020-12": 12, "cost:4": -12}
        assert fetch("SELECT count(*) FROM transfer") == [(2,)]

    @pytest.mark.parametrize(
        "other",
        [
            transfer("a", 8),
            transfer("a", posting_month=JANUARY),
            transfer("a", credit_account=accrued_account(4, 6, JANUARY)),
            transfer("a", value_date=date(2020, 12, 6)),
            transfer("a", code=TransferCode.CARRY),
        ],
    )
    def test_under_a_used_id_with_another_content_is_refused(self, market: StoredMarket, other: Transfer):
        post(market, transfer("a"))

        with pytest.raises(Refused) as refusal:
            post(market, transfer("b"), other)

        assert refusal.value.rule is RefusalRule.IDEMPOTENCY_CONFLICT
        assert fetch("SELECT count(*) FROM transfer") == [(1,)]

    def test_below_a_floor_is_refused(self, market: StoredMarket):
        due, remainder = due_account(4, 6), remainder_account(4, 6)
        fill = transfer("fill", 10, debit_account=remainder, credit_account=due)
        empty = transfer("empty", 11, debit_account=due, credit_account=remainder)

        with pytest.raises(Refused) as refusal:
            post(market, empty, fill)

        assert refusal.value.rule is RefusalRule.BALANCE_BELOW_FLOOR
        post(market, fill)
        with pytest.raises(IntegrityError), market.step():
            execute("UPDATE account SET debits_posted = 11 WHERE account_id = 'due:4:6'")

    def test_of_nothing_changes_nothing(self, market: StoredMarket, store: LedgerStore):
        post(market)

        assert store.balances(MARKET) == {}

    def test_keeps_markets_apart(self, market: StoredMarket, store: LedgerStore):
        other = MarketId("osaka")
        with market.step():
            market.home.stores.market.save_terms(terms(other))
            store.post(other, [replace(transfer("a"), transfer_id=TransferId("osaka/a"))])
            store.post(MARKET, [transfer("a", 9)])

        assert store.balances(other) == {"accrued:4:6:2020-12": 7, "cost:4": -7}
        assert store.balances(MARKET) == {"accrued:4:6:2020-12": 9, "cost:4": -9}

    def test_leaves_balances_that_are_the_sum_of_their_transfers(self, market: StoredMarket, store: LedgerStore):
        for revision in (1, 2):
            market.close(revision=revision)

        assert store.balances(MARKET) == summed_transfers()
        assert sum(store.balances(MARKET).values()) == 0


class TestClosedMonth:
    def test_takes_no_transfer(self, market: StoredMarket, store: LedgerStore):
        post(market, transfer("a"))
        with market.step():
            store.close_period(MARKET, DECEMBER, date(2021, 1, 25))

        with pytest.raises(Refused) as refusal:
            post(market, transfer("b"))

        assert refusal.value.rule is RefusalRule.PERIOD_CLOSED
        post(market, transfer("a"))
        post(market, transfer("c", posting_month=JANUARY, credit_account=accrued_account(4, 6, JANUARY)))

    def test_is_the_latest_one(self, market: StoredMarket, store: LedgerStore):
        assert store.latest_closed_month(MARKET) is None
        with market.step():
            for month in (DECEMBER, JANUARY):
                store.close_period(MARKET, month, date(2021, 2, 25))

        assert store.latest_closed_month(MARKET) == JANUARY


class TestAccruals:
    def test_come_back_by_day_and_by_month(self, market: StoredMarket, store: LedgerStore):
        booked = [market.booked(market.close(revision=revision)) for revision in (1, 2)]
        everything = (*booked[0].accruals, *booked[1].accruals)

        assert store.accruals_of_day(MARKET, DAY) == everything
        assert store.accruals_of_month(MARKET, DECEMBER) == everything
        assert store.accruals_of_day(MARKET, date(2020, 12, 6)) == ()
        assert store.accruals_of_month(MARKET, JANUARY) == ()

    def test_without_their_transfer_are_refused_at_commit(self, market: StoredMarket, store: LedgerStore):
        booked = market.booked(market.saved_outcome())

        with pytest.raises(IntegrityError), market.step():
            store.add_accruals(MARKET, booked.accruals)


class TestStatements:
    def test_carry_the_latest_remainder_of_each_pair(self, market: StoredMarket, store: LedgerStore):
        for day in (DAY, date(2021, 1, 5)):
            market.close(day)
            self.close(market, Month.of(day))

        remainders = store.remainders_e5yen(MARKET)

        balances = store.balances(MARKET)
        assert {f"remainder:{payer}:{payee}" for payer, payee in remainders} <= set(balances)
        assert remainders == {pair: balances[f"remainder:{pair[0]}:{pair[1]}"] for pair in remainders}
        due_yen = fetch("SELECT CAST(sum(amount_yen) AS bigint) FROM statement WHERE payer_no = 4")
        assert due_yen == [(balances["due:4:6"] // 100_000,)]
        lines_e5yen = fetch("SELECT CAST(sum(amount_e5yen) AS bigint) FROM statement_line")
        assert lines_e5yen == fetch("SELECT CAST(sum(accrued_e5yen) AS bigint) FROM statement")

    def test_are_none_before_the_first(self, store: LedgerStore):
        assert store.remainders_e5yen(MARKET) == {}

    @staticmethod
    def close(market: StoredMarket, month: Month) -> None:
        ledger = market.home.stores.ledger
        with market.step():
            closed = close_month(
                market_id=MARKET,
                month=month,
                accruals=ledger.accruals_of_month(MARKET, month),
                unfinalised_dates=(),
                corrected_dates=(),
                remainders_e5yen=ledger.remainders_e5yen(MARKET),
                tax_permille=100,
            )
            ledger.post(MARKET, closed.transfers)
            ledger.add_statements(MARKET, closed.statements)
            ledger.close_period(MARKET, month, date(2021, 2, 25))
