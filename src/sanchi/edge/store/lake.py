"""The lake: immutable Parquet files named by the digest of their bytes.

Enter and leave: Arrow tables. Not here: which file belongs to what; the database alone knows (lake_index).
"""

import os
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.core.base.errors import SanchiError, SetupFault
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, LOG_NODES

CACHE_BYTES_MAX: Final = 256 * 1024 * 1024
# A file that no row names yet may belong to a step at work; none takes longer than this.
ORPHAN_AGE_S: Final = 24 * 60 * 60
_SUFFIX: Final = ".parquet"
_BEING_WRITTEN: Final = ".being-written"
# All that decides the bytes is fixed here, so that equal content is an equal file.
_PARQUET_OPTIONS: Final = {
    "compression": "zstd",
    "compression_level": 3,
    "version": "2.6",
    "data_page_version": "1.0",
    "row_group_size": 1 << 20,
    "store_schema": False,
}
# Hashes do not compress and hardly repeat: trying to costs more than hashing the tree.
_OF_HASHES: Final = {
    "compression": "none",
    "compression_level": None,
    "use_dictionary": ["level"],
    "column_encoding": {"index": "DELTA_BINARY_PACKED"},
    "write_statistics": False,
}
_OPTIONS_OF_TABLE: Final[Mapping[str, Mapping[str, Any]]] = {LOG_NODES: {**_PARQUET_OPTIONS, **_OF_HASHES}}


class DamagedLakeFile(SanchiError):
    """A file of the lake is missing, cut off or altered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFileInfo:
    """A file of the lake; path is relative to the lake and starts with the table's name."""

    path: str
    digest: str
    row_count: int
    byte_count: int


class Lake:
    """The files below one folder, with a cache of what was read last."""

    def __init__(self, root: Path, *, cache_bytes_max: int = CACHE_BYTES_MAX) -> None:
        """Name the folder; it is made when the first file is written."""
        self.root = root
        self._cache = _TableCache(cache_bytes_max)

    def write(self, table_name: str, table: pa.Table) -> LakeFileInfo:
        """Write a table; the same content again gives the same file. Raises: SetupFault."""
        expected = LAKE_SCHEMAS[table_name]
        assert table.schema.equals(expected), f"{table_name}: columns {table.schema} instead of {expected}"
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, **_OPTIONS_OF_TABLE.get(table_name, _PARQUET_OPTIONS))
        content = sink.getvalue()
        digest = sha256(content).hexdigest()
        path = f"{table_name}/{digest}{_SUFFIX}"
        try:
            _write_whole(self.root / path, content)
        except OSError as error:
            raise SetupFault(
                f"The lake file {self.root / path} cannot be written ({error.strerror}).",
                hint="Give the disk room and this user the right to write there, then run the command again.",
            ) from error
        return LakeFileInfo(path=path, digest=digest, row_count=table.num_rows, byte_count=content.size)

    def read(self, path: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a file whole or some of its columns, each as one chunk. Raises: DamagedLakeFile."""
        digest = Path(path).stem
        table = self._cache.get(digest)
        if table is None:
            table = self._read_checked(path, digest)
            self._cache.put(digest, table)
        return table if columns is None else table.select(list(columns))

    def sweep_orphans(self, known_paths: Collection[str], *, min_age_s: float = ORPHAN_AGE_S) -> int:
        """Remove files that the database does not name and nobody has touched for a while; returns how many.

        A file that is renamed or removed meanwhile is passed over.
        """
        touched_before = time.time() - min_age_s
        orphans = [
            file
            for suffix in (_SUFFIX, _BEING_WRITTEN)
            for file in self.root.glob(f"*/*{suffix}")
            if str(file.relative_to(self.root)) not in known_paths and _is_older(file, touched_before)
        ]
        for file in orphans:
            file.unlink(missing_ok=True)
        return len(orphans)

    def _read_checked(self, path: str, digest: str) -> pa.Table:
        """Read the bytes, compare their digest with the file's name, and decode them."""
        file = self.root / path
        try:
            content = file.read_bytes()
        except OSError as error:
            raise _damaged(file, error.strerror or "it cannot be read") from error
        found_digest = sha256(content).hexdigest()
        if found_digest != digest:
            raise _damaged(file, f"its {len(content)} bytes have the digest {found_digest[:12]}")
        return pq.read_table(pa.BufferReader(content)).combine_chunks()


def _damaged(file: Path, finding: str) -> DamagedLakeFile:
    """Word what is wrong with a file."""
    return DamagedLakeFile(
        f"The lake file {file} is not what was written: {finding}.",
        hint="Restore this file from a backup of the home folder; its name is the SHA-256 of its bytes.",
    )


def _is_older(file: Path, touched_before: float) -> bool:
    """Tell whether a file is still there and was not touched since."""
    try:
        return file.stat().st_mtime <= touched_before
    except FileNotFoundError:
        # Another step has given it its final name since it was listed.
        return False


def _write_whole(file: Path, content: pa.Buffer) -> None:
    """Write a file so that after a power cut it is there whole or not at all."""
    if file.exists() and file.stat().st_size == content.size:
        # Found again: a younger file is none that the sweep would take for an orphan.
        os.utime(file)
        return
    if not file.parent.is_dir():
        file.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(file.parent.parent)
    being_written = file.with_suffix(f".{os.getpid()}.{get_ident()}{_BEING_WRITTEN}")
    with being_written.open("wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    being_written.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _TableCache:
    """The tables read last, by digest, bounded in bytes; files are immutable, so nothing in it grows old."""

    def __init__(self, bytes_max: int) -> None:
        """Begin empty."""
        self._bytes_max = bytes_max
        self._byte_count = 0
        self._tables: OrderedDict[str, pa.Table] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> pa.Table | None:
        """Find a table and note that it was used."""
        with self._lock:
            if digest in self._tables:
                self._tables.move_to_end(digest)
            return self._tables.get(digest)

    def put(self, digest: str, table: pa.Table) -> None:
        """Keep a table; those not used for longest make room."""
        with self._lock:
            if digest in self._tables or table.nbytes > self._bytes_max:
                return
            self._tables[digest] = table
            self._byte_count += table.nbytes
            while self._byte_count > self._bytes_max:
                self._byte_count -= self._tables.popitem(last=False)[1].nbytes
