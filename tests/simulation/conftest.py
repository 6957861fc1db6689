"""Homes of the simulation: one empty home a run, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.start.homes import Home


@pytest.fixture(scope="package")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Make the home that all others are copies of."""
    home = Home.made(tmp_path_factory.mktemp("simulation") / "empty")
    yield home
    home.drop()


@pytest.fixture
def home(empty_home: Home, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    """Copy the empty home."""
    home = empty_home.copied(tmp_path / "home")
    with django_db_blocker.unblock():
        yield home
    home.drop()
