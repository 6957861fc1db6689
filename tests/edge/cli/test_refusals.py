"""What sanchi declines at the command line: exit code 2, what and where, what to do, and nothing is lost."""

import json
import re
import socket
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import JST
from sanchi.edge.store.triggers import drop_triggers
from tests.edge.cli.prepared_home import (
    assert_refused,
    untouched,
    write_energies,
    write_registers,
)
from tests.markets.small_market import MARKET_ID
from tests.start.homes import SERVER_URL, Home

# Works on a market-day until somebody writes a line to it.
HOLDER = """
import sys
from pathlib import Path
from sanchi.start.opening import StartOpening

def work():
    print("at work", flush=True)
    sys.stdin.readline()

StartOpening().installation(Path(sys.argv[1])).run_step("small", "close-day", "2020-12-01", work)
"""


class TestUnreadableFile:
    def test_cut_off_parquet_is_refused(self, home: Home, tmp_path: Path):
        path = tmp_path / "energies-2020-12.parquet"
        stamps = [datetime(2020, 12, 3, 0, 30, tzinfo=JST) + n * timedelta(minutes=30) for n in range(96)]
        instants = pa.array(stamps, pa.timestamp("s", "Asia/Tokyo"))
        columns = {"meter_id": ["P1"] * 96, "channel": ["pv"] * 96, "slot_end": instants, "energy_wh": [*range(96)]}
        pq.write_table(pa.table({**columns, "received_at": instants}), path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

        with untouched(home):
            ran = home.run("ingest", str(path))

        assert ran.exit_code == 2
        what, advice = ran.err.splitlines()
        assert what.startswith("declined  energies-2020-12.parquet is not a whole Parquet file: ")
        assert advice == "what to do  It may have been cut off on its way: send it again."
        path.write_bytes(whole)
        assert home.run("ingest", str(path)).out == "energies-2020-12.parquet  96 rows\n"

    def test_other_columns_are_refused(self, home: Home, tmp_path: Path):
        path = tmp_path / "energies-2020-12.csv"
        path.write_text("meter,channel,slot_end,energy_wh,received_at\nP1,pv,,,\n")

        with untouched(home):
            ran = home.run("ingest", str(path))

        assert_refused(
            ran,
            "energies-2020-12.csv misses meter_id; it has besides meter.",
            "Expected columns, separated by commas: meter_id, channel, slot_end, energy_wh, received_at, source, "
            "stage.",
        )

    def test_file_before_it_in_a_folder_stays_taken_and_is_told(self, home: Home, tmp_path: Path):
        folder = tmp_path / "delivery"
        folder.mkdir()
        write_energies(folder / "energies-1.csv", ["P1,pv,2020-12-03T00:30:00+09:00,5"])
        (folder / "energies-2.csv").write_text("nonsense\n")

        ran = home.run("ingest", str(folder))

        assert ran.exit_code == 2
        assert ran.out == "energies-1.csv  1 row\n"
        assert ran.err.startswith("declined  energies-2.csv misses meter_id, channel, slot_end, energy_wh, received_at")
        (folder / "energies-2.csv").unlink()
        assert home.run("ingest", str(folder)).out.startswith("energies-1.csv  taken before as delivery ")

    def test_path_that_is_not_there_is_refused(self, home: Home, tmp_path: Path):
        with untouched(home):
            ran = home.run("ingest", str(tmp_path / "nothing"))

        assert_refused(ran, f"{tmp_path}/nothing: No such file or directory.", "Check the path and its rights.")


class TestBadRow:
    """Rows are judged one by one, so the file is taken; bad rows are told, kept, and counted."""

    def test_with_negative_energy_is_told_and_the_others_taken(self, home: Home, tmp_path: Path):
        rows = [
            "P1,pv,2020-12-03T00:30:00+09:00,5",
            "P1,pv,2020-12-03T01:00:00+09:00,-5",
            "P1,pv,2020-12-03T01:30:00+09:00,6",
        ]
        path = write_energies(tmp_path / "energies-bad.csv", rows)

        ran = home.run("ingest", str(path))

        assert ran.exit_code == 0
        assert ran.out == (
            "energies-bad.csv  2 rows  1 rejected\n"
            "  NEGATIVE_ENERGY  energies-bad.csv, row 2: 1 row rejected; row 2: meter P1, "
            "slot_end 2020-12-03T01:00:00+09:00, energy_wh -5 is below zero\n"
            "    Energies and counts are never below zero, each direction has its own channel. Deliver these rows "
            "corrected in a new file.\n"
        )
        assert taken_energies(home, "2020-12-03", tmp_path) == [("P1", "5"), ("P1", "6")]
        assert home.run("verify").exit_code == 0

    def test_of_an_unknown_meter_is_told_and_the_others_taken(self, home: Home, tmp_path: Path):
        rows = ["P99,pv,2020-12-03T00:30:00+09:00,5", "P1,pv,2020-12-03T00:30:00+09:00,7"]
        path = write_energies(tmp_path / "energies-bad.csv", rows)

        (report,) = json.loads(home.run("ingest", str(path), "--json").out)

        assert (report["rows"], report["accepted"], report["rejected"]) == (2, 1, 1)
        (problem,) = report["problems"]
        assert problem["code"] == "UNKNOWN_METER"
        assert problem["where"] == "energies-bad.csv, row 1"
        assert problem["detail"] == "1 row rejected; row 1: meter P99 is not one of the market's meters"
        assert problem["hint"] == "Deliver the meter in a meters file, then these rows again in a new file."
        assert taken_energies(home, "2020-12-03", tmp_path) == [("P1", "7")]
        assert home.run("verify").exit_code == 0

    def test_of_a_register_that_goes_backwards_is_set_aside_when_the_day_is_closed(self, home: Home, tmp_path: Path):
        path = write_registers(tmp_path / "registers-bad.csv", ["M1,export,2020-12-01T12:00:00+09:00,7"])

        assert home.run("ingest", str(path)).out == "registers-bad.csv  1 row\n"
        assert home.run("close-day", "2020-12-01").exit_code == 0

        # On the day: 6 homes with 2 registers and a roof each, 3 buyers, 48 readings of each, and one more.
        with home.opened() as installation:
            outcome = installation.stores.days.outcome(MARKET_ID, date(2020, 12, 1))
        assert outcome is not None
        counts = outcome.row_counts
        assert (counts.used_row_count, counts.superseded_row_count, counts.set_aside_row_count) == (1007, 1, 1)
        told = {each.problem.code: each.problem for each in outcome.problems}[ProblemCode.REGISTER_BACKWARDS]
        assert told.where == "meter M1 export, 2020-12-01 12:00"
        assert "a fall that no turn of the register explains" in told.detail
        assert "a corrected reading replaces this one" in told.hint
        assert home.run("verify").exit_code == 0


class TestSecondWriter:
    def test_on_the_same_market_day_is_refused_by_name_and_time_of_the_first(self, home: Home):
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home.folder)],
            env=home.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as first:
            assert first.stdin is not None
            assert first.stdout is not None
            assert first.stdout.readline() == "at work\n"
            ran = home.run("close-day", "2020-12-01")
            first.stdin.write("\n")

        assert ran.exit_code == 2
        what, advice = ran.err.splitlines()
        assert re.fullmatch(
            r"declined  close-day 2020-12-01 of market small is being worked on by process "
            rf"{first.pid} on {re.escape(socket.gethostname())} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \S+\.",
            what,
        )
        assert advice.startswith("what to do  Wait until it has ended and run this again")
        assert home.run("close-day", "2020-12-01").exit_code == 0
        assert home.tables()["step_lock"] == []


