"""A measured day of a register that shows wild counts or is exchanged."""

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.readings import Quality, ReadingRows
from tests.oracles.metering_series import (
    MONDAY,
    N_DAYS,
    boundary_at,
    close_day,
    codes_of,
    counts_of,
    day_after,
    point_of,
    register,
    rows_of,
    steady_counts,
    without,
)


class TestFaultyRegister:
    def test_a_low_reading_is_set_aside_and_its_gap_recovered(self):
        counts = steady_counts() | {boundary_at(2, 20): 3}
        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(2))

        assert day.energy_wh[0].tolist() == [200] * 48
        assert day.quality[0, 19:21].tolist() == [Quality.RECOVERED] * 2
        assert codes_of(day) == ["REGISTER_BACKWARDS", "GAP_RECOVERED"]
        assert (day.used_row_count, day.set_aside_row_count) == (47, 1)
        assert [found.row_count for found in day.problems] == [1, 0]
        problem = day.problems[0].problem
        assert problem.where == "meter N001 export, 2020-12-09 10:00"
        assert problem.detail == (
            "1 reading set aside: count 3 against 230 at 2020-12-09 09:30, a fall that no turn of the register explains"
        )

    def test_a_high_reading_is_set_aside(self):
        counts = steady_counts() | {boundary_at(2, 20): 7_000}
        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(2))

        assert day.energy_wh[0].tolist() == [200] * 48
        assert codes_of(day) == ["ENERGY_IMPLAUSIBLE", "GAP_RECOVERED"]
        assert "more than 900 Wh a slot" in day.problems[0].problem.detail

    def test_a_wild_count_at_midnight_disturbs_neither_day(self):
        counts = steady_counts() | {boundary_at(3): 3}
        rows = rows_of(register(), counts)

        for n in (2, 3):
            day = close_day(rows, [point_of(register())], day_after(n))
            assert day.energy_wh[0].tolist() == [200] * 48

    def test_a_turn_of_the_register_is_energy(self):
        counts = steady_counts(first_wh=9_999_00 - 4_900)
        day = close_day(rows_of(register(), counts), [point_of(register())], MONDAY)

        assert (day.quality == Quality.MEASURED).all()
        assert day.energy_wh[0].tolist() == [200] * 48
        assert day.problems == ()

    def test_a_lasting_fall_at_noon_costs_the_rest_of_the_day_only(self):
        low = {boundary: count - 190 for boundary, count in steady_counts(first_wh=900_00).items()}
        counts = steady_counts(first_wh=900_00) | without(low, 0, boundary_at(2, 24))
        rows = rows_of(register(), counts)

        fallen, after = (close_day(rows, [point_of(register())], day_after(n)) for n in (2, 3))

        assert fallen.quality[0].tolist() == [Quality.MEASURED] * 24 + [Quality.ESTIMATED] * 24
        assert codes_of(fallen) == ["REGISTER_BACKWARDS", "GAP_ESTIMATED"]
        assert "23 readings until 2020-12-09 23:30 set aside" in fallen.problems[0].problem.detail
        assert (after.quality == Quality.MEASURED).all()

    def test_a_whole_day_set_aside_asks_for_an_exchange(self):
        low = {boundary: count - 190 for boundary, count in steady_counts(first_wh=900_00).items()}
        counts = steady_counts(first_wh=900_00) | without(low, 0, boundary_at(2, 24))
        # A lost reading keeps the day after the fall from standing by itself.
        rows = rows_of(register(), without(counts, boundary_at(3, 10), boundary_at(3, 10)))

        day = close_day(rows, [point_of(register())], day_after(3))

        backwards = day.problems[0].problem
        assert backwards.code is ProblemCode.REGISTER_BACKWARDS
        assert backwards.severity is Severity.ACT
        assert "46 readings" in backwards.detail
        assert "exchanged without notice?" in backwards.hint

    def test_a_count_with_too_many_digits_is_set_aside(self):
        counts = steady_counts() | {boundary_at(2, 20): 10_001}
        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(2))

        assert codes_of(day) == ["REGISTER_OVERFLOW", "GAP_RECOVERED"]
        assert day.set_aside_row_count == 1
        assert day.energy_wh[0].tolist() == [200] * 48


class TestExchange:
    OLD = register(1, removed_boundary=boundary_at(2, 20))
    NEW = register(2, installed_boundary=boundary_at(2, 20))

    def old_counts(self):
        return without(steady_counts(first_wh=50_000), boundary_at(2, 21), boundary_at(N_DAYS))

    def new_counts(self):
        return counts_of([300] * (4 * 48), boundary_at(2, 20))

    def exchanged_day(self, old_counts, new_counts):
        rows = ReadingRows.joined([rows_of(self.OLD, old_counts), rows_of(self.NEW, new_counts)])
        return close_day(rows, [point_of(self.OLD, self.NEW)], day_after(2))

    def test_both_meters_make_one_day(self):
        day = self.exchanged_day(self.old_counts(), self.new_counts())

        assert day.energy_wh[0].tolist() == [200] * 20 + [300] * 28
        assert (day.quality == Quality.MEASURED).all()
        assert day.used_row_count == 49
        assert day.problems == ()

    def test_a_gap_with_both_counts_of_the_exchange_is_the_sum_of_its_pieces(self):
        old_counts = without(self.old_counts(), boundary_at(2, 11), boundary_at(2, 19))
        new_counts = without(self.new_counts(), boundary_at(2, 21), boundary_at(2, 29))

        day = self.exchanged_day(old_counts, new_counts)

        assert day.quality[0, 10:30].tolist() == [Quality.RECOVERED] * 20
        assert day.energy_wh[0, 10:20].sum() == 2_000
        assert day.energy_wh[0, 20:30].sum() == 3_000
        assert codes_of(day) == ["GAP_RECOVERED"] * 2

    def test_a_gap_without_the_final_count_is_not_bridged(self):
        old_counts = without(self.old_counts(), boundary_at(2, 11), boundary_at(2, 20))

        day = self.exchanged_day(old_counts, self.new_counts())

        assert day.quality[0].tolist() == ([Quality.MEASURED] * 10 + [Quality.ESTIMATED] * 10 + [Quality.MEASURED] * 28)

    def test_readings_outside_a_meters_service_are_set_aside(self):
        strayed = self.old_counts() | {boundary_at(2, 30): 5, boundary_at(2, 31): 5}

        day = self.exchanged_day(strayed, self.new_counts())

        assert codes_of(day) == ["STAMP_OUTSIDE_METER_LIFE"]
        assert day.set_aside_row_count == 2
        assert "in service from 2019-11-03 00:00 until 2020-12-09 10:00" in day.problems[0].problem.detail
        assert (day.quality == Quality.MEASURED).all()

    def test_a_point_without_a_meter_in_service_is_missing_without_a_finding(self):
        day = close_day(rows_of(self.NEW, self.new_counts()), [point_of(self.NEW)], day_after(1))

        assert (day.quality == Quality.MISSING).all()
        assert day.problems == ()

    def test_slots_before_installation_are_missing_without_a_finding(self):
        day = close_day(rows_of(self.NEW, self.new_counts()), [point_of(self.NEW)], day_after(2))

        assert day.quality[0].tolist() == [Quality.MISSING] * 20 + [Quality.MEASURED] * 28
        assert day.problems == ()
