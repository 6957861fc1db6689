"""The few statements that every store needs, in SQL that both databases take.

Enter: tables, columns, rows. Leave: rows. Nothing here commits.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django.db import connection

from sanchi.core.base.slots import JST

Row = tuple[Any, ...]
Value = TypeVar("Value")
# SQLite takes at most 32,766 parameters in one statement.
PARAMETERS_MAX: Final = 10_000
# From so many rows on, a table of their own is cheaper than making one.
COPIED_ROWS_MIN: Final = 500


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Run a query and give all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
        return rows


def fetch_number(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run a query that gives one number; null counts as 0."""
    return int(fetch(sql, parameters)[0][0] or 0)


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run a statement and count the rows that it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def execute_each(sql: str, rows: Sequence[Row]) -> int:
    """Run a statement once a row and count the rows that it changed altogether."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return cursor.rowcount


def execute_given(sql: str, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Run a statement with a table made of the rows where it says {given}, and count the rows that it changed.

    Values are texts and whole numbers; a column that may be null in all rows has to be cast in the statement.
    """
    if not rows:
        return 0
    if connection.vendor == "postgresql":
        return (_execute_copied if len(rows) >= COPIED_ROWS_MIN else _execute_unnested)(sql, columns, rows)
    named = ", ".join(f"column{number} AS {name}" for number, name in enumerate(columns, start=1))
    n_changed = 0
    for batch in in_batches(rows, len(columns)):
        values = ", ".join([f"({placeholders(len(columns))})"] * len(batch))
        given = f"(SELECT {named} FROM (VALUES {values}) AS listed) AS given"
        n_changed += execute(sql.format(given=given), [value for row in batch for value in row])
    return n_changed


def _execute_copied(sql: str, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Copy the rows into a table of this transaction: thousands of parameters cost more than what they do."""
    assert connection.in_atomic_block, "the table is gone with its transaction"
    types = [_column_type(row[place] for row in rows) for place in range(len(columns))]
    described = ", ".join(f"{name} {kind}" for name, kind in zip(columns, types, strict=True))
    execute(f"CREATE TEMPORARY TABLE given ({described}) ON COMMIT DROP")
    insert("given", columns, rows)
    # Rows are looked up by key: of a table as young as this one the planner knows too little to see that it pays.
    execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    n_changed = execute(sql.format(given="given"))
    execute("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT; DROP TABLE given")
    return n_changed


def _column_type(values: Iterable[Any]) -> str:
    """Name the type of a column of PostgreSQL by its first value that is not null."""
    first = next((value for value in values if value is not None), None)
    return "bigint" if isinstance(first, int) else "text"


def _execute_unnested(sql: str, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Run a statement over rows that are sent as one array a column: a place for each value takes far longer."""
    arrays = [list(values) for values in zip(*rows, strict=True)]
    is_text = [any(isinstance(value, str) for value in values) for values in arrays]
    typed = ", ".join("CAST(%s AS text[])" if each else "CAST(%s AS bigint[])" for each in is_text)
    return execute(sql.format(given=f"unnest({typed}) AS given ({', '.join(columns)})"), arrays)


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows the fastest way that the database has."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.vendor != "postgresql":
        execute_each(f"INSERT INTO {table} ({names}) VALUES ({placeholders(len(columns))})", rows)
        return
    copied = f"COPY {table} ({names}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copied) as copy:
        for row in rows:
            copy.write_row(row)


def upsert(table: str, key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, replacing those with the same key; the columns include the key."""
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    execute_each(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders(len(columns))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {replaced}",
        rows,
    )


def placeholders(n_columns: int) -> str:
    """Write the places of parameters."""
    return ", ".join(["%s"] * n_columns)


def in_batches(values: Iterable[Value], n_parameters: int = 1) -> Iterator[list[Value]]:
    """Cut values, each of which takes n_parameters, so that each part fits into one statement."""
    listed, step = list(values), PARAMETERS_MAX // n_parameters
    return (listed[first : first + step] for first in range(0, len(listed), step))


def take_turn(market_id: str) -> None:
    """Wait until no other transaction numbers rows of this market or moves its balances.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        execute("SELECT market_id FROM market WHERE market_id = %s FOR NO KEY UPDATE", [market_id])


def stored_instant(instant: datetime) -> Any:
    """Give an aware instant as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(instant)


def read_instant(stored: datetime) -> datetime:
    """Give an instant back in Japan Standard Time; SQLite keeps UTC without saying so."""
    return (stored if stored.tzinfo else stored.replace(tzinfo=UTC)).astimezone(JST)
