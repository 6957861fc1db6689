"""Frames are those of the published classes, byte by byte."""

import pytest

from sanchi.edge.sandbox.frames import battery_frame, info_frame, meter_frame, parse_request, solar_frame
from sanchi.edge.sandbox.streams import NONE

JST_2022_06_21_15_30_S = 1_655_793_000


def test_a_meter_s_announcement_is_the_one_of_a_real_meter():
    known = "1081A00102880105FF017302EA0B07E606150F1E0000016CA7EB0B07E606150F1E0000000005"

    assert meter_frame(0xA001, JST_2022_06_21_15_30_S, 93351, 5) == bytes.fromhex(known)


def test_a_count_that_is_not_there_is_written_as_no_data():
    assert meter_frame(1, JST_2022_06_21_15_30_S, NONE, 5)[25 - 4 :].startswith(bytes.fromhex("FFFFFFFE"))


def test_coefficient_digits_and_unit_are_told_and_an_old_meter_leaves_the_unit_out():
    assert info_frame(2, is_old=False).hex() == "1081000202880105ff017203d30400000001d70106e10101"
    assert info_frame(2, is_old=True).hex() == "1081000202880105ff015203d30400000001d70106e100"


def test_solar_and_battery_tell_registers_of_a_watt_hour():
    assert solar_frame(3, 1_234_567).hex() == "1081000302790105ff017301e1040012d687"
    assert battery_frame(4, 1_673_687, 1_444_276).hex() == "10810004027d0105ff017302a804001989d7a904001609b4"


class TestRequest:
    def test_set_and_get_are_read(self):
        chosen = parse_request(bytes.fromhex("1081000705FF010288016101E50101"))
        asked = parse_request(bytes.fromhex("1081000805FF010288016202E200E400"))

        assert chosen is not None
        assert chosen.service == 0x61
        assert chosen.properties == ((0xE5, b"\x01"),)
        assert asked is not None
        assert [code for code, _ in asked.properties] == [0xE2, 0xE4]

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "1081",
            "2081000705FF010288016101E50101",
            "1081000705FF010288016101E502",
            "1081000705FF010288016100",
            "1081000705FF010288016101E5010199",
        ],
    )
    def test_what_is_no_frame_is_passed_over(self, content: str):
        assert parse_request(bytes.fromhex(content)) is None
