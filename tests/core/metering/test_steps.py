"""Single counts of a register, evened out over the empty slots before them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.steps import EMPTY_SLOTS_MAX, evened


def evened_list(energy_wh, known=None, step_wh=100):
    n_slots = len(energy_wh)
    is_known = np.ones(n_slots, dtype=bool) if known is None else np.array(known, dtype=bool)
    return evened(np.array(energy_wh, dtype=np.int64), is_known, np.full(n_slots, step_wh)).tolist()


class TestEvened:
    @pytest.mark.parametrize(
        ("energy_wh", "expected"),
        [
            ([100, 0, 100], [100, 50, 50]),
            ([100, 0, 0, 0, 100], [100, 25, 25, 25, 25]),
            ([100, 0, 0, 300], [100, 33, 33, 234]),
            ([0, 100, 0], [50, 50, 0]),
        ],
    )
    def test_one_step_goes_back_over_the_empty_slots_before_it(self, energy_wh, expected):
        assert evened_list(energy_wh) == expected

    def test_after_a_longer_silence_nothing_is_presumed_to_have_flowed(self):
        assert evened_list([100, 0, 0, 0, 0, 100]) == [100, 0, 0, 0, 0, 100]

    def test_nothing_goes_over_slots_that_are_not_known(self):
        assert evened_list([100, 0, 0, 100], known=[1, 0, 1, 1]) == [100, 0, 50, 50]

    def test_energy_that_is_no_count_of_steps_stays(self):
        assert evened_list([10, 0, 70], step_wh=0) == [10, 0, 70]

    @given(
        counts=st.lists(st.integers(0, 3), min_size=1, max_size=40),
        lost=st.sets(st.integers(0, 39)),
    )
    def test_keeps_the_whole_and_moves_less_than_a_step_by_few_slots(self, counts, lost):
        known = [n not in lost for n in range(len(counts))]
        energy_wh = [100 * count * is_known for count, is_known in zip(counts, known, strict=True)]

        found = evened_list(energy_wh, known)

        assert sum(found) == sum(energy_wh)
        assert min(found) >= 0
        moved = np.cumsum(np.array(found) - energy_wh)
        assert moved.min() >= 0
        assert moved.max() < 100
        assert all(found[n] == 0 for n in range(len(counts)) if not known[n])
        assert EMPTY_SLOTS_MAX == 3
