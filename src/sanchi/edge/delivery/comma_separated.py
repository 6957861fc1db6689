"""Read CSV (UTF-8, header, commas) as records of texts or as columns of readings.

Enter: bytes. Leave: MasterRows or DeliveredReadings. Not here: what fields mean beyond text, number, stamp.
"""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sanchi.app.arrivals import DeliveredReadings, MasterRow, MasterRows
from sanchi.app.deliveries import FileKind
from sanchi.app.master_data import MASTER_COLUMNS, OPTIONAL_COLUMNS
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import (
    OPTIONAL_NAMES,
    READING_FORMS,
    SOURCE_NAME,
    STAGE_NAME,
    ReadingColumns,
    ReadingFile,
)
from sanchi.core.metering.sources import DELIVERED_SOURCES, STAGES
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.plain_csv import plain_table
from sanchi.edge.delivery.stamps import seconds_of_receipts, seconds_of_stamps
from sanchi.edge.delivery.text_columns import coded_texts, instants_us, member_nos, whole_numbers
from sanchi.edge.delivery.unicode_text import decode_text

LINES_SHOWN_MAX: Final = 10

Records = list[tuple[int, list[str]]]  # line number and fields


def master_rows_of_csv(file_name: str, file_kind: FileKind, content: bytes) -> MasterRows:
    """Read records of master data; raises UnreadableDelivery when one has another number of fields."""
    optional = OPTIONAL_COLUMNS.get(file_kind, ())
    names, records = _records(file_name, content, MASTER_COLUMNS[file_kind], optional)
    uneven = [str(line_no) for line_no, fields in records if len(fields) != len(names)]
    if uneven:
        more = "" if len(uneven) <= LINES_SHOWN_MAX else f" and {len(uneven) - LINES_SHOWN_MAX} more"
        lines = ", ".join(uneven[:LINES_SHOWN_MAX]) + more
        raise UnreadableDelivery(
            f"{file_name} has another number of fields than its header ({len(names)}) in line {lines}.",
            hint='Put a field that contains a comma between quotes ("...").',
        )
    left_out = dict.fromkeys(optional, "")
    rows = tuple(
        MasterRow(place=f"line {line_no}", fields=left_out | dict(zip(names, fields, strict=True)))
        for line_no, fields in records
    )
    return MasterRows(file_name=file_name, rows=rows)


def readings_of_csv(file_name: str, reading_file: ReadingFile, content: bytes) -> DeliveredReadings:
    """Read rows of readings; a row with another number of fields than the header counts as unreadable."""
    names = (*READING_FORMS[reading_file].column_names, *OPTIONAL_NAMES)
    table = plain_table(content)
    if table is None:
        return _readings_of_lines(file_name, reading_file, content)
    check_column_names(file_name, table.column_names, names, OPTIONAL_NAMES)

    def row_texts(positions: NDArray[np.int64]) -> tuple[str, ...]:
        taken = table.take(pa.array(positions))
        return tuple(map(",".join, zip(*(column.to_pylist() for column in taken.columns), strict=True)))

    by_name = {name: table.column(name) for name in table.column_names}
    return DeliveredReadings(columns=_reading_columns(reading_file, by_name), row_texts=row_texts)


def _readings_of_lines(file_name: str, reading_file: ReadingFile, content: bytes) -> DeliveredReadings:
    """Read rows of readings line by line, with quotes and rows of any length."""
    form = READING_FORMS[reading_file]
    names, records = _records(file_name, content, (*form.column_names, *OPTIONAL_NAMES), OPTIONAL_NAMES)
    rows = [fields for _, fields in records]
    blank = [""] * len(names)
    even_rows = [fields if len(fields) == len(names) else blank for fields in rows]
    by_name = dict(zip(names, zip(*even_rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    return DeliveredReadings(
        columns=_reading_columns(
            reading_file, {name: pa.chunked_array([pa.array(by_name[name], pa.string())]) for name in names}
        ),
        row_texts=lambda positions: tuple(",".join(rows[position]) for position in positions.tolist()),
    )


def _reading_columns(reading_file: ReadingFile, by_name: Mapping[str, pa.ChunkedArray]) -> ReadingColumns:
    """Read the texts of meter, channel, stamp, reading and time of receipt, and of source and stage where told."""
    meter, channel, stamp, reading, received = (by_name[name] for name in READING_FORMS[reading_file].column_names)
    meter_texts, meter_code = coded_texts(meter)
    channel_texts, channel_code = coded_texts(channel)
    stamp_us, is_stamp_readable = instants_us(stamp)
    reading_numbers, is_reading_readable = whole_numbers(reading)
    received_us, is_received_readable = instants_us(received)
    return ReadingColumns(
        reading_file=reading_file,
        meter_texts=meter_texts,
        meter_code=meter_code,
        channel_texts=channel_texts,
        channel_code=channel_code,
        stamp_s=seconds_of_stamps(stamp_us),
        is_stamp_readable=is_stamp_readable,
        reading=reading_numbers,
        is_reading_readable=is_reading_readable,
        received_s=seconds_of_receipts(received_us),
        is_received_readable=is_received_readable,
        row_no=np.arange(1, meter_code.size + 1, dtype=np.int32),
        source_no=member_nos(by_name.get(SOURCE_NAME), DELIVERED_SOURCES, meter_code.size),
        stage_no=member_nos(by_name.get(STAGE_NAME), STAGES, meter_code.size),
    )


def _records(
    file_name: str, content: bytes, expected: Sequence[str], optional: Sequence[str] = ()
) -> tuple[list[str], Records]:
    """Divide a file into its header, which has to name the expected columns, and its lines; blank ones go."""
    reader = csv.reader(StringIO(decode_text(file_name, content), newline=""), strict=True)
    try:
        records = [(reader.line_num, fields) for fields in reader if fields]
    except csv.Error as error:
        raise UnreadableDelivery(
            f"{file_name} is not CSV in line {reader.line_num}: {error}.",
            hint="Look for a quote that is not closed there or above.",
        ) from error
    names = records[0][1] if records else []
    check_column_names(file_name, names, expected, optional)
    return names, records[1:]
