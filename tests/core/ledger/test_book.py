"""The book: tables of events, one line an event and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import Refused
from sanchi.core.ledger.account import cost_account, due_account, remainder_account
from sanchi.core.ledger.book import AccountTotals, movements_of, post
from tests.core.ledger.entries import COST, DECEMBER, DUE, JANUARY, OTHER_DUE, transfer

POSTED, REPEATED = "posted", "repeated"
CONFLICT, OVERDRAFT, CLOSED = "IDEMPOTENCY_CONFLICT", "BALANCE_BELOW_FLOOR", "PERIOD_CLOSED"

# Each line: id, debit, credit, amount, month, what becomes of it; due accounts may not be overdrawn.
BOOKS = {
    "a repeated transfer has one effect": [
        ("a", COST, DUE, 10, JANUARY, POSTED),
        ("a", COST, DUE, 10, JANUARY, REPEATED),
        ("b", DUE, OTHER_DUE, 10, JANUARY, POSTED),
        ("a", COST, DUE, 10, JANUARY, REPEATED),
    ],
    "the same id with another content": [
        ("a", COST, DUE, 10, JANUARY, POSTED),
        ("a", COST, DUE, 11, JANUARY, CONFLICT),
        ("a", COST, OTHER_DUE, 10, JANUARY, CONFLICT),
        ("a", OTHER_DUE, DUE, 10, JANUARY, CONFLICT),
        ("a", COST, DUE, 10, JANUARY.next_month, CONFLICT),
        ("a", COST, DUE, 10, JANUARY, REPEATED),
    ],
    "a floor is kept to the last unit": [
        ("a", DUE, COST, 1, JANUARY, OVERDRAFT),
        ("b", COST, DUE, 10, JANUARY, POSTED),
        ("c", DUE, COST, 11, JANUARY, OVERDRAFT),
        ("d", DUE, COST, 10, JANUARY, POSTED),
        ("e", DUE, COST, 1, JANUARY, OVERDRAFT),
        ("f", COST, DUE, 1, JANUARY, POSTED),
    ],
    "accounts without a floor go below zero": [
        ("a", COST, DUE, 10**15, JANUARY, POSTED),
        ("b", remainder_account(7, 12), DUE, 10**15, JANUARY, POSTED),
    ],
    "a closed period": [
        ("a", COST, DUE, 10, DECEMBER, CLOSED),
        ("b", COST, DUE, 10, JANUARY, POSTED),
        ("a", COST, DUE, 10, JANUARY, POSTED),
    ],
    "a conflict is told before a closed period, and that before an overdraft": [
        ("a", COST, DUE, 10, JANUARY, POSTED),
        ("a", OTHER_DUE, DUE, 10, DECEMBER, CONFLICT),
        ("b", OTHER_DUE, DUE, 10, DECEMBER, CLOSED),
        ("b", OTHER_DUE, DUE, 10, JANUARY, OVERDRAFT),
    ],
}


def played(events):
    """Post each event as a batch of its own and tell what became of it."""
    totals, posted, found = {}, {}, []
    for name, debit, credit, amount_e5yen, month, _ in events:
        entry = transfer(name, debit, credit, amount_e5yen, month)
        try:
            posting = post(totals, posted, [entry], latest_closed_month=DECEMBER)
        except Refused as refusal:
            found.append(refusal.rule.value)
            continue
        totals = posting.totals
        posted |= {each.transfer_id: each for each in posting.new_transfers}
        found.append(POSTED if posting.new_transfers else REPEATED)
    return found


class TestPost:
    @pytest.mark.parametrize("name", BOOKS)
    def test_each_event_gets_its_status(self, name):
        assert played(BOOKS[name]) == [expected for *_, expected in BOOKS[name]]

    def test_exact_repetition_after_the_period_closed_has_no_effect(self):
        entry = transfer("a", COST, DUE, 10, DECEMBER)

        posting = post({}, {entry.transfer_id: entry}, [entry], latest_closed_month=DECEMBER)

        assert (posting.new_transfers, posting.movements, posting.totals) == ((), {}, {})

    def test_floor_holds_at_every_prefix_and_not_only_at_the_end(self):
        out, into = transfer("a", DUE, COST, 5), transfer("b", COST, DUE, 5)

        assert post({}, {}, [into, out]).totals["due:7:12"].balance_e5yen == 0
        with pytest.raises(Refused, match="BALANCE_BELOW_FLOOR"):
            post({}, {}, [out, into])

    def test_refusal_leaves_nothing_of_the_batch(self):
        totals, posted = {"due:7:12": AccountTotals(credits_e5yen=3)}, {}

        with pytest.raises(Refused):
            post(totals, posted, [transfer("a", COST, DUE, 5), transfer("b", DUE, COST, 9)])

        assert totals == {"due:7:12": AccountTotals(credits_e5yen=3)}
        assert posted == {}

    def test_conflict_within_one_batch_is_refused(self):
        with pytest.raises(Refused, match="IDEMPOTENCY_CONFLICT"):
            post({}, {}, [transfer("a", COST, DUE, 5), transfer("a", COST, DUE, 6)])

    def test_without_a_closed_month_every_month_is_open(self):
        assert len(post({}, {}, [transfer("a", COST, DUE, 5, DECEMBER)]).new_transfers) == 1


ACCOUNTS = [
    cost_account(7),
    cost_account(8),
    remainder_account(7, 12),
    due_account(7, 12),
    due_account(8, 12),
]
SIDES = st.permutations(ACCOUNTS).map(lambda each: each[:2])
BATCHES = st.lists(
    st.builds(
        lambda number, sides, amount_e5yen: transfer(f"t{number}", sides[0], sides[1], amount_e5yen),
        st.integers(0, 20),
        SIDES,
        st.integers(1, 10**12),
    ),
    max_size=15,
)


class TestMovements:
    @given(BATCHES)
    def test_netted_balances_are_those_of_single_entries(self, batch):
        expected = {}
        for each in batch:
            expected.setdefault(each.debit_account.account_id, []).append(-each.amount_e5yen)
            expected.setdefault(each.credit_account.account_id, []).append(each.amount_e5yen)

        movements = movements_of(batch)

        assert {name: each.balance_e5yen for name, each in movements.items()} == {
            name: sum(amounts) for name, amounts in expected.items()
        }
        assert sum(each.balance_e5yen for each in movements.values()) == 0

    @given(BATCHES, st.integers(0, 15))
    def test_one_batch_or_two_give_the_same_book_or_the_same_refusal(self, batch, cut):
        def in_parts(*parts):
            totals, posted = {}, {}
            for part in parts:
                posting = post(totals, posted, part)
                totals = posting.totals
                posted |= {each.transfer_id: each for each in posting.new_transfers}
            return totals, posted

        def outcome(*parts):
            try:
                return in_parts(*parts)
            except Refused as refusal:
                return str(refusal)

        assert outcome(batch) == outcome(batch[:cut], batch[cut:])
        assert outcome(batch) == outcome(batch, batch)

    @given(BATCHES)
    def test_totals_after_are_totals_before_and_movements(self, batch):
        names = {each.transfer_id for each in batch}
        once = [next(each for each in batch if each.transfer_id == name) for name in sorted(names)]
        filled = {account.account_id: AccountTotals(credits_e5yen=10**14) for account in ACCOUNTS}

        posting = post(filled, {}, once)

        assert posting.totals == {
            name: total.plus(posting.movements.get(name, AccountTotals())) for name, total in filled.items()
        }
