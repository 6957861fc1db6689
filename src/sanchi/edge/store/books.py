"""Opens all that a market has stored, rows and lake files, as one DuckDB database that only reads.

Enters: a market and the lake's folder. Leaves: Books. Not here: what is asked of them (audit, views, exports).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pyarrow as pa
from django.apps import apps
from django.db import connection
from django.db.models import Field
from numpy.typing import NDArray

from sanchi.core.base.errors import UnknownRecord
from sanchi.edge.store.lake import DamagedLakeFile
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, OF_DELIVERIES, OF_LOG, SEGMENTS, SLOT_VALUES
from sanchi.edge.store.sql import Row, fetch, read_instant

Parameters = Sequence[Any] | Mapping[str, Any]

ROWS_PER_FETCH: Final = 10_000
# No extension is ever fetched: the books have to open without a network.
_CONFIG: Final = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_WORD: Final = re.compile(r"\w+")
_LITERAL: Final = re.compile(r"'[^']*'")
_NOT_OF_A_MARKET: Final = frozenset({"store_user", "step_lock"})

# Of these the revision in force alone counts; rows without a delivery date are of no revision.
_OF_A_REVISION: Final = frozenset({"home_day", "problem", "debt_settlement"})
_IN_FORCE: Final = (
    "(kept.delivery_date IS NULL OR EXISTS (SELECT 1 FROM market_day WHERE market_day.market = kept.market "
    "AND market_day.delivery_date = kept.delivery_date AND market_day.revision_in_force = kept.revision))"
)

# A revision's slot values may be noted anew where readings changed no energy.
_NOTED_LAST: Final = (
    "NOT EXISTS (SELECT 1 FROM lake_file AS later WHERE later.market = kept.market "
    "AND later.table_name = kept.table_name AND later.delivery_date = kept.delivery_date "
    "AND later.revision = kept.revision AND later.lake_file_no > kept.lake_file_no)"
)

# What the database says of a lake file, beside what stands in it.
_DAY_PLACE: Final = (("delivery_date", pa.date32()), ("revision", pa.int64()))
_DELIVERY_PLACE: Final = (("delivery_no", pa.int64()),)
_LOG_PLACE: Final = (("checkpoint_no", pa.int64()),)


class Books:
    """The relations of one market; each is loaded when a statement first names it.

    A table of the database is a relation of its name, without the column `market`; `home_day`, `problem` and
    `debt_settlement` hold the revisions in force alone. Tables of the lake have the columns `delivery_date` and
    `revision`, or `delivery_no`: `slot_energy`, `buyer_use`, `allocations` and `closing_times` of the revisions in
    force, `segments` of all revisions, `readings`, `parts`, `events` and `rejected` of all deliveries.
    `log_entries` and `log_nodes` have the column `checkpoint_no`.
    Instants are Japan Standard Time.
    """

    def __init__(self, duck: duckdb.DuckDBPyConnection, market_id: str, lake_root: Path) -> None:
        """Load nothing yet."""
        self._duck = duck
        self._market_id = market_id
        self._lake_root = lake_root
        self._unloaded = {*_table_schemas(), *LAKE_SCHEMAS}

    def fetch(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement and give all its rows. Raises: DamagedLakeFile."""
        return self._executed(sql, parameters).fetchall()

    def records(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """Run a query and give all its rows, each by column name. Raises: DamagedLakeFile."""
        result = self._executed(sql, parameters)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrays(self, sql: str) -> dict[str, NDArray[Any]]:
        """Run a query and give its columns as arrays. Raises: DamagedLakeFile."""
        return dict(self._executed(sql, ()).fetchnumpy())

    def add(self, name: str, table: pa.Table) -> None:
        """Add a relation that is stored nowhere."""
        self._duck.register(name, table)

    def _executed(self, sql: str, parameters: Parameters) -> duckdb.DuckDBPyConnection:
        """Load the relations that a statement names and run it; its rows have to be fetched before the next one."""
        # A column of the same name loads a relation too many, never one too few.
        for name in sorted(self._unloaded.intersection(_WORD.findall(_LITERAL.sub("", sql)))):
            self._load(name)
        return self._duck.execute(sql, parameters)

    def _load(self, name: str) -> None:
        """Load one relation."""
        if name in LAKE_SCHEMAS:
            self._load_files(name)
        else:
            self.add(name, _market_rows(name, self._market_id))
        # Only now: what cannot be read says so to everybody who asks.
        self._unloaded.discard(name)

    def _load_files(self, name: str) -> None:
        """Lay a view over the files of a table; a file that belongs to two days counts for both."""
        place = _place_of(name)
        found = _lake_files(name, self._market_id, [column for column, _ in place])
        for path, byte_count, *_ in found:
            _require_whole(self._lake_root / path, byte_count)
        if not found:
            self.add(name, pa.schema([*place, *LAKE_SCHEMAS[name]]).empty_table())
            return
        files = [str(self._lake_root / row[0]) for row in found]
        places = {column: [row[2 + n] for row in found] for n, (column, _) in enumerate(place)}
        schema = pa.schema([("lake_path", pa.string()), *place])
        self.add(f"{name}_file", pa.table({"lake_path": files, **places}, schema=schema))
        listed = ", ".join(map(quoted, sorted(set(files))))
        self._duck.execute(
            f"CREATE TEMP VIEW {name} AS SELECT {', '.join(places)}, {', '.join(LAKE_SCHEMAS[name].names)} "
            f"FROM read_parquet([{listed}], filename = 'lake_path') JOIN {name}_file USING (lake_path)"
        )


@contextmanager
def open_books(market_id: str, lake_root: Path) -> Iterator[Books]:
    """Open the books of a market as they stand at one moment, for as long as the block runs.

    Raises: UnknownRecord.
    """
    with _one_moment(), TemporaryDirectory(prefix="sanchi-") as spill:
        if not fetch("SELECT 1 FROM market WHERE market_id = %s", [market_id]):
            raise UnknownRecord(f"There is no market {market_id}.", hint="Deliver its market.toml first.")
        with duckdb.connect(config={**_CONFIG, "temp_directory": spill}) as duck:
            yield Books(duck, market_id, lake_root)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read all tables as of one moment, without waiting for writers or making them wait."""
    if connection.in_atomic_block:
        yield
        return
    # Django's own transactions ask SQLite for the write lock; this one only reads.
    is_sqlite = connection.vendor == "sqlite"
    begin = "BEGIN" if is_sqlite else "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


@cache
def _table_schemas() -> dict[str, pa.Schema]:
    """Give the columns of a market's tables by table name; that they are of the market goes without saying."""
    every_meta = [model._meta for model in apps.get_app_config("store").get_models()]  # noqa: SLF001 - public name
    return {
        meta.db_table: pa.schema(
            [(field.column, _arrow_type(field)) for field in meta.local_concrete_fields if field.column != "market"]
        )
        for meta in every_meta
        if meta.db_table not in _NOT_OF_A_MARKET
    }


def _market_rows(table: str, market_id: str) -> pa.Table:
    """Copy the market's rows of a table."""
    schema = _table_schemas()[table]
    key = "market_id" if table == "market" else "market"
    condition = f" AND {_IN_FORCE}" if table in _OF_A_REVISION else ""
    columns = ", ".join(f"kept.{name}" for name in schema.names)
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} AS kept WHERE kept.{key} = %s{condition}", [market_id])
        while rows := cursor.fetchmany(ROWS_PER_FETCH):
            batches.append(_batch(rows, schema))
    return pa.Table.from_batches(batches, schema=schema)


