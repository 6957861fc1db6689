"""Read CSV (UTF-8, header, commas) as records of texts or as columns of readings.

Enter: bytes. Leave: MasterRows or DeliveredReadings. Not here: what fields mean beyond text, number, stamp.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from io import StringIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.arrivals import DeliveredReadings, MasterRow, MasterRows
from sanchi.app.deliveries import FileKind
from sanchi.app.master_data import MASTER_COLUMNS, OPTIONAL_COLUMNS
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import (
    LEFT_OUT,
    NOT_READABLE,
    OPTIONAL_NAMES,
    READING_FORMS,
    SOURCE_NAME,
    STAGE_NAME,
    ReadingColumns,
    ReadingFile,
)
from sanchi.core.metering.sources import DELIVERED_SOURCES, STAGES
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.stamps import microseconds_of, seconds_of_receipts, seconds_of_stamps
from sanchi.edge.delivery.unicode_text import decode_text

# A longer number is none that a meter shows; this many digits always fit into int64.
WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
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
    form = READING_FORMS[reading_file]
    names, records = _records(file_name, content, (*form.column_names, *OPTIONAL_NAMES), OPTIONAL_NAMES)
    rows = [fields for _, fields in records]
    blank = [""] * len(names)
    even_rows = [fields if len(fields) == len(names) else blank for fields in rows]
    by_name = dict(zip(names, zip(*even_rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    meter, channel, stamp, reading, received = (by_name[name] for name in form.column_names)
    meter_texts, meter_code = _coded(meter)
    channel_texts, channel_code = _coded(channel)
    stamp_us, is_stamp_readable = _numbers(stamp, microseconds_of)
    reading_numbers, is_reading_readable = _numbers(reading, _whole_number)
    received_us, is_received_readable = _numbers(received, microseconds_of)
    columns = ReadingColumns(
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
        row_no=np.arange(1, len(rows) + 1, dtype=np.int32),
        source_no=_members(by_name.get(SOURCE_NAME), DELIVERED_SOURCES, len(rows)),
        stage_no=_members(by_name.get(STAGE_NAME), STAGES, len(rows)),
    )
    return DeliveredReadings(
        columns=columns,
        row_texts=lambda positions: tuple(",".join(rows[position]) for position in positions.tolist()),
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


def _coded(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Give the distinct texts and each row's position among them; -1 where the field is empty."""
    distinct = tuple(text for text in dict.fromkeys(texts) if text)
    code_of = {text: code for code, text in enumerate(distinct)} | {"": -1}
    return distinct, np.array([code_of[text] for text in texts], dtype=np.int32)


def _numbers(
    texts: Sequence[str], number_of: Callable[[str], int | None]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read each distinct text once; gives 0 and False where it is no number."""
    read = {text: number_of(text) for text in set(texts)}
    numbers = [read[text] for text in texts]
    is_readable = np.array([number is not None for number in numbers], dtype=np.bool_)
    return np.array([number or 0 for number in numbers], dtype=np.int64), is_readable


def _members(texts: Sequence[str] | None, members: Mapping[str, IntEnum], n_rows: int) -> NDArray[np.int8]:
    """Read words as numbers; a field or a whole column (None) that is left out says so."""
    if texts is None:
        return np.full(n_rows, LEFT_OUT, dtype=np.int8)
    no_of_text: dict[str, int] = {"": LEFT_OUT, **members}
    return np.array([no_of_text.get(text, NOT_READABLE) for text in texts], dtype=np.int8)


def _whole_number(text: str) -> int | None:
    """Read a whole number without sign, separator or fraction (a minus is read, and judged later)."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None
