"""Watt-hours taken back, against a model that knows each watt-hour by itself."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.certificates.certificate import are_tiling
from sanchi.core.certificates.correction import Removal
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.withdrawal import SliceChange, withdraw_all, withdraw_excess
from tests.core.certificates.device_years import BUYERS, HOME, Device
from tests.core.certificates.market_days import (
    CAFE,
    DAY,
    MARKET,
    OFFICE,
    RETAILER,
    SURPLUS,
    allocated,
    market_days,
    plant,
)

# Serials: retailer [0, 10), cafe slot 20 [10, 40), cafe slot 21 [40, 100), office [100, 125).
ROWS = allocated(
    (SURPLUS, HOME, 20, RETAILER, 10),
    (SURPLUS, HOME, 20, CAFE, 30),
    (SURPLUS, HOME, 21, CAFE, 60),
    (SURPLUS, HOME, 21, OFFICE, 25),
)


def issued(rows=ROWS, revision=1):
    """Issue a day."""
    plants = [plant(101), plant(102), plant(103)]
    return issue_day(
        market_id=MARKET,
        delivery_date=DAY,
        revision=revision,
        allocated=rows,
        plants=plants,
        recovered_wh={},
    )


def removal(slot_no, holder_no, energy_wh):
    """Remove some Wh."""
    return Removal(
        home_no=HOME,
        kind=SURPLUS,
        slot_no=slot_no,
        holder_no=holder_no,
        energy_wh=energy_wh,
        home_price_sen_per_kwh=1_000,
        buyer_price_sen_per_kwh=1_200,
    )


def withdrawn(slices, *removals, issue=None):
    """Correct a home's day."""
    issue = issue or issued()
    return withdraw_excess(
        certificates=issue.certificates,
        slices=slices,
        segments=issue.segments,
        removals=removals,
        revision=2,
        first_debt_no=5,
    )


def in_words(slices):
    """Give slices as (lo, hi, state)."""
    return [(piece.lo_wh, piece.hi_wh, piece.state.text) for piece in slices]


def retire(piece):
    """Use a slice up."""
    return replace(piece, state=CertificateState.RETIRED, claim_no=1)


class TestSliceChange:
    def test_lost_serials_trip(self):
        piece = issued().slices[0]

        with pytest.raises(AssertionError, match="do not tile"):
            SliceChange(before=piece, after=(replace(piece, hi_wh=piece.hi_wh - 1),))

    def test_serials_of_another_certificate_trip(self):
        piece = issued().slices[0]

        with pytest.raises(AssertionError):
            SliceChange(before=piece, after=(replace(piece, certificate_id="another"),))


class TestWithdrawAll:
    @given(market_days())
    def test_every_slice_is_withdrawn_in_place(self, rows):
        slices = issued(rows).slices

        changes = withdraw_all(slices)

        assert [change.before for change in changes] == list(slices)
        assert [change.after for change in changes] == [
            (replace(piece, state=CertificateState.WITHDRAWN),) for piece in slices
        ]

    def test_final_slice_refuses_the_whole_day(self):
        first, *others = issued().slices

        with pytest.raises(Refused) as refusal:
            withdraw_all([*others, retire(first)])

        assert refusal.value.rule is RefusalRule.ALREADY_FINAL


