"""CSV as records of texts and as columns of readings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery.comma_separated import master_rows_of_csv, readings_of_csv

HEADER = "meter_id,channel,read_at,register_count,received_at\n"
ROW = "M1,import,2020-12-01T00:30:00+09:00,12,2020-12-01T04:00:00+09:00\n"
PARTIES = "party_id,role,name,name_ja,company,district\n"


def readings(text):
    return readings_of_csv("registers-1.csv", ReadingFile.REGISTERS, text.encode())


class TestReadingsOfCsv:
    def test_gives_columns_and_row_numbers(self):
        columns = readings(HEADER + ROW + ROW.replace("M1", "M2")).columns

        assert columns.meter_texts == ("M1", "M2")
        assert columns.meter_code.tolist() == [0, 1]
        assert columns.channel_texts == ("import",)
        assert columns.stamp_s.tolist() == [1_606_750_200] * 2
        assert columns.reading.tolist() == [12, 12]
        assert columns.received_s.tolist() == [1_606_762_800] * 2
        assert columns.row_no.tolist() == [1, 2]

    @pytest.mark.parametrize(
        "text", ["\ufeff" + HEADER + ROW, (HEADER + ROW).replace("\n", "\r\n"), HEADER + "\n" + ROW]
    )
    def test_takes_a_byte_order_mark_other_line_ends_and_blank_lines(self, text):
        assert readings(text).columns.row_count == 1

    def test_takes_columns_in_any_order(self):
        names = ("received_at", "register_count", "read_at", "channel", "meter_id")
        fields = ROW.strip().split(",")[::-1]

        columns = readings(",".join(names) + "\n" + ",".join(fields) + "\n").columns

        assert columns.meter_texts == ("M1",)
        assert columns.reading.tolist() == [12]

    def test_header_alone_has_no_rows(self):
        assert readings(HEADER).columns.row_count == 0

    def test_naive_stamp_is_not_readable(self):
        columns = readings(HEADER + ROW.replace("00:30:00+09:00", "00:30:00")).columns

        assert columns.is_stamp_readable.tolist() == [False]
        assert columns.is_received_readable.tolist() == [True]

    @pytest.mark.parametrize("number", ["", "1.5", "1e3", "1,000", "12 kWh", "1_000", "\uff11", "9" * 19])
    def test_what_is_no_whole_number_is_not_readable(self, number):
        field = f'"{number}"'

        assert readings(HEADER + ROW.replace(",12,", f",{field},")).columns.is_reading_readable.tolist() == [False]

    def test_row_of_another_length_is_unreadable_and_keeps_its_place_and_text(self):
        arrived = readings(HEADER + ROW + "M1,import\n" + ROW)

        assert arrived.columns.meter_code.tolist() == [0, -1, 0]
        assert arrived.columns.row_no.tolist() == [1, 2, 3]
        assert arrived.row_texts(np.array([1])) == ("M1,import",)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (HEADER.replace("read_at", "time") + ROW, "misses read_at; it has besides time"),
            (HEADER.replace("\n", ",unit\n") + ROW, "has besides unit"),
            (HEADER.replace("\n", ",channel\n") + ROW, "repeats channel"),
            ((HEADER + ROW).replace(",", ";"), "misses meter_id, channel"),
            ("\ufeff", "misses meter_id"),
            (HEADER + '"' + ROW, "is not CSV in line 2: unexpected end of data"),
        ],
    )  # fmt: skip
    def test_refuses_a_file_of_another_shape(self, text, reason):
        with pytest.raises(UnreadableDelivery, match=rf"registers-1\.csv {reason}"):
            readings(text)

    def test_names_the_expected_columns(self):
        with pytest.raises(
            UnreadableDelivery, match=r"Expected .*: meter_id, channel, read_at, register_count, received_at"
        ):
            readings("a,b\n1,2\n")

    def test_refuses_what_is_not_utf_8_and_names_the_line(self):
        content = (HEADER + ROW).encode() + "計器,import\n".encode("shift_jis")

        with pytest.raises(UnreadableDelivery, match=r"is not UTF-8 text: byte 0x8c in line 3\. Save it as UTF-8"):
            readings_of_csv("registers-1.csv", ReadingFile.REGISTERS, content)

    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), min_size=1), max_size=20))
    def test_gives_one_row_a_line_whatever_stands_there(self, lines):
        assert readings(HEADER + "".join(f"{line}\n" for line in lines)).columns.row_count == len(lines)


class TestMasterRowsOfCsv:
    def test_gives_records_with_their_lines(self):
        rows = master_rows_of_csv("parties.csv", FileKind.PARTIES, (PARTIES + "H1,home,A,あ,,\n").encode()).rows

        assert rows[0].place == "line 2"
        assert rows[0].fields["name_ja"] == "あ"
        assert rows[0].fields["company"] == ""

    def test_takes_commas_between_quotes(self):
        text = PARTIES + '\nH1,home,"A, B",あ,,\n'

        (row,) = master_rows_of_csv("parties.csv", FileKind.PARTIES, text.encode()).rows

        assert row.fields["name"] == "A, B"
        assert row.place == "line 3"

    def test_refuses_lines_of_another_length_and_names_them(self):
        text = PARTIES + "H1,home\n" + "H2,home,A,あ,,\n" + "H3,home,A, B,あ,,\n" * 11

        with pytest.raises(UnreadableDelivery, match=r"header \(6\) in line 2, 4, 5, .*, 12 and 2 more"):
            master_rows_of_csv("parties.csv", FileKind.PARTIES, text.encode())
