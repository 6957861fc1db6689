"""Runs a small pilot in forked processes that are killed at chosen points, then runs it again and exports it.

Enters: a folder, a seed, a number of points. Leaves: one JSON line a point on stdout. Started by test_killed.
A point is an SQL statement, a commit, or a flush or rename of a file: the n-th one is the last thing that happens.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

# All that is heavy is imported before forking, but nothing of it opens a database.
from sanchi.core.base.months import Month
from sanchi.core.matching import DayMatchInput, match_day
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from sanchi.start.opening import StartOpening
from tests.markets.small_market import MARKET_ID, write_market

TEMPLATE = "empty-home"
EXPORTS = ("allocations", "certificates", "journal", "readings", "slot-energy")
# What a forked process reports through its exit code besides success.
EXIT_FAILED = 70


class Fuse:
    """Counts points and ends the process with SIGKILL at the chosen one; 0 = never."""

    def __init__(self, blow_at: int) -> None:
        """Set the point."""
        self.blow_at = blow_at
        self.count = 0

    def burn(self) -> None:
        """Pass one point."""
        self.count += 1
        if self.count == self.blow_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_files(self) -> None:
        """Pass a point before each flush and each rename."""
        for name in ("fsync", "replace", "rename"):
            setattr(os, name, self._before(getattr(os, name)))

    def watch_database(self) -> None:
        """Pass a point before each statement and each commit."""
        from django.db import connection
        from django.db.backends.base.base import BaseDatabaseWrapper

        def execute(run: Callable[..., Any], *arguments: Any) -> Any:
            self.burn()
            return run(*arguments)

        connection.execute_wrappers.append(execute)
        commit = "_commit"
        setattr(BaseDatabaseWrapper, commit, self._before(getattr(BaseDatabaseWrapper, commit)))

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function."""

        def passing(*arguments: Any, **options: Any) -> Any:
            self.burn()
            return function(*arguments, **options)

        return passing


def run_pilot(home: Path, deliveries: Path, fuse: Fuse) -> None:
    """Go through the small pilot: on time, late, finalised, corrected, paid off."""
    installation = StartOpening().installation(home)
    fuse.watch_files()
    fuse.watch_database()
    steps: tuple[Callable[[], object], ...] = (
        lambda: ingest_path(installation, deliveries / "pilot", None),
        lambda: close_days(installation, MARKET_ID, "2020-11-29..2020-11-30"),
        lambda: ingest_path(installation, deliveries / "late", None),
        lambda: close_days(installation, MARKET_ID, "stale"),
        lambda: close_one_month(installation, MARKET_ID, Month(year=2020, month_no=11), None),
        lambda: ingest_path(installation, deliveries / "after_final", None),
        lambda: close_days(installation, MARKET_ID, "stale"),
        lambda: close_days(installation, MARKET_ID, "2020-12-01..2020-12-02"),
        lambda: close_one_month(installation, MARKET_ID, Month(year=2020, month_no=12), None),
    )
    for step in steps:
        step()


def export_digests(home: Path) -> dict[str, str]:
    """Export every table and digest the files; the audit has to hold too."""
    installation = StartOpening().installation(home)
    broken = [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds]
    assert not broken, f"broken laws: {broken}"
    digests = {}
    for table in EXPORTS:
        target = home / f"{table}.csv"
        installation.exporter.write(MARKET_ID, table, date(2020, 11, 29), date(2020, 12, 2), "csv", target)
        digests[table] = hashlib.sha256(target.read_bytes()).hexdigest()
    # Keys are copied with the home, so the same leaves make the same signed bytes.
    notes = [sealed.note for sealed in installation.stores.log.checkpoints(MARKET_ID)]
    digests["log"] = hashlib.sha256("".join(notes).encode()).hexdigest()
    return digests


