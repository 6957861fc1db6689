"""Operations are written down with their events, once an id, and counted without a gap."""

from contextlib import suppress
from hashlib import sha256
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.ports import CertificateStore
from sanchi.app.registry.expire import expire
from sanchi.app.registry.export_lot import export_lot
from sanchi.app.registry.order import OperationOrder
from sanchi.app.registry.reserve import reserve
from sanchi.app.registry.retire import retire
from sanchi.app.registry.transfer import transfer
from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import CertificateId, StatementNo
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.claiming import ClaimedUse
from sanchi.core.certificates.exporting import LotOrder
from sanchi.core.certificates.operations import SliceEvent, changes_digest, events_of
from sanchi.core.certificates.requests import Selection
from sanchi.core.certificates.reservation import Promise
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.transfer import Transfer, transfer_all
from sanchi.core.certificates.withdrawal import withdraw_all
from sanchi.edge.store.sql import fetch
from tests.core.certificates.test_registry_verbs import held, serials, to_office
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, head


@pytest.fixture
def closed(market: StoredMarket) -> StoredMarket:
    """Close and finalise a day."""
    market.close()
    with market.step():
        market.home.stores.days.mark_finalised(MARKET, [DAY])
    return market


@pytest.fixture
def store(closed: StoredMarket) -> CertificateStore:
    return closed.home.stores.certificates


def order(operation_id: str) -> OperationOrder:
    return OperationOrder(operation_id=operation_id, actor="operator", reason="a test")


def oldest(holder_no: int, energy_wh: int | None = None) -> Selection:
    return Selection(
        holder_no=holder_no, kind=CertificateKind.SURPLUS, first_date=DAY, last_date=DAY, energy_wh=energy_wh
    )


def content() -> list[list[tuple]]:
    tables = ("slice", "slice_event", "registry_operation", "claim", "reservation", "export_lot")
    return [sorted(fetch(f"SELECT * FROM {table}"), key=str) for table in tables]


class TestDigest:
    def test_is_the_documented_bytes(self):
        event = SliceEvent(
            certificate_id=CertificateId("ab"),
            lo_wh=3,
            hi_wh=9,
            from_state=CertificateState.ACTIVE,
            to_state=CertificateState.RETIRED,
            from_holder_no=4,
            to_holder_no=5,
            reference_no=7,
        )

        assert changes_digest([event]) == sha256(b"ab\n" + pack(">7q", 3, 9, 1, 3, 4, 5, 7)).hexdigest()
        assert changes_digest([]) == sha256(b"").hexdigest()

    def test_is_the_same_row_by_row_and_at_once(self, closed: StoredMarket, store: CertificateStore):
        slices = store.active_slices(MARKET, [DAY])
        expected = events_of(withdraw_all(slices))

        with closed.step():
            record = store.withdraw_active(MARKET, head(Operation.WITHDRAW), DAY)

        assert record.changes_digest == changes_digest(expected)
        assert (record.event_count, record.energy_wh) == (len(slices), sum(each.energy_wh for each in slices))
        stored = fetch("SELECT certificate_id, lo_wh, hi_wh, from_holder_no FROM slice_event ORDER BY event_no")
        assert stored == [(each.certificate_id, each.lo_wh, each.hi_wh, each.from_holder_no) for each in expected]


class TestId:
    def test_makes_an_operation_happen_once(self, closed: StoredMarket):
        gift = [Transfer(named=oldest(4, 9), from_holder_no=4, to_holder_no=5)]
        stores = closed.home.stores
        with closed.step():
            first = transfer(stores, MARKET, order("t"), gift)
        before = content()

        with closed.step():
            second = transfer(stores, MARKET, order("t"), gift)

        assert second == first
        assert (first.operation_no, first.energy_wh) == (1, 9)
        assert content() == before

    def test_of_another_request_is_refused(self, closed: StoredMarket):
        stores = closed.home.stores
        with closed.step():
            transfer(stores, MARKET, order("t"), [Transfer(named=oldest(4, 9), from_holder_no=4, to_holder_no=5)])
        before = content()

        other = [Transfer(named=oldest(4, 8), from_holder_no=4, to_holder_no=5)]
        with pytest.raises(Refused) as refusal, closed.step():
            transfer(stores, MARKET, order("t"), other)

        assert refusal.value.rule is RefusalRule.IDEMPOTENCY_CONFLICT
        assert content() == before

    def test_of_a_step_of_the_platform_cannot_be_taken(self):
        with pytest.raises(WrongInput, match="close-month/2020-12"):
            order("close-month/2020-12")

    def test_of_a_withdrawal_holds_as_well(self, closed: StoredMarket, store: CertificateStore):
        with closed.step():
            first = store.withdraw_active(MARKET, head(Operation.WITHDRAW), DAY)
            assert store.withdraw_active(MARKET, head(Operation.WITHDRAW), DAY) == first
            with pytest.raises(Refused, match="IDEMPOTENCY_CONFLICT"):
                store.withdraw_active(MARKET, head(Operation.WITHDRAW, body="other"), DAY)