class TestHome:
    @pytest.mark.parametrize("command", [["close-day", "2020-12-01"], ["verify"], ["report"], ["serve"]])
    def test_that_is_none_is_refused(self, home: Home, tmp_path: Path, command: list[str]):
        ran = home.run(*command, "--home", str(tmp_path / "elsewhere"))

        assert_refused(
            ran,
            f"{tmp_path}/elsewhere is no sanchi home.",
            "Name one with --home DIR, or make one: sanchi init --home DIR",
        )
        assert not (tmp_path / "elsewhere").exists()

    def test_in_a_folder_with_other_things_is_refused(self, home: Home, deliveries: Path):
        ran = home.run("init", "--home", str(deliveries))

        assert_refused(
            ran,
            f"{deliveries} is not empty and is no sanchi home.",
            "Name an empty or new folder with --home DIR.",
        )
        assert sorted(path.name for path in deliveries.iterdir()) == ["after_final", "late", "pilot"]

    def test_that_cannot_be_written_is_refused(self, home: Home, tmp_path: Path):
        # Below a file nobody can write, not even root.
        (tmp_path / "file").touch()

        ran = home.run("init", "--home", str(tmp_path / "file" / "home"))

        assert_refused(
            ran,
            f"{tmp_path}/file/home cannot be written (Not a directory).",
            "Name a folder that you may write with --home DIR.",
        )

    def test_with_an_old_schema_is_refused_until_init_has_brought_it_up_to_date(self, tmp_path: Path, home: Home):
        old = Home.of_schema(tmp_path / "old", "0003_certificates")

        ran = old.run("ingest", "anything")

        assert_refused(
            ran,
            f"The database of {old.folder} was made by another version of sanchi, or parts of its schema are missing.",
            f"Bring it up to date: sanchi init --home {old.folder}",
        )
        assert old.command("init").out == f"up to date  {old.folder}\n"
        assert_refused(old.run("report"), "This home holds no market yet.", "Take one in first: sanchi ingest FOLDER")
        old.drop()

    def test_whose_books_are_not_guarded_is_refused_until_init_has_mended_it(self, home: Home):
        with home.entered():
            drop_triggers()

        ran = home.run("close-day", "2020-12-01")

        assert ran.exit_code == 2
        assert "or parts of its schema are missing" in ran.err
        assert home.command("init").exit_code == 0
        assert home.run("close-day", "2020-12-01").exit_code == 0

    def test_of_a_newer_version_is_refused(self, home: Home):
        with home.entered():
            MigrationRecorder(connection).record_applied("store", "0099_tomorrow")

        with untouched(home):
            for command in (["close-day", "2020-12-01"], ["init"]):
                assert_refused(
                    home.run(*command),
                    f"The database of {home.folder} was made by a newer version of sanchi (0099_tomorrow).",
                    "Use that version, or name another home with --home DIR.",
                )

    @pytest.mark.skipif(bool(SERVER_URL), reason="the file of SQLite")
    @pytest.mark.parametrize("command", [["report"], ["init"]])
    def test_with_a_broken_database_is_refused(self, home: Home, command: list[str]):
        (home.folder / "sanchi.sqlite3").write_bytes(b"nonsense" * 1_000)

        assert_refused(
            home.command(*command),
            f"The database of {home.folder} cannot be opened: file is not a database.",
            "Look at SANCHI_DATABASE_URL and its server; without one, restore sanchi.sqlite3 from a backup.",
        )

    def test_whose_database_server_is_not_there_is_refused(self, home: Home, monkeypatch: pytest.MonkeyPatch):
        nowhere = f"postgresql:///sanchi?host={home.folder}"
        monkeypatch.setattr(Home, "environment", home.environment | {"SANCHI_DATABASE_URL": nowhere})

        ran = home.command("report")

        assert ran.exit_code == 2
        what, advice = ran.err.splitlines()
        assert what.startswith(f"declined  The database of {home.folder} cannot be opened: ")
        assert advice.startswith("what to do  Look at SANCHI_DATABASE_URL and its server; ")


