"""Certificates, slices and segments come back as they were issued; debts count while their revision does."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError

from sanchi.app.ports import CertificateStore
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Slice, are_tiling
from sanchi.core.certificates.debts import Debt, DebtSettlement
from sanchi.core.certificates.retirement import Claim
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.transfer import transfer_slice
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.edge.store.opening import DjangoStores
from sanchi.edge.store.sql import COPIED_ROWS_MIN, fetch
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, head

NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def store(market: StoredMarket) -> CertificateStore:
    return market.home.stores.certificates


def debt(debt_no: int, delivery_date: date = DAY, **changes: Any) -> Debt:
    standard = Debt(
        debt_no=debt_no,
        home_no=1,
        kind=CertificateKind.SURPLUS,
        delivery_date=delivery_date,
        slot_no=20,
        holder_no=4,
        debt_wh=100,
        home_price_sen_per_kwh=1_000,
        buyer_price_sen_per_kwh=1_100,
        revision=1,
    )
    return replace(standard, **changes)


def cut(whole: Slice, at_wh: int, claim_no: int | None = None) -> SliceChange:
    """Withdraw the upper part of a slice; retire the lower one where a claim is given."""
    middle_wh = whole.lo_wh + at_wh
    lower = replace(whole, hi_wh=middle_wh)
    if claim_no is not None:
        lower = replace(lower, state=CertificateState.RETIRED, claim_no=claim_no)
    upper = replace(whole, lo_wh=middle_wh, state=CertificateState.WITHDRAWN)
    return SliceChange(before=whole, after=(lower, upper))


class TestIssue:
    def test_comes_back_as_it_was_issued(self, market: StoredMarket, store: CertificateStore):
        issue = market.issue(market.close())

        assert store.certificates_of_day(MARKET, DAY) == issue.certificates
        assert sorted(store.slices_of_day(MARKET, DAY), key=str) == sorted(issue.slices, key=str)
        assert sorted(store.active_slices(MARKET, [DAY, NEXT_DAY]), key=str) == sorted(issue.slices, key=str)
        segments = store.segments_of_day(MARKET, DAY)
        assert segments.certificate_id.tolist() == issue.segments.certificate_id.tolist()
        for name in ("lo_wh", "hi_wh", "slot_no", "holder_no"):
            np.testing.assert_array_equal(getattr(segments, name), getattr(issue.segments, name))

    def test_of_later_revisions_stands_behind(self, market: StoredMarket, store: CertificateStore):
        first = market.issue(market.close(revision=1))
        second = market.issue(market.close(revision=2))

        assert store.certificates_of_day(MARKET, DAY) == (*first.certificates, *second.certificates)
        ids = store.segments_of_day(MARKET, DAY).certificate_id.tolist()
        assert ids == [*first.segments.certificate_id.tolist(), *second.segments.certificate_id.tolist()]

    def test_of_another_day_is_not_seen(self, market: StoredMarket, store: CertificateStore):
        market.close(NEXT_DAY)

        assert store.certificates_of_day(MARKET, DAY) == ()
        assert store.slices_of_day(MARKET, DAY) == ()
        assert store.active_slices(MARKET, []) == ()
        assert store.segments_of_day(MARKET, DAY).row_count == 0

    def test_a_second_time_is_refused(self, market: StoredMarket, store: CertificateStore):
        issue = market.issue(market.close())

        with pytest.raises(Refused) as refusal, market.step():
            store.add_issue(MARKET, DAY, 1, issue.certificates, issue.slices, issue.segments)

        assert refusal.value.rule is RefusalRule.DUPLICATE_ISSUE

    def test_of_surplus_before_the_fit_ends_is_refused(self, market: StoredMarket, store: CertificateStore):
        issue = market.issue(market.saved_outcome())
        too_early = [replace(each, fit_end=NEXT_DAY) for each in issue.certificates]

        with pytest.raises(Refused) as refusal, market.step():
            store.add_issue(MARKET, DAY, 1, too_early, issue.slices, issue.segments)

        assert refusal.value.rule is RefusalRule.BEFORE_FIT_END

    def test_of_a_day_before_the_plant_began_is_refused(self, market: StoredMarket, store: CertificateStore):
        issue = market.issue(market.saved_outcome())
        too_early = [replace(each, commissioning_date=NEXT_DAY) for each in issue.certificates]

        with pytest.raises(Refused) as refusal, market.step():
            store.add_issue(MARKET, DAY, 1, too_early, issue.slices, issue.segments)

        assert refusal.value.rule is RefusalRule.BEFORE_COMMISSIONING

    def test_with_a_slice_missing_is_refused_at_commit(self, market: StoredMarket, store: CertificateStore):
        issue = market.issue(market.saved_outcome())

        with pytest.raises(IntegrityError), market.step():
            store.add_issue(MARKET, DAY, 1, issue.certificates, issue.slices[1:], issue.segments)

        assert fetch("SELECT count(*) FROM certificate") == [(0,)]


class TestSliceChange:
    def test_transfers_the_middle_of_a_slice(self, market: StoredMarket, store: CertificateStore):
        market.close()
        whole = max(store.active_slices(MARKET, [DAY]), key=lambda piece: piece.energy_wh)
        lo_wh, hi_wh, new_holder_no = whole.lo_wh + 1, whole.hi_wh - 1, 1
        change = transfer_slice(whole, lo_wh=lo_wh, hi_wh=hi_wh, new_holder_no=new_holder_no)

        with market.step():
            store.apply_changes(MARKET, head(Operation.TRANSFER), [change])

        own = [each for each in store.active_slices(MARKET, [DAY]) if each.certificate_id == whole.certificate_id]
        assert are_tiling([(each.lo_wh, each.hi_wh) for each in own], 0, whole.quantity_wh)
        assert whole.holder_no != new_holder_no
        assert [each for each in own if whole.lo_wh <= each.lo_wh < whole.hi_wh] == list(change.after)

    def test_cuts_and_retires(self, market: StoredMarket, store: CertificateStore):
        market.close()
        whole, other = store.active_slices(MARKET, [DAY])[:2]
        claim = Claim(claim_no=1, beneficiary_no=4, month=Month.of(DAY), purpose="use", energy_wh=3)
        changes = [cut(whole, 3, claim_no=1), cut(other, 5)]

        with market.step():
            store.add_claims(MARKET, [claim])
            store.apply_changes(MARKET, head(Operation.RETIRE), changes)

        after = store.slices_of_day(MARKET, DAY)
        assert changes[0].after[0] in after
        assert changes[1].after[0] in after
        assert changes[0].after[0] not in store.active_slices(MARKET, [DAY])
        assert fetch("SELECT count(*), min(claim_no) FROM slice WHERE state_no = 7") == [(2, None)]
        assert fetch("SELECT market, claim_no, beneficiary_no, month, purpose, energy_wh FROM claim") == [
            (MARKET, 1, 4, DAY.replace(day=1), "use", 3)
        ]

    def test_of_a_slice_that_changed_meanwhile_is_a_fault(self, market: StoredMarket, store: CertificateStore):
        market.close()
        whole = store.active_slices(MARKET, [DAY])[0]
        with market.step():
            store.apply_changes(MARKET, head(Operation.WITHDRAW, "first"), [cut(whole, 3)])

        with pytest.raises(AssertionError, match="1 slices"), market.step():
            store.apply_changes(MARKET, head(Operation.WITHDRAW, "second"), [cut(whole, 2)])

    def test_of_a_thousand_slices_at_once_is_what_each_one_would_be(self, home: DjangoStores):
        market = StoredMarket.saved(home, n_homes=200)
        store = home.stores.certificates
        market.close()
        changes = [cut(each, 1) for each in store.active_slices(MARKET, [DAY]) if each.energy_wh > 1]
        assert len(changes) > COPIED_ROWS_MIN

        with market.step():
            store.apply_changes(MARKET, head(Operation.WITHDRAW), changes)

        kept = [change.after[0] for change in changes]
        assert sorted(store.slices_of_day(MARKET, DAY), key=str) == sorted(kept, key=str)

    def test_of_a_thousand_slices_of_which_one_changed_meanwhile_is_a_fault(self, home: DjangoStores):
        market = StoredMarket.saved(home, n_homes=200)
        store = home.stores.certificates
        market.close()
        changes = [cut(each, 1) for each in store.active_slices(MARKET, [DAY]) if each.energy_wh > 2]
        with market.step():
            store.apply_changes(MARKET, head(Operation.WITHDRAW, "first"), [cut(changes[0].before, 2)])
        before = store.slices_of_day(MARKET, DAY)

        with pytest.raises(AssertionError, match="1 slices"), market.step():
            store.apply_changes(MARKET, head(Operation.WITHDRAW, "second"), changes)

        assert store.slices_of_day(MARKET, DAY) == before

    def test_to_nothing_changes_nothing(self, market: StoredMarket, store: CertificateStore):
        market.close()
        before = store.slices_of_day(MARKET, DAY)

        with market.step():
            store.apply_changes(MARKET, head(Operation.SPLIT), [])

        assert store.slices_of_day(MARKET, DAY) == before != ()


class TestWithdrawal:
    def test_takes_every_active_slice_of_the_day(self, market: StoredMarket, store: CertificateStore):
        outcome = market.close()
        market.close(NEXT_DAY)
        retired = cut(store.active_slices(MARKET, [DAY])[0], 3, claim_no=1)
        with market.step():
            store.add_claims(
                MARKET, [Claim(claim_no=1, beneficiary_no=4, month=Month.of(DAY), purpose="use", energy_wh=3)]
            )
            store.apply_changes(MARKET, head(Operation.RETIRE), [retired])
        already_withdrawn_wh = retired.after[1].energy_wh

        with market.step():
            withdrawn = store.withdraw_active(MARKET, head(Operation.WITHDRAW, "all"), DAY)

        assert withdrawn.energy_wh == outcome.allocated.energy_wh.sum() - 3 - already_withdrawn_wh
        assert store.slices_of_day(MARKET, DAY) == (retired.after[0],)
        assert store.active_slices(MARKET, [NEXT_DAY])

    def test_of_nothing_is_nothing(self, market: StoredMarket, store: CertificateStore):
        with market.step():
            assert store.withdraw_active(MARKET, head(Operation.WITHDRAW), DAY).energy_wh == 0


class TestNumber:
    def test_of_claims_and_debts_goes_on(self, market: StoredMarket, store: CertificateStore):
        market.close()
        assert (store.next_claim_no(MARKET), store.next_debt_no(MARKET)) == (1, 1)

        with market.step():
            store.add_debts(MARKET, [debt(1), debt(2)])
            store.add_claims(
                MARKET, [Claim(claim_no=1, beneficiary_no=4, month=Month.of(DAY), purpose="use", energy_wh=3)]
            )

        assert (store.next_claim_no(MARKET), store.next_debt_no(MARKET)) == (2, 3)


class TestDebt:
    @pytest.fixture(autouse=True)
    def two_days(self, market: StoredMarket) -> None:
        market.close(DAY)
        market.close(NEXT_DAY)

    def test_comes_back_as_it_was_added(self, market: StoredMarket, store: CertificateStore):
        debts = (debt(1), debt(2, NEXT_DAY, kind=CertificateKind.SELF_CONSUMPTION, debt_wh=7))
        with market.step():
            store.add_debts(MARKET, debts)

        assert store.debts(MARKET) == debts

    def test_is_open_for_later_days_of_its_kind(self, market: StoredMarket, store: CertificateStore):
        with market.step():
            store.add_debts(MARKET, [debt(1), debt(2, NEXT_DAY), debt(3, kind=CertificateKind.SELF_CONSUMPTION)])

        assert store.open_debts(MARKET, CertificateKind.SURPLUS, DAY) == ()
        assert store.open_debts(MARKET, CertificateKind.SURPLUS, NEXT_DAY) == (debt(1),)
        later = NEXT_DAY + timedelta(days=1)
        assert store.open_debts(MARKET, CertificateKind.SURPLUS, later) == (debt(1), debt(2, NEXT_DAY))

    def test_is_open_as_far_as_other_days_have_not_paid_it_off(self, market: StoredMarket, store: CertificateStore):
        later = NEXT_DAY + timedelta(days=1)
        with market.step():
            store.add_debts(MARKET, [debt(1), debt(2)])
            store.add_settlements(
                MARKET,
                NEXT_DAY,
                1,
                [
                    DebtSettlement(debt_no=1, slot_no=20, settled_wh=60),
                    DebtSettlement(debt_no=1, slot_no=21, settled_wh=40),
                    DebtSettlement(debt_no=2, slot_no=21, settled_wh=1),
                ],
            )

        assert store.open_debts(MARKET, CertificateKind.SURPLUS, later) == (debt(2, debt_wh=99),)
        assert store.open_debts(MARKET, CertificateKind.SURPLUS, NEXT_DAY) == (debt(1), debt(2))
        assert store.debts(MARKET) == (debt(1), debt(2))

    def test_opens_again_with_another_revision(self, market: StoredMarket, store: CertificateStore):
        later = NEXT_DAY + timedelta(days=1)
        settlements = (
            DebtSettlement(debt_no=1, slot_no=20, settled_wh=60),
            DebtSettlement(debt_no=1, slot_no=21, settled_wh=10),
        )
        with market.step():
            store.add_debts(MARKET, [debt(1)])
            store.add_settlements(MARKET, NEXT_DAY, 1, settlements)
        assert store.settlements_of_day(MARKET, NEXT_DAY) == settlements
        market.close(NEXT_DAY, revision=2)
        assert store.settlements_of_day(MARKET, NEXT_DAY) == ()
        assert store.open_debts(MARKET, CertificateKind.SURPLUS, later) == (debt(1),)

        with market.step():
            store.add_settlements(MARKET, NEXT_DAY, 2, settlements[:1])

        assert store.open_debts(MARKET, CertificateKind.SURPLUS, later) == (debt(1, debt_wh=40),)
