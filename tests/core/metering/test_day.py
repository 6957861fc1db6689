"""A measured day: gaps, silent meters, interval meters, points and rows."""

from dataclasses import replace

import pytest

from sanchi.core.base.problems import Severity
from sanchi.core.metering.day import measure_day, window_needed
from sanchi.core.metering.readings import Channel, Quality, ReadingRows
from sanchi.core.metering.windows import day_span
from tests.oracles.metering_series import (
    MONDAY,
    PLAUSIBLE_WH_MAX,
    boundary_at,
    close_day,
    codes_of,
    day_after,
    interval_meter,
    point_of,
    register,
    rows_of,
    steady_counts,
    without,
)


class TestOpenGap:
    def test_is_estimated_from_like_days_until_the_register_is_back(self):
        counts = without(steady_counts(-14, 15), boundary_at(0, 31), boundary_at(1))
        day = close_day(rows_of(register(), counts), [point_of(register())], MONDAY)

        assert day.energy_wh[0].tolist() == [200] * 48
        assert day.quality[0].tolist() == [Quality.MEASURED] * 30 + [Quality.ESTIMATED] * 18
        assert codes_of(day) == ["GAP_ESTIMATED"]
        problem = day.problems[0].problem
        assert problem.where == "meter N001 export, 2020-12-07 slots 31-48"
        assert problem.detail == (
            "readings missing between 2020-12-07 15:00 and 2020-12-08 00:00, energy unknown; "
            "3,600 Wh estimated from like days"
        )

    def test_is_missing_with_fewer_than_two_like_days(self):
        # Only Sunday came before.
        counts = without(steady_counts(-1, 2), boundary_at(0, 31), boundary_at(1))
        day = close_day(rows_of(register(), counts), [point_of(register())], MONDAY)

        assert day.energy_wh[0].tolist() == [200] * 30 + [0] * 18
        assert day.quality[0].tolist() == [Quality.MEASURED] * 30 + [Quality.MISSING] * 18
        assert codes_of(day) == ["GAP_MISSING"]

    def test_is_recovered_when_the_register_comes_back(self):
        counts = without(steady_counts(-14, 16), boundary_at(0, 31), boundary_at(1))
        day = close_day(rows_of(register(), counts), [point_of(register())], MONDAY)

        assert day.quality[0].tolist() == [Quality.MEASURED] * 30 + [Quality.RECOVERED] * 18
        assert codes_of(day) == ["GAP_RECOVERED"]
        assert day.problems[0].problem.severity is Severity.NOTE

    def test_neighbouring_gaps_are_one_finding(self):
        hourly = {boundary: count for boundary, count in steady_counts().items() if boundary % 2 == 0}
        day = close_day(rows_of(register(), hourly), [point_of(register())], day_after(2))

        assert (day.quality == Quality.RECOVERED).all()
        assert codes_of(day) == ["GAP_RECOVERED"]
        assert "9,600 Wh counted meanwhile" in day.problems[0].problem.detail


class TestSilentMeter:
    def test_is_named_once_for_all_its_channels(self):
        channels = (Channel.IMPORT, Channel.EXPORT)
        meters = [register(channel=channel) for channel in channels]
        rows = ReadingRows.joined(
            [rows_of(meter, without(steady_counts(), boundary_at(2, 1), boundary_at(3, 0))) for meter in meters]
        )

        day = close_day(rows, [point_of(meter) for meter in meters], day_after(2))

        assert codes_of(day) == ["METER_SILENT"]
        assert day.problems[0].party_no == 7
        problem = day.problems[0].problem
        assert problem.where == "meter N001, 2020-12-09"
        assert problem.detail == (
            "not a single reading on the day; "
            "import 9,600 Wh recovered (9,800 Wh counted between 2020-12-09 00:00 and 2020-12-10 00:30), "
            "export 9,600 Wh recovered (9,800 Wh counted between 2020-12-09 00:00 and 2020-12-10 00:30)"
        )
        assert problem.severity is Severity.NOTE

    def test_is_not_a_meter_with_one_silent_channel(self):
        meters = [register(channel=channel) for channel in (Channel.IMPORT, Channel.EXPORT)]
        rows = ReadingRows.joined(
            [
                rows_of(meters[0], steady_counts()),
                rows_of(meters[1], without(steady_counts(), boundary_at(2, 1), boundary_at(3))),
            ]
        )

        day = close_day(rows, [point_of(meter) for meter in meters], day_after(2))

        assert codes_of(day) == ["GAP_RECOVERED"]

    def test_is_silent_although_readings_came_from_before_its_service(self):
        meter = register(installed_boundary=boundary_at(2, 20))
        rows = rows_of(meter, {boundary_at(2, slot): 5 for slot in range(1, 20)})

        day = close_day(rows, [point_of(meter)], day_after(2))

        assert codes_of(day) == ["STAMP_OUTSIDE_METER_LIFE", "METER_SILENT"]

    def test_asks_to_act_where_nothing_tells_its_energy(self):
        day = measure_day(ReadingRows.joined([]), [point_of(interval_meter())], MONDAY)

        assert day.quality.tolist() == [[Quality.MISSING] * 48]
        assert codes_of(day) == ["METER_SILENT"]
        assert day.problems[0].problem.severity is Severity.ACT
        assert day.problems[0].problem.detail == "not a single reading on the day; pv 0 Wh missing"


