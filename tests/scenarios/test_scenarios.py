"""Stories that a settlement clerk can read: what was delivered and commanded, and all that the books say then."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.scenarios.books import COLUMNS, Table, read_books
from tests.scenarios.story import read_table, steps_of, write_out
from tests.start.homes import Home

HERE = Path(__file__).parent
# A story in which nothing is passed on, topped up or stored has no such table.
OPTIONAL = {"passed_on", "topped_up", "batteries"}
STORIES = sorted(path.name for path in HERE.glob("given_*"))


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home.made(tmp_path_factory.mktemp("stories") / "empty")
    yield home
    home.drop()


@pytest.fixture
def home(empty_home: Home, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    home = empty_home.copied(tmp_path / "home")
    with django_db_blocker.unblock():
        yield home
    home.drop()


class TestStory:
    @pytest.mark.parametrize("name", STORIES)
    def test_ends_with_the_books_that_it_tells(self, name: str, home: Home, tmp_path: Path):
        _live_through(HERE / name, home, tmp_path)

        with home.opened() as installation:
            books = read_books(installation, tmp_path)
        told = {table: _told(HERE / name / "then", table) for table in COLUMNS}
        differences = [
            line
            for table, (columns, rows) in books.items()
            for line in _difference(table, told[table], [columns, *rows])
        ]
        if differences:
            pytest.fail("\n" + "\n".join(differences), pytrace=False)

    @pytest.mark.parametrize("name", STORIES)
    def test_has_a_readme_and_no_table_that_is_not_compared(self, name: str):
        assert (HERE / name / "README.md").read_text(encoding="utf-8").startswith("# ")
        tables = {path.stem for path in (HERE / name / "then").iterdir()}
        assert tables | OPTIONAL == set(COLUMNS)

    def test_is_found(self):
        assert len(STORIES) >= 8


def _live_through(story: Path, home: Home, tmp_path: Path) -> None:
    """Run the commands of a story, then the audit."""
    for step in steps_of(story):
        argument = step.argument
        if step.command == "ingest":
            delivered = tmp_path / f"{step.step_no}_{argument}"
            write_out(story / "when" / argument, delivered, step.step_no)
            argument = str(delivered)
        ran = home.run(step.command, *argument.split())
        assert ran.exit_code == 0, f"step {step.step_no} {step.command} {step.argument}\n{ran.out}{ran.err}"
    audit = home.run("verify")
    assert audit.exit_code == 0, audit.out + audit.err


def _told(folder: Path, table: str) -> Table:
    """Read a table as a story tells it, its rows sorted; one that it may leave out has no rows."""
    path = folder / f"{table}.csv"
    if table in OPTIONAL and not path.exists():
        return [COLUMNS[table]]
    columns, rows = read_table(path)
    return [tuple(columns), *sorted(map(tuple, rows))]


def _difference(table: str, told: Table, found: Table) -> Iterator[str]:
    """Show two tables one beneath the other where they differ, columns aligned."""
    widths = [max(map(len, column)) for column in zip(*told, *found, strict=False)]

    def aligned(rows: Table) -> list[str]:
        return ["  ".join(field.ljust(width) for field, width in zip(row, widths, strict=False)) for row in rows]

    return unified_diff(
        aligned(told), aligned(found), f"{table} as told", f"{table} as booked", lineterm="", n=len(found)
    )
