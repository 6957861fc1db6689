"""Triggers that refuse to change what is final, written from one list for SQLite and PostgreSQL.

Enters: a database. Leaves: its triggers. No trigger looks at another table, so that tables can be rebuilt.
"""

from dataclasses import dataclass
from typing import Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from sanchi.core.certificates.state import FINAL_STATES

ALWAYS: Final = "true"


def _changed(*columns: str) -> str:
    """Write the condition that one of the columns changes."""
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


_FINAL: Final = ", ".join(str(int(state)) for state in sorted(FINAL_STATES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A table whose rows are never deleted, and never updated where refused_update holds of OLD and NEW."""

    table: str
    refused_update: str = ALWAYS


FREEZES: Final = (
    Freeze(table="delivery"),
    Freeze(table="decoded_delivery"),
    Freeze(table="lake_file"),
    Freeze(table="slot_decision"),
    Freeze(table="month_value"),
    Freeze(table="month_spread"),
    Freeze(table="reread_ask"),
    Freeze(
        table="day_run",
        refused_update=_changed("market", "delivery_date", "revision", "is_home_only", "result_digest"),
    ),
    Freeze(
        table="market_day",
        refused_update=_changed("market", "delivery_date")
        + " OR NEW.revision_in_force < OLD.revision_in_force OR (OLD.is_finalised AND NOT NEW.is_finalised)",
    ),
    Freeze(table="home_day"),
    Freeze(table="certificate"),
    Freeze(
        table="slice",
        refused_update=f"OLD.state_no IN ({_FINAL}) OR NEW.hi_wh > OLD.hi_wh OR "
        + _changed("market", "certificate_id", "lo_wh", "quantity_wh"),
    ),
    Freeze(table="claim"),
    Freeze(table="debt"),
    Freeze(table="debt_settlement"),
    Freeze(table="registry_operation"),
    Freeze(table="slice_event"),
    Freeze(table="reservation"),
    Freeze(table="export_lot"),
    Freeze(table="storage_account"),
    Freeze(table="outside_lot"),
    Freeze(table="outside_use"),
    Freeze(table="checkpoint"),
    Freeze(table="witness_signature"),
    Freeze(
        table="account",
        refused_update="NEW.debits_posted < OLD.debits_posted OR NEW.credits_posted < OLD.credits_posted OR "
        + _changed("market", "account_id", "currency", "code", "payer_no", "payee_no", "month", "floor_e5yen"),
    ),
    Freeze(table="transfer"),
    Freeze(table="accrual"),
    Freeze(table="period", refused_update="OLD.is_closed OR " + _changed("market", "month")),
    Freeze(table="statement"),
    Freeze(table="statement_line"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One trigger; create_sql and drop_sql are run in their order. kept_sql: what the database keeps of it as text."""

    name: str
    kept_sql: str
    create_sql: tuple[str, ...]
    drop_sql: tuple[str, ...]


def triggers_for(vendor: str) -> tuple[Trigger, ...]:
    """List the triggers of a kind of database."""
    write = _postgresql if vendor == "postgresql" else _sqlite
    return tuple(trigger for freeze in FREEZES for trigger in write(freeze))


def create_triggers(using: str = "default") -> None:
    """Create all triggers anew."""
    connection = connections[using]
    _execute(
        connection, [sql for each in triggers_for(connection.vendor) for sql in (*each.drop_sql, *each.create_sql)]
    )


def drop_triggers(using: str = "default") -> None:
    """Thaw everything: only a test database that is emptied needs that."""
    connection = connections[using]
    _execute(connection, [sql for each in triggers_for(connection.vendor) for sql in each.drop_sql])


def present_triggers(using: str = "default") -> frozenset[str]:
    """Name the triggers that are there, switched on, and say what they ought to say."""
    connection = connections[using]
    wanted = triggers_for(connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
                "WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) "
                "AND NOT tgisinternal AND tgenabled = 'O'"
            )
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = dict(cursor.fetchall())
    return frozenset(each.name for each in wanted if kept.get(each.name) == each.kept_sql)


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    """Run statements that take no parameters; PostgreSQL takes them all in one round trip."""
    with connection.cursor() as cursor:
        for sql in ["; ".join(statements)] if connection.vendor == "postgresql" else statements:
            cursor.execute(sql)


def _refusal(table: str) -> str:
    """Word what the database answers."""
    return f"{table}: final rows are never changed or deleted"


def _sqlite(freeze: Freeze) -> tuple[Trigger, ...]:
    """Write the two triggers of a table for SQLite."""
    conditions = {"update": freeze.refused_update, "delete": ALWAYS}
    return tuple(_sqlite_trigger(freeze.table, operation, condition) for operation, condition in conditions.items())


def _sqlite_trigger(table: str, operation: str, condition: str) -> Trigger:
    """Write one trigger."""
    name = f"{table}_frozen_{operation}"
    create_sql = (
        f'CREATE TRIGGER {name} BEFORE {operation.upper()} ON "{table}" '
        f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_refusal(table)}'); END"
    )
    return Trigger(
        name=name, kept_sql=create_sql, create_sql=(create_sql,), drop_sql=(f"DROP TRIGGER IF EXISTS {name}",)
    )


def _postgresql(freeze: Freeze) -> tuple[Trigger, ...]:
    """Write the three triggers of a table for PostgreSQL."""
    conditions = {"update": freeze.refused_update, "delete": ALWAYS, "truncate": ALWAYS}
    return tuple(_postgresql_trigger(freeze.table, operation, condition) for operation, condition in conditions.items())


def _postgresql_trigger(table: str, operation: str, condition: str) -> Trigger:
    """Write one trigger and its function; the condition stands inside it, so that columns may still be altered."""
    name = f"{table}_frozen_{operation}"
    each = "STATEMENT" if operation == "truncate" else "ROW"
    passed_on = {"update": "NEW", "delete": "OLD", "truncate": "NULL"}[operation]
    body = (
        f"BEGIN IF {condition} THEN RAISE EXCEPTION '{_refusal(table)}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {passed_on}; END"
    )
    return Trigger(
        name=name,
        kept_sql=body,
        create_sql=(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
            f'CREATE TRIGGER {name} BEFORE {operation.upper()} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {name}()',
        ),
        drop_sql=(f'DROP TRIGGER IF EXISTS {name} ON "{table}"', f"DROP FUNCTION IF EXISTS {name}()"),
    )
