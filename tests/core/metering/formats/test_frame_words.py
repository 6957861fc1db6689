"""A frame in words names everything, keeps its bytes and tells kWh exactly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.formats.frame_words import FrameWords, exact_kwh_text, has_problem
from sanchi.core.metering.formats.sk_lines import SkReader
from tests.core.metering.formats.frames import BOARD, C2_LINE, CUT, HALF_HOUR, POWER, REAL_FRAMES, clock, frame, u32

AT = clock(2022, 6, 21, 15, 30, 0)


def properties(*contents):
    """Give the properties of the last of some frames."""
    words = FrameWords()
    return [words.of_frame(content) for content in contents][-1]["properties"]


class TestOfFrame:
    def test_real_answer_is_told_in_clear(self):
        assert FrameWords().of_frame(POWER) == {
            "from": "028801",
            "from_class": "low-voltage smart meter",
            "to": "05FF01",
            "service": "Get_Res",
            "transaction": "1002",
            "properties": [
                {"epc": "E7", "name": "instantaneous power, export below zero", "power_w": 668, "raw": "0000029C"},
                {
                    "epc": "E8",
                    "name": "instantaneous currents",
                    "r_phase_ma": 4000,
                    "t_phase_ma": 4000,
                    "raw": "00280028",
                },
            ],
            "raw": POWER.hex().upper(),
        }

    def test_kwh_appear_once_unit_and_coefficient_are_told(self):
        told = frame((0xE1, b"\x01"), (0xD3, u32(3)))

        assert "kwh" not in properties(HALF_HOUR)[0]
        assert [each["kwh"] for each in properties(told, HALF_HOUR)] == ["28005.3", "1.5"]

    def test_refused_coefficient_counts_as_one(self):
        told = frame((0xE1, b"\x01"), (0xD3, b""), esv=0x52)

        assert properties(told, HALF_HOUR)[0]["kwh"] == "9335.1"

    def test_lists_of_counts_are_told_in_kwh_too(self):
        told = frame((0xE1, b"\x01"), (0xD3, u32(1)))
        history = frame((0xEC, AT[:6] + b"\x02" + u32(7) + u32(1) + u32(6) + b"\xff\xff\xff\xfe"))

        (each,) = properties(told, history)

        assert (each["import_kwh"], each["export_kwh"]) == (["0.7", "0.6"], ["0.1", None])

    def test_board_has_a_unit_and_no_coefficient(self):
        (_, count) = properties(frame((0xC2, b"\x02"), (0xC0, u32(5)), source=BOARD))

        assert count["kwh"] == "0.05"

    def test_refused_property_is_no_problem_and_the_others_are_told(self):
        told = FrameWords().of_frame(frame((0xE1, b""), (0xE7, u32(5)), esv=0x52))

        assert told["properties"][0]["is_refused"] is True
        assert told["properties"][1]["power_w"] == 5
        assert not has_problem(told)

    def test_request_names_what_it_asks_for(self):
        request = bytes.fromhex("1081000105FF010288016202E200E400")

        assert FrameWords().of_frame(request)["properties"] == [
            {"epc": "E2", "name": "history of a day, import"},
            {"epc": "E4", "name": "history of a day, export"},
        ]

    def test_two_lists_are_told_apart(self):
        told = FrameWords().of_frame(frame((0xE5, b"\x01"), esv=0x5E) + bytes.fromhex("01E7040000029C"))

        assert told["set"][0]["is_refused"] is True
        assert told["properties"][0]["power_w"] == 668

    def test_cut_frame_is_a_problem_with_its_place_and_its_bytes(self):
        assert FrameWords().of_frame(CUT) == {
            "problem": "MALFORMED_FRAME",
            "detail": "byte 23: expected 4 bytes of property E8, found the end after 3",
            "raw": CUT.hex().upper(),
        }

    def test_unfit_property_is_a_problem_beside_the_others(self):
        told = FrameWords().of_frame(frame((0xE1, b"\x09"), (0xE7, u32(5))))

        assert told["properties"][0]["problem"] == "UNFIT_VALUE"
        assert told["properties"][1]["power_w"] == 5
        assert has_problem(told)

    @pytest.mark.parametrize("content", REAL_FRAMES)
    def test_real_frames_are_told_without_a_problem(self, content: bytes):
        told = FrameWords().of_frame(content)

        assert not has_problem(told)
        assert "not known" not in json.dumps(told)


class TestOfRecord:
    def test_link_of_a_bp35c2_is_told_in_dbm(self):
        (record,) = SkReader().read(C2_LINE)

        told = FrameWords().of_record(record)

        assert (told["kind"], told["link_quality"], told["rssi_dbm"]) == ("frame", 225, -42.395)


class TestExactKwhText:
    @given(st.integers(0, 10**18))
    def test_no_decimal_is_lost(self, energy_mwh: int):
        whole, _, decimals = exact_kwh_text(energy_mwh).partition(".")

        assert int(whole) * 10**6 + int(decimals.ljust(6, "0")) == energy_mwh
