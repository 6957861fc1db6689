"""Read any vendor's table of meter values by its columns.toml: CSV or Parquet of any size, a block at a time.

Enters: a path. Leave: DecodedBlocks. Not here: what columns.toml may say (vendor_mapping), whose meter it is (core).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sanchi.app.arrivals import DecodedBlock
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import MINUTES_PER_SLOT
from sanchi.core.metering.formats.decoded import DecodedFile, DecodedRows, Measure, RecordProblem
from sanchi.core.metering.formats.json_records import shown_text
from sanchi.core.metering.formats.row_gathering import event_rows
from sanchi.edge.delivery.numbering import numbered_on
from sanchi.edge.delivery.vendor_mapping import StampMeaning, VendorMapping, names_missing, read_mapping
from sanchi.edge.delivery.vendor_values import BoolArray, IntArray, iso_seconds_of, mask_of, numbers_of, stamps_of

MAPPING_NAME: Final = "columns.toml"
ROWS_PER_BLOCK: Final = 2_000_000
# A longer line is none of a table; reading stops there instead of keeping it.
BLOCK_BYTES: Final = 64 << 20
SLOT_S: Final = MINUTES_PER_SLOT * 60
EMPTY_FIELDS: Final = "empty fields"


def vendor_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:
    """Decode a table by the columns.toml beside it; a row that cannot be read is a problem, all others are taken.

    Raises: UnreadableDelivery for a mapping or table that is none.
    """
    mapping = read_mapping(path.with_name(MAPPING_NAME))
    base = 0
    for batch in _batches(path, mapping):
        decoded = _decoded(batch, mapping, received_s)
        yield DecodedBlock(decoded=numbered_on(decoded, base), events=event_rows([]), connectors=())
        base += decoded.record_count


def _batches(path: Path, mapping: VendorMapping) -> Iterator[pa.RecordBatch]:
    """Give the mapped columns in blocks, as texts from CSV, as they are from Parquet."""
    is_parquet = path.suffix.lower() == ".parquet"
    try:
        yield from _parquet_batches(path, mapping) if is_parquet else _csv_batches(path, mapping)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = shown_text(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise UnreadableDelivery(
            f"{path.name} cannot be read as a table ({reason}).",
            hint=f"Compare delimiter and encoding in {MAPPING_NAME} with the file; nothing of it was taken.",
        ) from error


def _csv_batches(path: Path, mapping: VendorMapping) -> Iterator[pa.RecordBatch]:
    """Read CSV; every field stays the text that it is."""
    header = _csv_header(path, mapping)
    _require_columns(path, mapping, header)
    reader = pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=BLOCK_BYTES, encoding=mapping.encoding, use_threads=True),
        parse_options=pa_csv.ParseOptions(delimiter=mapping.delimiter),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(mapping.columns),
            column_types=dict.fromkeys(mapping.columns, pa.string()),
            strings_can_be_null=False,
        ),
    )
    yield from reader


def _csv_header(path: Path, mapping: VendorMapping) -> list[str]:
    """Read the names of the columns; a column that stands twice could be either."""
    with path.open("rb") as file:
        line = file.readline(BLOCK_BYTES).decode(mapping.encoding).lstrip("\ufeff")
    table = pa_csv.read_csv(
        pa.BufferReader((line.rstrip("\r\n") + "\n").encode()),
        parse_options=pa_csv.ParseOptions(delimiter=mapping.delimiter),
    )
    return list(table.column_names)


def _parquet_batches(path: Path, mapping: VendorMapping) -> Iterator[pa.RecordBatch]:
    """Read Parquet by its row groups."""
    with pq.ParquetFile(path) as file:
        _require_columns(path, mapping, file.schema_arrow.names)
        yield from file.iter_batches(batch_size=ROWS_PER_BLOCK, columns=list(mapping.columns))


def _require_columns(path: Path, mapping: VendorMapping, names: list[str]) -> None:
    """Refuse a table without the mapped columns, or with two of a name."""
    missing = names_missing(mapping, names)
    if missing:
        raise UnreadableDelivery(
            f"{path.name} has no column {missing[0]!r}; it has {shown_text(', '.join(names))}.",
            hint=f"Write the name in {MAPPING_NAME} as the table has it.",
        )
    doubled = [name for name in mapping.columns if names.count(name) > 1]
    if doubled:
        raise UnreadableDelivery(
            f"{path.name} has the column {doubled[0]!r} twice.", hint="Ask the vendor which is it."
        )


def _decoded(batch: pa.RecordBatch, mapping: VendorMapping, received_s: int) -> DecodedFile:
    """Decode a block: every row of the table is a record, each of its series a reading."""
    n_records = batch.num_rows
    meter = pc.utf8_trim_whitespace(batch.column(mapping.meter).cast(pa.string()))
    has_meter = mask_of(pc.not_equal(meter, ""))
    stamp_s, has_stamp = stamps_of(batch.column(mapping.stamp), mapping)
    if mapping.received:
        received, has_received = iso_seconds_of(batch.column(mapping.received))
    else:
        received, has_received = np.full(n_records, received_s, dtype=np.int64), np.ones(n_records, dtype=np.bool_)
    is_sound = has_meter & has_stamp & has_received
    unread = {mapping.meter: ~has_meter, mapping.stamp: ~has_stamp, mapping.received: ~has_received}
    codes, texts = _dictionary(meter)
    parts: list[dict[str, NDArray[Any]]] = []
    addresses: list[str] = []
    n_empty, has_row = 0, np.zeros(n_records, dtype=np.bool_)
    for column, series, offset_s in _value_columns(mapping):
        reading, is_told, is_readable = numbers_of(batch.column(column), series.decimals)
        unread[column] = unread.get(column, np.zeros(n_records, dtype=np.bool_)) | (is_told & ~is_readable)
        taken = np.flatnonzero(is_sound & is_told & is_readable)
        n_empty += int(np.count_nonzero(is_sound & ~is_told))
        has_row[taken] = True
        parts.append(
            {
                "address_code": (codes[taken] + len(addresses)).astype(np.int32),
                "channel_no": np.full(taken.size, series.channel, dtype=np.int8),
                "stamp_s": stamp_s[taken] + offset_s,
                "reading": reading[taken],
                "unit_mwh": np.full(taken.size, series.unit_mwh, dtype=np.int64),
                "received_s": received[taken],
                "record_no": (taken + 1).astype(np.int32),
            }
        )
        addresses += [f"{text}{series.address_suffix}" for text in texts]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    problems = _problems(batch, mapping, unread)
    n_without = n_records - int(np.count_nonzero(has_row | _any(unread, n_records)))
    return DecodedFile(
        record_count=n_records,
        rows=_rows(columns, addresses, mapping),
        problems=problems,
        passed_over={"rows without a value": n_without} if n_without else {},
        left_out={EMPTY_FIELDS: n_empty} if n_empty else {},
    )


def _rows(columns: dict[str, NDArray[Any]], addresses: list[str], mapping: VendorMapping) -> DecodedRows:
    """Put rows into the order of their records, with what all of them share."""
    order = np.lexsort((columns["channel_no"], columns["stamp_s"], columns["record_no"]))
    n_rows = order.size
    return DecodedRows(
        address_texts=tuple(addresses),
        measure_no=np.full(n_rows, mapping.measure, dtype=np.int8),
        interval_s=np.full(n_rows, mapping.interval_s, dtype=np.int32),
        source_no=np.full(n_rows, mapping.source, dtype=np.int8),
        stage_no=np.full(n_rows, mapping.stage, dtype=np.int8),
        **{name: column[order] for name, column in columns.items()},
    )


def _value_columns(mapping: VendorMapping) -> list[tuple[str, Any, int]]:
    """List the columns of values with their series, and how far behind the row's stamp each of them ends [s]."""
    if mapping.slot_columns:
        # A row is a day and its stamp a date: the n-th column ends n half hours behind its midnight.
        return [(name, mapping.series[0], (n + 1) * SLOT_S) for n, name in enumerate(mapping.slot_columns)]
    starts = mapping.stamp_means is StampMeaning.START and mapping.measure is not Measure.COUNT
    return [(series.column, series, mapping.interval_s if starts else 0) for series in mapping.series]


def _dictionary(texts: Any) -> tuple[IntArray, list[str]]:
    """Give each text the number of its first place among different ones, and these."""
    encoded = pc.dictionary_encode(pc.fill_null(texts, ""))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _problems(batch: pa.RecordBatch, mapping: VendorMapping, unread: dict[str, BoolArray]) -> tuple[RecordProblem, ...]:
    """Tell the rows of which a field cannot be read."""
    problems = []
    for row in np.flatnonzero(_any(unread, batch.num_rows)).tolist():
        fields = {name: batch.column(name)[row].as_py() for name in mapping.columns}
        names = [name for name, mask in unread.items() if mask[row]]
        problems.append(
            RecordProblem(
                record_no=row + 1,
                code=ProblemCode.UNREADABLE_ROW,
                address=f"{fields[mapping.meter] or ''}",
                detail=f"{', '.join(names)} empty or not readable",
                text=shown_text(mapping.delimiter.join("" if each is None else f"{each}" for each in fields.values())),
            )
        )
    return tuple(problems)


def _any(masks: dict[str, BoolArray], n_rows: int) -> BoolArray:
    """Tell which rows are in any of the masks."""
    return np.logical_or.reduce([np.zeros(n_rows, dtype=np.bool_), *masks.values()])