class TestWithdrawExcess:
    @pytest.mark.parametrize(
        ("removals", "before", "after"),
        [
            ([(20, RETAILER, 10)], (0, 10), [(0, 10, "withdrawn")]),
            ([(20, RETAILER, 4)], (0, 10), [(0, 6, "active"), (6, 10, "withdrawn")]),
            ([(20, CAFE, 30)], (10, 100), [(10, 40, "withdrawn"), (40, 100, "active")]),
            ([(21, CAFE, 1)], (10, 100), [(10, 99, "active"), (99, 100, "withdrawn")]),
            (
                [(20, CAFE, 5), (21, CAFE, 5)],
                (10, 100),
                [(10, 35, "active"), (35, 40, "withdrawn"), (40, 95, "active"), (95, 100, "withdrawn")],
            ),
            ([(20, CAFE, 5), (21, CAFE, 60)], (10, 100), [(10, 35, "active"), (35, 100, "withdrawn")]),
            (
                [(20, CAFE, 5), (20, CAFE, 5)],
                (10, 100),
                [(10, 30, "active"), (30, 40, "withdrawn"), (40, 100, "active")],
            ),
        ],
    )
    def test_top_watt_hours_of_the_slot_and_holder_go_first(self, removals, before, after):
        withdrawal = withdrawn(issued().slices, *(removal(*each) for each in removals))

        (change,) = withdrawal.changes
        assert (change.before.lo_wh, change.before.hi_wh) == before
        assert in_words(change.after) == after
        assert withdrawal.debts == ()

    def test_final_watt_hours_become_a_debt_at_their_prices(self):
        slices = [retire(piece) if piece.holder_no == CAFE else piece for piece in issued().slices]

        withdrawal = withdrawn(slices, removal(20, RETAILER, 3), removal(20, CAFE, 8), removal(21, CAFE, 2))

        assert [in_words(change.after) for change in withdrawal.changes] == [[(0, 7, "active"), (7, 10, "withdrawn")]]
        assert [(each.debt_no, each.slot_no, each.holder_no, each.debt_wh) for each in withdrawal.debts] == [
            (5, 20, CAFE, 8),
            (6, 21, CAFE, 2),
        ]
        debt = withdrawal.debts[0]
        assert (debt.home_no, debt.kind, debt.delivery_date, debt.revision) == (HOME, SURPLUS, DAY, 2)
        assert (debt.home_price_sen_per_kwh, debt.buyer_price_sen_per_kwh) == (1_000, 1_200)

    def test_what_is_still_active_goes_before_a_debt_arises(self):
        retailer, cafe, office = issued().slices
        slices = [retailer, retire(replace(cafe, hi_wh=50)), replace(cafe, lo_wh=50), office]

        withdrawal = withdrawn(slices, removal(21, CAFE, 55))

        assert [in_words(change.after) for change in withdrawal.changes] == [[(50, 100, "withdrawn")]]
        assert [debt.debt_wh for debt in withdrawal.debts] == [5]

    def test_reserved_slice_is_taken_back_like_an_active_one(self):
        slices = [piece.in_state(CertificateState.RESERVED, 1) for piece in issued().slices]

        withdrawal = withdrawn(slices, removal(21, OFFICE, 5))

        assert in_words(withdrawal.changes[0].after) == [(100, 120, "reserved"), (120, 125, "withdrawn")]

    def test_newer_certificate_gives_first(self):
        older, newer = issued(), issued(allocated((SURPLUS, HOME, 20, CAFE, 4)), revision=2)

        withdrawal = withdraw_excess(
            certificates=(*newer.certificates, *older.certificates),
            slices=(*older.slices, *newer.slices),
            segments=type(older.segments).joined([newer.segments, older.segments]),
            removals=[removal(20, CAFE, 6)],
            revision=3,
            first_debt_no=1,
        )

        found = {change.before.certificate_id[-1]: in_words(change.after) for change in withdrawal.changes}
        assert found["2"] == [(0, 4, "withdrawn")]
        assert found["1"] == [(10, 38, "active"), (38, 40, "withdrawn"), (40, 100, "active")]

    def test_removal_of_what_was_never_certified_trips(self):
        with pytest.raises(AssertionError, match="slot 20: 1 Wh were never certified"):
            withdrawn(issued().slices, removal(20, CAFE, 31))

    def test_removal_of_what_was_withdrawn_before_trips(self):
        slices = [replace(piece, state=CertificateState.WITHDRAWN) for piece in issued().slices]

        with pytest.raises(AssertionError, match="slot 20: 1 Wh were never certified"):
            withdrawn(slices, removal(20, CAFE, 1))

    def test_removal_of_another_home_trips(self):
        with pytest.raises(AssertionError, match="foreign removal"):
            withdrawn(issued().slices, replace(removal(20, CAFE, 1), home_no=102))

    def test_certificates_of_two_homes_trip(self):
        both = issued(allocated((SURPLUS, 101, 20, CAFE, 4), (SURPLUS, 102, 20, CAFE, 4)))

        with pytest.raises(AssertionError, match="several homes"):
            withdrawn(both.slices, removal(20, CAFE, 1), issue=both)


DATES = [date(2020, 11, 20), date(2020, 11, 21), date(2020, 11, 22)]
WH = st.integers(0, 7)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(DATES),
        st.tuples(WH, WH, WH),
        st.tuples(*[st.tuples(WH, WH)] * 3),
        st.sampled_from(["close", "close and finalise"]),
    ),
    max_size=12,
)


def lived(events):
    """Let a device live through the events, and give it after each of them."""
    device = Device()
    for day_date, offered, cuts, what in events:
        device.close(day_date, offered, cuts)
        if what == "close and finalise" and not device.days[day_date].is_finalised:
            device.finalise(day_date)
        yield device


class TestDevice:
    @settings(max_examples=80)
    @given(EVENTS)
    def test_slices_hold_the_states_of_a_model_of_single_watt_hours(self, events):
        for device in lived(events):
            states = {
                (piece.certificate_id, serial): piece.state.text
                for piece in device.slices
                for serial in range(piece.lo_wh, piece.hi_wh)
            }

            assert states == device.oracle.states()
            assert sum(debt.debt_wh for debt in device.debts) == device.oracle_debt_wh

    @settings(max_examples=80)
    @given(EVENTS)
    def test_live_energy_is_measured_energy_and_open_debt(self, events):
        for device in lived(events):
            measured_wh = sum(int(day.offered_wh.sum()) for day in device.days.values())
            settled_wh = sum(each.settled_wh for day in device.days.values() for each in day.settlements)
            owed_wh = sum(debt.debt_wh for debt in device.debts)

            assert 0 <= settled_wh <= owed_wh
            assert device.oracle.live_wh() == measured_wh + owed_wh - settled_wh

    @settings(max_examples=80)
    @given(EVENTS)
    def test_each_holder_holds_its_allocation_and_what_is_owed_for_it(self, events):
        for device in lived(events):
            owed = Counter()
            for debt in device.debts:
                owed[debt.delivery_date, debt.holder_no] += debt.debt_wh
            for day_date, day in device.days.items():
                given_wh = day.allocated.totals_by("holder_no")
                for holder_no in (RETAILER, *BUYERS):
                    held_wh = device.oracle.live_wh(day_date, holder_no)

                    assert held_wh == given_wh.get((holder_no,), 0) + owed[day_date, holder_no]

    @settings(max_examples=80)
    @given(EVENTS)
    def test_slices_tile_every_certificate_after_any_sequence(self, events):
        for device in lived(events):
            for day in device.days.values():
                for certificate in day.certificates:
                    name = certificate.certificate_id
                    ranges = [(each.lo_wh, each.hi_wh) for each in device.slices if each.certificate_id == name]

                    assert are_tiling(ranges, 0, certificate.quantity_wh)
