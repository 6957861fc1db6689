"""The fast way through a CSV file gives what the slow one gives, or leaves the file to it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery.comma_separated import _readings_of_lines, readings_of_csv
from sanchi.edge.delivery.plain_csv import FIELD_BYTES_MAX, plain_table

HEADER = "meter_id,channel,read_at,register_count,received_at"
PLAIN = f"{HEADER}\nM1,export,2020-12-07T00:30:00+09:00,17,2020-12-07T04:30:00+09:00\n"
ARRAYS = (
    "meter_code", "channel_code", "stamp_s", "is_stamp_readable", "reading", "is_reading_readable",
    "received_s", "is_received_readable", "row_no",
)  # fmt: skip

STAMPS = st.sampled_from(
    [
        "2020-12-07T00:30:00+09:00",
        "2020-12-07T00:30:00.5+09:00",
        "2020-12-07 00:30:00+09:00",
        "20201207T003000+0900",
        "2020-12-06T15:30:00Z",
        "2020-12-07T00:30:00",
        "2020-02-30T00:30:00+09:00",
        "2020-12-07T24:00:00+09:00",
        "2020-12-07T00:30:60+09:00",
        "0000-12-07T00:30:00+09:00",
        "2020-12-07T00:30:00+24:00",
        "",
        "soon",
    ]
)
NUMBERS = st.sampled_from(
    ["0", "17", "-3", "007", "-0", "+5", " 5", "5 ", "1e3", "1.0", "９", "9" * 18, "9" * 19, "", "x"]
)
NAMES = st.sampled_from(["M1", "M2", "", " ", "メータ", "M1\u2028", "\x0b", "M\x0c1"])
ROWS = st.lists(st.tuples(NAMES, st.sampled_from(["export", "import", ""]), STAMPS, NUMBERS, STAMPS), max_size=12)


def same(file_bytes: bytes) -> None:
    """Compare both ways, and that both refuse alike."""
    try:
        slow = _readings_of_lines("registers.csv", ReadingFile.REGISTERS, file_bytes)
    except UnreadableDelivery as error:
        with pytest.raises(UnreadableDelivery, match=f"^{re.escape(str(error))}$"):
            readings_of_csv("registers.csv", ReadingFile.REGISTERS, file_bytes)
        return
    fast = readings_of_csv("registers.csv", ReadingFile.REGISTERS, file_bytes)
    for name in ARRAYS:
        assert getattr(fast.columns, name).tolist() == getattr(slow.columns, name).tolist(), name
    assert fast.columns.meter_texts == slow.columns.meter_texts
    assert fast.columns.channel_texts == slow.columns.channel_texts
    every = np.arange(fast.columns.row_count)
    assert fast.row_texts(every) == slow.row_texts(every)


class TestBothWays:
    @given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
    def test_give_the_same_columns_and_texts(self, rows, line_end, has_mark, ends):
        lines = [HEADER, *(",".join(row) for row in rows)]
        text = line_end.join(lines) + (line_end if ends else "")

        same(text.encode("utf-8-sig" if has_mark else "utf-8"))

    @given(st.lists(st.sampled_from(["M1", ",", "\n", "\r", '"', "\r\n", "\0", "5", " "]), max_size=30))
    def test_give_the_same_of_broken_rows(self, pieces):
        same((PLAIN + "".join(pieces)).encode())

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            HEADER.encode(),
            PLAIN.replace("channel,", "").encode(),
            PLAIN.replace("channel", "meter_id").encode(),
            PLAIN.replace(HEADER, HEADER + ",").encode(),
            ("\n\n" + PLAIN).encode(),
            PLAIN.replace("M1", "M" * (FIELD_BYTES_MAX + 1)).encode(),
            PLAIN.encode().replace(b"M1", b"\xff"),
            PLAIN.replace("\n", "\r").encode(),
            PLAIN.replace("read_at", "meter_id ,read_at").encode(),
        ],
    )
    def test_refuse_alike(self, content):
        same(content)


class TestPlainTable:
    def test_reads_a_file_without_quotes(self):
        table = plain_table(PLAIN.encode())

        assert table is not None
        assert table.num_rows == 1

    @pytest.mark.parametrize("content", [PLAIN.replace("M1", '"M1"'), PLAIN + "M1,export\n", PLAIN + "\r1"])
    def test_leaves_other_files_to_the_reader_of_lines(self, content):
        assert plain_table(content.encode()) is None
