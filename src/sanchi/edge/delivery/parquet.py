"""Read Parquet as records of texts or as columns of readings.

Enter: bytes. Leave: MasterRows or DeliveredReadings. Not here: what fields mean beyond text, number, stamp.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile

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
from sanchi.edge.delivery.stamps import seconds_of_receipts, seconds_of_stamps, stamp_text_of

CODED_TEXT: Final = pa.dictionary(pa.int32(), pa.string())


def master_rows_of_parquet(file_name: str, file_kind: FileKind, content: bytes) -> MasterRows:
    """Read records of master data as the texts that CSV would have."""
    optional = OPTIONAL_COLUMNS.get(file_kind, ())
    left_out = dict.fromkeys(optional, "")
    with told_as_unreadable(file_name):
        table = checked_table(file_name, content, MASTER_COLUMNS[file_kind], optional=optional)
        naive = [field.name for field in table.schema if pt.is_timestamp(field.type) and field.type.tz is None]
        _refuse_types(file_name, [f"{name} has no time zone" for name in naive])
        columns = [texts_of(table.column(name)) for name in table.column_names]
        rows = tuple(
            MasterRow(place=f"row {row_no}", fields=left_out | dict(zip(table.column_names, fields, strict=True)))
            for row_no, fields in enumerate(zip(*columns, strict=True), start=1)
        )
    return MasterRows(file_name=file_name, rows=rows)


def readings_of_parquet(file_name: str, reading_file: ReadingFile, content: bytes) -> DeliveredReadings:
    """Read rows of readings; raises UnreadableDelivery when a column has another type than it has to."""
    names = READING_FORMS[reading_file].column_names
    with told_as_unreadable(file_name):
        table = checked_table(
            file_name,
            content,
            (*names, *OPTIONAL_NAMES),
            coded_names=(*names[:2], *OPTIONAL_NAMES),
            optional=OPTIONAL_NAMES,
        )
    return readings_of_table(file_name, reading_file, table)


def readings_of_table(file_name: str, reading_file: ReadingFile, table: pa.Table) -> DeliveredReadings:
    """Read a table whose columns' names are right. Raises: UnreadableDelivery."""
    names = READING_FORMS[reading_file].column_names
    demands = (demand_text, demand_text, demand_stamp, demand_number, demand_stamp)
    with told_as_unreadable(file_name):
        faults = [demand(table.schema.field(name)) for name, demand in zip(names, demands, strict=True)]
        told = [name for name in OPTIONAL_NAMES if name in table.column_names]
        faults += [demand_text(table.schema.field(name)) for name in told]
        _refuse_types(file_name, [fault for fault in faults if fault])
        meter_texts, meter_code = _coded(table.column(names[0]))
        channel_texts, channel_code = _coded(table.column(names[1]))
        stamp_us, is_stamp_readable = numbers(microseconds(table.column(names[2])))
        reading, is_reading_readable = numbers(table.column(names[3]).cast(pa.int64()))
        received_us, is_received_readable = numbers(microseconds(table.column(names[4])))
        source_no = _members(table, SOURCE_NAME, DELIVERED_SOURCES)
        stage_no = _members(table, STAGE_NAME, STAGES)
    columns = ReadingColumns(
        reading_file=reading_file,
        meter_texts=meter_texts,
        meter_code=meter_code,
        channel_texts=channel_texts,
        channel_code=channel_code,
        stamp_s=seconds_of_stamps(stamp_us),
        is_stamp_readable=is_stamp_readable,
        reading=reading,
        is_reading_readable=is_reading_readable,
        received_s=seconds_of_receipts(received_us),
        is_received_readable=is_received_readable,
        row_no=np.arange(1, table.num_rows + 1, dtype=np.int32),
        source_no=source_no,
        stage_no=stage_no,
    )

    def row_texts(positions: NDArray[np.int64]) -> tuple[str, ...]:
        taken = table.take(pa.array(positions))
        return tuple(map(",".join, zip(*(texts_of(taken.column(name)) for name in (*names, *told)), strict=True)))

    return DeliveredReadings(columns=columns, row_texts=row_texts)


