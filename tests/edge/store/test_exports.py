"""Exports name parties, keep their order and their bytes, and never leave half a file."""

import csv
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sanchi.core.base.errors import SetupFault, UnknownRecord
from sanchi.edge.store.exports import TABLES, StoredTableExporter
from sanchi.edge.store.lake import DamagedLakeFile
from sanchi.edge.store.sql import fetch
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.edge.store.audit.forging import CORRECTED, OPEN, PAYING
from tests.markets.small_market import MARKET_ID

ROOT = Path(__file__).resolve().parents[3]
Rows = list[dict[str, Any]]

# Each table's order, as its columns tell it; parties and meters come in the order of their arrival, H1 before H2.
ORDERS: dict[str, Callable[[dict[str, str]], tuple[Any, ...]]] = {
    "allocations": lambda row: (
        row["delivery_date"], int(row["slot_no"]), row["kind"] == "self_consumption", row["home_id"], row["choice_no"],
    ),
    "certificates": lambda row: (row["delivery_date"], row["certificate_id"], int(row["lo_wh"])),
    "closing-times": lambda row: (
        row["kind"] == "self_consumption", row["delivery_date"], int(row["slot_no"]),
        ["shop", "tower", "builder"].index(row["buyer_id"]),
    ),
    "journal": lambda row: (int(row["sequence_no"]),),
    "slot-energy": lambda row: (row["delivery_date"], row["home_id"], int(row["slot_no"])),
}  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker)


@pytest.fixture
def exported(market: ClosedMarket, tmp_path: Path) -> Callable[..., Rows]:
    """Give a function that exports a table and reads it again as texts."""

    def export(table: str, first_date: date = CORRECTED, last_date: date = PAYING) -> Rows:
        target = tmp_path / f"{table}.csv"
        row_count = exporter(market).write(MARKET_ID, table, first_date, last_date, "csv", target)
        with target.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert row_count == len(rows)
        return rows

    return export


def exporter(market: ClosedMarket) -> StoredTableExporter:
    return StoredTableExporter(market.lake.root)


class TestTable:
    @pytest.mark.parametrize("table", TABLES)
    def test_has_the_columns_that_the_reference_explains(self, exported, table: str):
        text = (ROOT / "docs" / "reference" / "exports.md").read_text()
        section = re.split(r"^## ", text, flags=re.MULTILINE)[1 + list(TABLES).index(table)]
        explained = [
            name
            for line in section.splitlines()
            if line.startswith("| `")
            for name in re.findall(r"`(\w+)`", line.split("|")[1])
        ]

        assert section.startswith(table)
        assert sorted(explained) == sorted(exported(table)[0])

    @pytest.mark.parametrize("table", ORDERS)
    def test_stands_in_its_order(self, exported, table: str):
        rows = exported(table)

        assert rows == sorted(rows, key=ORDERS[table])

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("file_format", ["csv", "parquet"])
    def test_gives_the_same_bytes_again(self, market: ClosedMarket, tmp_path: Path, table: str, file_format: str):
        for name in ("first", "second"):
            exporter(market).write(MARKET_ID, table, CORRECTED, PAYING, file_format, tmp_path / name)

        assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()

    @pytest.mark.parametrize("table", TABLES)
    def test_is_the_same_in_both_formats(self, market: ClosedMarket, exported, tmp_path: Path, table: str):
        target = tmp_path / "table.parquet"

        exporter(market).write(MARKET_ID, table, CORRECTED, PAYING, "parquet", target)

        assert [as_texts(row) for row in pq.read_table(target).to_pylist()] == exported(table)

    @pytest.mark.parametrize("table", TABLES)
    def test_of_other_dates_has_a_header_alone(self, market: ClosedMarket, exported, tmp_path: Path, table: str):
        long_ago = date(2019, 1, 1)

        assert exported(table, long_ago, long_ago) == []
        assert (tmp_path / f"{table}.csv").read_text().count("\n") == 1

    def test_that_is_not_there_is_refused(self, market: ClosedMarket, tmp_path: Path):
        with pytest.raises(UnknownRecord, match="no table users as csv") as refusal:
            exporter(market).write(MARKET_ID, "users", OPEN, OPEN, "csv", tmp_path / "users.csv")

        assert "slot-energy" in refusal.value.hint


