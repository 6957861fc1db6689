"""Read one file as what its name says: bytes to columns or records, with the digest of the bytes.

Enters: a path and a kind. Leaves: an ArrivedFile. Not here: the formats themselves, judging content.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from sanchi.app.arrivals import ArrivedFile, DecodedBlocks, DeliveredReadings, MasterRows, ReadingBlocks
from sanchi.app.deliveries import DeliveredFile, FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery.comma_separated import master_rows_of_csv, readings_of_csv
from sanchi.edge.delivery.decoders import DECODERS
from sanchi.edge.delivery.market_toml import terms_of_toml
from sanchi.edge.delivery.parquet import master_rows_of_parquet, readings_of_parquet
from sanchi.edge.delivery.reading_blocks import BLOCK_BYTES, csv_blocks, parquet_blocks

CSV: Final = ".csv"
PARQUET: Final = ".parquet"
TOML: Final = ".toml"

Block = TypeVar("Block")
ReadBlocks = Callable[[Path, ReadingFile], Iterator[DeliveredReadings]]
# Files of readings above this size are read in blocks.
WHOLE_BYTES_MAX: Final = BLOCK_BYTES
READ_IN_BLOCKS: Final[dict[str, ReadBlocks]] = {CSV: csv_blocks, PARQUET: parquet_blocks}


def read_file(path: Path, file_kind: FileKind) -> ArrivedFile:
    """Read a file; UnreadableDelivery says what is wrong with it, and nothing of it is taken."""
    if file_kind in DECODERS:
        return _decoded_file(path, file_kind)
    suffix = path.suffix.lower()
    try:
        if file_kind.value in set(ReadingFile) and suffix in READ_IN_BLOCKS and path.stat().st_size > WHOLE_BYTES_MAX:
            return _large_file(path, file_kind, READ_IN_BLOCKS[suffix])
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableDelivery(f"{path.name}: {error.strerror}.", hint="Check the file's rights.") from error
    if not content.strip():
        raise UnreadableDelivery(f"{path.name} is empty.", hint="Send the file again.")
    rows = _content(path, file_kind, content)
    return ArrivedFile(
        delivered=DeliveredFile(
            file_name=path.name,
            file_digest=sha256(content).hexdigest(),
            file_kind=file_kind,
            row_count=len(rows.rows) if isinstance(rows, MasterRows) else rows.columns.row_count,
        ),
        content=rows,
    )


def _large_file(path: Path, file_kind: FileKind, blocks: ReadBlocks) -> ArrivedFile:
    """Digest a large file of readings; it is read, a block at a time, when it is taken in."""
    file_digest, found = _digested(path)
    delivered = DeliveredFile(file_name=path.name, file_digest=file_digest, file_kind=file_kind, row_count=0)
    read = partial(_unchanged, path, found, partial(blocks, path, ReadingFile(file_kind.value)))
    return ArrivedFile(delivered=delivered, content=ReadingBlocks(read=read))


def _decoded_file(path: Path, file_kind: FileKind) -> ArrivedFile:
    """Digest a file of a foreign format; it is decoded, a block at a time, when it is taken in."""
    decoder = DECODERS[file_kind]
    suffix = path.suffix.lower()
    if suffix not in decoder.suffixes:
        raise UnreadableDelivery(
            f"{path.name}: the suffix {suffix or '(none)'} is not one of a {file_kind} file.",
            hint=f"Such a file ends in {' or '.join(decoder.suffixes)}.",
        )
    file_digest, found = _digested(path, decoder.beside)
    if not found.st_size:
        raise UnreadableDelivery(f"{path.name} is empty.", hint="Send the file again.")
    delivered = DeliveredFile(file_name=path.name, file_digest=file_digest, file_kind=file_kind, row_count=0)
    read = partial(_unchanged, path, found, partial(decoder.blocks, path, int(found.st_mtime)))
    return ArrivedFile(delivered=delivered, content=DecodedBlocks(read=read))


def _digested(path: Path, beside: str = "") -> tuple[str, os.stat_result]:
    """Digest a file of any size, with the one beside it that says how it is read: read otherwise it is another one."""
    try:
        with path.open("rb") as file:
            digest, found = hashlib.file_digest(file, "sha256"), os.fstat(file.fileno())
        if beside:
            digest.update(path.with_name(beside).read_bytes())
    except OSError as error:
        name = Path(error.filename or path).name
        raise UnreadableDelivery(
            f"{name}: {error.strerror}.", hint="Check that it is there, and its rights."
        ) from error
    return digest.hexdigest(), found


def _unchanged(path: Path, found: os.stat_result, read: Callable[[], Iterator[Block]]) -> Iterator[Block]:
    """Read a file in blocks, and refuse it where it is another one in the end than the one that was digested."""
    yield from read()
    now = path.stat()
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (found.st_ino, found.st_size, found.st_mtime_ns):
        raise UnreadableDelivery(
            f"{path.name} changed while it was read.", hint="Deliver a file once it is written whole."
        )


def _content(path: Path, file_kind: FileKind, content: bytes) -> MasterRows | DeliveredReadings:
    """Read the bytes in the format that the file's suffix names."""
    suffix = path.suffix.lower()
    if file_kind is FileKind.MARKET:
        if suffix == TOML:
            return terms_of_toml(path.name, content)
        raise UnreadableDelivery(f"{path.name}: a market's terms are TOML.", hint="Name the file market.toml.")
    is_reading_file = file_kind.value in set(ReadingFile)
    if suffix == CSV and is_reading_file:
        return readings_of_csv(path.name, ReadingFile(file_kind.value), content)
    if suffix == CSV:
        return master_rows_of_csv(path.name, file_kind, content)
    if suffix == PARQUET and is_reading_file:
        return readings_of_parquet(path.name, ReadingFile(file_kind.value), content)
    if suffix == PARQUET:
        return master_rows_of_parquet(path.name, file_kind, content)
    raise UnreadableDelivery(
        f"{path.name}: the suffix {suffix or '(none)'} is not one that sanchi reads.",
        hint="Send CSV (.csv, UTF-8) or Parquet (.parquet).",
    )
