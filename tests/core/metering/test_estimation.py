"""Samples of a span: what lies under it on other days and at other times, and how much each weighs."""

from datetime import date

import numpy as np
import pytest

from sanchi.core.base.slots import day_ordinal
from sanchi.core.metering.estimation import History, Span
from sanchi.core.metering.readings import Channel

N_DAYS = 71
MIDDLE = 35
# A Wednesday in the middle of ten weeks.
WEDNESDAY = day_ordinal(date(2020, 12, 16))
FIRST_DAY = WEDNESDAY - MIDDLE
FIRST, LAST = WEDNESDAY * 48 + 20, WEDNESDAY * 48 + 24


def history_of(channel=Channel.EXPORT, lost_days=(), lost_slots=()):
    """Measure in each day its own number, so that a sample tells where it comes from."""
    is_measured = np.ones((N_DAYS, 48), dtype=bool)
    is_measured[list(lost_days)] = False
    is_measured[:, list(lost_slots)] = False
    energy_wh = np.tile(np.arange(N_DAYS)[:, None], (1, 48)) * is_measured
    return History(
        channel=channel,
        first_day=FIRST_DAY,
        energy_wh=energy_wh,
        is_measured=is_measured,
        step_wh=np.zeros((N_DAYS, 48), dtype=np.int64),
    )


def samples_of(history, energy_wh=None, reach_days=21, first=FIRST, last=LAST):
    span = Span(first, last, energy_wh, meets_start=False, meets_end=False)
    return history.around((first, last), reach_days).samples_of(span)


def weight_by_day(samples, slot=1):
    """Give the greatest weight that each day has for a slot, by days from the middle."""
    found = {}
    for energy_wh, weight in zip(samples.energy_wh[:, slot].tolist(), samples.weights[:, slot].tolist(), strict=True):
        if weight:
            found[energy_wh - MIDDLE] = max(weight, found.get(energy_wh - MIDDLE, 0))
    return found


class TestSamples:
    def test_days_up_to_the_reach_outside_the_gap_are_sampled(self):
        weights = weight_by_day(samples_of(history_of()))

        assert sorted(weights) == list(range(-21, 22))

    def test_slots_of_the_gap_are_not(self):
        samples = samples_of(history_of())

        # Of the day itself only other times of day, three slots away at most, lie outside the gap of four.
        of_day = (samples.energy_wh == MIDDLE) & (samples.weights > 0)
        assert of_day.sum(axis=0).tolist() == [3, 3, 3, 3]
        assert samples.n_days.tolist() == [42] * 4

    def test_nearer_days_weigh_more(self):
        weights = weight_by_day(samples_of(history_of()))

        assert weights[7] > weights[14] > weights[21]
        assert weights[1] > weights[2] > weights[9]
        assert weights[-8] == weights[8]

    def test_the_same_weekday_weighs_more_and_a_weekend_less(self):
        weights = weight_by_day(samples_of(history_of()))

        assert weights[7] > weights[6] > weights[4]
        assert weights[7] > weights[5] > weights[3]

    def test_a_weekend_has_its_own_likes(self):
        saturday = FIRST + 3 * 48
        weights = weight_by_day(samples_of(history_of(), first=saturday, last=saturday + 4))

        assert weights[3 + 1] > weights[3 - 1]
        assert weights[3 + 8] > weights[3 + 9]

    def test_the_sun_knows_no_weekdays(self):
        weights = weight_by_day(samples_of(history_of(Channel.PV)))

        assert [weights[n] for n in range(1, 22)] == sorted((weights[n] for n in range(1, 22)), reverse=True)

    def test_other_times_of_day_weigh_less(self):
        history = history_of()
        samples = samples_of(history)

        weights = sorted(samples.weights[samples.energy_wh[:, 1] == MIDDLE + 7, 1].tolist())

        # Three earlier, three later, and the same time.
        assert weights[0] == weights[1] < weights[2] == weights[3] < weights[4] == weights[5] < weights[6]

    @pytest.mark.parametrize("energy_wh", [4 * (MIDDLE + 7), 4 * (MIDDLE - 7)])
    def test_days_of_the_same_energy_weigh_more(self, energy_wh):
        weights = weight_by_day(samples_of(history_of(), energy_wh=energy_wh))

        assert max(weights, key=lambda day: weights[day]) == energy_wh // 4 - MIDDLE

    def test_slots_beside_the_span_weigh_most_for_the_slots_next_to_them(self):
        history = history_of()
        history.energy_wh[:] = np.where(np.arange(48) == 20, np.arange(N_DAYS)[:, None], 50)
        history.energy_wh[MIDDLE + 7, 18:20] = 900
        span = Span(FIRST, LAST, None, meets_start=True, meets_end=False)
        samples = history.around((FIRST, LAST), 21).samples_of(span)

        unlike, like = (
            samples.weights[(samples.energy_wh[:, 0] == MIDDLE + days)].max(axis=0).tolist() for days in (7, -7)
        )

        ratios = [one / other for one, other in zip(unlike, like, strict=True)]
        assert ratios == sorted(ratios)
        assert ratios[0] < 0.01

    def test_days_without_the_slot_are_passed_over(self):
        samples = samples_of(history_of(lost_days=[MIDDLE + 1, MIDDLE + 7]))

        assert {1, 7}.isdisjoint(weight_by_day(samples))
        assert samples.n_days.tolist() == [40] * 4

    def test_slots_are_judged_one_by_one(self):
        samples = samples_of(history_of(lost_slots=range(22, 48)))

        assert samples.n_days.tolist() == [42, 42, 0, 0]
        # Slots 22 and 23 are reached from 21 and before by other times of day alone.
        assert all(samples.weights[:, slot].any() for slot in range(4))

    def test_days_beyond_the_window_are_left_out(self):
        weights = weight_by_day(
            samples_of(history_of(), reach_days=35, first=FIRST_DAY * 48 + 8, last=FIRST_DAY * 48 + 9), 0
        )

        assert sorted(n + MIDDLE for n in weights) == list(range(36))

    def test_nothing_measured_is_nothing_known(self):
        samples = samples_of(history_of(Channel.USE, lost_days=range(N_DAYS)))

        assert not samples.weights.any()
        assert samples.n_days.tolist() == [0] * 4
