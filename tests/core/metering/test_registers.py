"""A register's day around its gaps."""

import numpy as np
import pytest

from sanchi.core.metering.grids import NO_READING
from sanchi.core.metering.registers import read_register
from sanchi.core.metering.windows import Window
from tests.oracles.metering_series import MONDAY, boundary_at, register

WINDOW = Window.around(MONDAY, 1)
NONE_COMPLETE = np.zeros(3, dtype=bool)


def read(counts, meter=None, is_complete_day=NONE_COMPLETE):
    """Read Monday from counts by boundary."""
    reading = np.full(WINDOW.n_boundaries, NO_READING)
    for boundary, count in counts.items():
        reading[boundary - WINDOW.first_boundary] = count
    return read_register(meter or register(), reading, is_complete_day, WINDOW)


def gaps_of(of_day):
    """Give each gap as slots from Monday's midnight and its energy."""
    midnight = boundary_at(0)
    return [(gap.first_boundary - midnight, gap.last_boundary - midnight, gap.energy_wh) for gap in of_day.gaps]


class TestReadRegister:
    def test_neighbouring_counts_measure_and_others_bound_gaps(self):
        counts = {boundary_at(0, slot): 10 + slot for slot in (-3, 10, 11, 14, 50)}

        of_day = read(counts)

        assert np.flatnonzero(of_day.is_measured).tolist() == [10]
        assert of_day.energy_wh[10] == 100
        assert gaps_of(of_day) == [(-3, 10, 1_300), (11, 14, 300), (14, 50, 3_600)]
        assert of_day.reading_count == 3

    def test_gaps_without_a_count_on_one_side_have_no_energy(self):
        of_day = read({boundary_at(0, 10): 5, boundary_at(0, 11): 6})

        assert gaps_of(of_day) == [(0, 10, None), (11, 48, None)]

    def test_no_count_at_all_is_one_gap(self):
        assert gaps_of(read({})) == [(0, 48, None)]

    def test_gaps_end_with_the_service(self):
        meter = register(installed_boundary=boundary_at(0, 4), removed_boundary=boundary_at(0, 20))

        of_day = read({boundary_at(0, 10): 5, boundary_at(0, 11): 6}, meter)

        assert gaps_of(of_day) == [(4, 10, None), (11, 20, None)]

    def test_a_complete_day_stands_against_what_leads_to_it(self):
        tuesday = {boundary_at(1, slot): 40 + slot for slot in range(49)}
        monday = {boundary_at(0): 30, boundary_at(0, 1): 31, boundary_at(0, 2): 38, boundary_at(0, 3): 45}

        of_day = read(monday | tuesday, is_complete_day=np.array([False, False, True]))

        assert [one.count for one in of_day.set_aside] == [45]
        assert gaps_of(of_day) == [(2, 48, 200)]

    def test_a_gap_in_which_the_register_may_have_turned_is_not_known(self):
        # 12 slots of up to 900 Wh may carry more than the 10,000 Wh of a whole turn.
        meter = register(digits=2)
        counts = {boundary_at(0): 5, boundary_at(0, 10): 6, boundary_at(0, 22): 7}

        assert gaps_of(read(counts, meter))[:2] == [(0, 10, 100), (10, 22, None)]

    @pytest.mark.parametrize("slot", [0, 49])
    def test_counts_of_other_days_are_set_aside_there(self, slot):
        counts = {
            boundary_at(0, slot): 5_000,
            boundary_at(-1, 40): 5,
            boundary_at(0, 20): 6,
            boundary_at(1, 4): 7,
        }

        assert read(counts).set_aside == ()
