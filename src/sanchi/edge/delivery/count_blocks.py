"""Read a table of counts, block by block, in memory that does not grow with the file.

Enters: a CSV or Parquet file of meter, read_at, register_wh. Leave: CountBlocks. Not here: what happens to them.
"""

import codecs
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv
from pyarrow.parquet import ParquetFile

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.parquet import demand_number, demand_stamp, demand_text, microseconds, numbers, texts_of
from sanchi.edge.delivery.text_columns import CODED_TEXT, Numbers, coded_texts, instants_us, whole_numbers

COLUMN_NAMES: Final = ("meter", "read_at", "register_wh")
CSV: Final = ".csv"
PARQUET: Final = ".parquet"
# Arrow reads some blocks ahead; a line that is longer than one is refused.
BLOCK_BYTES: Final = 1 << 22
BLOCK_ROWS: Final = 1 << 19
# Of a row that has another number of fields as much as a person reads.
TEXT_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBlock:
    """Some rows of a file, in its order; arrays of shape (n_rows,).

    stamp_us and reading_wh mean something only where is_readable; meter_code -1 = no meter.
    uneven_texts : rows with another number of fields than the header, which are in no column.
    """

    columns: tuple[pa.ChunkedArray, ...]
    meter_texts: tuple[str, ...]
    meter_code: NDArray[np.int32]
    stamp_us: NDArray[np.int64]
    reading_wh: NDArray[np.int64]
    is_readable: NDArray[np.bool_]
    uneven_texts: tuple[str, ...]

    def row_texts(self, positions: NDArray[np.intp]) -> list[str]:
        """Write rows as they stand in CSV."""
        taken = [texts_of(column.take(pa.array(positions))) for column in self.columns]
        return list(map(",".join, zip(*taken, strict=True)))


class _CheckedText(FileIO):
    """A file whose bytes are UTF-8 as far as they were read; raises UnicodeDecodeError where they are not.

    Arrow checks the columns, but not the rows of another length, and drops those silently.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and check the next bytes."""
        content = super().read(-1 if size is None else size) or b""
        self._decoder.decode(content, final=not content)
        return content


def count_blocks(path: Path) -> Iterator[CountBlock]:
    """Give the blocks of a file; raises UnreadableDelivery, at the latest where a block is broken."""
    suffix = path.suffix.lower()
    with _told_as_unreadable(path):
        if suffix == PARQUET:
            yield from _parquet_blocks(path)
        elif suffix == CSV:
            yield from _csv_blocks(path)
        else:
            raise UnreadableDelivery(
                f"{path.name}: the suffix {suffix or '(none)'} is not one that sanchi reads.",
                hint="Give CSV (.csv, UTF-8) or Parquet (.parquet).",
            )


def _csv_blocks(path: Path) -> Iterator[CountBlock]:
    """Read CSV; rows with another number of fields come last, whenever Arrow came across them."""
    with TemporaryFile("w+", encoding="utf-8") as aside:

        def keep_aside(row: csv.InvalidRow) -> str:
            aside.write(json.dumps(row.text[:TEXT_CHARACTERS_MAX]) + "\n")
            return "skip"

        with (
            _CheckedText(path) as text,
            csv.open_csv(
                text,
                csv.ReadOptions(block_size=BLOCK_BYTES),
                csv.ParseOptions(invalid_row_handler=keep_aside, newlines_in_values=False),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(COLUMN_NAMES, pa.string()),
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=False,
                ),
            ) as reader,
        ):
            check_column_names(path.name, reader.schema.names, COLUMN_NAMES)
            for batch in reader:
                columns = tuple(pa.chunked_array([batch.column(name)]) for name in COLUMN_NAMES)
                yield _block(columns, instants_us(columns[1]), whole_numbers(columns[2]), ())
        aside.seek(0)
        while lines := list(islice(aside, BLOCK_ROWS)):
            nothing = pa.chunked_array([], pa.string())
            yield _block((nothing,) * 3, _no_numbers(), _no_numbers(), tuple(map(json.loads, lines)))


def _parquet_blocks(path: Path) -> Iterator[CountBlock]:
    """Read Parquet, whose columns have to have the right types."""
    schema = ParquetFile(path).schema_arrow
    check_column_names(path.name, schema.names, COLUMN_NAMES)
    demands = zip(COLUMN_NAMES, (demand_text, demand_stamp, demand_number), strict=True)
    faults = [fault for name, demand in demands if (fault := demand(schema.field(name)))]
    if faults:
        raise UnreadableDelivery(
            f"{path.name}: {'; '.join(faults)}.",
            hint="Stamps are timestamps with a time zone, readings integers, names texts.",
        )
    coded = [COLUMN_NAMES[0]] if pa.types.is_string(schema.field(COLUMN_NAMES[0]).type) else []
    file = ParquetFile(path, read_dictionary=coded, page_checksum_verification=True)
    for batch in file.iter_batches(BLOCK_ROWS, columns=list(COLUMN_NAMES)):
        batch.validate(full=True)
        meter, stamp, reading = (pa.chunked_array([batch.column(name)]) for name in COLUMN_NAMES)
        columns = (meter.cast(CODED_TEXT), stamp, reading)
        yield _block(columns, numbers(microseconds(stamp)), numbers(reading.cast(pa.int64())), ())


def _block(
    columns: tuple[pa.ChunkedArray, ...], stamps: Numbers, readings: Numbers, uneven_texts: tuple[str, ...]
) -> CountBlock:
    """Put a block together."""
    meter_texts, meter_code = coded_texts(columns[0])
    return CountBlock(
        columns=columns,
        meter_texts=meter_texts,
        meter_code=meter_code,
        stamp_us=stamps[0],
        reading_wh=readings[0],
        is_readable=(meter_code >= 0) & stamps[1] & readings[1],
        uneven_texts=uneven_texts,
    )


def _no_numbers() -> Numbers:
    """Give the numbers of no rows."""
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)


@contextmanager
def _told_as_unreadable(path: Path) -> Iterator[None]:
    """Translate whatever pyarrow says about broken bytes."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableDelivery(
            f"{path.name} cannot be read: {reason}", hint="It may have been cut off on its way: send it again."
        ) from error