def in_fork(work: Callable[[], None]) -> int:
    """Run work in a process of its own; returns its exit code, negative when a signal ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it was, the parent has to see it
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(EXIT_FAILED)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def undisturbed(folder: Path, deliveries: Path) -> tuple[dict[str, str], int]:
    """Run the pilot without a fuse: its exports, and how many points it passes."""
    home, report = folder / "undisturbed", folder / "undisturbed.json"

    def work() -> None:
        fuse = Fuse(0)
        use_database(home.name)
        run_pilot(home, deliveries, fuse)
        n_points = fuse.count
        report.write_text(json.dumps([export_digests(home), n_points]))

    copy_home(folder, home)
    assert in_fork(work) == 0, "the undisturbed run failed"
    digests, count = json.loads(report.read_text())
    return digests, count


def disturbed(folder: Path, deliveries: Path, blow_at: int) -> dict[str, Any]:
    """Kill a run at a point, run it again, export."""
    name = f"killed-{blow_at}"
    home, report = folder / name, folder / f"{name}.json"

    def first() -> None:
        use_database(name)
        run_pilot(home, deliveries, Fuse(blow_at))

    def again() -> None:
        use_database(name)
        run_pilot(home, deliveries, Fuse(0))
        report.write_text(json.dumps(export_digests(home)))

    copy_home(folder, home)
    ended = in_fork(first)
    result = in_fork(again)
    digests = json.loads(report.read_text()) if result == 0 else {}
    shutil.rmtree(home)
    return {"point": blow_at, "ended": ended, "again": result, "digests": digests}


def make_template(folder: Path) -> None:
    """Make the empty home that all runs start from."""

    def work() -> None:
        make_database(TEMPLATE, "template1")
        use_database(TEMPLATE)
        StartOpening().create(folder / TEMPLATE)

    assert in_fork(work) == 0, "the empty home could not be made"


def copy_home(folder: Path, home: Path) -> None:
    """Give a run a home of its own."""
    shutil.copytree(folder / TEMPLATE, home)
    make_database(home.name, database_name(TEMPLATE))


def make_database(name: str, template: str) -> None:
    """On PostgreSQL, copy a database; on SQLite a home holds its own."""
    url = os.environ.get("SANCHI_DATABASE_URL", "")
    if not url:
        return
    import psycopg

    base, mark, options = url.partition("?")
    with psycopg.connect(f"{base.rpartition('/')[0]}/postgres{mark}{options}", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database_name(name)}"')
        connection.execute(f'CREATE DATABASE "{database_name(name)}" TEMPLATE "{template}"')


def use_database(name: str) -> None:
    """Lead this process to a run's own database."""
    url = os.environ.get("SANCHI_DATABASE_URL", "")
    if url:
        base, mark, options = url.partition("?")
        os.environ["SANCHI_DATABASE_URL"] = f"{base.rpartition('/')[0]}/{database_name(name)}{mark}{options}"


def database_name(name: str) -> str:
    """Name a run's database."""
    return f"sanchi_{name.replace('-', '_')}"


def load_kernels() -> None:
    """Compile or load the kernels once for all forks."""
    empty = np.zeros((48, 1), dtype=np.int64)
    match_day(
        DayMatchInput(
            home_key=np.zeros(1, dtype=np.int64),
            choice_buyer_index=np.zeros((1, 1), dtype=np.int32),
            supply_wh=empty + 1,
            capacity_wh=empty + 1,
            delivery_date=date(2020, 11, 29),
        )
    )


def seeded_points(seed: int, n_points: int, n_all: int) -> Iterator[int]:
    """Draw points, one from each of equal stretches of the run, so that no step is left out."""
    chance = random.Random(seed)
    for stretch in range(n_points):
        yield 1 + chance.randrange(stretch * n_all // n_points, (stretch + 1) * n_all // n_points)


def report(document: dict[str, Any]) -> None:
    """Write one JSON line, at once."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run all points and report each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--points", type=int, required=True)
    arguments = parser.parse_args()
    deliveries = arguments.folder / "deliveries"
    write_market(deliveries)
    load_kernels()
    make_template(arguments.folder)
    digests, n_all = undisturbed(arguments.folder, deliveries)
    report({"digests": digests, "points": n_all})
    for point in seeded_points(arguments.seed, arguments.points, n_all):
        report(disturbed(arguments.folder, deliveries, point))


if __name__ == "__main__":
    main()