class TestNumber:
    def test_leaves_no_gap_where_an_operation_was_refused(self, closed: StoredMarket):
        stores = closed.home.stores
        for number, energy_wh in enumerate((3, 10**9, 4)):
            gift = [Transfer(named=oldest(4, energy_wh), from_holder_no=4, to_holder_no=5)]
            with suppress(Refused), closed.step():
                transfer(stores, MARKET, order(f"t{number}"), gift)

        assert fetch("SELECT operation_no, operation_id FROM registry_operation ORDER BY 1") == [(1, "t0"), (2, "t2")]


class TestBulk:
    def test_that_fails_in_the_middle_changes_nothing(self, closed: StoredMarket):
        before = content()
        gifts = [Transfer(named=oldest(4, energy_wh), from_holder_no=4, to_holder_no=5) for energy_wh in (5, 10**9)]

        with pytest.raises(Refused, match="item 2 of 2"), closed.step():
            transfer(closed.home.stores, MARKET, order("t"), gifts)

        assert content() == before


class TestClaim:
    def test_with_a_statement_that_shows_another_is_refused(self, closed: StoredMarket):
        use = ClaimedUse(beneficiary_no=4, used_from=DAY, used_until=DAY, statement_no=StatementNo("s-1"))
        with closed.step():
            retire(closed.home.stores, MARKET, order("c1"), [oldest(4, 5)], use, today=DAY)

        with pytest.raises(Refused) as refusal, closed.step():
            retire(closed.home.stores, MARKET, order("c2"), [oldest(4, 5)], use, today=DAY)

        assert refusal.value.rule is RefusalRule.DUPLICATE_ISSUE

    def test_takes_a_reservation_of_another_holder(self, closed: StoredMarket):
        stores, seller_no = closed.home.stores, closed.retailer_no
        with closed.step():
            promise = [Promise(named=oldest(seller_no, 9), holder_no=seller_no)]
            until = DAY.replace(day=28)
            reserve(stores, MARKET, order("r"), promise, party_no=4, expires_on=until, today=DAY)
            use = ClaimedUse(beneficiary_no=4, used_from=DAY, used_until=DAY)
            record = retire(stores, MARKET, order("c"), [oldest(seller_no, 9)], use, today=DAY)

        assert record.energy_wh == 9
        assert fetch("SELECT DISTINCT holder_no, claim_no, reservation_no FROM slice WHERE state_no = 3") == [
            (4, 1, None)
        ]


class TestExpiry:
    def test_releases_what_has_lapsed_and_expires_what_is_old(self, closed: StoredMarket):
        stores, seller_no = closed.home.stores, closed.retailer_no
        much_later = DAY.replace(year=2022)
        with closed.step():
            promise = [Promise(named=oldest(seller_no, 9), holder_no=seller_no)]
            until = DAY.replace(day=28)
            reserve(stores, MARKET, order("r"), promise, party_no=4, expires_on=until, today=DAY)
            report, again = (
                expire(
                    stores,
                    MARKET,
                    order("x"),
                    validity_months={CertificateKind.SURPLUS: 12},
                    on_date=much_later,
                    today=much_later,
                )
                for _ in range(2)
            )

        assert again == report
        assert (report.released.energy_wh, report.released.operation_id) == (9, "x/release")
        assert {state_no for (state_no,) in fetch("SELECT state_no FROM slice")} == {1, 4}
        surplus_wh = sum(
            each.quantity_wh
            for each in stores.certificates.certificates_of_day(MARKET, DAY)
            if each.kind is CertificateKind.SURPLUS
        )
        assert report.expired.energy_wh == surplus_wh


class TestExport:
    def test_freezes_the_month_of_a_holder(self, closed: StoredMarket):
        wanted = LotOrder(scheme="s", holder_no=4, kind=CertificateKind.SURPLUS, month=Month.of(DAY), unit_wh=1_000)
        with closed.step():
            record = export_lot(closed.home.stores, MARKET, order("e"), wanted)

        lot = closed.home.stores.registry.lot(MARKET, 1)
        assert lot is not None
        assert (lot.energy_wh, lot.carry_in_wh) == (record.energy_wh, 0)
        assert fetch("SELECT sum(hi_wh - lo_wh) FROM slice WHERE export_lot_no = 1 AND state_no = 5") == [
            (record.energy_wh,)
        ]


class TestEvents:
    @given(st.permutations(range(6)))
    def test_stand_in_an_order_that_requests_do_not_change(self, places):
        gifts = [to_office(serials(lo_wh, lo_wh + 1)) for lo_wh in range(6)]

        given_order = events_of(transfer_all([held()], [gifts[place] for place in places]))

        assert given_order == events_of(transfer_all([held()], gifts))
