"""A small market in a home, told and run step by step: what the tests of findings share.

Enters: an empty home. Leaves: FoundMarket. Not here: the findings (test_findings).
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sanchi.app.close_day import CloseReport
from sanchi.app.close_month import MonthReport
from sanchi.app.stores import Installation
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from sanchi.edge.store.sql import Row, fetch
from tests.markets.small_market import MARKET_ID, write_market

REGISTERS = ("meter_id", "channel", "read_at", "register_count", "received_at")
ENERGIES = ("meter_id", "channel", "slot_end", "energy_wh", "received_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMarket:
    """The small market of tests.markets, taken in; days are closed and changed by the test."""

    installation: Installation
    folder: Path

    @classmethod
    def taken(cls, installation: Installation, folder: Path) -> "FoundMarket":
        """Write the market and take in what is delivered on time."""
        write_market(folder)
        ingest_path(installation, folder / "pilot", None)
        return cls(installation=installation, folder=folder)

    def tell(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Deliver one more file."""
        _write(self.folder / name, columns, rows)
        ingest_path(self.installation, self.folder / name, None)

    def take(self, name: str) -> None:
        """Take one of the market's own folders: late or after_final."""
        ingest_path(self.installation, self.folder / name, None)

    def rows(self, kind: str, meter_id: str, channel: str) -> list[list[str]]:
        """List the rows that the market delivered of a series."""
        rows: list[list[str]] = []
        for path in sorted((self.folder / "pilot").glob(f"{kind}-*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                rows += [row for row in csv.reader(file) if row[:2] == [meter_id, channel]]
        return rows

    def close(self, dates: str) -> list[CloseReport]:
        """Close days."""
        return close_days(self.installation, MARKET_ID, dates)

    def close_month(self, year: int, month_no: int) -> MonthReport:
        """Close a month on its usual day."""
        return close_one_month(
            self.installation, MARKET_ID, Month(year=year, month_no=month_no), None, leaves_unclosed=True
        )

    def broken(self) -> list[str]:
        """Name the laws that do not hold, each with an example."""
        laws = self.installation.auditor.laws(MARKET_ID)
        return [f"{law.law}: {law.broken_examples[0]}" for law in laws if not law.holds]

    def fetch(self, sql: str) -> list[Row]:
        """Ask the database."""
        return fetch(sql)


def later(row: Sequence[str], reading: object, days: int = 10) -> list[object]:
    """Give a row as a later version with another reading."""
    received_at = datetime.fromisoformat(row[4]) + timedelta(days=days)
    return [*row[:3], reading, received_at.isoformat()]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
