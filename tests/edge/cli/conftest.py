"""One prepared home for all tests of commands, copied for each.

Enters: nothing. Leaves: Home. Not here: what is in it (see prepared_home).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.edge.cli.prepared_home import prepare
from tests.start.homes import Home


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Home, Path]]:
    with django_db_blocker.unblock():
        home, deliveries = prepare(tmp_path_factory.mktemp("prepared"))
    yield home, deliveries
    home.drop()


@pytest.fixture
def deliveries(prepared: tuple[Home, Path]) -> Path:
    return prepared[1]


@pytest.fixture
def home(prepared: tuple[Home, Path], tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    home = prepared[0].copied(tmp_path / "home")
    with django_db_blocker.unblock():
        yield home
    home.drop()
