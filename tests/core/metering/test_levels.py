"""Slots read at one common level of their samples."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.levels import BAND, LEVEL_TOP, Ladder

samples = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(1, 1 << 20), st.integers(0, 5_000), st.integers(1, 1 << 20)),
    min_size=1,
    max_size=12,
)


def ladder_of(rows) -> Ladder:
    """Take samples of two slots, each with a weight of its own."""
    columns = np.array(rows, dtype=np.int64)
    return Ladder.of(columns[:, [0, 2]], columns[:, [1, 3]])


class TestLadder:
    def test_the_middle_level_of_equal_samples_is_their_median(self):
        energy_wh = np.array([[30], [10], [20], [70], [50]], dtype=np.int64)

        banded_wh, width = Ladder.of(energy_wh, np.full((5, 1), 7)).at(LEVEL_TOP // 2)

        assert banded_wh.tolist() == [30 * width]
        assert width == 2 * BAND

    def test_the_heavier_half_holds_the_median(self):
        energy_wh = np.array([[10], [500]], dtype=np.int64)

        light, heavy = (
            Ladder.of(energy_wh, np.array([[3], [weight]], dtype=np.int64)).at(LEVEL_TOP // 2) for weight in (2, 4)
        )

        assert light[0].tolist() == [10 * light[1]]
        assert heavy[0].tolist() == [500 * heavy[1]]

    def test_samples_of_no_weight_are_never_read(self):
        energy_wh = np.array([[0], [60], [9_000]], dtype=np.int64)
        ladder = Ladder.of(energy_wh, np.array([[0], [5], [0]], dtype=np.int64))

        assert {int(banded_wh[0]) // width for banded_wh, width in map(ladder.at, (0, 999, LEVEL_TOP))} == {60}

    def test_slots_rise_together_until_they_reach_the_energy(self):
        # One slot is always 100 Wh, the other 0 or 900: any energy between goes to the other.
        energy_wh = np.array([[100, 0], [100, 900]], dtype=np.int64)

        weight = Ladder.of(energy_wh, np.ones((2, 2), dtype=np.int64)).weights_for(600)

        assert np.allclose(weight / weight.sum(), [100 / 600, 500 / 600], atol=1e-3)

    def test_more_than_the_greatest_samples_is_shared_by_the_mean(self):
        energy_wh = np.array([[100, 0], [100, 900], [100, 0]], dtype=np.int64)

        weight = Ladder.of(energy_wh, np.ones((3, 2), dtype=np.int64)).weights_for(50_000)

        assert np.allclose(weight / weight.sum(), [0.25, 0.75], atol=1e-3)

    @settings(max_examples=100, deadline=None)
    @given(rows=samples, levels=st.tuples(st.integers(BAND, LEVEL_TOP - BAND), st.integers(BAND, LEVEL_TOP - BAND)))
    def test_no_slot_falls_where_the_level_rises(self, rows, levels):
        ladder = ladder_of(rows)

        lower, higher = (ladder.at(level)[0] for level in sorted(levels))

        assert (lower <= higher).all()

    @settings(max_examples=100, deadline=None)
    @given(rows=samples, level=st.integers(0, LEVEL_TOP))
    def test_the_energy_of_a_level_is_reached_at_it_or_below(self, rows, level):
        ladder = ladder_of(rows)
        banded_wh, width = ladder.at(level)
        energy_wh = int(banded_wh.sum()) // width

        weight = ladder.weights_for(energy_wh)

        assert weight.sum() >= energy_wh * BAND
        assert weight.sum() <= max(int(banded_wh.sum()), 2 * BAND * energy_wh + 2 * BAND)