@contextmanager
def told_as_unreadable(file_name: str) -> Iterator[None]:
    """Translate whatever pyarrow says about broken bytes."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableDelivery(
            f"{file_name} is not a whole Parquet file: {reason}",
            hint="It may have been cut off on its way: send it again.",
        ) from error


def checked_table(
    file_name: str,
    content: bytes,
    expected: Sequence[str],
    coded_names: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> pa.Table:
    """Read all rows, once the columns' names are right.

    coded_names : texts to keep as the dictionary that Parquet has: a file has few meters and many rows.
    """
    source = pa.BufferReader(content)
    schema = ParquetFile(source).schema_arrow
    check_column_names(file_name, schema.names, expected, optional)
    coded = [name for name in coded_names if name in schema.names and pt.is_string(schema.field(name).type)]
    table = ParquetFile(source, read_dictionary=coded, page_checksum_verification=True).read()
    # Altered bytes can decode into texts that are no UTF-8 and codes that point nowhere.
    table.validate(full=True)
    return table


def _refuse_types(file_name: str, faults: Sequence[str]) -> None:
    """Raise UnreadableDelivery when there are faults of type."""
    if faults:
        raise UnreadableDelivery(
            f"{file_name}: {'; '.join(faults)}.",
            hint="Stamps are timestamps with a time zone, readings integers, names texts.",
        )


def demand_text(field: pa.Field) -> str:
    """Say what is wrong with a column that has to hold texts."""
    held = field.type.value_type if pt.is_dictionary(field.type) else field.type
    is_text = pt.is_string(held) or pt.is_large_string(held) or pt.is_string_view(held)
    return "" if is_text else f"{field.name} is {field.type}, expected text"


def demand_stamp(field: pa.Field) -> str:
    """Say what is wrong with a column that has to hold stamps."""
    if not pt.is_timestamp(field.type):
        return f"{field.name} is {field.type}, expected timestamp with time zone"
    return "" if field.type.tz else f"{field.name} is {field.type} and has no time zone"


def demand_number(field: pa.Field) -> str:
    """Say what is wrong with a column that has to hold whole numbers."""
    is_fit = pt.is_integer(field.type) and not pt.is_uint64(field.type)
    return "" if is_fit else f"{field.name} is {field.type}, expected int64"


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Give the distinct texts and each row's position among them; -1 where the field is empty."""
    coded = column.cast(CODED_TEXT).unify_dictionaries().combine_chunks()
    texts = tuple(coded.dictionary.to_pylist())
    code = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if "" in texts:
        code = np.where(code == texts.index(""), np.int32(-1), code)
    return texts, np.array(code, dtype=np.int32)


def _members(table: pa.Table, name: str, members: Mapping[str, IntEnum]) -> NDArray[np.int8]:
    """Read words as numbers; an empty field, or a whole column that is left out, says so."""
    if name not in table.column_names:
        return np.full(table.num_rows, LEFT_OUT, dtype=np.int8)
    texts, code = _coded(table.column(name))
    no_of_code: list[int] = [members.get(text, NOT_READABLE) for text in texts]
    return np.array([*no_of_code, LEFT_OUT], dtype=np.int8)[code]


def microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column of stamps as int64 microseconds since 1970 UTC; nanoseconds are cut off."""
    in_us = column.cast(pa.timestamp("us", column.type.tz), safe=column.type.unit != "ns")
    return in_us.cast(pa.int64())


def numbers(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give int64 numbers and where there are any."""
    numbers = column.combine_chunks()
    is_readable = numbers.is_valid().to_numpy(zero_copy_only=False)
    return numbers.fill_null(0).to_numpy(zero_copy_only=False).copy(), np.array(is_readable, dtype=np.bool_)


def texts_of(column: pa.ChunkedArray) -> list[str]:
    """Write each field as it would stand in CSV; an empty one is an empty text."""
    text_of: Callable[[Any], str] = str
    if pt.is_timestamp(column.type):
        column, text_of = microseconds(column), stamp_text_of
    found = column.to_pylist()
    texts = {field: "" if field is None else text_of(field) for field in set(found)}
    return [texts[field] for field in found]
