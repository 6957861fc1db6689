"""A transfer: exactly the named watt-hours change hands, and only those of an active slice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import Refused, WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import Slice, are_tiling
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.transfer import transfer_slice
from tests.core.certificates.market_days import CAFE, OFFICE


def slice_of(lo_wh=100, hi_wh=200, state=CertificateState.ACTIVE) -> Slice:
    """Make a slice of the café."""
    active = Slice(
        certificate_id=CertificateId("tokyo/PV-101/2020-11-20/surplus/1"),
        lo_wh=lo_wh,
        hi_wh=hi_wh,
        quantity_wh=1_000,
        holder_no=CAFE,
        state=CertificateState.ACTIVE,
        claim_no=None,
    )
    return active.in_state(state, 7)


def shape(change) -> list[tuple[int, int, int]]:
    """Give serials and holder of each slice of a change."""
    return [(piece.lo_wh, piece.hi_wh, piece.holder_no) for piece in change.after]


class TestTransfer:
    @pytest.mark.parametrize(
        ("lo_wh", "hi_wh", "expected"),
        [
            (100, 200, [(100, 200, OFFICE)]),
            (100, 101, [(100, 101, OFFICE), (101, 200, CAFE)]),
            (199, 200, [(100, 199, CAFE), (199, 200, OFFICE)]),
            (120, 150, [(100, 120, CAFE), (120, 150, OFFICE), (150, 200, CAFE)]),
        ],
    )
    def test_cuts_where_the_holder_changes(self, lo_wh, hi_wh, expected):
        change = transfer_slice(slice_of(), lo_wh=lo_wh, hi_wh=hi_wh, new_holder_no=OFFICE)

        assert change.before == slice_of()
        assert shape(change) == expected
        assert {piece.state for piece in change.after} == {CertificateState.ACTIVE}

    def test_can_be_given_on(self):
        given_once = transfer_slice(slice_of(), lo_wh=120, hi_wh=150, new_holder_no=OFFICE).after[1]

        given_back = transfer_slice(given_once, lo_wh=130, hi_wh=150, new_holder_no=CAFE)

        assert shape(given_back) == [(120, 130, OFFICE), (130, 150, CAFE)]

    @pytest.mark.parametrize("state", [each for each in CertificateState if each is not CertificateState.ACTIVE])
    def test_of_a_slice_that_is_not_active_is_refused(self, state):
        rule = "TRANSITION_UNKNOWN" if state is CertificateState.RESERVED else "ALREADY_FINAL"

        with pytest.raises(Refused) as refusal:
            transfer_slice(slice_of(state=state), lo_wh=100, hi_wh=200, new_holder_no=OFFICE)

        assert refusal.value.rule == rule

    @pytest.mark.parametrize(("lo_wh", "hi_wh"), [(99, 150), (150, 201), (150, 150), (160, 150), (0, 50), (300, 400)])
    def test_of_other_serials_is_wrong(self, lo_wh, hi_wh):
        with pytest.raises(WrongInput, match=rf"\[{lo_wh}, {hi_wh}\) is no part of the slice \[100, 200\)"):
            transfer_slice(slice_of(), lo_wh=lo_wh, hi_wh=hi_wh, new_holder_no=OFFICE)

    @given(st.lists(st.integers(0, 1_000), min_size=4, max_size=4, unique=True).map(sorted))
    def test_tiles_the_slice_and_moves_no_other_watt_hour(self, cuts_wh):
        lo_wh, given_lo_wh, given_hi_wh, hi_wh = cuts_wh

        change = transfer_slice(
            slice_of(lo_wh=lo_wh, hi_wh=hi_wh), lo_wh=given_lo_wh, hi_wh=given_hi_wh, new_holder_no=OFFICE
        )

        assert are_tiling([(piece.lo_wh, piece.hi_wh) for piece in change.after], lo_wh, hi_wh)
        moved = [(piece.lo_wh, piece.hi_wh) for piece in change.after if piece.holder_no == OFFICE]
        assert moved == [(given_lo_wh, given_hi_wh)]
