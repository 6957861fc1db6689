"""Minutes become one row for each block that came, and what comes twice gives two."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.faults.blocks import BlockRows, block_rows
from sanchi.core.metering.faults.observations import PeakRows
from sanchi.core.metering.faults.spans import stamp_s
from sanchi.core.metering.readings import CHANNEL_END, Channel

KEY = 7 * CHANNEL_END + Channel.PV


def blocks(minutes: list[tuple[int, int, int]]) -> tuple[BlockRows, PeakRows]:
    """minutes : (minute since boundary 100, watts, time of receipt), in the order of arrival."""
    n_rows = len(minutes)
    return block_rows(
        series_key=np.full(n_rows, KEY, np.int64),
        stamp_s=np.array([stamp_s(100) + 60 * (minute + 1) for minute, _, _ in minutes], np.int64),
        interval_s=np.full(n_rows, 60, np.int32),
        energy_ws=np.array([60 * power_w for _, power_w, _ in minutes], np.int64),
        received_s=np.array([at_s for _, _, at_s in minutes], np.int64),
        delivery_no=np.zeros(n_rows, np.int32),
        row_no=np.arange(n_rows, dtype=np.int32),
    )


class TestBlockRows:
    def test_thirty_minutes_are_one_row(self):
        rows, peaks = blocks([(minute, 600, 5) for minute in range(30)])

        assert (rows.meter_no.tolist(), rows.channel_no.tolist()) == ([7], [Channel.PV])
        assert (rows.boundary.tolist(), rows.reading.tolist(), rows.received_s.tolist()) == ([101], [300], [5])
        assert peaks.peak_w.tolist() == [600]

    def test_block_that_comes_again_is_another_row_even_in_the_same_delivery(self):
        again, _ = blocks([(minute, 600, 5) for minute in range(30)] * 2)
        later, _ = blocks([(minute, 600, at_s) for at_s in (5, 900) for minute in range(30)])

        assert again.reading.tolist() == [300, 300]
        assert later.received_s.tolist() == [5, 900]

    def test_rest_of_five_minutes_counts_as_the_mean_and_more_gives_no_row(self):
        assert blocks([(minute, 600, 5) for minute in range(25)])[0].reading.tolist() == [300]
        assert blocks([(minute, 600, 5) for minute in range(24)])[0].reading.size == 0

    def test_peak_of_a_few_minutes_is_kept(self):
        _, peaks = blocks([(minute, 40_000 if minute < 3 else 100, 5) for minute in range(30)])

        assert peaks.peak_w.tolist() == [40_000]

    @given(st.lists(st.integers(0, 5_000), min_size=60, max_size=60))
    def test_whole_blocks_keep_their_energy(self, powers_w: list[int]):
        rows, _ = blocks([(minute, power_w, 5) for minute, power_w in enumerate(powers_w)])

        assert rows.reading.tolist() == [sum(powers_w[:30]) // 60, sum(powers_w[30:]) // 60]
