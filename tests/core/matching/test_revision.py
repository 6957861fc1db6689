"""The revision of one home after finalisation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sanchi.core.matching.revision import revise_home

WH = st.integers(0, 3000)


def revised(old_parts, old_supply, new_supply, choices, open_capacity):
    """Revise a home whose slots are all alike and give the first slot's new parts."""
    new_parts_wh = revise_home(
        np.tile(np.array(old_parts), (48, 1)),
        np.full(48, old_supply),
        np.full(48, new_supply),
        np.array(choices, dtype=np.int32),
        np.tile(np.array(open_capacity), (48, 1)),
    )
    return new_parts_wh[0].tolist()


class TestReviseHome:
    @pytest.mark.parametrize(
        ("new_supply", "expected"),
        [
            # Old: 500 + 300 to buyers 2 and 0, rest 200; open capacity 40 at buyer 2, 100 at buyer 0.
            (1000, [500, 300]),
            (1030, [530, 300]),
            (1090, [540, 350]),
            (1500, [540, 400]),
            (850, [500, 300]),
            (800, [500, 300]),
            (700, [500, 200]),
            (450, [450, 0]),
            (0, [0, 0]),
        ],
    )
    def test_more_goes_forward_and_less_comes_from_behind(self, new_supply, expected):
        assert revised([500, 300], 1000, new_supply, [2, 0], [100, 7, 40]) == expected

    def test_old_rest_does_not_move_to_open_capacity(self):
        assert revised([100], 500, 500, [0], [999]) == [100]
        assert revised([100], 500, 501, [0], [999]) == [101]

    def test_home_without_choices_keeps_all_in_the_rest(self):
        assert revised([0, 0], 10, 900, [-1, -1], [50]) == [0, 0]

    def test_inputs_are_left_as_they_were(self):
        old_parts_wh = np.full((48, 1), 10)
        revise_home(old_parts_wh, np.full(48, 10), np.full(48, 3), np.array([0], np.int32), np.zeros((48, 1), int))

        assert (old_parts_wh == 10).all()

    def test_parts_above_the_old_supply_trip(self):
        with pytest.raises(AssertionError, match="old parts exceed"):
            revised([11], 10, 20, [0], [0])

    @settings(max_examples=100, deadline=None)
    @given(
        arrays.arrays(np.int64, (48, 3), elements=WH),
        arrays.arrays(np.int64, 48, elements=WH),
        arrays.arrays(np.int64, 48, elements=st.integers(0, 9000)),
        arrays.arrays(np.int64, (48, 4), elements=WH),
        st.permutations(range(4)),
        st.integers(0, 3),
    )
    def test_revision_conserves_energy_and_moves_as_little_as_it_can(
        self, old_parts_wh, old_rest_wh, new_supply_wh, open_capacity_wh, ranking, n_choices
    ):
        old_parts_wh[:, n_choices:] = 0
        choices = np.array([*ranking[:n_choices], -1, -1, -1][:3], dtype=np.int32)
        old_supply_wh = old_parts_wh.sum(axis=1) + old_rest_wh
        new_parts_wh = revise_home(old_parts_wh, old_supply_wh, new_supply_wh, choices, open_capacity_wh)
        new_rest_wh = new_supply_wh - new_parts_wh.sum(axis=1)
        moved_wh = np.abs(new_parts_wh - old_parts_wh).sum(axis=1) + np.abs(new_rest_wh - old_rest_wh)

        assert (new_parts_wh >= 0).all()
        assert (new_rest_wh >= 0).all()
        assert (moved_wh == np.abs(new_supply_wh - old_supply_wh)).all()
        for choice, buyer in enumerate(choices):
            limit_wh = old_parts_wh[:, choice] + (open_capacity_wh[:, buyer] if buyer >= 0 else 0)

            assert (new_parts_wh[:, choice] <= limit_wh).all()
