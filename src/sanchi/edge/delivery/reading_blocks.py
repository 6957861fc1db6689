"""Read files of readings that are too large to be held whole, a block of rows at a time.

Enters: a path. Leave: DeliveredReadings, their rows numbered on. Not here: the formats (comma_separated, parquet).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from pyarrow.parquet import ParquetFile

from sanchi.app.arrivals import DeliveredReadings
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import OPTIONAL_NAMES, READING_FORMS, ReadingFile
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.comma_separated import readings_of_csv
from sanchi.edge.delivery.parquet import readings_of_table, told_as_unreadable

# A smaller file is read whole. So much CSV is about a million rows.
BLOCK_BYTES: Final = 1 << 26
BLOCK_ROWS: Final = 1 << 20
# A header or a row is far shorter; where none ends within so much, a quote is open or this is no CSV.
RECORD_BYTES_MAX: Final = 1 << 24
QUOTE: Final = b'"'
LINE_END: Final = b"\n"


def csv_blocks(path: Path, reading_file: ReadingFile, block_bytes: int = BLOCK_BYTES) -> Iterator[DeliveredReadings]:
    """Read CSV; a fault of a block names the line at which the block begins. Raises: UnreadableDelivery."""
    row_count, line_no = 0, 2
    with path.open("rb") as file:
        header = file.readline(RECORD_BYTES_MAX)
        for piece in _pieces(path.name, file, block_bytes):
            name = f"{path.name} (from line {line_no})"
            block = _numbered_on(readings_of_csv(name, reading_file, header + piece), row_count)
            yield block
            row_count += block.columns.row_count
            line_no += piece.count(LINE_END)


def parquet_blocks(path: Path, reading_file: ReadingFile, block_rows: int = BLOCK_ROWS) -> Iterator[DeliveredReadings]:
    """Read Parquet. Raises: UnreadableDelivery."""
    names = READING_FORMS[reading_file].column_names
    row_count = 0
    with told_as_unreadable(path.name):
        schema = ParquetFile(path).schema_arrow
        check_column_names(path.name, schema.names, (*names, *OPTIONAL_NAMES), OPTIONAL_NAMES)
        coded = [name for name in (*names[:2], *OPTIONAL_NAMES) if name in schema.names]
        texts = [name for name in coded if pt.is_string(schema.field(name).type)]
        file = ParquetFile(path, read_dictionary=texts, page_checksum_verification=True)
        batches = file.iter_batches(block_rows)
    while True:
        with told_as_unreadable(path.name):
            batch = next(batches, None)
            if batch is None:
                return
            table = pa.Table.from_batches([batch])
            table.validate(full=True)
        block = _numbered_on(readings_of_table(path.name, reading_file, table), row_count)
        yield block
        row_count += block.columns.row_count


def _pieces(file_name: str, file: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    """Cut what is left of a file behind line ends that stand outside of quotes."""
    rest = b""
    while chunk := file.read(block_bytes):
        content = rest + chunk
        end = _end_of_rows(content)
        if len(content) - end > RECORD_BYTES_MAX + block_bytes:
            raise UnreadableDelivery(
                f"{file_name} has a row of more than {RECORD_BYTES_MAX:,} bytes.",
                hint="Look for a quote that is not closed; lines end in LF or CR LF.",
            )
        if end:
            yield content[:end]
        rest = content[end:]
    if rest:
        yield rest


def _end_of_rows(content: bytes) -> int:
    """Give the place behind the last line end with as many opening as closing quotes before it; 0 = none."""
    end = content.rfind(LINE_END) + 1
    while end and content.count(QUOTE, 0, end) % 2:
        # The last quote opens: what it opens began on its line or on one before.
        end = content.rfind(LINE_END, 0, content.rfind(QUOTE, 0, end)) + 1
    return end


def _numbered_on(readings: DeliveredReadings, row_count: int) -> DeliveredReadings:
    """Go on numbering rows where the block before ended."""
    row_no = readings.columns.row_no + np.int32(row_count)
    return replace(readings, columns=replace(readings.columns, row_no=row_no))
