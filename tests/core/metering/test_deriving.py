"""What counts alone tell of a register: unit, digits, service, and what is plausible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.deriving import (
    PLAUSIBLE_TIMES,
    PLAUSIBLE_WH_MIN,
    derive_spans,
    derived_digits,
    narrowed_unit_wh,
)

WH_END = 10**8


def spans_of(meters: list[dict[int, int]]):
    rows = [(n, boundary, wh) for n, counts in enumerate(meters) for boundary, wh in sorted(counts.items())]
    meter, boundary, reading_wh = np.array(rows, dtype=np.int64).T
    return derive_spans(meter, boundary, reading_wh, WH_END)


def rising(steps, first=10) -> dict[int, int]:
    return dict(enumerate(np.cumsum([0, *steps]).tolist(), start=first))


class TestUnit:
    @given(st.lists(st.integers(0, 10**9), max_size=20), st.sampled_from([1_000, 100, 10, 1]))
    def test_is_the_largest_that_divides_all(self, readings, upper_wh):
        found = narrowed_unit_wh(upper_wh, np.array(readings, dtype=np.int64))

        fitting = [unit for unit in (1, 10, 100, 1_000) if unit <= upper_wh and all(wh % unit == 0 for wh in readings)]
        assert found == max(fitting)


class TestDigits:
    @pytest.mark.parametrize(("highest", "digits"), [(0, 6), (999_999, 6), (1_000_000, 7)])
    def test_are_those_of_the_highest_count_and_at_least_six(self, highest, digits):
        assert derived_digits(highest) == digits


class TestSpans:
    def test_service_goes_from_the_first_to_the_last_count(self):
        spans = spans_of([{5: 0, 9: 100}, {7: 3}])

        assert (spans.first_boundary.tolist(), spans.last_boundary.tolist()) == ([5, 7], [9, 7])

    def test_small_homes_and_meters_without_steps_get_the_lowest_limit(self):
        assert (
            spans_of([rising([200] * 50), {3: 0, 9: 50_000}, {4: 1}]).plausible_wh_max.tolist()
            == [PLAUSIBLE_WH_MIN] * 3
        )

    def test_a_wild_count_in_a_hundred_leaves_the_limit_where_the_others_have_it(self):
        spans = spans_of([rising([2_000] * 199 + [90_000])])

        assert spans.plausible_wh_max.tolist() == [2_000 * PLAUSIBLE_TIMES]

    def test_falls_and_steps_over_a_gap_tell_nothing(self):
        spans = spans_of([{1: 0, 2: 100, 3: 50, 90: 900_000}])

        assert spans.plausible_wh_max.tolist() == [PLAUSIBLE_WH_MIN]

    def test_limit_leaves_a_turn_of_the_register_to_be_told_from_a_fall(self):
        spans = spans_of([rising([WH_END // 3] * 2)])

        assert spans.plausible_wh_max.tolist() == [WH_END // 2]

    @given(st.lists(st.lists(st.integers(0, 20_000), min_size=1, max_size=150), min_size=1, max_size=4))
    def test_limit_is_four_times_the_99th_percentile_of_each_meter(self, meters):
        found = spans_of([rising(steps) for steps in meters]).plausible_wh_max.tolist()

        assert found == [
            max(PLAUSIBLE_WH_MIN, PLAUSIBLE_TIMES * sorted(steps)[(len(steps) - 1) * 99 // 100]) for steps in meters
        ]
