"""Homes for tests: made by the real command, copied for each test, worked on in the test's process or outside.

Enters: a folder. Leaves: Home. On PostgreSQL each home has a database of its own; on SQLite it is in the folder.
"""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from sanchi.app.stores import Installation

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER_URL = os.environ.get("SANCHI_DATABASE_URL", "")  # empty: SQLite

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A sanchi home; to be used where pytest lets a test reach databases."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Home":
        """Make an empty home."""
        home = cls(folder=folder)
        home._create_database("template1")
        ran = home.command("init")
        assert ran.exit_code == 0, ran.err
        return home

    @classmethod
    def of_schema(cls, folder: Path, migration: str) -> "Home":
        """Make an empty home as an older version left it: its schema ends with a migration."""
        home = cls(folder=folder)
        home._create_database("template1")
        folder.mkdir()
        (folder / "sanchi.toml").touch()
        with home.entered():
            MigrationExecutor(connections["default"]).migrate([("store", migration)])
        return home

    def copied(self, folder: Path) -> "Home":
        """Copy the home, its database included."""
        home = Home(folder=folder)
        shutil.copytree(self.folder, folder)
        home._create_database(self.database)
        return home

    @property
    def database(self) -> str:
        """Name the home's database on the server after its folder."""
        return f"sanchi_home_{blake2b(str(self.folder).encode(), digest_size=8).hexdigest()}"

    @property
    def environment(self) -> dict[str, str]:
        """Give what a process needs to work on this home."""
        paths = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        return os.environ | {
            "PYTHONPATH": paths,
            "SANCHI_HOME": str(self.folder),
            "SANCHI_DATABASE_URL": url_of(self.database) if SERVER_URL else "",
        }

    def command(self, *arguments: str) -> Ran:
        """Run `sanchi` in a process of its own."""
        ended = subprocess.run(
            [sys.executable, "-m", "sanchi", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Ran(exit_code=ended.returncode, out=ended.stdout, err=ended.stderr)

    def run(self, *arguments: str) -> Ran:
        """Run `sanchi` in this process, from its entry point to its exit code."""
        from sanchi.start.main import main

        out, err, exit_code = io.StringIO(), io.StringIO(), 0
        with self.entered(), patch.object(sys, "argv", ["sanchi", *arguments]):
            try:
                with redirect_stdout(out), redirect_stderr(err):
                    main()
            except SystemExit as ended:
                exit_code = int(ended.code or 0)
        return Ran(exit_code=exit_code, out=out.getvalue(), err=err.getvalue())

    @contextmanager
    def opened(self) -> Iterator[Installation]:
        """Open the home in this process."""
        from sanchi.start.opening import StartOpening

        with self.entered():
            yield StartOpening().installation(self.folder)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let the process's default database, and what is wired once a process, be this home's meanwhile."""
        from sanchi.start import wiring

        before = connections["default"]
        name = self.database if SERVER_URL else self.folder / "sanchi.sqlite3"
        own = type(before)({**connections.settings["default"], "NAME": name}, "default")
        wiring.market_views.cache_clear()
        connections["default"] = own
        try:
            with patch.dict(os.environ, {"SANCHI_HOME": str(self.folder)}):
                yield
        finally:
            own.close()
            connections["default"] = before
            wiring.market_views.cache_clear()

    def tables(self) -> dict[str, Rows]:
        """Read every row of every table, past sanchi."""
        names_sql = (
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            if SERVER_URL
            else "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
        with self._books() as books:
            names = [name for (name,) in books.execute(names_sql).fetchall()]
            return {name: sorted(books.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}

    @contextmanager
    def _books(self) -> Iterator[Any]:
        """Connect to the home's database, past sanchi."""
        if SERVER_URL:
            import psycopg

            with psycopg.connect(url_of(self.database)) as books:
                yield books
        else:
            with closing(sqlite3.connect(self.folder / "sanchi.sqlite3")) as books:
                yield books

    def content(self) -> dict[str, object]:
        """Give all that the home holds: rows of the database, digests of the lake's files."""
        lake = {
            str(file.relative_to(self.folder)): sha256(file.read_bytes()).hexdigest()
            for file in (self.folder / "lake").rglob("*")
            if file.is_file()
        }
        return {**self.tables(), **lake}

    def _create_database(self, template: str) -> None:
        """On a server, make the database, as a copy of another one."""
        self.drop()
        if SERVER_URL:
            with at_server() as server:
                server.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{template}"')

    def drop(self) -> None:
        """Take the home's database from the server, if there is one."""
        if SERVER_URL:
            with at_server() as server:
                server.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')


def url_of(database: str) -> str:
    """Give the address of a database beside that of the run."""
    base, mark, options = SERVER_URL.partition("?")
    return f"{base.rpartition('/')[0]}/{database}{mark}{options}"


@contextmanager
def at_server() -> Iterator[Any]:
    """Connect to the server itself."""
    import psycopg

    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        yield server
