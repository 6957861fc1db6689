"""Use that no roof covered is covered from lots: oldest first, each watt-hour once, nothing beyond the need."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.months import Month
from sanchi.core.certificates.topping_up import LotUse, OpenLot, is_of_vintage, top_up, uncovered_wh

MONTH = Month(year=2020, month_no=12)


def lot(lot_no=1, quantity_wh=1_000, used_wh=0, generated_until=date(2020, 11, 30), days=30):
    """Make a lot of a month's generation."""
    return OpenLot(
        lot_no=lot_no,
        quantity_wh=quantity_wh,
        used_wh=used_wh,
        generated_from=generated_until - timedelta(days=days - 1),
        generated_until=generated_until,
    )


@st.composite
def lots(draw):
    """Draw lots of any age and use."""
    drawn = []
    for lot_no in range(1, draw(st.integers(0, 5)) + 1):
        quantity_wh = draw(st.integers(1, 500))
        until = date(2018, 1, 31) + timedelta(days=draw(st.integers(0, 1_200)))
        drawn.append(
            lot(lot_no, quantity_wh=quantity_wh, used_wh=draw(st.integers(0, quantity_wh)), generated_until=until)
        )
    return drawn


class TestTopUp:
    @given(lots(), st.integers(0, 2_000), st.integers(0, 40))
    def test_covers_as_much_as_the_lots_that_fit_have_and_no_more(self, drawn, need_wh, vintage_months):
        done = top_up(drawn, need_wh, MONTH, vintage_months)

        fitting = [each for each in drawn if is_of_vintage(each, MONTH, vintage_months)]
        there_wh = sum(each.quantity_wh - each.used_wh for each in fitting)
        covered_wh = sum(use.energy_wh for use in done.uses)
        assert (covered_wh, done.uncovered_wh) == (min(need_wh, there_wh), max(need_wh - there_wh, 0))
        of_lot = {each.lot_no: each for each in fitting}
        assert max(Counter(use.lot_no for use in done.uses).values(), default=1) == 1
        for use in done.uses:
            assert (use.lo_wh, use.quantity_wh) == (of_lot[use.lot_no].used_wh, of_lot[use.lot_no].quantity_wh)
        # A younger lot is touched only once all older ones are empty.
        emptied = [use.hi_wh == use.quantity_wh for use in done.uses[:-1]]
        ages = [of_lot[use.lot_no].generated_until for use in done.uses]
        assert all(emptied)
        assert ages == sorted(ages)

    @given(lots(), st.integers(0, 900), st.integers(0, 900))
    def test_in_two_turns_covers_what_one_would(self, drawn, first_wh, second_wh):
        once = top_up(drawn, first_wh + second_wh, MONTH, 40)
        first = top_up(drawn, first_wh, MONTH, 40)
        used = {use.lot_no: use.hi_wh for use in first.uses}
        left = [
            OpenLot(
                lot_no=each.lot_no,
                quantity_wh=each.quantity_wh,
                used_wh=used.get(each.lot_no, each.used_wh),
                generated_from=each.generated_from,
                generated_until=each.generated_until,
            )
            for each in drawn
        ]
        second = top_up(left, first.uncovered_wh + second_wh, MONTH, 40)

        assert second.uncovered_wh == once.uncovered_wh

    def test_uses_a_lot_on_from_where_it_was_left(self):
        done = top_up([lot(used_wh=400)], 100, MONTH, 12)

        assert done.uses == (LotUse(lot_no=1, lo_wh=400, hi_wh=500, quantity_wh=1_000),)

    @pytest.mark.parametrize(
        ("generated_until", "vintage_months", "fits"),
        [
            (date(2019, 12, 1), 12, True),
            (date(2019, 11, 30), 12, False),
            (date(2020, 12, 31), 0, True),
            (date(2020, 11, 30), 0, False),
            # A lot of a year may cover any of its months, and none before it began.
            (date(2021, 1, 15), 0, True),
            (date(2021, 1, 30), 0, False),
        ],
    )
    def test_takes_lots_of_the_vintage_window_alone(self, generated_until, vintage_months, fits):
        assert is_of_vintage(lot(generated_until=generated_until), MONTH, vintage_months) is fits


class TestUncovered:
    def test_is_never_below_zero_and_never_moves_between_slots(self):
        use_wh, received_wh = np.array([[1_000, 200, 0]]), np.array([[400, 500, 100]])

        assert uncovered_wh(use_wh, received_wh).tolist() == [[600, 0, 0]]

    def test_of_other_shapes_is_refused(self):
        with pytest.raises(WrongInput):
            uncovered_wh(np.zeros((1, 48)), np.zeros((2, 48)))
