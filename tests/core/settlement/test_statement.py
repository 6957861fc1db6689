"""Statements: a month's close, and months in a row."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.months import Month
from sanchi.core.ledger.book import post
from sanchi.core.settlement.accruals import AccrualKey
from sanchi.core.settlement.posting import book_differences
from sanchi.core.settlement.statement import close_month
from tests.core.certificates.market_days import CAFE, MARKET, OFFICE, RETAILER, SELF, SURPLUS

NOVEMBER, DECEMBER, JANUARY = (Month.parse(text) for text in ("2020-11", "2020-12", "2021-01"))
MONTHS = (NOVEMBER, DECEMBER, JANUARY)
EARLY, LATE = date(2020, 11, 20), date(2020, 11, 30)


def key(payer=CAFE, home=101, holder=CAFE, price=1_200, kind=SURPLUS):
    """Make a key; the retailer is paid by buyers and pays homes."""
    return AccrualKey(
        payer_no=payer,
        payee_no=home if payer == RETAILER else RETAILER,
        home_no=home,
        holder_no=holder,
        kind=kind,
        price_sen_per_kwh=price,
    )


def booked(differences, day=EARLY, revision=1, posting_month=NOVEMBER):
    """Book the differences of a revision."""
    return book_differences(
        market_id=MARKET,
        delivery_date=day,
        revision=revision,
        differences=differences,
        posting_month=posting_month,
    )


def closed(accruals, unfinalised=(), remainders=None, month=NOVEMBER, corrected=()):
    """Close a month at 10 % tax."""
    return close_month(
        market_id=MARKET,
        month=month,
        accruals=accruals,
        unfinalised_dates=set(unfinalised),
        corrected_dates=set(corrected),
        remainders_e5yen=remainders or {},
        tax_permille=100,
    )


class TestCloseMonth:
    def test_statement_adds_homes_and_days_up_and_rounds_once(self):
        accruals = [
            *booked({key(home=101): 333, key(home=102): 444}).accruals,
            *booked({key(home=101): 555, key(home=101, kind=SELF): 7}, day=LATE).accruals,
        ]

        (statement,) = closed(accruals, remainders={(CAFE, RETAILER): 60_000}).statements

        # (333 + 444 + 555 + 7) Wh at 12 yen/kWh = 16.068 yen, and 0.6 yen from the month before.
        assert (statement.accrued_e5yen, statement.opening_remainder_e5yen) == (1_606_800, 60_000)
        assert (statement.amount_yen, statement.tax_yen, statement.closing_remainder_e5yen) == (16, 1, 66_800)
        assert [(each.line_no, each.kind, each.energy_wh) for each in statement.lines] == [
            (1, SURPLUS, 1_332),
            (2, SELF, 7),
        ]
        assert (statement.statement_no, statement.month) == ("tokyo/2020-11/000001", NOVEMBER)

    def test_transfers_empty_the_month_into_the_remainder_and_make_whole_yen_due(self):
        transfers = closed(booked({key(): 1_340}).accruals).transfers

        assert [
            (
                each.transfer_id,
                each.debit_account.account_id,
                each.credit_account.account_id,
                each.amount_e5yen,
                each.value_date,
            )
            for each in transfers
        ] == [
            ("tokyo/2020-11/close/000001", "accrued:11:1:2020-11", "remainder:11:1", 1_608_000, LATE),
            ("tokyo/2020-11/close/000002", "remainder:11:1", "due:11:1", 1_600_000, LATE),
        ]

    def test_total_below_zero_is_carried_whole(self):
        found = closed(booked({key(): -1_340}).accruals, remainders={(CAFE, RETAILER): 99_999})

        (statement,) = found.statements
        assert (statement.amount_yen, statement.tax_yen) == (0, 0)
        assert statement.closing_remainder_e5yen == 99_999 - 1_608_000
        (transfer,) = found.transfers
        assert transfer.debit_account.account_id == "remainder:11:1"
        assert transfer.credit_account.account_id == "accrued:11:1:2020-11"

    def test_pairs_are_numbered_in_their_order(self):
        accruals = booked({key(OFFICE, holder=OFFICE): 9, key(RETAILER, home=101, price=850): 9, key(): 9})

        pairs = [(each.statement_no[-1], each.payer_no, each.payee_no) for each in closed(accruals.accruals).statements]

        assert pairs == [("1", RETAILER, 101), ("2", CAFE, RETAILER), ("3", OFFICE, RETAILER)]

    def test_pair_with_nothing_but_a_remainder_gets_no_statement(self):
        found = closed([], remainders={(CAFE, RETAILER): 99_999})

        assert (found.statements, found.transfers) == ((), ())

    def test_prices_that_cancel_out_are_shown_and_move_nothing(self):
        found = closed(booked({key(price=600): 20, key(price=1_200): -10}).accruals)

        assert [line.amount_e5yen for line in found.statements[0].lines] == [12_000, -12_000]
        assert found.transfers == ()

    def test_unfinalised_day_waits_for_the_next_month(self):
        accruals = [*booked({key(): 1_000}).accruals, *booked({key(): 500}, day=LATE).accruals]

        found = closed(accruals, unfinalised=[LATE])

        assert [statement.accrued_e5yen for statement in found.statements] == [1_200_000]
        assert [(each.posting_month, each.energy_wh) for each in found.carried_accruals] == [
            (NOVEMBER, -500),
            (DECEMBER, 500),
        ]
        in_december = [each for each in found.carried_accruals if each.posting_month == DECEMBER]
        (statement,) = closed(in_december, month=DECEMBER).statements
        assert statement.accrued_e5yen == 600_000

    def test_month_with_nothing_but_unfinalised_days_has_no_statement(self):
        found = closed(booked({key(): 500}).accruals, unfinalised=[EARLY])

        assert found.statements == ()
        assert len(found.transfers) == 2

    def test_accruals_of_another_month_trip(self):
        with pytest.raises(AssertionError, match="an accrual of 2020-12 in 2020-11"):
            closed(booked({key(): 5}, posting_month=DECEMBER).accruals)


KEYS = st.sampled_from(
    [key(home=101), key(home=102), key(price=877), key(OFFICE, holder=OFFICE, price=1_253, kind=SELF)]
    + [key(RETAILER, home=home, price=price) for home in (101, 102) for price in (851, 1_007)]
)
REVISIONS = st.lists(
    st.tuples(
        st.sampled_from([EARLY, LATE]),
        st.dictionaries(KEYS, st.integers(-50_000, 90_000).filter(bool), max_size=4),
    ),
    max_size=4,
)
YEARS = st.lists(st.tuples(REVISIONS, st.sets(st.sampled_from([EARLY, LATE]))), min_size=3, max_size=3)


class Books:
    """Three months of revisions, closed one after the other; all days are finalised in the last one."""

    def __init__(self, months):
        self.accruals, self.statements, self.remainders = [], [], {}
        self.totals, self.posted = {}, {}
        unfinalised, revision = {EARLY, LATE}, 0
        for month, (revisions, finalised) in zip(MONTHS, months, strict=True):
            for day, differences in revisions:
                revision += 1
                found = booked(differences, day, revision, month)
                self.accruals.extend(found.accruals)
                self.post(found.transfers)
            unfinalised = set() if month == JANUARY else unfinalised - finalised
            self.close(month, unfinalised)

    def close(self, month, unfinalised):
        """Close a month and keep what it wrote."""
        of_month = [each for each in self.accruals if each.posting_month == month]
        found = closed(of_month, unfinalised, self.remainders, month)
        self.post(found.transfers)
        self.accruals.extend(found.carried_accruals)
        self.statements.extend(found.statements)
        for each in found.statements:
            self.remainders[each.payer_no, each.payee_no] = each.closing_remainder_e5yen

    def post(self, transfers):
        """Post a batch."""
        posting = post(self.totals, self.posted, transfers)
        self.totals = posting.totals
        self.posted |= {each.transfer_id: each for each in posting.new_transfers}

    def accrued(self):
        """Add all accruals up by pair."""
        accrued = Counter()
        for each in self.accruals:
            accrued[each.key.payer_no, each.key.payee_no] += each.amount_e5yen
        return accrued


class TestMonthsInARow:
    @given(YEARS)
    def test_whole_yen_and_the_last_remainder_are_all_accruals(self, months):
        books = Books(months)
        documented = Counter(books.remainders)
        for each in books.statements:
            documented[each.payer_no, each.payee_no] += each.amount_yen * 100_000

        assert {pair: total for pair, total in documented.items() if total} == {
            pair: total for pair, total in books.accrued().items() if total
        }

    @given(YEARS)
    def test_accounts_say_what_the_documents_say(self, months):
        books = Books(months)
        due = Counter()
        for each in books.statements:
            due[f"due:{each.payer_no}:{each.payee_no}"] += each.amount_yen * 100_000
        expected = due | Counter()
        for (payer_no, payee_no), remainder_e5yen in books.remainders.items():
            expected[f"remainder:{payer_no}:{payee_no}"] = remainder_e5yen
        for (payer_no, _), accrued_e5yen in books.accrued().items():
            expected[f"cost:{payer_no}"] -= accrued_e5yen

        # So each account accrued:* is empty once its month is closed.
        balances = {name: each.balance_e5yen for name, each in books.totals.items() if each.balance_e5yen}
        assert balances == {name: balance for name, balance in expected.items() if balance}

    @given(YEARS)
    def test_remainders_chain_from_statement_to_statement(self, months):
        carried = Counter()
        for each in Books(months).statements:
            pair = each.payer_no, each.payee_no

            assert each.opening_remainder_e5yen == carried[pair]
            assert each.closing_remainder_e5yen < 100_000
            assert each.amount_yen == 0 or each.closing_remainder_e5yen >= 0
            carried[pair] = each.closing_remainder_e5yen

    @given(YEARS)
    def test_statement_covers_exactly_what_is_posted_in_its_month(self, months):
        books = Books(months)
        posted, stated = Counter(), Counter()
        for each in books.accruals:
            posted[each.posting_month, each.key.payer_no, each.key.payee_no] += each.amount_e5yen
        for each in books.statements:
            stated[each.month, each.payer_no, each.payee_no] += each.accrued_e5yen

        assert {key: total for key, total in posted.items() if total} == {
            key: total for key, total in stated.items() if total
        }


class TestCorrections:
    def test_of_days_that_were_final_stand_on_lines_of_their_own(self):
        traded = booked({key(home=101): 1_000}, day=LATE, posting_month=DECEMBER).accruals
        corrected = booked({key(home=101): -300}, revision=2, posting_month=DECEMBER).accruals

        (statement,) = closed([*corrected, *traded], month=DECEMBER, corrected=[EARLY]).statements

        assert [(each.line_no, each.corrected_month, each.energy_wh) for each in statement.lines] == [
            (1, None, 1_000),
            (2, NOVEMBER, -300),
        ]
        assert statement.accrued_e5yen == sum(each.amount_e5yen for each in statement.lines)

    def test_of_a_day_that_only_waited_are_none(self):
        waited = booked({key(home=101): 700}, posting_month=DECEMBER).accruals

        (statement,) = closed(waited, month=DECEMBER).statements

        assert [each.corrected_month for each in statement.lines] == [None]
