"""Counts of a register between half hours: passed over, but for what they prove."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.parts.counts import counts_at_boundaries
from tests.oracles.metering_parts import MONDAY_S
from tests.oracles.metering_series import MONDAY_BOUNDARY


def judged(*counts: tuple[int, int], series=None):
    """Judge (minute after Monday's midnight, count); gives positions at boundaries and what is proven."""
    minute, count = np.array(counts, dtype=np.int64).reshape(len(counts), 2).T
    keys = np.ones(len(counts), np.int64) if series is None else np.array(series)
    found = counts_at_boundaries(keys, MONDAY_S + minute * 60, count)
    assert found.at_boundary_index.size + found.passed_over_count == len(counts)
    proven = zip(found.proven_index.tolist(), (found.proven_boundary - MONDAY_BOUNDARY).tolist(), strict=True)
    return found.at_boundary_index.tolist(), list(proven)


class TestCounts:
    def test_half_hours_are_kept_and_all_others_passed_over(self):
        assert judged((0, 5), (10, 6), (30, 7), (45, 8), (60, 9)) == ([0, 2, 4], [])

    def test_equal_neighbours_prove_the_count_between_them(self):
        assert judged((20, 6), (25, 7), (40, 7), (60, 8)) == ([3], [(2, 1)])

    def test_unequal_neighbours_prove_nothing(self):
        assert judged((25, 7), (35, 8))[1] == []

    def test_neighbours_farther_than_a_slot_prove_nothing(self):
        assert judged((25, 7), (65, 7))[1] == []
        assert judged((0, 7), (60, 7))[1] == []

    def test_neighbours_of_two_series_prove_nothing(self):
        assert judged((25, 7), (35, 7), series=[1, 2])[1] == []

    def test_disputed_neighbours_prove_nothing(self):
        assert judged((25, 7), (35, 7), (35, 8))[1] == []
        assert judged((25, 7), (25, 6), (35, 7))[1] == []

    def test_last_version_of_the_later_neighbour_stands_for_the_proof(self):
        assert judged((35, 7), (25, 7), (35, 7))[1] == [(2, 1)]

    @given(st.lists(st.integers(0, 40), min_size=121, max_size=121), st.sets(st.integers(0, 120)))
    def test_what_is_proven_is_true(self, steps, heard):
        truth = np.cumsum(steps) // 30
        minutes = sorted(heard)

        _, proven = judged(*((minute, int(truth[minute])) for minute in minutes))

        assert all(truth[minutes[index]] == truth[30 * slot] for index, slot in proven)
        assert not {slot for _, slot in proven} & {minute // 30 for minute in heard if minute % 30 == 0}
