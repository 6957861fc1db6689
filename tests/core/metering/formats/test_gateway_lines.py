"""Lines of adapters become readings and events; each line is accounted for once."""

from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.gateway_lines import GatewayLine, decode_sk_lines
from tests.core.metering.formats.frames import (
    A1_LINE,
    ADDRESSES,
    BOUNDARY_S,
    C2_LINE,
    HALF_HOUR,
    PANA_LINE,
    events_of,
    rows_of,
)
from tests.core.metering.formats.test_sk_lines import SCAN
from tests.fuzz.targets import assert_accounted

METER_ADDRESS = ADDRESSES.split()[0]
READING_LINE = f"ERXUDP {ADDRESSES} 0E1A 0E1A 0000000000001234 1 {len(HALF_HOUR):04X} {HALF_HOUR.hex().upper()}"


def line(text, gateway="gw-1", received_s=BOUNDARY_S + 2):
    return GatewayLine(received_s=received_s, gateway=gateway, line=text)


class TestDecodeSkLines:
    def test_frames_inside_are_decoded_and_the_rest_is_counted(self):
        texts = [READING_LINE, A1_LINE, PANA_LINE, "OK", *SCAN, "  PairID:AABBCCDD", f"EVENT 22 {METER_ADDRESS}"]

        file, _ = decode_sk_lines([line(text) for text in texts])

        assert [(row[0], row[3], row[5]) for row in rows_of(file)] == [
            ("gw-1/028801", 93351, 1),
            ("gw-1/028801", 5, 1),
        ]
        assert file.problems == ()
        assert file.passed_over == {
            "instantaneous values": 1,
            "PANA": 1,
            "scans": 7,
            "commands and answers of the adapter": 2,
        }

    def test_joining_and_losing_the_meter_are_events(self):
        texts = [f"EVENT {number} {METER_ADDRESS} 0" for number in ("25", "24", "27", "28", "29", "33")]

        _, events = decode_sk_lines([line(text) for text in texts])

        assert [number for _, number, _ in events_of(events)] == [
            EventCode.METER_JOINED,
            *[EventCode.METER_LOST] * 4,
        ]

    def test_broken_line_is_a_problem_with_its_text_and_an_event(self):
        file, events = decode_sk_lines([line(A1_LINE[:-2])])

        assert [(each.code, each.record_no) for each in file.problems] == [(ProblemCode.MALFORMED_FRAME, 1)]
        assert file.problems[0].text.startswith("ERXUDP FE80")
        assert events_of(events) == [("gw-1", EventCode.FRAME_MALFORMED, 0)]

    def test_broken_frame_in_a_whole_line_is_a_problem(self):
        file, _ = decode_sk_lines([line(A1_LINE.replace(" 0018 1081", " 0018 1082"))])

        assert "EHD 1081" in file.problems[0].detail

    def test_blocks_of_two_adapters_may_be_mixed(self):
        mixed = [line(text, gateway) for text in (*SCAN, "  PairID:AABBCCDD") for gateway in ("gw-1", "gw-2")]

        file, _ = decode_sk_lines(mixed)

        assert (file.problems, file.passed_over) == ((), {"scans": 14})

    def test_block_broken_off_is_one_problem_and_the_line_after_it_counts(self):
        file, _ = decode_sk_lines([line(text) for text in (*SCAN[:3], READING_LINE)])

        assert [each.record_no for each in file.problems] == [1]
        assert (file.rows.record_no.tolist(), file.passed_over) == ([4, 4], {"scans": 2})

    def test_block_that_ends_without_its_pair_leaves_the_line_after_it(self):
        file, _ = decode_sk_lines([line(text) for text in (*SCAN, READING_LINE, "?")])

        assert [each.record_no for each in file.problems] == [8]
        assert (file.rows.record_no.tolist(), file.passed_over) == ([7, 7], {"scans": 6})

    @given(
        st.lists(
            st.tuples(
                st.one_of(
                    st.text(max_size=30),
                    st.sampled_from([*SCAN, "  PairID:AABBCCDD", A1_LINE, C2_LINE, PANA_LINE, READING_LINE, "OK"]),
                ),
                st.sampled_from(["gw-1", "gw-2"]),
            ),
            max_size=30,
        )
    )
    def test_every_line_has_rows_or_problems_or_is_passed_over(self, told: list[tuple[str, str]]):
        file, _ = decode_sk_lines([line(text, gateway) for text, gateway in told])

        assert file.record_count == len(told)
        assert_accounted(file)
