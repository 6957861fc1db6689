"""A measured day: nothing lost or invented between the register's first and last count."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.day import MeasuredDay, measure_day, window_needed
from sanchi.core.metering.readings import Channel, MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.windows import day_span
from tests.oracles.metering_series import (
    MONDAY,
    PLAUSIBLE_WH_MAX,
    boundary_at,
    close_day,
    codes_of,
    counts_of,
    day_after,
    interval_meter,
    point_of,
    register,
    rows_of,
    without,
)

SERIES = settings(max_examples=60, deadline=None)
N_DAYS = 6
N_SLOTS = N_DAYS * 48
TURN_COUNT = 10**4

seeds = st.integers(0, 2**32 - 1)
outages = st.lists(st.tuples(st.integers(1, N_SLOTS - 1), st.integers(0, 100)), max_size=6)


def random_wh(seed: int, n_slots: int = N_SLOTS) -> list[int]:
    """Draw the true energy of slots, half of them dark."""
    rng = np.random.default_rng(seed)
    return (rng.integers(0, PLAUSIBLE_WH_MAX + 1, n_slots) * (rng.random(n_slots) < 0.5)).tolist()


def register_counts(seed: int) -> dict[int, int]:
    """Count random energy from Monday on, with a register that may turn over on the way."""
    first_wh = np.random.default_rng(seed + 1).integers(0, TURN_COUNT * 100)
    return counts_of(random_wh(seed), boundary_at(0), first_wh=int(first_wh))


def outer_counts_stand(counts: dict[int, int], lost: list[tuple[int, int]]) -> dict[int, int]:
    """Lose outages, but neither the first nor the last count."""
    left = counts
    for first, length in lost:
        left = without(left, boundary_at(0, first), boundary_at(0, min(first + length, N_SLOTS - 1)))
    return left


def risen_wh(counts: dict[int, int]) -> int:
    """Say what the register counted from first to last, over its turn."""
    return (counts[max(counts)] - counts[min(counts)]) % TURN_COUNT * 100


def all_days(rows: ReadingRows, point: MeteringPoint) -> list[MeasuredDay]:
    return [close_day(rows, [point], day_after(n)) for n in range(N_DAYS)]


def steady_counts(first_day=0, n_days=N_DAYS, slot_wh=200, first_wh=0) -> dict[int, int]:
    return counts_of([slot_wh] * (n_days * 48), boundary_at(first_day), first_wh=first_wh)


class TestConservation:
    @SERIES
    @given(seed=seeds, lost=outages)
    def test_days_add_up_to_the_register(self, seed, lost):
        counts = outer_counts_stand(register_counts(seed), lost)

        days = all_days(rows_of(register(), counts), point_of(register()))

        assert sum(int(day.energy_wh.sum()) for day in days) == risen_wh(counts)
        assert min(int(day.quality.min()) for day in days) >= Quality.RECOVERED
        assert min(int(day.energy_wh.min()) for day in days) >= 0

    @SERIES
    @given(seed=seeds, lost=outages)
    def test_each_gap_keeps_its_own_energy(self, seed, lost):
        counts = outer_counts_stand(register_counts(seed), lost)

        days = all_days(rows_of(register(), counts), point_of(register()))

        slot_wh = np.concatenate([day.energy_wh[0] for day in days])
        boundaries = sorted(counts)
        for first, last in pairwise(boundaries):
            energy_wh = (counts[last] - counts[first]) % TURN_COUNT * 100
            assert slot_wh[first - boundary_at(0) : last - boundary_at(0)].sum() == energy_wh

    @SERIES
    @given(seed=seeds, lost=outages, copies=st.integers(1, 3))
    def test_order_and_older_versions_of_rows_change_nothing(self, seed, lost, copies):
        counts = outer_counts_stand(register_counts(seed), lost)
        rng = np.random.default_rng(seed)
        latest = rows_of(register(), counts, received_s=9)
        older = [
            rows_of(register(), {boundary: int(rng.integers(0, TURN_COUNT)) for boundary in counts}, received_s=n)
            for n in range(copies)
        ]
        shuffled = ReadingRows.joined([latest, *older])
        shuffled = shuffled.take(rng.permutation(shuffled.row_count))
        point = point_of(register())

        for n in range(N_DAYS):
            plain = close_day(latest, [point], day_after(n))
            mixed = close_day(shuffled, [point], day_after(n))

            assert mixed.energy_wh.tolist() == plain.energy_wh.tolist()
            assert mixed.quality.tolist() == plain.quality.tolist()
            assert mixed.problems == plain.problems
            assert mixed.used_row_count == plain.used_row_count
            assert mixed.superseded_row_count == copies * (plain.used_row_count + plain.set_aside_row_count)

    @SERIES
    @given(
        seed=seeds,
        lost=outages,
        wild=st.dictionaries(st.integers(49, N_SLOTS - 49), st.integers(0, TURN_COUNT - 1), max_size=8),
    )
    def test_wild_readings_between_complete_days_invent_and_lose_nothing(self, seed, lost, wild):
        counts = register_counts(seed)
        left = counts
        for first, length in lost:
            first_lost = 48 + first % (N_SLOTS - 96)
            left = without(left, boundary_at(0, first_lost), boundary_at(0, min(first_lost + length, N_SLOTS - 49)))
        left = left | {boundary_at(0, slot): count for slot, count in wild.items()}

        days = all_days(rows_of(register(), left), point_of(register()))

        assert sum(int(day.energy_wh.sum()) for day in days) == risen_wh(counts)
        assert min(int(day.quality.min()) for day in days) >= Quality.RECOVERED

    @SERIES
    @given(seed=seeds, lost=outages, wild=st.integers(0, N_SLOTS))
    def test_each_row_is_used_superseded_or_set_aside(self, seed, lost, wild):
        counts = outer_counts_stand(register_counts(seed), lost) | {boundary_at(0, wild): 5_000}
        rows = ReadingRows.joined(
            [rows_of(register(), counts), rows_of(register(), dict(list(counts.items())[::3]), delivery_no=2)]
        )

        days = all_days(rows, point_of(register()))

        counted = sum(day.used_row_count + day.superseded_row_count + day.set_aside_row_count for day in days)
        assert counted == rows.between(boundary_at(0) + 1, boundary_at(N_DAYS)).row_count

    def test_a_window_for_all_points_gives_what_the_day_alone_gives_to_complete_ones(self):
        points = [point_of(register(n), party_no=n) for n in (1, 2)]
        series = [rows_of(register(1), register_counts(1)), rows_of(register(2), register_counts(2))]
        rows = ReadingRows.joined(series)

        whole = measure_day(rows, points, day_after(2))
        alone = measure_day(rows.between(*day_span(day_after(2))), points, day_after(2))

        assert whole.energy_wh.tolist() == alone.energy_wh.tolist()
        assert (whole.quality == Quality.MEASURED).all()
        assert window_needed(rows.between(*day_span(day_after(2))), points, day_after(2)) == ()


class TestGapOverMidnight:
    @SERIES
    @given(seed=seeds, first=st.integers(50, 190), length=st.integers(1, 90))
    def test_its_days_cut_their_parts_from_the_same_whole(self, seed, first, length):
        counts = without(register_counts(seed), boundary_at(0, first), boundary_at(0, first + length - 1))
        rows = rows_of(register(), counts)
        point = point_of(register())

        days = all_days(rows, point)

        gap_wh = np.concatenate([day.energy_wh[0] for day in days])[first - 1 : first + length]
        energy_wh = counts[boundary_at(0, first + length)] - counts[boundary_at(0, first - 1)]
        assert gap_wh.sum() == energy_wh % TURN_COUNT * 100

    def test_its_other_dates_are_named(self):
        counts = without(steady_counts(), boundary_at(1, 40), boundary_at(3))
        days = all_days(rows_of(register(), counts), point_of(register()))

        assert [day.gap_dates for day in days] == [
            (),
            (day_after(2), day_after(3)),
            (day_after(1), day_after(3)),
            (day_after(1), day_after(2)),
            (),
            (),
        ]

    def test_the_longest_recovered_gap_is_seen_whole_from_each_of_its_days(self):
        n_days = 60
        wh = random_wh(3, n_days * 48)
        first, last = 20 * 48 + 30, 34 * 48 + 30
        counts = counts_of(wh, boundary_at(0), first_wh=700)
        rows = rows_of(register(), without(counts, boundary_at(0, first) + 1, boundary_at(0, last) - 1))
        point = point_of(register())

        days = [close_day(rows, [point], day_after(n)) for n in range(20, 35)]

        gap_wh = np.concatenate([day.energy_wh[0] for day in days])[30 : 30 + 14 * 48]
        energy_wh = (counts[boundary_at(0, last)] - counts[boundary_at(0, first)]) % TURN_COUNT * 100
        assert gap_wh.sum() == energy_wh
        assert np.ptp(gap_wh) > 0

    def test_a_longer_gap_is_attributed_to_no_slot(self):
        counts = without(steady_counts(0, 40), boundary_at(20, 1), boundary_at(34))
        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(25))

        problem = day.problems[0].problem
        assert (day.quality == Quality.ESTIMATED).all()
        assert codes_of(day) == ["METER_SILENT"]
        assert "134,600 Wh counted between 2020-12-27 00:00 and 2021-01-10 00:30" in problem.detail
        assert "up to 14 days" in problem.hint
        assert problem.severity is Severity.ACT


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
        # Friday, Saturday and Sunday came before: one like day.
        counts = without(steady_counts(-3, 4), boundary_at(0, 31), boundary_at(1))
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


class TestFaultyRegister:
    def test_a_low_reading_is_set_aside_and_its_gap_recovered(self):
        counts = steady_counts() | {boundary_at(2, 20): 3}
        day = close_day(rows_of(register(), counts), [point_of(register())], day_after(2))

        assert day.energy_wh[0].tolist() == [200] * 48
        assert day.quality[0, 19:21].tolist() == [Quality.RECOVERED] * 2
        assert codes_of(day) == ["REGISTER_BACKWARDS", "GAP_RECOVERED"]
        assert (day.used_row_count, day.set_aside_row_count) == (47, 1)
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
