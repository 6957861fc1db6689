"""Shares of a use that roofs covered: by half hours, hours and volume, in whole Wh."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.months import Month
from sanchi.core.reports.hour_matching import (
    UnfitSlots,
    added,
    match_slots,
    months_match,
    period_match,
    share_permille,
)


def day(**slots_wh: int) -> np.ndarray:
    """Make one day with energies in named slots: s1=.. is 00:00-00:30."""
    row = np.zeros((1, 48), dtype=np.int64)
    for name, energy_wh in slots_wh.items():
        row[0, int(name[1:]) - 1] = energy_wh
    return row


def matched(use_wh, received_wh, estimated_wh=None, *, is_strict=False):
    nothing = np.zeros_like(received_wh)
    return match_slots(
        use_wh=use_wh,
        received_wh=received_wh,
        estimated_wh=nothing if estimated_wh is None else estimated_wh,
        is_strict=is_strict,
    )


@st.composite
def slot_days(draw):
    """Draw use, received and estimated of a few days."""
    n_days = draw(st.integers(0, 3))
    size = n_days * 48

    def drawn(most_wh: int) -> np.ndarray:
        cells = draw(st.lists(st.integers(0, most_wh), min_size=size, max_size=size))
        return np.array(cells, dtype=np.int64).reshape(n_days, 48)

    use_wh, received_wh = drawn(5), drawn(5)
    return use_wh, received_wh, np.minimum(received_wh, drawn(5))


class TestSlotMatch:
    def test_covers_no_more_than_was_used_and_no_more_than_was_received(self):
        match = matched(day(s1=10, s2=3), day(s1=4, s2=8))

        assert match.covered_wh[0, :2].tolist() == [4, 3]
        assert match.uncovered_wh[0, :2].tolist() == [6, 0]
        assert match.excess_wh[0, :2].tolist() == [0, 5]

    def test_strictly_leaves_out_what_has_an_estimated_shape(self):
        match = matched(day(s1=10), day(s1=8), day(s1=5), is_strict=True)

        assert (match.covered_wh[0, 0], match.left_out_wh[0, 0]) == (3, 5)

    @given(slot_days(), st.booleans())
    def test_parts_add_up_in_every_slot(self, drawn, is_strict):
        use_wh, received_wh, estimated_wh = drawn

        match = matched(use_wh, received_wh, estimated_wh, is_strict=is_strict)

        assert (match.covered_wh + match.uncovered_wh == use_wh).all()
        assert (match.covered_wh + match.excess_wh + match.left_out_wh == received_wh).all()
        assert (match.uncovered_wh >= 0).all()

    @pytest.mark.parametrize(
        "broken",
        [
            np.zeros((1, 47), dtype=np.int64),
            np.zeros(48, dtype=np.int64),
            np.zeros((1, 48), dtype=np.float64),
            np.full((1, 48), -1, dtype=np.int64),
        ],
    )
    def test_refuses_what_are_no_slots(self, broken):
        with pytest.raises(UnfitSlots, match="received_wh"):
            matched(np.zeros((1, 48), dtype=np.int64), broken)

    def test_refuses_more_of_estimated_shape_than_was_received(self):
        with pytest.raises(UnfitSlots, match="part of it"):
            matched(day(), day(s1=1), day(s1=2))


class TestPeriodMatch:
    def test_a_coarser_clock_covers_more(self):
        period = period_match(matched(day(s1=10, s2=0, s20=10), day(s1=0, s2=6, s40=9)))

        assert (period.slot_covered_wh, period.hour_covered_wh, period.period_covered_wh) == (0, 6, 15)
        assert (period.slot_share, period.hour_share, period.period_share) == (0, Fraction(6, 20), Fraction(15, 20))

    def test_has_no_share_where_nothing_was_used(self):
        period = period_match(matched(day(), day(s1=5)))

        assert (period.slot_share, period.hour_share, period.period_share) == (None, None, None)

    @given(slot_days(), st.booleans())
    def test_shares_never_exceed_one_and_rise_with_the_clock(self, drawn, is_strict):
        period = period_match(matched(*drawn, is_strict=is_strict))

        assert period.slot_covered_wh <= period.hour_covered_wh <= period.period_covered_wh <= period.use_wh
        assert period.slot_covered_wh + period.uncovered_wh == period.use_wh
        assert period.period_covered_wh <= period.received_wh

    @given(slot_days())
    def test_agrees_with_a_walk_over_the_hours(self, drawn):
        use_wh, received_wh, _estimated_wh = drawn
        covered_wh = 0
        for used, got in zip(use_wh.tolist(), received_wh.tolist(), strict=True):
            for hour in range(24):
                covered_wh += min(used[2 * hour] + used[2 * hour + 1], got[2 * hour] + got[2 * hour + 1])

        assert period_match(matched(use_wh, received_wh)).hour_covered_wh == covered_wh

    def test_of_several_sites_never_lets_one_cover_the_other(self):
        short = period_match(matched(day(s1=10), day(s1=2)))
        long = period_match(matched(day(s1=1), day(s1=9)))

        both = added([short, long])

        assert (both.use_wh, both.received_wh) == (11, 11)
        assert (both.slot_covered_wh, both.period_covered_wh) == (3, 3)

    def test_of_no_site_is_nothing(self):
        assert added([]) == period_match(matched(np.zeros((0, 48), np.int64), np.zeros((0, 48), np.int64)))


class TestMonths:
    def test_are_those_of_the_dates(self):
        dates = [date(2020, 11, 30), date(2020, 12, 1), date(2020, 12, 2)]
        use_wh = np.concatenate([day(s1=1), day(s1=2), day(s1=4)])

        months = months_match(dates, matched(use_wh, use_wh))

        assert {str(month): period.use_wh for month, period in months.items()} == {"2020-11": 1, "2020-12": 6}
        assert list(months) == [Month(year=2020, month_no=11), Month(year=2020, month_no=12)]


class TestPermille:
    def test_are_rounded_down(self):
        assert share_permille(Fraction(999_999, 1_000_000)) == 999
        assert share_permille(Fraction(1)) == 1_000
        assert share_permille(None) is None
