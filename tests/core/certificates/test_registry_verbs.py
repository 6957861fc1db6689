"""Operations on slices against a slow model of single watt-hours: all of a bulk or nothing, and the item is named."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord, WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import SegmentRows, Slice
from sanchi.core.certificates.claiming import ClaimedUse, retire_for_claim, retire_reserved
from sanchi.core.certificates.expiry import expire_old, first_valid_date, valid_until
from sanchi.core.certificates.exporting import LotOrder, export_month
from sanchi.core.certificates.requests import HeldSlice, Selection, Serials
from sanchi.core.certificates.reservation import Promise, release_all, reserve_all
from sanchi.core.certificates.splitting import Cut, serials_of_slots, split_all
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.transfer import Transfer, transfer_all
from tests.core.certificates.market_days import CAFE, DAY, OFFICE, RETAILER

SURPLUS = CertificateKind.SURPLUS
ACTIVE, RESERVED = CertificateState.ACTIVE, CertificateState.RESERVED
FIRST, SECOND = CertificateId("tokyo/a"), CertificateId("tokyo/b")
NEXT_DAY = DAY + timedelta(days=1)
MONTH = Month.of(DAY)


def held(certificate_id=FIRST, lo_wh=0, hi_wh=10, holder_no=CAFE, state=ACTIVE, **changes) -> HeldSlice:
    """Load a slice of a certificate of 20 Wh."""
    piece = Slice(
        certificate_id=certificate_id,
        lo_wh=lo_wh,
        hi_wh=hi_wh,
        quantity_wh=20,
        holder_no=holder_no,
        state=ACTIVE,
        claim_no=None,
    )
    standard = HeldSlice(
        piece=piece.in_state(state, 7),
        delivery_date=DAY if certificate_id == FIRST else NEXT_DAY,
        kind=SURPLUS,
        home_no=101,
        is_finalised=True,
        promised_to_no=OFFICE if state is RESERVED else None,
        promised_until=NEXT_DAY if state is RESERVED else None,
    )
    return replace(standard, **changes)


BOOKS = (
    held(),
    held(lo_wh=10, hi_wh=20, holder_no=RETAILER),
    held(SECOND, 0, 20),
)


def serials(lo_wh, hi_wh, certificate_id=FIRST) -> Serials:
    """Name watt-hours."""
    return Serials(certificate_id=certificate_id, lo_wh=lo_wh, hi_wh=hi_wh)


def oldest(energy_wh, holder_no=CAFE) -> Selection:
    """Name the oldest watt-hours of a holder."""
    return Selection(holder_no=holder_no, kind=SURPLUS, first_date=DAY, last_date=NEXT_DAY, energy_wh=energy_wh)


def to_office(named, giver=CAFE) -> Transfer:
    """Give watt-hours to the office."""
    return Transfer(named=named, from_holder_no=giver, to_holder_no=OFFICE)


def shape(changes) -> list[tuple]:
    """Give (certificate, lo, hi, holder, state) of all slices after changes."""
    return [
        (piece.certificate_id[-1], piece.lo_wh, piece.hi_wh, piece.holder_no, piece.state.text)
        for change in changes
        for piece in change.after
    ]


def refused(rule: RefusalRule, match: str, ask) -> None:
    """Check that what is asked is refused by a rule, with words."""
    with pytest.raises(Refused, match=match) as refusal:
        ask()
    assert refusal.value.rule is rule


class TestTransfers:
    def test_take_the_oldest_watt_hours_first(self):
        changes = transfer_all(BOOKS, [to_office(oldest(13))])

        assert shape(changes) == [
            ("a", 0, 10, OFFICE, "active"),
            ("b", 0, 3, OFFICE, "active"),
            ("b", 3, 20, CAFE, "active"),
        ]

    def test_go_on_where_the_item_before_ended(self):
        changes = transfer_all(BOOKS, [to_office(oldest(4)), to_office(serials(6, 8)), to_office(oldest(5))])

        assert shape(changes) == [
            ("a", 0, 4, OFFICE, "active"),
            ("a", 4, 6, OFFICE, "active"),
            ("a", 6, 8, OFFICE, "active"),
            ("a", 8, 10, OFFICE, "active"),
            ("b", 0, 1, OFFICE, "active"),
            ("b", 1, 20, CAFE, "active"),
        ]

    @pytest.mark.parametrize(
        ("item", "rule"),
        [
            (to_office(serials(9, 11)), RefusalRule.NOT_HOLDER),
            (to_office(serials(15, 25), giver=RETAILER), RefusalRule.NOT_ENOUGH),
            (to_office(serials(0, 1)), RefusalRule.NAMED_TWICE),
            (to_office(oldest(30)), RefusalRule.NOT_ENOUGH),
            (to_office(oldest(None, OFFICE), giver=OFFICE + 1), RefusalRule.NOT_ENOUGH),
        ],
    )
    def test_that_cannot_be_name_their_item(self, item, rule):
        refused(rule, "item 2 of 2", lambda: transfer_all(BOOKS, [to_office(serials(0, 2)), item]))

    def test_of_an_unknown_certificate_name_their_item(self):
        unknown = to_office(serials(0, 1, CertificateId("tokyo/c")))

        with pytest.raises(UnknownRecord, match="item 2 of 2: There is no certificate tokyo/c"):
            transfer_all(BOOKS, [to_office(serials(0, 2)), unknown])

    @pytest.mark.parametrize("state", [each for each in CertificateState if each is not ACTIVE])
    def test_of_what_is_not_active_are_refused(self, state):
        rule = RefusalRule.TRANSITION_UNKNOWN if state is RESERVED else RefusalRule.ALREADY_FINAL

        refused(rule, r"tokyo/a \[0, 10\)", lambda: transfer_all([held(state=state)], [to_office(serials(0, 2))]))

    def test_to_oneself_are_wrong(self):
        with pytest.raises(WrongInput, match="own holder"):
            transfer_all(BOOKS, [to_office(serials(0, 1), giver=OFFICE)])

    @given(
        st.lists(
            st.one_of(
                st.tuples(st.integers(0, 21), st.integers(1, 22)).filter(lambda pair: pair[0] < pair[1]),
                st.integers(1, 12),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_are_what_a_model_of_single_watt_hours_says(self, items):
        transfers = [to_office(oldest(item)) if isinstance(item, int) else to_office(serials(*item)) for item in items]
        expected = modelled(items)

        if expected is None:
            with pytest.raises(Refused):
                transfer_all(BOOKS, transfers)
            return
        after = {
            (piece.certificate_id, wh): piece.holder_no
            for change in transfer_all(BOOKS, transfers)
            for piece in change.after
            for wh in range(piece.lo_wh, piece.hi_wh)
        }
        assert before() | after == expected


def before() -> dict[tuple[CertificateId, int], int]:
    """Give the holder of each watt-hour, oldest first."""
    return {
        (each.piece.certificate_id, wh): each.piece.holder_no
        for each in BOOKS
        for wh in range(each.piece.lo_wh, each.piece.hi_wh)
    }


def modelled(items) -> dict[tuple[CertificateId, int], int] | None:
    """Move single watt-hours, None where one cannot be moved."""
    holders, moved = before(), set()
    for item in items:
        if isinstance(item, int):
            places = [place for place, holder_no in holders.items() if holder_no == CAFE and place not in moved][:item]
            if len(places) < item:
                return None
        else:
            places = [(FIRST, wh) for wh in range(*item)]
        for place in places:
            if place in moved or holders.get(place) != CAFE:
                return None
            moved.add(place)
    return {place: OFFICE if place in moved else holder_no for place, holder_no in holders.items()}


class TestReservation:
    def test_promises_until_a_day_and_is_given_up(self):
        reserved = reserve_all(
            BOOKS,
            [Promise(named=oldest(4), holder_no=CAFE)],
            reservation_no=7,
            reservation_id="r",
            party_no=OFFICE,
            expires_on=NEXT_DAY,
            today=DAY,
        )

        assert shape(reserved.changes) == [("a", 0, 4, CAFE, "reserved"), ("a", 4, 10, CAFE, "active")]
        assert reserved.changes[0].after[0].reservation_no == 7
        assert reserved.reservation.energy_wh == 4
        released = release_all([held(lo_wh=0, hi_wh=4, state=RESERVED)])
        assert shape(released) == [("a", 0, 4, CAFE, "active")]

    def test_that_would_have_lapsed_is_refused(self):
        refused(
            RefusalRule.WRONG_DAY,
            "would lapse",
            lambda: reserve_all(
                BOOKS, [], reservation_no=1, reservation_id="r", party_no=OFFICE, expires_on=DAY, today=DAY
            ),
        )

    def test_of_which_nothing_is_left_cannot_be_given_up(self):
        refused(RefusalRule.NOT_ENOUGH, "nothing is reserved", lambda: release_all([held()]))


USE = ClaimedUse(beneficiary_no=CAFE, used_from=DAY, used_until=NEXT_DAY, site="Ginza")


class TestClaim:
    def test_uses_up_what_its_beneficiary_holds(self):
        retirement = retire_for_claim(BOOKS, [oldest(12)], USE, claim_no=3, today=NEXT_DAY)

        assert shape(retirement.changes) == [
            ("a", 0, 10, CAFE, "retired"),
            ("b", 0, 2, CAFE, "retired"),
            ("b", 2, 20, CAFE, "active"),
        ]
        (claim,) = retirement.claims
        assert (claim.claim_no, claim.energy_wh, claim.site, claim.month) == (3, 12, "Ginza", MONTH)
        assert {piece.claim_no for change in retirement.changes for piece in change.after} == {3, None}

    def test_takes_what_is_promised_to_it_from_its_holder(self):
        office = replace(USE, beneficiary_no=OFFICE)

        for retirement in (
            retire_reserved([held(state=RESERVED)], office, claim_no=1, today=DAY),
            retire_for_claim([held(state=RESERVED)], [oldest(10)], office, claim_no=1, today=DAY),
        ):
            assert shape(retirement.changes) == [("a", 0, 10, OFFICE, "retired")]

    @pytest.mark.parametrize(
        ("piece", "use", "today", "rule"),
        [
            (held(holder_no=RETAILER), USE, DAY, RefusalRule.NOT_HOLDER),
            (held(is_finalised=False), USE, DAY, RefusalRule.WRONG_DAY),
            (held(), replace(USE, used_from=NEXT_DAY), DAY, RefusalRule.WRONG_DAY),
            (held(state=RESERVED), USE, DAY, RefusalRule.RESERVED_FOR_ANOTHER),
            (held(state=RESERVED), replace(USE, beneficiary_no=OFFICE), NEXT_DAY, RefusalRule.WRONG_DAY),
            (held(state=CertificateState.RETIRED), USE, DAY, RefusalRule.ALREADY_FINAL),
            (held(state=CertificateState.EXPIRED), USE, DAY, RefusalRule.ALREADY_FINAL),
        ],
    )
    def test_of_other_watt_hours_is_refused(self, piece, use, today, rule):
        refused(rule, "tokyo/a", lambda: retire_for_claim([piece], [serials(0, 5)], use, claim_no=1, today=today))


class TestExpiry:
    def test_lets_old_active_slices_of_final_days_lapse(self):
        old = [held(), held(state=RESERVED), held(is_finalised=False), held(kind=CertificateKind.SELF_CONSUMPTION)]

        assert shape(expire_old(old, {SURPLUS: 3}, valid_until(DAY, 3))) == [("a", 0, 10, CAFE, "expired")]
        assert expire_old(old, {SURPLUS: 3}, valid_until(DAY, 3) - timedelta(days=1)) == ()

    @given(st.dates(date(2019, 1, 1), date(2030, 1, 1)), st.integers(1, 30))
    def test_first_valid_date_is_the_first_that_has_not_lapsed(self, on_date, n_months):
        first = first_valid_date(on_date, n_months)

        assert valid_until(first, n_months) > on_date >= valid_until(first - timedelta(days=1), n_months)


class TestSplit:
    def test_cuts_at_both_ends_and_changes_nothing_else(self):
        changes = split_all(BOOKS, [Cut(named=serials(2, 5), holder_no=CAFE)])

        assert shape(changes) == [
            ("a", 0, 2, CAFE, "active"),
            ("a", 2, 5, CAFE, "active"),
            ("a", 5, 10, CAFE, "active"),
        ]

    def test_where_slices_end_already_is_refused(self):
        cut = Cut(named=serials(0, 10), holder_no=CAFE)

        refused(RefusalRule.NOT_DIVISIBLE, "nothing is cut", lambda: split_all(BOOKS, [cut]))

    def test_of_slots_names_their_serials(self):
        segments = SegmentRows(
            certificate_id=np.array([FIRST] * 4, dtype=np.object_),
            lo_wh=np.array([0, 3, 8, 12]),
            hi_wh=np.array([3, 8, 12, 20]),
            slot_no=np.array([20, 21, 22, 20], dtype=np.int8),
            holder_no=np.array([CAFE, CAFE, CAFE, OFFICE], dtype=np.int32),
        )

        assert serials_of_slots(segments, FIRST, [20, 21]) == (serials(0, 8), serials(12, 20))
        assert serials_of_slots(segments, FIRST, [20, 22], CAFE) == (serials(0, 3), serials(8, 12))
        refused(RefusalRule.NOT_ENOUGH, "slots 30", lambda: serials_of_slots(segments, FIRST, [30]))


def lots(*energies_wh: int, unit_wh: int = 1_000):
    """Export months one after the other."""
    previous, exported = None, []
    for number, energy_wh in enumerate(energies_wh, start=1):
        month = Month(year=2021, month_no=number)
        piece = replace(held().piece, hi_wh=energy_wh, quantity_wh=energy_wh)
        order = LotOrder(scheme="s", holder_no=CAFE, kind=SURPLUS, month=month, unit_wh=unit_wh)
        day = replace(held(), piece=piece, delivery_date=month.first_date)
        previous = export_month([day], order, previous, number).lot
        exported.append(previous)
    return exported


class TestExport:
    @given(st.lists(st.integers(1, 5_000), min_size=1, max_size=12))
    def test_carries_what_is_short_of_a_unit_exactly(self, energies_wh):
        exported = lots(*energies_wh)

        assert sum(lot.unit_count for lot in exported) == sum(energies_wh) // 1_000
        assert exported[-1].carry_out_wh == sum(energies_wh) % 1_000
        assert [lot.carry_in_wh for lot in exported] == [0, *(lot.carry_out_wh for lot in exported[:-1])]

    def test_takes_the_active_slices_of_holder_kind_and_month(self):
        order = LotOrder(scheme="s", holder_no=CAFE, kind=SURPLUS, month=MONTH, unit_wh=1_000)

        export = export_month([*BOOKS, held(state=RESERVED)], order, None, 4)

        assert shape(export.changes) == [("a", 0, 10, CAFE, "in_export_lot"), ("b", 0, 20, CAFE, "in_export_lot")]
        assert (export.lot.energy_wh, export.lot.unit_count, export.lot.carry_out_wh) == (30, 0, 30)

    @pytest.mark.parametrize(
        ("changes", "pieces", "rule"),
        [
            ({"month": Month(year=2021, month_no=1)}, [held()], RefusalRule.MONTH_OUT_OF_ORDER),
            ({"month": Month(year=2021, month_no=2), "unit_wh": 1_000_000}, [held()], RefusalRule.NOT_DIVISIBLE),
            ({"month": Month(year=2021, month_no=2)}, [held()], RefusalRule.NOT_ENOUGH),
            (
                {"month": Month(year=2021, month_no=2)},
                [held(delivery_date=date(2021, 2, 3), is_finalised=False)],
                RefusalRule.WRONG_DAY,
            ),
        ],
    )
    def test_that_does_not_follow_is_refused(self, changes, pieces, rule):
        order = replace(LotOrder(scheme="s", holder_no=CAFE, kind=SURPLUS, month=MONTH, unit_wh=1_000), **changes)

        refused(rule, str(rule), lambda: export_month(pieces, order, lots(1_500)[0], 2))

    def test_in_another_unit_is_wrong(self):
        with pytest.raises(WrongInput, match="500"):
            LotOrder(scheme="s", holder_no=CAFE, kind=SURPLUS, month=MONTH, unit_wh=500)