class TestAllocations:
    def test_add_up_to_what_is_stored(self, market: ClosedMarket, exported):
        outcome = market.installation.stores.days.outcome(MARKET_ID, OPEN)
        assert outcome is not None

        rows = exported("allocations", OPEN, OPEN)

        assert len(rows) == outcome.allocated.row_count
        assert sum(int(row["energy_wh"]) for row in rows) == outcome.allocated.energy_wh.sum()

    def test_name_homes_holders_and_half_hours(self, exported):
        rows = exported("allocations", OPEN, OPEN)
        row = next(row for row in rows if (row["slot_no"], row["choice_no"]) == ("25", "1"))

        assert row == {
            "delivery_date": "2020-12-01",
            "slot_no": "25",
            "slot_start": "2020-12-01T12:00:00+09:00",
            "kind": "surplus",
            "home_id": "H1",
            "choice_no": "1",
            "holder_id": "shop",
            "energy_wh": row["energy_wh"],
            "home_price_sen_per_kwh": "1000",
            "buyer_price_sen_per_kwh": "1100",
            "revision": "1",
        }

    def test_are_those_of_the_revision_in_force(self, exported):
        rows = exported("allocations")

        assert {(row["delivery_date"], row["revision"]) for row in rows} == {
            ("2020-11-29", "2"), ("2020-11-30", "2"), ("2020-12-01", "1"), ("2020-12-02", "1"),
        }  # fmt: skip


class TestCertificates:
    def test_are_given_slice_by_slice_withdrawn_ones_too(self, exported):
        rows = exported("certificates")

        assert {row["state"] for row in rows} == {"active", "retired", "withdrawn"}
        assert all((row["state"] == "retired") == bool(row["claim_no"]) for row in rows)
        assert all(int(row["energy_wh"]) == int(row["hi_wh"]) - int(row["lo_wh"]) for row in rows)


class TestClosingTimes:
    def test_are_the_published_table_of_the_day(self, market: ClosedMarket, exported):
        outcome = market.installation.stores.days.outcome(MARKET_ID, OPEN)
        assert outcome is not None
        table = outcome.closing

        rows = exported("closing-times", OPEN, OPEN)

        assert len(rows) == table.slot_no.size == 2 * 48 * 3
        for name, column in (
            ("capacity_wh", table.capacity_wh), ("closing_time", table.closing_t32), ("rounding", table.rounding_phi60),
        ):  # fmt: skip
            assert [int(row[name]) for row in rows] == column.tolist()

    def test_name_no_home(self, exported):
        rows = exported("closing-times")

        assert {row["buyer_id"] for row in rows} == {"shop", "tower", "builder"}
        assert "home_id" not in rows[0]


class TestJournal:
    def test_is_cut_by_value_date(self, exported):
        days = [day.isoformat() for day in (CORRECTED, OPEN)]

        assert {row["value_date"] for row in exported("journal", CORRECTED, CORRECTED)} == {days[0]}
        assert {row["value_date"] for row in exported("journal", OPEN, OPEN)} == {days[1]}

    def test_adds_up_to_the_balances(self, market: ClosedMarket, exported):
        numbers: dict[str, int] = dict(fetch("SELECT party_id, party_no FROM party"))
        balances: dict[str, int] = {}
        for row in exported("journal"):
            for column, sign in (("debit_account", -1), ("credit_account", 1)):
                code, *parts = row[column].split(":")
                account = ":".join([code, *(str(numbers.get(part, part)) for part in parts)])
                balances[account] = balances.get(account, 0) + sign * int(row["amount_e5yen"])

        assert balances == market.installation.stores.ledger.balances(MARKET_ID)

    def test_tells_what_was_accrued(self, exported):
        row = exported("journal")[0]

        assert (row["code"], row["debit_account"], row["kind"]) == ("accrual", "cost:shop", "surplus")
        assert int(row["amount_e5yen"]) == int(row["energy_wh"]) * int(row["price_sen_per_kwh"])
        assert row["holder_id"] == "shop"


