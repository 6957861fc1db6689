"""Instants as whole Unix seconds."""

import numpy as np
import pytest

from sanchi.edge.delivery.stamps import (
    microseconds_of,
    seconds_of_receipts,
    seconds_of_stamps,
    stamp_text_of,
)


class TestMicrosecondsOf:
    @pytest.mark.parametrize("text", ["2020-12-01T00:30:00+09:00", "2020-12-01 00:30+09:00", "2020-11-30T15:30:00Z"])
    def test_reads_every_offset_as_the_same_instant(self, text):
        assert microseconds_of(text) == 1_606_750_200_000_000

    @pytest.mark.parametrize("text", ["", "2020-12-01T00:30:00", "2020-12-01", "30.11.2020", "1606750200"])
    def test_reads_nothing_without_offset(self, text):
        assert microseconds_of(text) is None


class TestSecondsOfStamps:
    def test_fraction_never_lands_on_a_half_hour(self):
        on_it, after_it, before_it = 1_800_000_000, 1_800_000_001, 1_799_999_999

        stamp_s = seconds_of_stamps(np.array([on_it, after_it, before_it]))

        assert (stamp_s % 1_800 == 0).tolist() == [True, False, False]


class TestSecondsOfReceipts:
    def test_fraction_is_cut_off(self):
        assert seconds_of_receipts(np.array([1_999_999, 2_000_000])).tolist() == [1, 2]


class TestStampTextOf:
    def test_is_japanese_time(self):
        assert stamp_text_of(1_606_750_200_000_000) == "2020-12-01T00:30:00+09:00"

    def test_beyond_the_calendar_is_a_number(self):
        assert stamp_text_of(2**62) == f"{2**62} microseconds after 1970"
