"""Gaps, and interval meters that leave them."""

import numpy as np
import pytest

from sanchi.core.metering.gaps import Gap, read_intervals, runs_of
from sanchi.core.metering.grids import NO_READING
from sanchi.core.metering.windows import Window
from tests.oracles.metering_series import MONDAY, boundary_at, interval_meter, register

DAY = Window.around(MONDAY, 0)


def gap_between(first, last, energy_wh=100):
    return Gap(spec=register(), first_boundary=first, last_boundary=last, energy_wh=energy_wh)


class TestGap:
    @pytest.mark.parametrize(("n_slots", "is_recoverable"), [(14 * 48, True), (14 * 48 + 1, False)])
    def test_is_recoverable_up_to_14_days(self, n_slots, is_recoverable):
        assert gap_between(0, n_slots).is_recoverable is is_recoverable

    def test_is_not_recoverable_without_its_energy(self):
        assert not gap_between(0, 2, None).is_recoverable

    @pytest.mark.parametrize(
        ("first", "last", "slots"),
        [(-5, 3, (0, 3)), (10, 12, (10, 12)), (40, 60, (40, 48)), (-5, 60, (0, 48))],
    )
    def test_has_a_part_on_a_day(self, first, last, slots):
        gap = gap_between(boundary_at(0, first), boundary_at(0, last))

        assert gap.slots_of_day(boundary_at(0)) == slots

    def test_has_no_part_on_other_days(self):
        first, end = gap_between(boundary_at(0, 10), boundary_at(0, 12)).slots_of_day(boundary_at(1))

        assert first >= end


class TestReadIntervals:
    def read(self, meter, readings):
        reading = np.full(DAY.n_boundaries, NO_READING)
        for slot_no, energy_wh in readings.items():
            reading[1 + slot_no] = energy_wh
        return read_intervals(meter, reading, DAY)

    def test_missing_slots_are_gaps(self):
        of_day = self.read(interval_meter(), dict.fromkeys((*range(1, 11), *range(14, 49)), 7))

        assert [gap.slots_of_day(boundary_at(0)) for gap in of_day.gaps] == [(10, 13)]
        assert of_day.energy_wh.sum() == 7 * 45
        assert of_day.reading_count == 45

    def test_slots_out_of_service_are_no_gaps(self):
        meter = interval_meter(installed_boundary=boundary_at(0, 5), removed_boundary=boundary_at(0, 9))

        of_day = self.read(meter, {7: 30})

        assert [gap.slots_of_day(boundary_at(0)) for gap in of_day.gaps] == [(5, 6), (7, 9)]

    def test_units_become_wh(self):
        assert self.read(interval_meter(unit_wh=10), {7: 30}).energy_wh[6] == 300


class TestRunsOf:
    @pytest.mark.parametrize(
        ("mask", "runs"),
        [([], []), ([0, 0], []), ([1], [(0, 1)]), ([1, 1, 0, 1], [(0, 2), (3, 4)]), ([0, 1, 1], [(1, 3)])],
    )
    def test_lists_half_open_ranges(self, mask, runs):
        assert runs_of(np.array(mask, dtype=bool)) == runs
