"""The tables of a fleet folder: columns, encodings, row groups; all that decides the bytes of a part.

Enter: an Arrow table or pieces of it. Leave: Parquet bytes. Not here: which files there are (folder).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

CHOICES: Final = "choices"
CAPACITY: Final = "capacity"
SUPPLY: Final = "supply"
ALLOCATION: Final = "allocation"
CLOSING_TIMES: Final = "closing_times"

# Files and row groups follow ranges of homes, never the number of workers, so the bytes do not depend on it.
BLOCK_HOMES: Final = 500_000
ROW_GROUP_HOMES: Final = 50_000
# The buyer of what no choice took.
STANDARD_OFFER_BUYER: Final = -1


def _schema(columns: Iterable[tuple[str, pa.DataType]]) -> pa.Schema:
    """Make a schema without nulls."""
    return pa.schema([pa.field(name, data_type, nullable=False) for name, data_type in columns])


# Rows stand in the order of their first columns; allocation within (home, slot) in the order of the choices.
FLEET_SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    CHOICES: _schema([("home", pa.int32()), ("rank", pa.int8()), ("buyer", pa.int32())]),
    CAPACITY: _schema([("buyer", pa.int32()), ("slot_no", pa.int8()), ("capacity_wh", pa.int64())]),
    SUPPLY: _schema([("home", pa.int32()), ("slot_no", pa.int8()), ("supply_wh", pa.int32())]),
    ALLOCATION: _schema(
        [("home", pa.int32()), ("slot_no", pa.int8()), ("buyer", pa.int32()), ("energy_wh", pa.int32())]
    ),
    CLOSING_TIMES: _schema(
        # 2^-32 of the slot, 2^32 = never closed; 2^-60 Wh
        [("buyer", pa.int32()), ("slot_no", pa.int8()), ("closing_time", pa.int64()), ("rounding", pa.int64())]
    ),
}
# Meters rise by one from run to run, Wh are noise in their low bytes, few buyers come often: measured, these are the
# smallest and the fastest to write.
_ENCODINGS: Final[Mapping[str, str]] = {
    "home": "DELTA_BINARY_PACKED",
    "supply_wh": "BYTE_STREAM_SPLIT",
    "energy_wh": "BYTE_STREAM_SPLIT",
    "capacity_wh": "BYTE_STREAM_SPLIT",
}


def _options(table_name: str) -> dict[str, Any]:
    """Fix every choice that changes bytes."""
    names = FLEET_SCHEMAS[table_name].names
    return {
        "compression": "zstd",
        "compression_level": 1,
        "version": "2.6",
        "data_page_version": "1.0",
        "store_schema": False,
        "use_dictionary": [name for name in names if name not in _ENCODINGS],
        "column_encoding": {name: _ENCODINGS[name] for name in names if name in _ENCODINGS},
    }


def parquet_bytes(table_name: str, row_groups: Iterable[pa.Table]) -> tuple[pa.Buffer, int]:
    """Write tables as the row groups of one file in memory; returns its bytes and its number of rows."""
    schema = FLEET_SCHEMAS[table_name]
    sink = pa.BufferOutputStream()
    row_count = 0
    with pq.ParquetWriter(sink, schema, **_options(table_name)) as writer:
        for table in row_groups:
            assert table.schema.equals(schema), f"{table_name}: columns {table.schema} instead of {schema}"
            if table.num_rows:
                writer.write_table(table, row_group_size=table.num_rows)
                row_count += table.num_rows
    return sink.getvalue(), row_count


def row_groups_by_home(table: pa.Table, row_group_homes: int = ROW_GROUP_HOMES) -> Iterator[pa.Table]:
    """Cut a table that is ordered by home after each row_group_homes homes, counted from home 0."""
    group = table.column("home").to_numpy() // row_group_homes
    bounds = [0, *((group[1:] != group[:-1]).nonzero()[0] + 1).tolist(), table.num_rows]
    for first_row, end_row in pairwise(bounds):
        yield table.slice(first_row, end_row - first_row)