class TestExport:
    def test_to_a_place_that_cannot_be_written_is_refused(self, home: Home, tmp_path: Path):
        (tmp_path / "file").touch()

        with untouched(home):
            ran = home.run("export", "allocations", "--out", str(tmp_path / "file" / "allocations.csv"))

        assert_refused(
            ran,
            f"{tmp_path}/file/allocations.csv cannot be written (Not a directory).",
            "Name a file in a folder that you may write: --out FILE.",
        )

    def test_of_dates_in_the_wrong_order_is_refused(self, home: Home):
        ran = home.run("export", "allocations", "--from", "2020-12-02", "--to", "2020-12-01")

        assert_refused(ran, "--from 2020-12-02 is after --to 2020-12-01.", "Write the earlier date first.")


class TestServe:
    @pytest.mark.parametrize("command", [["serve"], ["demo", "--days", "1"]])
    def test_on_an_occupied_port_is_refused_before_anything_is_done(
        self, home: Home, tmp_path: Path, command: list[str]
    ):
        folder = home.folder if command == ["serve"] else tmp_path / "demo"
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            ran = home.command(*command, "--home", str(folder), "--port", str(port))

        assert_refused(
            ran,
            f"Port {port} on 127.0.0.1 is taken (Address already in use).",
            "Stop the other program or choose another port: --port N",
        )
        assert len(ran.err.splitlines()) == 2
        assert folder == home.folder or not folder.exists()


def taken_energies(home: Home, delivery_date: str, tmp_path: Path) -> list[tuple[str, str]]:
    """Give what a date's export of readings holds, as meter and reading."""
    target = tmp_path / "readings.csv"
    ran = home.run("export", "readings", "--from", delivery_date, "--to", delivery_date, "--out", str(target))
    assert ran.exit_code == 0, ran.err
    header, *rows = [line.split(",") for line in target.read_text().splitlines()]
    meter, reading = header.index("meter_id"), header.index("reading")
    return [(row[meter], row[reading]) for row in rows]
