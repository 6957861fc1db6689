"""The overview of commands waits for nothing heavy, and what commands print for machines is one JSON document."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sanchi.core.matching.mechanisms.table import MECHANISMS
from tests.start.homes import Home

COMMANDS = (
    "init",
    "ingest",
    "close-day",
    "close-month",
    "verify",
    "report",
    "explain",
    "compare",
    "export",
    "serve",
    "demo",
)
HEAVY = {"django", "duckdb", "numba", "numpy", "polars", "psycopg", "pyarrow"}


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    nowhere = Home(folder=tmp_path_factory.mktemp("overview") / "nowhere")
    command = [sys.executable, "-X", "importtime", "-m", "sanchi", "--help"]
    return subprocess.run(command, env=nowhere.environment, capture_output=True, text=True, check=True)


class TestHelp:
    def test_imports_nothing_heavy(self, overview: subprocess.CompletedProcess[str]):
        imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in overview.stderr.splitlines()}

        assert "typer" in imported
        assert imported & HEAVY == set()

    def test_lists_all_commands_in_the_order_of_the_work(self, overview: subprocess.CompletedProcess[str]):
        words = [line.strip("│ ").partition(" ")[0] for line in overview.stdout.splitlines()]

        assert tuple(word for word in words if word in COMMANDS) == COMMANDS

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_a_command_tells_its_options(self, home: Home, command: str):
        ran = home.run(command, "--help")

        assert ran.exit_code == 0
        assert "--home" in ran.out

    def test_is_given_where_a_command_is_unknown(self, home: Home):
        ran = home.run("close-week")

        assert ran.exit_code == 2
        assert "No such command 'close-week'" in ran.err


class TestJson:
    def test_of_ingest_counts_every_row(self, home: Home, tmp_path: Path):
        path = tmp_path / "energies-1.csv"
        path.write_text(
            "meter_id,channel,slot_end,energy_wh,received_at\n"
            "P1,pv,2020-12-03T00:30:00+09:00,5,2020-12-04T00:00:00+09:00\n"
            "P1,pv,2020-12-03T00:31:00+09:00,5,2020-12-04T00:00:00+09:00\n"
        )

        (report,) = json.loads(home.run("ingest", str(path), "--json").out)

        assert (report["rows"], report["accepted"], report["rejected"]) == (2, 1, 1)
        assert [problem["code"] for problem in report["problems"]] == ["STAMP_OFF_BOUNDARY"]

    def test_of_close_day_tells_each_day(self, home: Home):
        reports = json.loads(home.run("close-day", "2020-11-29..2020-11-30", "--json").out)

        assert [(report["delivery_date"], report["outcome"]) for report in reports] == [
            ("2020-11-29", "unchanged"),
            ("2020-11-30", "unchanged"),
        ]

    def test_of_close_month_tells_what_was_finalised(self, home: Home):
        report = json.loads(home.run("close-month", "2020-11", "--json").out)

        assert (report["month"], report["is_new"], report["days_finalised"]) == ("2020-11", True, 2)
        again = json.loads(home.run("close-month", "2020-11", "--json").out)
        assert (again["is_new"], again["days_finalised"]) == (False, 0)

    def test_of_verify_tells_every_law(self, home: Home):
        laws = json.loads(home.run("verify", "--json").out)

        assert len(laws) > 10
        assert all(law["holds"] for law in laws)

    def test_of_report_tells_all_figures(self, home: Home):
        summary = json.loads(home.run("report", "--json").out)

        assert summary["totals"]["n_days"] == 2

    def test_of_compare_measures_every_mechanism_on_the_same_supply(self, home: Home):
        report = json.loads(home.run("compare", "--month", "2020-11", "--json").out)
        surplus, self_consumption = report["kinds"]

        for kind in (surplus, self_consumption):
            assert kind["dates"] == ["2020-11-29", "2020-11-30"]
            assert len(kind["mechanisms"]) + len(kind["skipped"]) == len(MECHANISMS)
            assert len({each["supply_wh"] for each in kind["mechanisms"]}) == 1
        assert surplus["mechanisms"][0]["matched_wh"] > 0

    def test_of_a_refusal_is_an_error_with_advice(self, home: Home):
        ran = home.run("close-day", "tomorrow", "--json")

        assert ran.exit_code == 2
        assert ran.err == ""
        assert json.loads(ran.out) == {
            "error": "WrongInput",
            "what": "'tomorrow' is not a date.",
            "hint": "Write it as YYYY-MM-DD, for example 2020-12-01.",
        }
