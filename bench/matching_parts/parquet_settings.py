"""How a Parquet file was written, read from the file itself, so that the limit can write with the same settings.

Enters: a file's metadata. Leaves: arguments of pyarrow's writer. Not here: any row.
"""

from typing import Any

import pyarrow.parquet as pq

# Encodings that a writer must be asked for by name; the others come by themselves.
ASKED_ENCODINGS = ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY")
DICTIONARY_ENCODINGS = {"PLAIN_DICTIONARY", "RLE_DICTIONARY"}


def settings_of(metadata: pq.FileMetaData) -> dict[str, Any]:
    """Give compression, encodings, statistics and row-group size of a file with at least one row group."""
    group = metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    in_dictionary = [column.path_in_schema for column in columns if DICTIONARY_ENCODINGS & set(column.encodings)]
    encodings = {
        column.path_in_schema: encoding
        for column in columns
        for encoding in ASKED_ENCODINGS
        if encoding in column.encodings and column.path_in_schema not in in_dictionary
    }
    return {
        "compression": {
            column.path_in_schema: "NONE" if column.compression == "UNCOMPRESSED" else column.compression
            for column in columns
        },
        "use_dictionary": in_dictionary or False,
        "column_encoding": encodings or None,
        "write_statistics": [column.path_in_schema for column in columns if column.is_stats_set] or False,
        "row_group_size": max(metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)),
    }