def _batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Turn rows into typed columns."""
    columns = [
        pa.array(map(_plain_instant, values) if pa.types.is_timestamp(field.type) else values, field.type)
        for values, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _arrow_type(field: "Field[Any, Any]") -> pa.DataType:
    """Give the type of a column; every number is a 64-bit integer."""
    kind = field.get_internal_type()
    named = {
        "TextField": pa.string(),
        "DateField": pa.date32(),
        "DateTimeField": pa.timestamp("us"),
        "BooleanField": pa.bool_(),
    }
    assert kind in named or "Integer" in kind or kind in {"BigAutoField", "GeneratedField"}, f"{field}: {kind}"
    return named.get(kind, pa.int64())


def _plain_instant(stored: Any) -> Any:
    """Give an instant in Japan Standard Time without its zone."""
    return None if stored is None else read_instant(stored).replace(tzinfo=None)


def _place_of(name: str) -> Sequence[tuple[str, pa.DataType]]:
    """Tell what the database says of each file of a table."""
    if name in OF_LOG:
        return _LOG_PLACE
    return _DELIVERY_PLACE if name in OF_DELIVERIES else _DAY_PLACE


def _lake_files(name: str, market_id: str, place: Sequence[str]) -> list[Row]:
    """List (path, byte_count, *place) of a table's files that count."""
    condition = "" if name in {*OF_DELIVERIES, *OF_LOG, SEGMENTS} else f" AND {_IN_FORCE}"
    if name == SLOT_VALUES:
        condition += f" AND {_NOTED_LAST}"
    columns = ", ".join(f"kept.{column}" for column in ("path", "byte_count", *place))
    return fetch(
        f"SELECT {columns} FROM lake_file AS kept WHERE kept.market = %s AND kept.table_name = %s{condition} "
        "ORDER BY kept.lake_file_no",
        [market_id, name],
    )


def _require_whole(file: Path, byte_count: int) -> None:
    """Refuse a file that is missing or cut off; whether its content is right is the audit's question."""
    if not file.is_file() or file.stat().st_size != byte_count:
        raise DamagedLakeFile(
            f"The lake file {file} is missing or cut off; {byte_count} bytes were written.",
            hint="Restore it from a backup of the home folder; `sanchi verify` names every damaged file.",
        )


def quoted(text: str) -> str:
    """Write a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
