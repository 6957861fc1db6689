"""A file read in blocks says what it says as a whole, wherever it is cut."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.arrivals import DeliveredReadings, ReadingBlocks
from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery import arrival, reading_blocks
from sanchi.edge.delivery.comma_separated import readings_of_csv
from sanchi.edge.delivery.parquet import readings_of_parquet
from sanchi.edge.delivery.reading_blocks import csv_blocks, parquet_blocks

HEADER = "meter_id,channel,read_at,register_count,received_at\n"
FIELDS = ("stamp_s", "is_stamp_readable", "reading", "is_reading_readable", "received_s", "row_no", "source_no")


def said(blocks: list[DeliveredReadings]) -> list[tuple]:
    """Give every row of some blocks: its texts, its numbers, its delivered text."""
    rows: list[tuple] = []
    for block in blocks:
        columns = block.columns
        meters = [(*columns.meter_texts, "")[code] for code in columns.meter_code.tolist()]
        channels = [(*columns.channel_texts, "")[code] for code in columns.channel_code.tolist()]
        numbers = [getattr(columns, name).tolist() for name in FIELDS]
        rows += zip(meters, channels, *numbers, block.row_texts(np.arange(columns.row_count)), strict=True)
    return rows


def a_row() -> st.SearchStrategy[str]:
    meter = st.sampled_from(["M1", '"M,1"', '"M\n1"', '"M""1"', "", "市"])
    reading = st.sampled_from(["5", "-1", "x", ""])
    end = st.sampled_from(["", ",too many"])
    return st.builds(
        lambda m, r, e: f"{m},import,2020-12-01T00:30:00+09:00,{r},2020-12-02T00:00:00+09:00{e}", meter, reading, end
    )


class TestCsv:
    @given(
        rows=st.lists(a_row(), max_size=12), block_bytes=st.integers(1, 300), line_end=st.sampled_from(["\n", "\r\n"])
    )
    def test_in_blocks_says_what_it_says_whole(self, rows, block_bytes, line_end):
        content = (HEADER + "".join(f"{row}\n" for row in rows)).replace("\n", line_end).encode()
        whole = readings_of_csv("r.csv", ReadingFile.REGISTERS, content)

        with TemporaryDirectory() as folder:
            path = Path(folder) / "r.csv"
            path.write_bytes(content)
            blocks = list(csv_blocks(path, ReadingFile.REGISTERS, block_bytes))

        assert said(blocks) == said([whole])

    def test_with_an_open_quote_is_refused_before_it_fills_memory(self, tmp_path, monkeypatch):
        monkeypatch.setattr(reading_blocks, "RECORD_BYTES_MAX", 100)
        path = tmp_path / "r.csv"
        path.write_text(HEADER + '"M1' + "\n,,,," * 1_000)

        with pytest.raises(UnreadableDelivery, match="a row of more than 100 bytes"):
            list(csv_blocks(path, ReadingFile.REGISTERS, 50))

    def test_names_the_line_at_which_a_faulty_block_begins(self, tmp_path):
        path = tmp_path / "r.csv"
        path.write_bytes(HEADER.encode() + b"M1,import,,,\n" * 9 + b"M1,\xff,,,\n")

        with pytest.raises(UnreadableDelivery, match=r"r\.csv \(from line \d+\) is not UTF-8"):
            list(csv_blocks(path, ReadingFile.REGISTERS, 30))


class TestParquet:
    @pytest.mark.parametrize("block_rows", [1, 3, 7, 100])
    def test_in_blocks_says_what_it_says_whole(self, tmp_path, block_rows):
        stamps = pa.array(range(0, 20 * 1_800_000_000, 1_800_000_000), pa.timestamp("us", "Asia/Tokyo"))
        table = pa.table(
            {
                "meter_id": [f"M{n % 3}" if n % 5 else None for n in range(20)],
                "channel": ["import"] * 20,
                "read_at": stamps,
                "register_count": pa.array(range(20), pa.int32()),
                "received_at": stamps,
                "source": ["tso", ""] * 10,
            }
        )
        path = tmp_path / "r.parquet"
        pq.write_table(table, path, row_group_size=6)

        blocks = list(parquet_blocks(path, ReadingFile.REGISTERS, block_rows))

        assert said(blocks) == said([readings_of_parquet("r.parquet", ReadingFile.REGISTERS, path.read_bytes())])
        assert max(block.columns.row_count for block in blocks) <= block_rows

    def test_that_is_cut_off_is_refused(self, tmp_path):
        path = tmp_path / "r.parquet"
        path.write_bytes(b"PAR1 and no more")

        with pytest.raises(UnreadableDelivery, match="not a whole Parquet file"):
            list(parquet_blocks(path, ReadingFile.REGISTERS))


class TestLargeFile:
    def test_is_opened_in_blocks_and_refused_where_it_changes_meanwhile(self, tmp_path, monkeypatch):
        monkeypatch.setattr(arrival, "WHOLE_BYTES_MAX", 10)
        path = tmp_path / "registers-1.csv"
        path.write_text(HEADER + "M1,import,2020-12-01T00:30:00+09:00,5,2020-12-02T00:00:00+09:00\n")

        arrived = arrival.read_file(path, FileKind.REGISTERS)

        assert isinstance(arrived.content, ReadingBlocks)
        assert [block.columns.row_count for block in arrived.content.read()] == [1]
        path.write_text(HEADER)
        with pytest.raises(UnreadableDelivery, match="changed while it was read"):
            list(arrived.content.read())
