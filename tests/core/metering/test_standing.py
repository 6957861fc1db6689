"""Which counts of a stretch can be true beside each other."""

import numpy as np
import pytest

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.standing import Stretch, divide_stretch
from tests.oracles.metering_series import register

# 900 Wh a slot are plausible: nine counts, and one more that a count hides at its start is not reached.
OPEN, FIRM = (False, False), (True, True)


def set_aside_of(counts, firm=FIRM, boundaries=None):
    """Give the positions and codes of the counts that do not stand, one slot apart unless told."""
    stretch = Stretch(
        spec=register(),
        boundary=np.array(boundaries or range(100, 100 + len(counts))),
        reading=np.array(counts),
        opens_firm=firm[0],
        closes_firm=firm[1],
    )
    stands, set_aside = divide_stretch(stretch)
    assert [stretch.boundary[position] for position in np.flatnonzero(~stands)] == [one.boundary for one in set_aside]
    return [(int(position), str(one.code)) for position, one in zip(np.flatnonzero(~stands), set_aside, strict=True)]


class TestDivideStretch:
    @pytest.mark.parametrize(
        ("counts", "expected"),
        [
            ([10, 15, 15, 24], []),
            ([9_995, 9_999, 4, 8], []),
            ([10, 15, 3, 20, 24], [(2, "REGISTER_BACKWARDS")]),
            ([10, 15, 900, 20, 24], [(2, "ENERGY_IMPLAUSIBLE")]),
            ([10, 12, 19, 16, 18], [(2, "REGISTER_BACKWARDS")]),
            ([10, 15, 3, 4, 20, 24], [(2, "REGISTER_BACKWARDS"), (3, "REGISTER_BACKWARDS")]),
            ([10, 15, 3, 900, 20, 24], [(2, "REGISTER_BACKWARDS"), (3, "ENERGY_IMPLAUSIBLE")]),
        ],
        ids=["rising", "turning over", "low", "high", "slightly high", "twice low", "low, then high"],
    )
    def test_sets_wild_counts_aside_between_firm_ends(self, counts, expected):
        assert set_aside_of(counts) == expected

    def test_counts_stay_low_until_they_rise_above_the_fall(self):
        fallen = [50, 55, 31, 38, 47, 56, 60]

        assert [position for position, _ in set_aside_of(fallen, (True, False))] == [2, 3, 4]

    def test_a_lasting_fall_sets_the_later_counts_aside_but_for_the_firm_end(self):
        assert [position for position, _ in set_aside_of([50, 55, 11, 12, 13])] == [2, 3]

    def test_a_firm_end_outvotes_higher_counts_before_it(self):
        assert [position for position, _ in set_aside_of([50, 51, 58, 59, 60, 53, 54])] == [2, 3, 4]

    def test_the_first_count_of_an_open_stretch_has_to_agree_with_the_next(self):
        assert set_aside_of([900, 10, 15, 20], OPEN) == [(0, "REGISTER_BACKWARDS")]
        assert set_aside_of([3, 500, 505, 510], OPEN) == [(0, "ENERGY_IMPLAUSIBLE")]

    def test_a_single_count_stands(self):
        assert set_aside_of([900], OPEN) == []

    def test_an_empty_stretch_has_nothing_to_divide(self):
        assert set_aside_of([], OPEN) == []

    def test_longer_gaps_may_carry_more(self):
        assert set_aside_of([10, 27, 28], boundaries=[100, 102, 103]) == []
        assert set_aside_of([10, 30, 31], (True, False), boundaries=[100, 102, 103]) == [
            (1, "ENERGY_IMPLAUSIBLE"),
        ]

    def test_each_count_set_aside_names_the_one_against_it(self):
        stretch = Stretch(
            spec=register(),
            boundary=np.array([100, 101, 102, 103]),
            reading=np.array([10, 15, 3, 20]),
            opens_firm=True,
            closes_firm=True,
        )

        _, (one,) = divide_stretch(stretch)

        assert one.code is ProblemCode.REGISTER_BACKWARDS
        assert (one.boundary, one.count) == (102, 3)
        assert (one.reference_boundary, one.reference_count) == (101, 15)
