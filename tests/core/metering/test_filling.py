"""Gaps filled from the register and like days."""

import numpy as np

from sanchi.core.metering.estimation import History
from sanchi.core.metering.filling import fill_gap
from sanchi.core.metering.gaps import Gap
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.windows import WINDOW_DAYS, Window
from tests.oracles.metering_series import MONDAY, boundary_at, interval_meter, register

WINDOW = Window.around(MONDAY, WINDOW_DAYS)
RISING = np.arange(48) * 10
# Far enough from its ends for other times of day to say the same.
STEP = np.where(np.arange(48) < 20, 40, 320)


def history_of(day_wh=RISING, measured_slots=slice(None), n_days=WINDOW.n_days):
    energy_wh = np.zeros((WINDOW.n_days, 48), dtype=np.int64)
    is_measured = np.zeros((WINDOW.n_days, 48), dtype=bool)
    energy_wh[:n_days, measured_slots] = day_wh[measured_slots]
    is_measured[:n_days, measured_slots] = True
    return History(
        channel=Channel.EXPORT,
        first_day=WINDOW.first_day,
        energy_wh=energy_wh,
        is_measured=is_measured,
        step_wh=np.zeros_like(energy_wh),
    )


def fills_of(first, last, energy_wh, history, day=0, spec=None):
    gap = Gap(
        spec=spec or register(),
        first_boundary=boundary_at(0, first),
        last_boundary=boundary_at(0, last),
        energy_wh=energy_wh,
    )
    return fill_gap(gap, history, boundary_at(day))


class TestRecovery:
    def test_energy_follows_like_days(self):
        (fill,) = fills_of(18, 22, 720, history_of(STEP))

        assert fill.quality is Quality.RECOVERED
        assert fill.first_slot_index == 18
        assert fill.energy_wh.tolist() == [40, 40, 320, 320]
        assert fill.is_shaped

    def test_energy_lies_flat_without_like_days(self):
        (fill,) = fills_of(1, 5, 1_001, history_of(n_days=0))

        assert fill.energy_wh.tolist() == [251, 250, 250, 250]
        assert not fill.is_shaped

    def test_energy_lies_flat_where_like_days_had_none(self):
        (fill,) = fills_of(1, 5, 400, history_of(np.zeros(48, dtype=np.int64)))

        assert fill.energy_wh.tolist() == [100] * 4

    def test_slots_that_nothing_near_was_measured_for_weigh_as_the_mean_of_the_others(self):
        (fill,) = fills_of(8, 24, 1_600, history_of(STEP, measured_slots=slice(0, 10)))

        assert fill.energy_wh.tolist() == [100] * 16

    def test_days_cut_their_parts_from_one_whole(self):
        history = history_of(STEP)
        (before,) = fills_of(46, 51, 760, history, day=0)
        (after,) = fills_of(46, 51, 760, history, day=1)

        assert before.energy_wh.tolist() == [320, 320]
        assert after.energy_wh.tolist() == [40, 40, 40]

    def test_days_more_than_21_days_away_are_not_like_it(self):
        far_away, near_enough = (fills_of(18, 22, 720, history_of(STEP, n_days=35 - n))[0] for n in (21, 20))

        assert far_away.energy_wh.tolist() == [180] * 4
        assert near_enough.energy_wh.tolist() == [40, 40, 320, 320]


class TestEstimate:
    def test_takes_the_median_of_like_days(self):
        (fill,) = fills_of(1, 5, None, history_of())

        assert fill.quality is Quality.ESTIMATED
        assert fill.energy_wh.tolist() == [10, 20, 30, 40]

    def test_two_like_days_are_enough_and_one_is_not(self):
        history = history_of(n_days=0)
        history.energy_wh[WINDOW.day_index + 1 : WINDOW.day_index + 3] = RISING
        history.is_measured[WINDOW.day_index + 1] = True

        (missing,) = fills_of(1, 3, None, history)
        history.is_measured[WINDOW.day_index + 2] = True
        (estimated,) = fills_of(1, 3, None, history)

        assert missing.quality is Quality.MISSING
        assert missing.energy_wh.tolist() == [0, 0]
        assert estimated.quality is Quality.ESTIMATED
        assert estimated.energy_wh.tolist() == [10, 20]

    def test_rounds_half_a_wh_down(self):
        history = history_of()
        history.energy_wh[WINDOW.day_index + 1 :] += 1

        (fill,) = fills_of(1, 3, None, history)

        assert fill.energy_wh.tolist() == [10, 20]

    def test_slots_without_like_days_are_missing(self):
        fills = fills_of(1, 6, None, history_of(measured_slots=[2, 3, 5]), spec=interval_meter())

        assert [(fill.quality.name, fill.first_slot_index, fill.energy_wh.tolist()) for fill in fills] == [
            ("MISSING", 1, [0]),
            ("ESTIMATED", 2, [20, 30]),
            ("MISSING", 4, [0]),
            ("ESTIMATED", 5, [50]),
        ]

    def test_a_gap_of_more_than_14_days_is_estimated(self):
        (fill,) = fills_of(-300, 373, 90_000, history_of(STEP))

        assert fill.quality is Quality.ESTIMATED
        assert fill.energy_wh.tolist() == STEP.tolist()

    def test_slots_beside_the_gap_tell_which_days_are_like_it(self):
        loud, quiet = np.where(np.arange(48) < 30, 320, 40), np.full(48, 40)
        history = history_of(quiet)
        history.energy_wh[1::2] = loud
        history.is_measured[WINDOW.day_index, 8:20] = False
        found_wh = []

        for beside in (quiet, loud):
            history.energy_wh[WINDOW.day_index] = beside
            (fill,) = fills_of(8, 20, None, history)
            found_wh.append(fill.energy_wh.tolist())

        assert found_wh == [[40] * 12, [320] * 12]
