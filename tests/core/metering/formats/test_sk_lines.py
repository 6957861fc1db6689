"""Lines of both adapter families are read, acquaintance is passed over, and whatever is broken is a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.formats.sk_lines import (
    EVENT_TEXTS,
    SkEvent,
    SkFault,
    SkPassed,
    SkReader,
    SkScan,
    SkUdp,
)
from tests.core.metering.formats.frames import A1_LINE, ADDRESSES, C2_LINE, PANA_LINE, POWER

METER_ADDRESS = ADDRESSES.split()[0]
SCAN = ("EPANDESC", "  Channel:21", "  Channel Page:09", "  Pan ID:8888", "  Addr:12345678ABCDEF01", "  LQI:E1")
SCAN_FIELDS = {
    "Channel": "21",
    "Channel Page": "09",
    "Pan ID": "8888",
    "Addr": "12345678ABCDEF01",
    "LQI": "E1",
    "PairID": "AABBCCDD",
}


def read(*lines):
    """Read lines to their end."""
    reader = SkReader()
    return [record for line in lines for record in reader.read(line)] + list(reader.end())


class TestDatagrams:
    def test_nine_words_of_a_bp35a1_carry_a_frame(self):
        assert read(A1_LINE) == [SkUdp(source=METER_ADDRESS, frame=POWER, is_encrypted=True, link_quality=None)]

    def test_eleven_words_of_a_bp35c2_tell_the_link_too(self):
        assert read(C2_LINE) == [SkUdp(source=METER_ADDRESS, frame=POWER, is_encrypted=True, link_quality=0xE1)]

    def test_pana_is_passed_over(self):
        assert read(PANA_LINE) == [SkPassed(reason="PANA")]

    def test_other_ports_are_passed_over(self):
        assert read(A1_LINE.replace("0E1A 0E1A", "0E1A 1234")) == [SkPassed(reason="datagrams for other ports")]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (A1_LINE[:-2], "23 bytes of data, the line tells 24"),
            (A1_LINE[:-1], "data"),
            (A1_LINE.replace(" 0018 ", " 0017 "), "24 bytes of data, the line tells 23"),
            (C2_LINE.replace(" 0018 ", " 0019 "), "24 bytes of data, the line tells 25"),
            (A1_LINE.rsplit(" ", 1)[0], "8 words, expected 9 or 11"),
            (C2_LINE.replace(" E1 1 0 ", " E1 1 "), "10 words, expected 9 or 11"),
            ("ERXUDP", "1 words"),
            (A1_LINE.replace("0E1A 0E1A", "0E1A 0E1"), "destination port"),
            (A1_LINE.replace("0E1A 0E1A", "ZZZZ 0E1A"), "source port"),
            (A1_LINE.replace("0E1A 0E1A", "0E1A +E1A"), "destination port"),
            (A1_LINE.replace("000000000000001234", "ZZZZZZZZZZZZ"), "link address"),
            (A1_LINE.replace("1081", "10Z1"), "data"),
            (A1_LINE.replace("1081", "10_1"), "data"),
            (C2_LINE.replace(" E1 1 0 ", " E1E 1 0 "), "link quality"),
            (A1_LINE + " FE 01 02", "WOPT 00"),
        ],
    )
    def test_broken_datagram_is_a_fault(self, line: str, why: str):
        (fault,) = read(line)

        assert isinstance(fault, SkFault)
        assert why in fault.detail


class TestEvents:
    @pytest.mark.parametrize(
        ("line", "name", "parameter"),
        [
            (f"EVENT 21 {METER_ADDRESS} 0 01", "frame sent: failed", "01"),
            (f"EVENT 21 {METER_ADDRESS} 00", "frame sent: sent", "00"),
            (f"EVENT 21 {METER_ADDRESS} 02", "frame sent: neighbour solicitation sent first", "02"),
            (f"EVENT 25 {METER_ADDRESS}", "joined the meter", ""),
            (f"EVENT 29 {METER_ADDRESS} 0", "the session's lifetime is over", ""),
            ("EVENT 32 FE80::1 0", "sending is limited: too much sent in the hour", ""),
        ],
    )
    def test_event_is_told_by_name(self, line: str, name: str, parameter: str):
        (event,) = read(line)

        assert isinstance(event, SkEvent)
        assert (event.name, event.parameter) == (name, parameter)

    def test_every_event_of_the_manual_is_read(self):
        lines = [f"EVENT {number:02X} {METER_ADDRESS} 0" for number in EVENT_TEXTS]

        assert [event.event_code for event in read(*lines) if isinstance(event, SkEvent)] == list(EVENT_TEXTS)

    @pytest.mark.parametrize(
        "line", ["EVENT", "EVENT 21", "EVENT ZZ FE80::1", "EVENT 21 here", "EVENT 99 FE80::1", "EVENT 21 FE80::1 0 1 2"]
    )
    def test_broken_event_is_a_fault(self, line: str):
        assert [type(record) for record in read(line)] == [SkFault]


class TestScans:
    def test_block_is_one_record_at_its_end(self):
        assert read(*SCAN, "  PairID:AABBCCDD") == [SkScan(fields=SCAN_FIELDS, line_count=7)]

    def test_block_of_a_bp35c2_tells_its_side(self):
        (scan,) = read(*SCAN, "  Side:0", "  PairID:AABBCCDD")

        assert isinstance(scan, SkScan)
        assert scan.fields == SCAN_FIELDS | {"Side": "0"}

    def test_block_without_pair_ends_at_the_next_line(self):
        scan, event = read(*SCAN, f"EVENT 22 {METER_ADDRESS}")

        assert isinstance(scan, SkScan)
        assert scan.line_count == 6
        assert isinstance(event, SkEvent)

    def test_block_cut_by_another_line_is_a_fault_and_the_line_is_read(self):
        fault, udp = read(*SCAN[:3], A1_LINE)

        assert fault == SkFault(detail=f"EPANDESC ends with {A1_LINE[:40]!r} without Addr, LQI, Pan ID", line_count=3)
        assert isinstance(udp, SkUdp)

    def test_block_cut_by_the_end_is_a_fault(self):
        assert [type(record) for record in read(*SCAN[:3])] == [SkFault]


class TestOtherLines:
    @pytest.mark.parametrize(
        "line",
        [
            "OK",
            "OK 01",
            "FAIL ER04",
            "EVER 1.5.2",
            "SKSCAN 2 FFFFFFFF 6 0",
            METER_ADDRESS,
            f"SKSENDTO 1 {METER_ADDRESS} 0E1A 1 000E",
        ],
    )
    def test_commands_and_answers_are_passed_over(self, line: str):
        assert read(line) == [SkPassed(reason="commands and answers")]

    def test_empty_lines_are_passed_over(self):
        assert read("", "   ", "\r\n") == [SkPassed(reason="empty lines")] * 3

    @pytest.mark.parametrize("line", ["RXUDP FE80::1", "hello", "  Channel:21", "OKAY", "1081"])
    def test_anything_else_is_a_fault(self, line: str):
        assert [type(record) for record in read(line)] == [SkFault]

    @given(st.text())
    def test_any_text_is_read_without_an_error(self, text: str):
        assert all(isinstance(record, SkFault | SkPassed | SkScan) for record in read(*text.split("\n")))

    @given(
        st.lists(
            st.one_of(st.sampled_from([SCAN, SCAN[:3], (A1_LINE,), ("EPANDESC",), ("  PairID:01",), ("?",)])),
            max_size=9,
        )
    )
    def test_every_line_is_told_once(self, groups: list[tuple[str, ...]]):
        lines = [line for group in groups for line in group]

        assert sum(getattr(record, "line_count", 1) for record in read(*lines)) == len(lines)