class TestIntervalMeter:
    def energies(self, first_day=-14, n_days=15, energy_wh=120):
        return {boundary_at(first_day, slot): energy_wh for slot in range(1, n_days * 48 + 1)}

    def test_its_energies_are_taken_as_they_are(self):
        energies = {boundary_at(0, slot): slot for slot in range(1, 49)}

        day = close_day(rows_of(interval_meter(), energies), [point_of(interval_meter())], MONDAY)

        assert day.energy_wh[0].tolist() == list(range(1, 49))
        assert (day.quality == Quality.MEASURED).all()
        assert day.used_row_count == 48

    def test_its_gap_is_estimated(self):
        energies = without(self.energies(), boundary_at(0, 21), boundary_at(0, 22))

        day = close_day(rows_of(interval_meter(), energies), [point_of(interval_meter())], MONDAY)

        assert day.energy_wh[0].tolist() == [120] * 48
        assert day.quality[0, 20:22].tolist() == [Quality.ESTIMATED] * 2
        assert codes_of(day) == ["GAP_ESTIMATED"]
        problem = day.problems[0].problem
        assert problem.where == "meter N001 pv, 2020-12-07 slots 21-22"
        assert problem.detail == (
            "no energy delivered between 2020-12-07 10:00 and 2020-12-07 11:00; 240 Wh estimated from like days"
        )
        assert problem.severity is Severity.ACT

    def test_an_implausible_energy_is_set_aside_and_estimated(self):
        energies = self.energies() | {boundary_at(0, 21): PLAUSIBLE_WH_MAX + 1}

        day = close_day(rows_of(interval_meter(), energies), [point_of(interval_meter())], MONDAY)

        assert day.energy_wh[0, 20] == 120
        assert codes_of(day) == ["ENERGY_IMPLAUSIBLE", "GAP_ESTIMATED"]
        assert day.problems[0].problem.detail == ("1 reading set aside: 901 Wh in a slot, at most 900 Wh are plausible")
        assert (day.used_row_count, day.set_aside_row_count) == (47, 1)

    def test_the_most_plausible_energy_is_taken(self):
        energies = self.energies() | {boundary_at(0, 21): PLAUSIBLE_WH_MAX}

        day = close_day(rows_of(interval_meter(), energies), [point_of(interval_meter())], MONDAY)

        assert day.energy_wh[0, 20] == PLAUSIBLE_WH_MAX
        assert day.problems == ()


class TestRowsAndPoints:
    def test_rows_of_other_meters_are_passed_over(self):
        rows = ReadingRows.joined(
            [rows_of(register(1), steady_counts()), rows_of(register(9), steady_counts(slot_wh=500))]
        )

        day = measure_day(rows, [point_of(register(1))], day_after(2))

        assert day.used_row_count == 48
        assert day.energy_wh.sum() == 9_600

    def test_window_is_needed_for_the_meters_of_points_with_gaps_alone(self):
        meters = [register(n) for n in (1, 2, 3)]
        rows = ReadingRows.joined(
            [
                rows_of(meter, without(steady_counts(), boundary_at(2, meter.meter_no), boundary_at(2, 2)))
                for meter in meters
            ]
        )

        needed = window_needed(
            rows.between(*day_span(day_after(2))), [point_of(meter) for meter in meters], day_after(2)
        )

        assert needed == (1, 2)

    def test_a_market_without_points_has_a_day_too(self):
        day = measure_day(ReadingRows.joined([]), [], MONDAY)

        assert day.energy_wh.shape == (0, 48)
        assert day.problems == ()

    def test_points_keep_their_order(self):
        meters = [register(n) for n in (3, 1, 2)]
        rows = ReadingRows.joined([rows_of(meter, steady_counts(slot_wh=100 * meter.meter_no)) for meter in meters])

        day = measure_day(rows, [point_of(meter) for meter in meters], day_after(2))

        assert day.energy_wh[:, 0].tolist() == [300, 100, 200]

    def test_a_channel_in_two_points_trips(self):
        with pytest.raises(AssertionError, match="belongs to two points"):
            measure_day(
                ReadingRows.joined([]),
                [point_of(register()), replace(point_of(register()), party_no=8)],
                MONDAY,
            )

    def test_a_gap_on_new_years_eve_is_named_in_japanese_time(self):
        first_day = 24
        counts = without(steady_counts(first_day - 2, 6), boundary_at(first_day, 47), boundary_at(first_day + 1, 2))

        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(first_day))

        assert day.problems[0].problem.where == "meter N001 export, 2020-12-31 slots 47-48"
        assert "between 2020-12-31 23:00 and 2021-01-01 01:30" in day.problems[0].problem.detail


class TestChannelThatItsMeterHasLost:
    def test_has_its_readings_set_aside_once_and_told(self):
        lost = register(channel=Channel.IMPORT)
        of_monday = {boundary_at(0, n): 5 for n in (1, 2, 48)}
        rows = [
            rows_of(register(), steady_counts()),
            rows_of(lost, of_monday),
            rows_of(lost, {boundary_at(0, 2): 6}, received_s=1, delivery_no=2),
            rows_of(register(2), of_monday, delivery_no=3),
        ]

        day = close_day(ReadingRows.joined(rows), [point_of(register())], MONDAY)

        assert (day.used_row_count, day.superseded_row_count, day.set_aside_row_count) == (48, 1, 3)
        assert day.energy_wh[0].tolist() == [200] * 48
        (found,) = day.problems
        assert (str(found.problem.code), found.party_no, found.row_count) == ("UNKNOWN_CHANNEL", 7, 3)
        assert found.problem.where == "meter N001 import, 2020-12-07 00:30"
        assert found.problem.detail == (
            "3 readings until 2020-12-08 00:00 set aside: as it is told now, the meter does not measure import"
        )
