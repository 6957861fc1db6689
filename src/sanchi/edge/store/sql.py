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
# SQLite takes at most 32,766 parameters in one statement; many short statements are as fast as one long one.
PARAMETERS_MAX: Final = 10_000


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


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows the fastest way that the database has."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.vendor != "postgresql":
        execute_each(f"INSERT INTO {table} ({names}) VALUES ({placeholders(len(columns))})", rows)
        return
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
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


def in_batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Cut values so that each part fits into one statement."""
    listed = list(values)
    return (listed[first : first + PARAMETERS_MAX] for first in range(0, len(listed), PARAMETERS_MAX))


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
