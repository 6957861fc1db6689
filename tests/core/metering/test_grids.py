"""Readings laid out by meter and boundary, and the screen."""

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.grids import NO_READING, MeterTable, lay_out
from sanchi.core.metering.readings import Channel, ReadingRows
from sanchi.core.metering.windows import Window
from tests.oracles.metering_series import MONDAY, boundary_at, interval_meter, point_of, register, rows_of

DAY = Window.around(MONDAY, 0)
FIVE_READINGS = {boundary_at(0, slot): 100 for slot in range(8, 13)}


def grid_of(meters, readings):
    """Lay out the same readings for each meter."""
    rows = ReadingRows.joined([rows_of(meter, readings) for meter in meters])
    return lay_out(rows, MeterTable.of([point_of(meter) for meter in meters]), DAY)


def screened_boundaries(grid, code):
    return (DAY.first_boundary + np.flatnonzero(grid.screened[code][0])).tolist()


class TestMeterTable:
    def test_locates_rows_by_meter_and_channel(self):
        table = MeterTable.of([point_of(register(3)), point_of(register(1)), point_of(interval_meter(1))])
        rows = ReadingRows.joined(
            [rows_of(meter, {9: 0}) for meter in (register(1), interval_meter(1), register(2), register(3))]
        )

        assert table.locate(rows).tolist() == [1, 2, -1, 0]

    def test_serves_only_where_a_whole_slot_is_left(self):
        table = MeterTable.of([point_of(register(1, removed_boundary=boundary_at(1)))])

        assert table.serves(boundary_at(0), boundary_at(1)).tolist() == [True]
        assert table.serves(boundary_at(1), boundary_at(2)).tolist() == [False]


class TestLayOut:
    def test_places_readings_by_boundary(self):
        grid = grid_of([register()], {boundary_at(0): 40, boundary_at(1) + 1: 41, boundary_at(1) + 2: 42})

        assert np.flatnonzero(grid.reading[0] != NO_READING).tolist() == [1, 50]
        assert grid.reading[0, [1, 50]].tolist() == [40, 41]

    def test_counts_rows_of_every_version(self):
        twice = ReadingRows.joined([rows_of(register(), {boundary_at(0): 40}, delivery_no=n) for n in (1, 2)])

        grid = lay_out(twice, MeterTable.of([point_of(register())]), DAY)

        assert grid.row_count.sum() == 2
        assert grid.row_count[0, 1] == 2


class TestScreen:
    def test_a_count_may_open_and_close_the_service_of_a_register(self):
        meter = register(installed_boundary=boundary_at(0, 9), removed_boundary=boundary_at(0, 11))

        grid = grid_of([meter], FIVE_READINGS)

        outside = screened_boundaries(grid, ProblemCode.STAMP_OUTSIDE_METER_LIFE)
        assert outside == [boundary_at(0, 8), boundary_at(0, 12)]
        assert np.count_nonzero(grid.passed() != NO_READING) == 3

    def test_an_energy_has_to_lie_in_the_service_as_a_whole(self):
        meter = interval_meter(installed_boundary=boundary_at(0, 9), removed_boundary=boundary_at(0, 11))

        grid = grid_of([meter], FIVE_READINGS)

        outside = screened_boundaries(grid, ProblemCode.STAMP_OUTSIDE_METER_LIFE)
        assert outside == [boundary_at(0, 8), boundary_at(0, 9), boundary_at(0, 12)]

    def test_a_count_with_too_many_digits_is_out(self):
        grid = grid_of([register(digits=4)], {boundary_at(0): 9_999, boundary_at(0, 1): 10_000})

        assert screened_boundaries(grid, ProblemCode.REGISTER_OVERFLOW) == [boundary_at(0, 1)]

    def test_an_energy_above_the_plausible_is_out_in_any_unit(self):
        meter = interval_meter(channel=Channel.USE, unit_wh=10, plausible_wh_max=905)

        grid = grid_of([meter], {boundary_at(0): 90, boundary_at(0, 1): 91})

        assert screened_boundaries(grid, ProblemCode.ENERGY_IMPLAUSIBLE) == [boundary_at(0, 1)]

    def test_the_most_absurd_energy_does_not_overflow(self):
        grid = grid_of([interval_meter(unit_wh=1_000)], {boundary_at(0): np.iinfo(np.int64).max})

        assert screened_boundaries(grid, ProblemCode.ENERGY_IMPLAUSIBLE) == [boundary_at(0)]
