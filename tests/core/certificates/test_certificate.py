"""Slices, segments and their digest."""

import hashlib
import struct
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import SegmentRows, Slice, UnfitSegments, are_tiling
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.state import CertificateState
from tests.core.certificates.market_days import CAFE, DAY, MARKET, OFFICE, SURPLUS, allocated, plant

WHOLE = Slice(
    certificate_id=CertificateId("tokyo/PV-101/2020-11-20/surplus/1"),
    lo_wh=0,
    hi_wh=100,
    quantity_wh=100,
    holder_no=CAFE,
    state=CertificateState.ACTIVE,
    claim_no=None,
)


def segments(ids, ranges, slots=None):
    """Make segments of one holder."""
    return SegmentRows(
        certificate_id=np.array(ids, dtype=np.object_),
        lo_wh=np.array([lo for lo, _ in ranges], dtype=np.int64),
        hi_wh=np.array([hi for _, hi in ranges], dtype=np.int64),
        slot_no=np.array(slots or [20] * len(ids), dtype=np.int8),
        holder_no=np.full(len(ids), CAFE, dtype=np.int32),
    )


class TestSlice:
    @pytest.mark.parametrize(("lo_wh", "hi_wh"), [(-1, 5), (5, 5), (6, 5), (0, 101)])
    def test_serials_outside_the_certificate_trip(self, lo_wh, hi_wh):
        with pytest.raises(AssertionError, match="does not lie in"):
            replace(WHOLE, lo_wh=lo_wh, hi_wh=hi_wh)

    def test_claim_without_retirement_trips(self):
        with pytest.raises(AssertionError, match="the claim_no 3"):
            replace(WHOLE, claim_no=3)

    def test_retirement_without_claim_trips(self):
        with pytest.raises(AssertionError, match="the claim_no None"):
            replace(WHOLE, state=CertificateState.RETIRED)

    @pytest.mark.parametrize(
        ("state", "column"),
        [
            (CertificateState.RETIRED, "claim_no"),
            (CertificateState.RESERVED, "reservation_no"),
            (CertificateState.IN_EXPORT_LOT, "export_lot_no"),
            (CertificateState.CHARGED, "storage_no"),
        ],
    )
    def test_refers_to_what_its_state_refers_to_and_to_nothing_of_the_state_before(self, state, column):
        referring = WHOLE.in_state(state, 7)

        assert (referring.state, getattr(referring, column), referring.reference_no) == (state, 7, 7)
        assert referring.in_state(CertificateState.ACTIVE) == WHOLE
        with pytest.raises(AssertionError, match=f"the {column} 7"):
            replace(WHOLE, **{column: 7})


class TestCertificate:
    def test_more_recovered_than_certified_trips(self):
        day = allocated((SURPLUS, 101, 20, CAFE, 5))

        with pytest.raises(AssertionError, match="6 of 5 Wh"):
            issue_day(
                market_id=MARKET,
                delivery_date=DAY,
                revision=1,
                allocated=day,
                plants=[plant(101)],
                recovered_wh={(101, SURPLUS): 6},
            )


class TestAreTiling:
    @given(st.integers(1, 30).flatmap(lambda end: st.tuples(st.just(end), st.sets(st.integers(1, end)))))
    def test_any_cuts_tile_and_a_lost_piece_does_not(self, drawn):
        end, cuts = drawn
        bounds = sorted({0, *cuts, end})
        pieces = list(pairwise(bounds))

        assert are_tiling(reversed(pieces), 0, end)
        assert not are_tiling(pieces[1:], 0, end)
        assert not are_tiling([*pieces, pieces[0]], 0, end)

    @pytest.mark.parametrize("pieces", [[], [(0, 4), (5, 9)], [(0, 5), (4, 9)], [(0, 9), (9, 9)], [(0, 10)]])
    def test_gap_overlap_and_excess_do_not_tile(self, pieces):
        assert not are_tiling(pieces, 0, 9)


class TestSegmentRows:
    @pytest.mark.parametrize(
        ("ranges", "slots"), [([(5, 5)], [1]), ([(-1, 5)], [1]), ([(0, 5)], [0]), ([(0, 5)], [49])]
    )
    def test_wrong_row_is_refused_with_its_certificate(self, ranges, slots):
        with pytest.raises(UnfitSegments, match="row 0 of a"):
            segments(["a"], ranges, slots)

    def test_other_types_are_refused(self):
        with pytest.raises(UnfitSegments, match="certificate_id"):
            replace(segments(["a"], [(0, 5)]), certificate_id=np.array(["a"]))

    def test_of_certificate_gives_its_rows_by_serial(self):
        rows = segments(["b", "a", "b"], [(5, 9), (0, 3), (0, 5)], [30, 20, 31])

        assert rows.of_certificate(CertificateId("b")).slot_no.tolist() == [31, 30]
        assert rows.of_certificate(CertificateId("c")).row_count == 0

    def test_joined_keeps_all_rows(self):
        rows = segments(["b"], [(5, 9)])

        assert SegmentRows.joined([rows, rows]).row_count == 2
        assert SegmentRows.joined([]).row_count == 0

    def test_digest_is_the_documented_bytes(self):
        issue = issue_day(
            market_id=MARKET,
            delivery_date=DAY,
            revision=1,
            allocated=allocated((SURPLUS, 101, 20, OFFICE, 7), (SURPLUS, 101, 21, CAFE, 5)),
            plants=[plant(101)],
            recovered_wh={},
        )
        expected = b"tokyo/PV-101/2020-11-20/surplus/1\n" + struct.pack(">8q", 0, 5, 21, 11, 5, 12, 20, 12)

        assert issue.certificates[0].segments_digest == hashlib.sha256(expected).hexdigest()

    def test_digest_does_not_depend_on_the_order_of_rows(self):
        rows = segments(["a", "a", "b"], [(0, 3), (3, 9), (0, 5)])
        reordered = segments(["b", "a", "a"], [(0, 5), (3, 9), (0, 3)])

        assert rows.digest_of(CertificateId("a")) == reordered.digest_of(CertificateId("a"))
        assert rows.digest_of(CertificateId("a")) != rows.digest_of(CertificateId("b"))
