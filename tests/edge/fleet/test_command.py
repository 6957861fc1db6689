"""`sanchi match-fleet` needs no home, tells what it did and declines by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edge.fleet.small_fleets import N_HOMES, small_fleet, write_fleet


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(str(folder), small_fleet())
    return str(folder)


def sanchi(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("SANCHI_")}
    command = [sys.executable, "-m", "sanchi", "match-fleet", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


class TestMatchFleet:
    def test_tells_what_was_matched_and_that_nothing_is_lost(self, stored: str, tmp_path: Path):
        ran = sanchi(stored, "--day", "2026-05-01", "--out", str(tmp_path / "out"))

        assert ran.returncode == 0, ran.stderr
        assert "homes" in ran.stdout
        assert "conserved: " in ran.stdout
        assert (tmp_path / "out" / "manifest.json").exists()

    def test_json_accounts_for_every_wh(self, stored: str, tmp_path: Path):
        out = str(tmp_path / "out")
        options = ("--processes", "--workers", "1", "--engine", "numpy", "--without-standard-offer", "--json")
        ran = sanchi(stored, "--day", "2026-05-01", "--out", out, *options)

        report = json.loads(ran.stdout)
        assert report["n_homes"] == N_HOMES
        assert report["supplied_wh"] == report["matched_wh"] + report["standard_offer_wh"]

    def test_cluster_address_without_a_port_is_declined_and_the_process_ends(self, stored: str, tmp_path: Path):
        ran = sanchi(stored, "--day", "2026-05-01", "--out", str(tmp_path / "out"), "--cluster", "foo")

        assert ran.returncode == 2
        assert "No Dask scheduler answers at foo" in ran.stderr

    def test_unknown_day_is_declined(self, stored: str, tmp_path: Path):
        ran = sanchi(stored, "--day", "2027-05-01", "--out", str(tmp_path / "out"))

        assert ran.returncode == 2
        assert "there: 2026-05-01" in ran.stderr
