"""A foreign key over several columns, checked at commit, as a constraint of a Django model.

Enters: names. Leaves: SQL that both databases take. Django's own foreign keys have one column; keys added by
plain SQL would be dropped in silence when SQLite rebuilds a table at a later migration.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Model


class CompositeForeignKey(BaseConstraint):
    """Columns whose values stand together in `references` of another row; null in any of them refers to nothing.

    The referenced columns need a primary key or a unique constraint over exactly them.
    """

    def __init__(
        self, *, name: str, columns: tuple[str, ...], table: str, references: tuple[str, ...], **kwargs: Any
    ) -> None:
        """Keep the names; both tuples have the same length."""
        assert len(columns) == len(references), f"{name}: {columns} cannot refer to {references}"
        super().__init__(name=name, **kwargs)
        self.columns = tuple(columns)
        self.table = table
        self.references = tuple(references)

    def constraint_sql(
        self,
        model: type[Model] | None,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> str:
        """Write the clause that stands inside CREATE TABLE."""
        assert schema_editor is not None, "a constraint is written by a schema editor"
        quote = schema_editor.quote_name
        columns = ", ".join(map(quote, self.columns))
        references = ", ".join(map(quote, self.references))
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns}) REFERENCES {quote(self.table)} ({references}) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Write the statement that adds the key to a table that is there (SQLite rebuilds the table instead)."""
        return f"{_alter(model, schema_editor)} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Write the statement that drops the key."""
        assert schema_editor is not None, "a constraint is dropped by a schema editor"
        return f"{_alter(model, schema_editor)} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Accept every instance: only the database can judge, and only at commit."""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Give what a migration writes down."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "columns": self.columns, "table": self.table, "references": self.references}

    def __eq__(self, other: object) -> bool:
        """Compare by everything that a migration writes down."""
        if not isinstance(other, CompositeForeignKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        """Hash by name."""
        return hash(self.name)


def _alter(model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
    """Write how a change of a model's table begins."""
    assert model is not None, "a key belongs to a table"
    assert schema_editor is not None, "a table is altered by a schema editor"
    return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)}"  # noqa: SLF001 - Django's public name


def party_key(table: str, column: str) -> CompositeForeignKey:
    """Make the key from a table's column to a party of the same market."""
    return CompositeForeignKey(
        name=f"{table}_{column}_fk",
        columns=("market", column),
        table="party",
        references=("market", "party_no"),
    )


def run_key(table: str, *, revision: str = "revision") -> CompositeForeignKey:
    """Make the key from a table's rows to the run that closed their market-day in a revision."""
    return CompositeForeignKey(
        name=f"{table}_day_run_fk",
        columns=("market", "delivery_date", revision),
        table="day_run",
        references=("market", "delivery_date", "revision"),
    )


def market_key(table: str) -> CompositeForeignKey:
    """Make the key from a table's rows to their market."""
    return CompositeForeignKey(
        name=f"{table}_market_fk", columns=("market",), table="market", references=("market_id",)
    )
