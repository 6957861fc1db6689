"""A meter is asked for its histories in the bytes that the standard wants."""

from datetime import UTC, datetime

import pytest

from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.echonet_frames import UnfitRequest
from sanchi.core.metering.formats.history_requests import (
    day_history_requests,
    half_hour_history_requests,
    minute_history_requests,
)

AT = datetime(2026, 8, 24, 12, 30, tzinfo=JST)


def texts(pair):
    return [content.hex().upper() for content in pair]


class TestRequests:
    def test_day_is_chosen_then_both_directions_are_asked_for(self):
        assert texts(day_history_requests(3, transaction_no=0x1234)) == [
            "1081123405FF010288016101E50103",
            "1081123505FF010288016202E200E400",
        ]

    def test_half_hours_are_chosen_by_the_clock_of_japan(self):
        expected = ["1081000105FF010288016101ED0707EA08180C1E0C", "1081000205FF010288016201EC00"]

        assert texts(half_hour_history_requests(AT, 12, transaction_no=1)) == expected
        assert texts(half_hour_history_requests(AT.astimezone(UTC), 12, transaction_no=1)) == expected

    def test_minutes_are_chosen(self):
        assert texts(minute_history_requests(AT.replace(minute=7), 10, transaction_no=1)) == [
            "1081000105FF010288016101EF0707EA08180C070A",
            "1081000205FF010288016201EE00",
        ]

    def test_number_of_the_second_frame_turns_over(self):
        assert texts(day_history_requests(0, transaction_no=0xFFFF))[1].startswith("10810000")

    @pytest.mark.parametrize("back_days", [-1, 100])
    def test_day_that_no_meter_keeps_is_refused(self, back_days: int):
        with pytest.raises(UnfitRequest, match=r"keeps 0\.\.99"):
            day_history_requests(back_days, transaction_no=1)

    @pytest.mark.parametrize(
        ("last_at", "count", "why"),
        [
            (AT.replace(tzinfo=None), 1, "offset"),
            (AT.replace(second=1), 1, "whole minute"),
            (AT.replace(minute=29), 1, "not on a half hour"),
            (AT, 0, "1..12"),
            (AT, 13, "1..12"),
        ],
    )
    def test_half_hours_that_no_meter_gives_are_refused(self, last_at: datetime, count: int, why: str):
        with pytest.raises(UnfitRequest, match=why):
            half_hour_history_requests(last_at, count, transaction_no=1)

    def test_more_minutes_than_a_meter_gives_are_refused(self):
        with pytest.raises(UnfitRequest, match=r"1\.\.10"):
            minute_history_requests(AT, 11, transaction_no=1)
