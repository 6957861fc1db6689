"""A small market, closed for real in a home of its own, and ways to falsify what it has stored.

Enters: a folder. Leaves: ClosedMarket. Every falsification is rolled back; the market is built once a run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction

from sanchi.app.audit import LawResult
from sanchi.app.close_day import close_day
from sanchi.app.close_month import close_month
from sanchi.app.ingest import ingest_delivery
from sanchi.app.spread_months import spread_months
from sanchi.app.stores import Installation
from sanchi.core.base.ids import PartyId
from sanchi.core.base.months import Month
from sanchi.edge.store.home import LAKE_FOLDER_NAME
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.sql import fetch
from sanchi.edge.store.triggers import create_triggers, drop_triggers
from tests.core.metering.formats.tso_documents import POINT, confirmed
from tests.edge.store.audit.trading import trade_all
from tests.fakes.inbox import ct_line, minutes, write_lines
from tests.markets.small_market import MARKET_ID, REGISTER_COLUMNS, SmallMarket, write_market
from tests.start.homes import Home

MARKET = SmallMarket()
*EARLY_DATES, LAST_DATE = MARKET.dates
METER_COLUMNS = "meter_id,party_id,channels,unit_wh,digits,installed_at,removed_at,plausible_wh_max"
EVENT = {"at": "2020-12-25T12:00:00+09:00", "connector": "c", "event": "poll_ok", "subject": "c", "figure": 0}
FAULTY_ROWS = (
    ("M1", "import", "2020-11-29T00:10:00+09:00", "10001", "2020-11-29T04:00:00+09:00"),
    ("unknown", "import", "2020-11-29T00:30:00+09:00", "1", "2020-11-29T04:00:00+09:00"),
)
# A decision that changes no energy: the slot was measured.
IDLE_DECISION = (
    ("meter_id", "channel", "slot_end", "action", "energy_wh", "reason", "decided_by", "decided_at"),
    (
        *("M1", "import", "2020-12-01T10:00:00+09:00", "accept_estimate", ""),
        *("seen on the meter", "op1", "2020-12-05T10:00:00+09:00"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMarket:
    """Four closed days: November finalised, corrected after that, its debt paid off on the last day."""

    home: Home
    installation: Installation

    @property
    def lake(self) -> Lake:
        """Give the lake of the home."""
        return Lake(self.home.folder / LAKE_FOLDER_NAME)

    def laws(self) -> dict[str, LawResult]:
        """Audit what is stored now."""
        return {law.law: law for law in self.installation.auditor.laws(MARKET_ID)}

    def lake_file(self, table: str, day: date | None = None) -> Path:
        """Find the file of a table, of a delivery or of the latest revision of a day."""
        of_day = "delivery_date IS NULL" if day is None else f"delivery_date = '{day}'"
        found = fetch(f"SELECT path FROM lake_file WHERE table_name = '{table}' AND {of_day} ORDER BY revision DESC")
        return self.lake.root / found[0][0]

    @contextmanager
    def falsified(self) -> Iterator["Forger"]:
        """Let everything be changed for as long as the block runs; afterwards all is as it was."""
        with transaction.atomic():
            forger = Forger(market=self)
            forger.thaw()
            yield forger
            transaction.set_rollback(True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forger:
    """Changes what is stored behind the platform's back."""

    market: ClosedMarket

    def thaw(self) -> None:
        """Let no trigger or foreign key stand in the way; checks hold on, so forgeries pass them."""
        if connection.vendor == "sqlite":
            drop_triggers()
        else:
            self.sql("SET LOCAL session_replication_role = replica")

    def freeze(self) -> None:
        """Make the schema whole again."""
        if connection.vendor == "sqlite":
            create_triggers()

    def sql(self, statement: str, *parameters: Any) -> None:
        """Run a statement that changes at least one row or the schema."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            assert cursor.rowcount != 0, f"nothing to falsify: {statement}"

    def rewrite(self, table: str, day: date, change: Callable[[pa.Table], pa.Table], *, revision: int) -> None:
        """Put another file in the place of a day's file, with its digest and row count."""
        where = "market = %s AND table_name = %s AND delivery_date = %s AND revision = %s"
        place = (MARKET_ID, table, day, revision)
        ((path,),) = fetch(f"SELECT path FROM lake_file WHERE {where}", place)
        lake = self.market.lake
        info = lake.write(table, change(lake.read(path)))
        self.sql(
            f"UPDATE lake_file SET path = %s, digest = %s, row_count = %s, byte_count = %s WHERE {where}",
            *(info.path, info.digest, info.row_count, info.byte_count),
            *place,
        )

    def rewrite_delivered(self, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
        """Put another file in the place of a table's first file of a delivery."""
        where = "market = %s AND table_name = %s"
        ((file_no, path), *_) = fetch(
            f"SELECT lake_file_no, path FROM lake_file WHERE {where} ORDER BY 1", (MARKET_ID, table)
        )
        lake = self.market.lake
        info = lake.write(table, change(lake.read(path)))
        self.sql(
            "UPDATE lake_file SET path = %s, digest = %s, row_count = %s, byte_count = %s WHERE lake_file_no = %s",
            *(info.path, info.digest, info.row_count, info.byte_count, file_no),
        )

    def broken_laws(self) -> dict[str, LawResult]:
        """Audit what is stored now, with the schema made whole, and give what is broken."""
        self.freeze()
        return {name: law for name, law in self.market.laws().items() if not law.holds}


Rows = list[dict[str, Any]]


def rows_changed(change: Callable[[Rows], None]) -> Callable[[pa.Table], pa.Table]:
    """Make a change of rows in place a change of a table."""

    def changed(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        change(rows)
        return pa.Table.from_pylist(rows, schema=table.schema)

    return changed


_BUILT: dict[Path, Home] = {}


def closed_market(
    tmp_path_factory: pytest.TempPathFactory, blocker: Any, *, has_decoded: bool = False
) -> Iterator[ClosedMarket]:
    """Give the market of the run, built when it is first asked for; its database is the default one meanwhile.

    has_decoded : it took files of connectors in as well, for a meter of their own after the closed days, and traded.
    """
    with blocker.unblock():
        folder = tmp_path_factory.getbasetemp() / ("decoded_market" if has_decoded else "closed_market")
        if folder not in _BUILT:
            _BUILT[folder] = build(folder, has_decoded=has_decoded)
        home = _BUILT[folder]
        with home.opened() as installation:
            yield ClosedMarket(home=home, installation=installation)


def build(folder: Path, *, has_decoded: bool) -> Home:
    """Deliver, close, revise, finalise, correct and close again."""
    write_market(folder / "files", MARKET)
    lines = [",".join(row) for row in (REGISTER_COLUMNS, *FAULTY_ROWS)]
    (folder / "files" / "registers-faulty.csv").write_text("\n".join(lines) + "\n")
    (folder / "files" / "overrides-1.csv").write_text("\n".join(",".join(row) for row in IDLE_DECISION) + "\n")
    home = Home.made(folder / "home")
    with home.opened() as installation:
        steps = Steps(installation=installation)
        steps.take(folder / "files" / "pilot")
        steps.take(folder / "files" / "registers-faulty.csv")
        steps.take(folder / "files" / "overrides-1.csv")
        steps.close(*EARLY_DATES)
        steps.take(folder / "files" / "late")
        steps.close(*EARLY_DATES)
        steps.finalise(Month(year=2020, month_no=11))
        steps.take(folder / "files" / "after_final")
        steps.close(MARKET.lowered_date, LAST_DATE)
        for path in write_decoded(folder / "files") if has_decoded else ():
            steps.take(path)
        if has_decoded:
            steps.trade()
        steps.spread()
    return home


def write_decoded(folder: Path) -> tuple[Path, ...]:
    """Write a panels' CT that comes after the closed days, and two files of its cloud that complete each other."""
    meter = "CT9,H1,pv,1,0,2020-12-20T00:00:00+09:00,,4000,ct,ct-009/pv,"
    monthly = f"E9,H1,export,1,0,2020-12-20T00:00:00+09:00,,4000,tso,{POINT},"
    columns = f"{METER_COLUMNS},source,address,same_as,cadence"
    (folder / "meters-ct.csv").write_text(f"{columns}\n{meter},\n{monthly},monthly\n")
    (folder / "W51220-1.xml").write_text(confirmed({}, month_kwh="0.9"))
    place = {"device_id": "ct-009", "from": "2020-12-25T12:00:00+09:00"}
    first = minutes([-5, *[600] * 19], **place)
    second = minutes([None] * 20 + [1_200] * 10, **place)
    return (
        folder / "meters-ct.csv",
        write_lines(folder, "ctcloud-1.jsonl", [ct_line(first, {"device_id": 3}), "no line"]),
        write_lines(folder, "ctcloud-2.jsonl", [ct_line(second, minutes([7], device_id="ct-010"))]),
        write_lines(folder, "events-1.jsonl", [EVENT]),
        folder / "W51220-1.xml",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The commands of the market's operator."""

    installation: Installation

    def take(self, path: Path) -> None:
        """Take delivered files in."""
        list(ingest_delivery(self.installation, self.installation.open_delivery(path), None))

    def close(self, *dates: date) -> None:
        """Close days, each in its own transaction."""
        stores = self.installation.stores
        for day in dates:
            self.installation.run_step(MARKET_ID, "close-day", str(day), partial(close_day, stores, MARKET_ID, day))

    def spread(self) -> None:
        """Spread what was told of months."""
        use_case = partial(spread_months, self.installation.stores, MARKET_ID, date(2021, 12, 31))
        self.installation.run_step(MARKET_ID, "ingest", "files", use_case)

    def trade(self) -> None:
        """Do each operation of the registry once, on what nobody has claimed of the finalised month."""
        book = self.installation.stores.market.book(MARKET_ID)
        number_of = {party.party_id: party.party_no for party in book.parties}
        trade_all(self.installation, number_of[book.terms.retailer_id], number_of[PartyId("tower")])

    def finalise(self, month: Month) -> None:
        """Close a month."""
        use_case = partial(
            close_month, self.installation.stores, MARKET_ID, month, on_date=None, today=date(2021, 12, 31)
        )
        self.installation.run_step(MARKET_ID, "close-month", str(month), use_case)
