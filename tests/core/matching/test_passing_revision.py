"""What was passed on is cut back from behind after a correction, and never grows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.passing_revision import cut_to_parts
from sanchi.core.matching.revision import revise_home

WH = st.integers(0, 40)


def cut(rows, new_parts):
    """Cut rows of (part, Wh)."""
    part_no, energy_wh = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return cut_to_parts(part_no, energy_wh, np.array(new_parts, dtype=np.int64)).tolist()


def taken_from_behind(line, new_part_wh):
    """Take Wh one by one from the last tenant that has any, until the rest fits."""
    line = list(line)
    while sum(line) > new_part_wh:
        line[max(place for place, wh in enumerate(line) if wh)] -= 1
    return line


class TestCutToParts:
    @pytest.mark.parametrize(
        ("new_part", "expected"),
        # 400 and 200 passed on; the owner kept what the part has beyond 600.
        [(900, [400, 200]), (600, [400, 200]), (599, [400, 199]), (400, [400, 0]), (150, [150, 0]), (0, [0, 0])],
    )
    def test_takes_from_the_owner_then_from_the_last_tenant(self, new_part, expected):
        assert cut([(0, 400), (0, 200)], [new_part]) == expected

    def test_looks_at_each_part_alone(self):
        assert cut([(1, 10), (0, 4), (0, 5), (2, 7)], [6, 3, 9]) == [3, 4, 2, 7]

    def test_rows_of_a_part_that_do_not_stand_together_trip(self):
        with pytest.raises(AssertionError, match="stand together"):
            cut([(0, 1), (1, 1), (0, 1)], [5, 5])

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.tuples(st.lists(WH, min_size=1, max_size=4), WH), min_size=1, max_size=5))
    def test_equals_watt_hours_taken_one_by_one(self, parts):
        rows = [(part, wh) for part, (line, _) in enumerate(parts) for wh in line]
        expected = [wh for line, new_part_wh in parts for wh in taken_from_behind(line, new_part_wh)]

        assert cut(rows, [new_part_wh for _, new_part_wh in parts]) == expected

    @settings(max_examples=100, deadline=None)
    @given(st.lists(WH, min_size=1, max_size=4), WH, WH)
    def test_treats_tenants_as_a_home_treats_choices_that_are_all_full(self, line, kept_wh, new_part_wh):
        revised = revise_home(
            np.tile(np.array(line), (48, 1)),
            np.full(48, sum(line) + kept_wh),
            np.full(48, new_part_wh),
            np.arange(len(line), dtype=np.int32),
            np.zeros((48, len(line)), dtype=np.int64),
        )

        assert cut([(0, wh) for wh in line], [new_part_wh]) == revised[0].tolist()
