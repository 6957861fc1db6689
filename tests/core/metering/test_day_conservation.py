"""Measured days: nothing lost or invented between the register's first and last count."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.problems import Severity
from sanchi.core.metering.day import MeasuredDay, measure_day, window_needed
from sanchi.core.metering.readings import MeteringPoint, Quality, ReadingRows
from sanchi.core.metering.windows import day_span
from tests.oracles.metering_series import (
    N_DAYS,
    PLAUSIBLE_WH_MAX,
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

SERIES = settings(max_examples=60, deadline=None)
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
        assert [sum(found.row_count for found in day.problems) for day in days] == [
            day.set_aside_row_count for day in days
        ]
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

    def test_its_other_dates_are_named_with_the_party(self):
        counts = without(steady_counts(), boundary_at(1, 40), boundary_at(3))
        point = point_of(register())
        days = all_days(rows_of(register(), counts), point)

        assert [tuple(day.gap_dates) for day in days] == [
            (),
            (day_after(2), day_after(3)),
            (day_after(1), day_after(3)),
            (day_after(1), day_after(2)),
            (),
            (),
        ]
        assert set(days[1].gap_dates.values()) == {frozenset({point.party_no})}

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
