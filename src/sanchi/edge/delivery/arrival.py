"""Read one file as what its name says: bytes to columns or records, with the digest of the bytes.

Enters: a path and a kind. Leaves: an ArrivedFile. Not here: the formats themselves, judging content.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from sanchi.app.arrivals import ArrivedFile, DecodedBlock, DecodedBlocks, DeliveredReadings, MasterRows
from sanchi.app.deliveries import DeliveredFile, FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery.comma_separated import master_rows_of_csv, readings_of_csv
from sanchi.edge.delivery.decoders import DECODERS, Decoder
from sanchi.edge.delivery.market_toml import terms_of_toml
from sanchi.edge.delivery.parquet import master_rows_of_parquet, readings_of_parquet

CSV: Final = ".csv"
PARQUET: Final = ".parquet"
TOML: Final = ".toml"


def read_file(path: Path, file_kind: FileKind) -> ArrivedFile:
    """Read a file; UnreadableDelivery says what is wrong with it, and nothing of it is taken."""
    if file_kind in DECODERS:
        return _decoded_file(path, file_kind)
    try:
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


def _decoded_file(path: Path, file_kind: FileKind) -> ArrivedFile:
    """Digest a file of a foreign format; it is decoded, a block at a time, when it is taken in."""
    decoder = DECODERS[file_kind]
    suffix = path.suffix.lower()
    if suffix not in decoder.suffixes:
        raise UnreadableDelivery(
            f"{path.name}: the suffix {suffix or '(none)'} is not one of a {file_kind} file.",
            hint=f"Such a file ends in {' or '.join(decoder.suffixes)}.",
        )
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        if decoder.beside:
            # The same table read otherwise is another delivery.
            digest.update(path.with_name(decoder.beside).read_bytes())
        found = path.stat()
    except OSError as error:
        raise UnreadableDelivery(
            f"{Path(error.filename or path).name}: {error.strerror}.", hint="Check that it is there, and its rights."
        ) from error
    if not found.st_size:
        raise UnreadableDelivery(f"{path.name} is empty.", hint="Send the file again.")
    delivered = DeliveredFile(file_name=path.name, file_digest=digest.hexdigest(), file_kind=file_kind, row_count=0)
    read = partial(_unchanged_blocks, path, found, decoder)
    return ArrivedFile(delivered=delivered, content=DecodedBlocks(read=read))


def _unchanged_blocks(path: Path, found: os.stat_result, decoder: Decoder) -> Iterator[DecodedBlock]:
    """Decode a file, and refuse it where it is another one in the end than the one that was digested."""
    yield from decoder.blocks(path, int(found.st_mtime))
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
