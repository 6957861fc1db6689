"""Figures and dates as people read them: exact, never rounded up."""

import doctest
from datetime import date

import pytest

from sanchi.core.base.months import Month
from sanchi.edge.portal import formats


class TestDocstrings:
    def test_examples_hold(self):
        assert doctest.testmod(formats).failed == 0


class TestKwh:
    @pytest.mark.parametrize(
        ("energy_wh", "decimals_count", "expected"),
        [
            (0, 1, "0.0"),
            (99, 1, "0.0"),
            (18_940_380, 1, "18,940.3"),
            (18_940_399, 1, "18,940.3"),
            (1_000_000_000_000_000_001, 3, "1,000,000,000,000,000.001"),
            (1_999, 0, "1"),
            (-1_999, 1, "−1.9"),
            (5, 3, "0.005"),
        ],
    )
    def test_is_cut_towards_zero(self, energy_wh, decimals_count, expected):
        assert formats.kwh_text(energy_wh, decimals_count) == expected


class TestYen:
    @pytest.mark.parametrize(
        ("amount_e5yen", "english", "japanese"),
        [
            (0, "¥0", "0円"),
            (99_999, "¥0", "0円"),
            (123_456_789_012, "¥1,234,567", "1,234,567円"),
            (-1, "−¥1", "−1円"),
        ],
    )
    def test_is_rounded_down(self, amount_e5yen, english, japanese):
        assert formats.floor_yen_text(amount_e5yen, "en") == english
        assert formats.floor_yen_text(amount_e5yen, "ja") == japanese

    @pytest.mark.parametrize(
        ("amount_e5yen", "expected"), [(1, "¥0.00001"), (123_456_789, "¥1,234.56789"), (-250_000, "−¥2.50000")]
    )
    def test_is_exact_where_asked(self, amount_e5yen, expected):
        assert formats.exact_yen_text(amount_e5yen, "en") == expected


class TestShare:
    @pytest.mark.parametrize(
        ("part", "whole", "expected"),
        [(0, 0, "–"), (0, 7, "0.0 %"), (7, 7, "100.0 %"), (999_999, 1_000_000, "99.9 %"), (2, 3, "66.6 %")],
    )
    def test_is_rounded_down(self, part, whole, expected):
        assert formats.share_text(part, whole) == expected


class TestDates:
    def test_are_written_as_each_language_does(self):
        day, month = date(2021, 2, 1), Month(year=2021, month_no=2)

        assert (formats.date_text(day, "en"), formats.weekday_text(day, "en")) == ("1 Feb 2021", "Mon")
        assert (formats.date_text(day, "ja"), formats.weekday_text(day, "ja")) == ("2021年2月1日", "月")
        assert (formats.month_text(month, "en"), formats.month_text(month, "ja")) == ("Feb 2021", "2021年2月")

    @pytest.mark.parametrize(("slot_no", "expected"), [(1, "00:00–00:30"), (31, "15:00–15:30"), (48, "23:30–24:00")])
    def test_slots_are_written_as_their_ends(self, slot_no, expected):
        assert formats.slot_text(slot_no) == expected
