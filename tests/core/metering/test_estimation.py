"""Like days: medians of the nearest days of the same kind that measured a slot."""

from datetime import date

import numpy as np
import pytest

from sanchi.core.base.slots import day_ordinal
from sanchi.core.metering.estimation import History
from sanchi.core.metering.readings import Channel

N_DAYS = 71
MIDDLE = 35
# A Wednesday in the middle of ten weeks.
FIRST_DAY = day_ordinal(date(2020, 12, 16)) - MIDDLE
WEDNESDAY = FIRST_DAY + MIDDLE


def history_of(channel, day_wh, lost=()):
    """Measure day_wh of each day in all its slots; lost : positions of days without readings."""
    energy_wh = np.tile(np.array(day_wh, dtype=np.int64)[:, None], (1, 48))
    is_measured = np.ones((N_DAYS, 48), dtype=bool)
    for day_index in lost:
        energy_wh[day_index] = 0
        is_measured[day_index] = False
    return History(channel=channel, first_day=FIRST_DAY, energy_wh=energy_wh, is_measured=is_measured)


def median_and_days(history, day=WEDNESDAY, gap_days=None, reach_days=35):
    like = history.like_days(day, gap_days or (day, day), reach_days)
    assert np.ptp(like.doubled_median_wh) == 0
    return like.doubled_median_wh[0] / 2, int(like.n_days[0])


POSITIONS = list(range(N_DAYS))


class TestLikeDays:
    def test_weekdays_take_five_weekdays_on_either_side(self):
        marked = [1_000] * N_DAYS
        # Before a Wednesday: Tuesday, Monday, Friday, Thursday, Wednesday; likewise behind it.
        for distance in (1, 2, 5, 6, 7):
            marked[MIDDLE - distance] = 10
        for distance in (1, 2, 5, 6, 7):
            marked[MIDDLE + distance] = 30

        assert median_and_days(history_of(Channel.EXPORT, marked)) == (20.0, 10)

    def test_weekends_take_saturdays_and_sundays(self):
        saturday = WEDNESDAY + 3
        marked = [1_000] * N_DAYS
        for distance in (6, 7, 13, 14, 20):
            marked[MIDDLE + 3 - distance] = 10
        for distance in (1, 7, 8, 14, 15):
            marked[MIDDLE + 3 + distance] = 30

        assert median_and_days(history_of(Channel.IMPORT, marked), saturday) == (20.0, 10)

    def test_pv_takes_the_seven_nearest_days_of_any_kind(self):
        marked = [1_000] * N_DAYS
        for distance in (-1, 1, -2, 2, -3, 3, -4):
            marked[MIDDLE + distance] = 10 + distance

        assert median_and_days(history_of(Channel.PV, marked)) == (9.0, 7)

    def test_the_day_itself_and_the_gap_are_left_out(self):
        inside = (WEDNESDAY - 1, WEDNESDAY + 1)
        marked = [20] * N_DAYS
        for position in (MIDDLE - 1, MIDDLE, MIDDLE + 1):
            marked[position] = 1_000

        assert median_and_days(history_of(Channel.PV, marked), gap_days=inside) == (20.0, 7)

    def test_days_without_the_slot_are_passed_over(self):
        lost = [MIDDLE + distance for distance in range(-7, 0)]

        assert median_and_days(history_of(Channel.PV, POSITIONS, lost))[1] == 7
        assert median_and_days(history_of(Channel.EXPORT, POSITIONS, lost))[1] == 10

    def test_days_beyond_the_reach_are_left_out(self):
        assert median_and_days(history_of(Channel.PV, POSITIONS), reach_days=2) == (MIDDLE, 4)

    def test_days_beyond_the_window_are_left_out(self):
        assert median_and_days(history_of(Channel.PV, POSITIONS), FIRST_DAY, reach_days=3) == (2.0, 3)

    def test_the_median_of_an_even_number_lies_between_the_middle_ones(self):
        assert median_and_days(history_of(Channel.PV, POSITIONS), FIRST_DAY, reach_days=2) == (1.5, 2)

    def test_nothing_measured_is_nothing_known(self):
        assert median_and_days(history_of(Channel.USE, POSITIONS, POSITIONS)) == (0.0, 0)

    @pytest.mark.parametrize("slot", [0, 47])
    def test_slots_are_judged_one_by_one(self, slot):
        history = history_of(Channel.PV, POSITIONS)
        history.is_measured[MIDDLE - 1, slot] = False

        like = history.like_days(WEDNESDAY, (WEDNESDAY, WEDNESDAY), 1)

        assert like.n_days[slot] == 1
        assert like.doubled_median_wh[slot] == 2 * (MIDDLE + 1)
        assert np.count_nonzero(like.n_days == 2) == 47
