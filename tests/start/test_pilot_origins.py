"""On the shipped pilot, origin statements and debts are what buyers were allocated, to the Wh."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.start.homes import Home

# November and December whole, both finalised and then corrected.
N_DAYS = "42"
MONTHS = ("2020-11", "2020-12")


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[Home]:
    with django_db_blocker.unblock():
        home = Home.made(tmp_path_factory.mktemp("pilot") / "home")
        ran = home.command("demo", "--days", N_DAYS, "--json")
        assert ran.exit_code == 0, ran.err
        yield home
        home.drop()


def statements(pilot: Home, folder: Path) -> list[dict[str, Any]]:
    for month in MONTHS:
        ran = pilot.command("statement", "--month", month, "--out", str(folder), "--format", "json", "--format", "csv")
        assert ran.exit_code == 0, ran.err
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def exported(pilot: Home, table: str, folder: Path) -> list[dict[str, str]]:
    target = folder / f"{table}.csv"
    ran = pilot.command("export", table, "--out", str(target))
    assert ran.exit_code == 0, ran.err
    return list(csv.DictReader(target.read_text().splitlines()))


class TestPilot:
    def test_statements_and_debts_are_the_allocations(self, pilot: Home, tmp_path: Path):
        told = statements(pilot, tmp_path / "statements")
        buyers = {statement["buyer"]["party_id"] for statement in told}
        found_wh, lost_wh = Counter[str](), 0
        for statement in told:
            lost_of_statement_wh = sum(line["energy_wh"] for line in statement["corrections"]["lost"])
            found_wh[statement["buyer"]["party_id"]] += statement["energy_wh"] - lost_of_statement_wh
            lost_wh += lost_of_statement_wh
        for row in exported(pilot, "certificates", tmp_path):
            found_wh[row["holder_id"]] += int(row["energy_wh"]) * (
                row["state"] == "active" and row["holder_id"] in buyers
            )
        allocated_wh = Counter[str]()
        for row in exported(pilot, "allocations", tmp_path):
            allocated_wh[row["holder_id"]] += int(row["energy_wh"]) * (row["choice_no"] != "0")

        assert len(told) == 10
        assert lost_wh > 0
        assert {name: wh for name, wh in found_wh.items() if wh} == {
            name: wh for name, wh in allocated_wh.items() if wh
        }

    def test_serials_stand_on_one_statement_alone(self, pilot: Home, tmp_path: Path):
        told = statements(pilot, tmp_path)
        ends: dict[str, list[tuple[int, int]]] = {}
        for path in tmp_path.glob("*.csv"):
            for row in csv.DictReader(path.read_text().splitlines()):
                ends.setdefault(row["certificate_id"], []).append((int(row["lo_wh"]), int(row["hi_wh"])))

        for ranges in ends.values():
            ordered = sorted(ranges)
            assert all(before[1] <= after[0] for before, after in pairwise(ordered))
        assert sum(hi - lo for ranges in ends.values() for lo, hi in ranges) == sum(each["energy_wh"] for each in told)

    def test_statements_are_the_same_again(self, pilot: Home, tmp_path: Path):
        for name in ("first", "second"):
            ran = pilot.command("statement", "--month", "2020-12", "--buyer", "B01", "--out", str(tmp_path / name))
            assert ran.exit_code == 0, ran.err

        (first,), (second,) = (tmp_path / "first").iterdir(), (tmp_path / "second").iterdir()
        assert first.read_bytes() == second.read_bytes()