class TestReadings:
    def test_are_those_whose_stamp_closes_a_slot_of_the_date(self, exported):
        rows = exported("readings", OPEN, OPEN)

        assert {row["delivery_date"] for row in rows} == {"2020-12-01"}
        stamps = sorted({row["stamp"] for row in rows})
        assert (stamps[0], stamps[-1]) == ("2020-12-01T00:30:00+09:00", "2020-12-02T00:00:00+09:00")
        assert {row["slot_no"] for row in rows if row["stamp"] == stamps[-1]} == {"48"}

    def test_are_all_versions(self, market: ClosedMarket, exported):
        rows = exported("readings", CORRECTED, CORRECTED)
        of_one = [row for row in rows if row["meter_id"] == "P1" and row["slot_no"] == "25"]

        assert [row["file_name"] for row in of_one] == ["energies-1.csv", "energies-late.csv"]
        assert [row["received_at"] for row in of_one] == ["2020-11-29T16:30:00+09:00", "2020-12-09T16:30:00+09:00"]
        assert [(row["party_id"], row["channel"], row["unit_wh"]) for row in of_one] == [("H1", "pv", "1")] * 2

    def test_stand_by_meter_channel_and_stamp(self, exported):
        rows = exported("readings")
        series = [(row["meter_id"], row["channel"]) for row in rows]

        assert len({*series}) == sum(before != after for before, after in zip(series, [None, *series], strict=False))
        assert [row["stamp"] for row in rows if row["meter_id"] == "P2"] == sorted(
            row["stamp"] for row in rows if row["meter_id"] == "P2"
        )


class TestSlotEnergy:
    def test_names_qualities(self, exported):
        rows = exported("slot-energy")

        assert {row["export_quality"] for row in rows} == {"measured"}
        assert len(rows) == 4 * 6 * 48


class TestTarget:
    @pytest.mark.parametrize("place", ["missing/table.csv", "folder", "file/table.csv"])
    def test_that_cannot_be_written_is_refused_by_name(self, market: ClosedMarket, tmp_path: Path, place: str):
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
        before = sorted(tmp_path.rglob("*"))

        with pytest.raises(SetupFault, match=re.escape(str(tmp_path / place))):
            exporter(market).write(MARKET_ID, "journal", OPEN, OPEN, "csv", tmp_path / place)

        assert sorted(tmp_path.rglob("*")) == before

    def test_stays_as_it_was_where_the_books_cannot_be_read(self, market: ClosedMarket, tmp_path: Path):
        target = tmp_path / "allocations.csv"
        target.write_text("the month before\n")
        file = market.lake_file("allocations", OPEN)
        moved = file.rename(file.with_suffix(".moved"))
        try:
            with pytest.raises(DamagedLakeFile):
                exporter(market).write(MARKET_ID, "allocations", OPEN, OPEN, "csv", target)
        finally:
            moved.rename(file)

        assert target.read_text() == "the month before\n"
        assert list(tmp_path.iterdir()) == [target]

    def test_is_replaced_behind_a_link(self, market: ClosedMarket, tmp_path: Path):
        (tmp_path / "real.csv").write_text("old")
        link = tmp_path / "link.csv"
        link.symlink_to("real.csv")

        exporter(market).write(MARKET_ID, "journal", OPEN, OPEN, "csv", link)

        assert link.is_symlink()
        assert (tmp_path / "real.csv").read_text().startswith("sequence_no,")

    def test_may_be_a_pipe(self, market: ClosedMarket, tmp_path: Path):
        assert exporter(market).write(MARKET_ID, "journal", OPEN, OPEN, "csv", Path(os.devnull)) > 0
        assert not Path(os.devnull).is_file()

    def test_may_have_any_name(self, market: ClosedMarket, tmp_path: Path):
        target = tmp_path / "the books' [1] *.parquet"

        exporter(market).write(MARKET_ID, "journal", OPEN, OPEN, "parquet", target)

        assert pq.read_metadata(target).num_rows > 0


def as_texts(row: dict[str, Any]) -> dict[str, str]:
    """Write a row of Parquet as CSV has it."""
    return {name: as_text(value) for name, value in row.items()}


def as_text(value: Any) -> str:
    """Write a value as CSV has it."""
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta()
        return (value.astimezone(UTC) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%S+09:00")
    return "" if value is None else str(value)
