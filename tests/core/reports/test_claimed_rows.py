"""Claimed serials keep their sum however they are parted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import day_ordinal
from sanchi.core.reports.claimed_rows import ClaimedRows, UnfitClaim

FIRST = date(2020, 12, 1)

drawn_rows = st.lists(
    st.tuples(
        st.integers(day_ordinal(FIRST) - 3, day_ordinal(FIRST) + 30),
        st.integers(1, 48),
        st.sampled_from([1, 2]),
        st.integers(1, 4),
        st.sampled_from(["a", "b"]),
        st.integers(0, 50),
        st.integers(51, 90),
        st.booleans(),
        st.just(1),
    ),
    max_size=30,
)


class TestClaimedRows:
    @given(drawn_rows)
    def test_matrix_and_earlier_days_are_all_of_it(self, drawn):
        rows = ClaimedRows.of_rows(drawn)
        in_month = rows.between(FIRST, date(2020, 12, 31))

        matrix_wh = in_month.slot_matrix(FIRST, 31)

        assert int(matrix_wh.sum()) + rows.before(FIRST).total_wh == rows.total_wh
        for day_no, slot_no, *_rest in drawn:
            if day_no >= day_ordinal(FIRST):
                assert matrix_wh[day_no - day_ordinal(FIRST), slot_no - 1] > 0

    @given(drawn_rows)
    def test_every_parting_has_the_same_sum(self, drawn):
        rows = ClaimedRows.of_rows(drawn)

        for names in (("home_no",), ("home_no", "kind_no"), ("certificate_id",), ("day_no", "slot_no")):
            assert sum(rows.totals_by(*names).values()) == rows.total_wh
        assert sum(rows.of_kind(kind).total_wh for kind in CertificateKind) == rows.total_wh
        assert rows.estimated().total_wh == sum(row[6] - row[5] for row in drawn if row[7])

    @pytest.mark.parametrize(
        "row",
        [(1, 49, 1, 1, "a", 0, 5, False, 1), (1, 0, 1, 1, "a", 0, 5, False, 1), (1, 1, 1, 1, "a", 5, 5, False, 1)],
    )
    def test_outside_the_day_or_without_energy_are_refused(self, row):
        with pytest.raises(UnfitClaim, match=r"1\.\.48"):
            ClaimedRows.of_rows([row])
