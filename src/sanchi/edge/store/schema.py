"""Makes the database's schema, and tells whether it is what it has to be.

Enters: a database. Leaves: its schema. Not here: tables, constraints and triggers themselves.
"""

import re
from typing import Final

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sanchi.edge.store.home import keep_secret_key
from sanchi.edge.store.sql import fetch
from sanchi.edge.store.triggers import present_triggers, triggers_for

_APP_LABEL: Final = "store"


def create_schema() -> None:
    """Make the schema, or bring it up to date, and a secret key where the home has none; nothing is printed."""
    keep_secret_key(settings.SANCHI_HOME)
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def schema_is_current() -> bool:
    """Tell whether every migration has run and nothing of the schema is missing."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes()) and not missing_schema()


def unknown_migrations() -> tuple[str, ...]:
    """List what a newer version did to the database."""
    loader = MigrationExecutor(connection).loader
    return tuple(
        sorted(name for label, name in loader.applied_migrations if (label, name) not in loader.disk_migrations)
    )


def expected_schema() -> tuple[str, ...]:
    """List what guards the books, as "constraint NAME of TABLE" and "trigger NAME", in alphabetical order."""
    constraints = [f"constraint {name} of {table}" for table, name in _constraints()]
    triggers = [f"trigger {trigger.name}" for trigger in triggers_for(connection.vendor)]
    return tuple(sorted([*constraints, *triggers]))


def missing_schema() -> tuple[str, ...]:
    """List what of expected_schema the database does not have, or has in another form."""
    tables = {table for table, _ in _constraints()}
    constraints = [f"constraint {name} of {table}" for table in tables for name in _constraint_names(table)]
    present = {*constraints, *(f"trigger {name}" for name in present_triggers())}
    return tuple(each for each in expected_schema() if each not in present)


def _constraints() -> list[tuple[str, str]]:
    """List (table, name) of the constraints of all models."""
    every_meta = [model._meta for model in apps.get_app_config(_APP_LABEL).get_models()]  # noqa: SLF001 - public name
    return [(meta.db_table, constraint.name) for meta in every_meta for constraint in meta.constraints]


def _constraint_names(table: str) -> frozenset[str]:
    """List the names of a table's constraints that hold for every row; SQLite keeps them only as text."""
    if connection.vendor == "postgresql":
        rows = fetch(
            "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(%s) AND convalidated", [f'"{table}"']
        )
        return frozenset(name for (name,) in rows)
    rows = fetch("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
    return frozenset(name for (sql,) in rows for name in re.findall(r'CONSTRAINT "(\w+)"', sql))
