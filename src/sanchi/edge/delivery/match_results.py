"""Write result tables of `sanchi match`, all of them or none.

Enter: ResultTables and targets. Leave: files, CSV or Parquet by suffix. Not here: any figure.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.app.match_tables import MatchTable, NameColumn, ResultTable, TableForm
from sanchi.core.base.errors import SetupFault, WrongInput
from sanchi.core.matching.home_keys import WHOLE_NUMBER_NAME
from sanchi.edge.delivery.match_tables import CSV, FORMATS_HINT, PARQUET, read_match_table

_PARQUET_OPTIONS: Final = {"compression": "zstd", "version": "2.6", "row_group_size": 1 << 20}


class UnfitTarget(WrongInput):
    """A file to write is an input, is named twice, or has no known format."""


class FileMatchTables:
    """Fulfils app.match_tables.MatchTables over files."""

    def read(self, path: Path, form: TableForm) -> MatchTable:
        """Read a table."""
        return read_match_table(path, form)

    def require_writable(self, paths: Sequence[Path], read_paths: Sequence[Path]) -> None:
        """Refuse targets of an unknown format, folders, targets that are inputs, and a target named twice."""
        inputs = {path.resolve() for path in read_paths}
        seen: set[Path] = set()
        for path in paths:
            place = path.resolve()
            if path.suffix.lower() not in {CSV, PARQUET}:
                raise UnfitTarget(
                    f"{path}: sanchi writes no {path.suffix or 'file without a suffix'}.", hint=FORMATS_HINT
                )
            if place.is_dir():
                raise UnfitTarget(f"{path} is a folder.", hint="Name a file in it.")
            if place in inputs or any(_is_same(place, each) for each in inputs):
                raise UnfitTarget(f"{path} is an input and would be written over.", hint="Name another file to write.")
            if place in seen:
                raise UnfitTarget(f"{path} is named for two tables.", hint="Name a file for each.")
            seen.add(place)

    def write(self, tables: Mapping[Path, ResultTable]) -> None:
        """Write all tables beside their targets, then put all in their places."""
        parts = {path: _part_of(path) for path in tables}
        at_work = next(iter(tables))
        try:
            for path, table in tables.items():
                at_work = path
                _write(parts[path], path.suffix.lower(), _arrow_table(table))
            for path, part in parts.items():
                at_work = path
                part.replace(path.resolve())
        except (OSError, duckdb.IOException) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
            raise SetupFault(
                f"{at_work} cannot be written ({reason}).", hint="Name a file in a folder that you may write."
            ) from error
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


def _is_same(place: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, for example by a hard link."""
    return place.exists() and other.exists() and place.samefile(other)


def _part_of(path: Path) -> Path:
    """Name the file that a table is written to before it takes its target's place."""
    place = path.resolve()
    return place.with_name(f".{place.name}.{os.getpid()}.part")


def _arrow_table(table: ResultTable) -> pa.Table:
    """Lay a result out for Arrow; names that are all whole numbers become int64."""
    columns = {}
    for name, column in table.columns.items():
        columns[name] = _name_array(column) if isinstance(column, NameColumn) else pa.array(column)
    return pa.table(columns)


def _name_array(column: NameColumn) -> pa.Array:
    """Turn codes into names; -1 becomes null."""
    are_numbers = bool(column.texts) and all(map(WHOLE_NUMBER_NAME.fullmatch, column.texts))
    names = pa.array(map(int, column.texts), pa.int64()) if are_numbers else pa.array(column.texts, pa.string())
    return names.take(pa.array(column.code, mask=column.code < 0))


def _write(part: Path, suffix: str, table: pa.Table) -> None:
    """Write one file; the same rows give the same bytes."""
    if suffix == PARQUET:
        pq.write_table(table, part, **_PARQUET_OPTIONS)
        return
    part.touch()
    with duckdb.connect() as connection:
        connection.register("result", table)
        quoted = str(part).replace("'", "''")
        connection.execute(f"COPY result TO '{quoted}' (FORMAT csv, HEADER)")
