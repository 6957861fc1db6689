"""The demo is the same work however often it is done: in another home, and again in the same one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.start.homes import Home

TABLES = ("allocations", "certificates", "journal", "readings", "slot-energy")


def run_demo(home: Home) -> dict[str, Any]:
    ran = home.command("demo", "--days", "12", "--json")
    assert ran.exit_code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told


def exports(home: Home, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    for table in TABLES:
        ran = home.command("export", table, "--out", str(folder / table), "--to", "2020-12-01")
        assert ran.exit_code == 0, ran.err
    return {table: (folder / table).read_bytes() for table in TABLES}


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Home, Home]]:
    made = Home.made(tmp_path / "first"), Home.made(tmp_path / "second")
    yield made
    for home in made:
        home.drop()


class TestDemo:
    def test_tells_and_gives_out_the_same_each_time(self, homes: tuple[Home, Home], tmp_path: Path):
        first, second = homes

        told = run_demo(first)
        given = exports(first, tmp_path / "given")

        assert all(law["holds"] for law in told["laws"])
        assert run_demo(second) == told
        assert exports(second, tmp_path / "given-elsewhere") == given
        assert run_demo(first) == told
        assert exports(first, tmp_path / "given-again") == given
