"""The books of a market: every table, of this market alone, revisions in force, as of one moment, found by rows."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sanchi.core.base.errors import UnknownRecord
from sanchi.edge.store.books import Books, open_books
from sanchi.edge.store.lake import DamagedLakeFile
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.edge.store.audit.forging import OPEN, PAYING, REVISED
from tests.markets.small_market import MARKET_ID
from tests.start.homes import Home

N_HOMES, N_DAYS, N_SLOTS = 6, 4, 48
TABLES = (
    "account", "accrual", "certificate", "choice", "claim", "day_run", "debt", "debt_settlement", "delivery",
    "home_day", "lake_file", "market", "market_day", "meter", "offer", "party", "period", "plant", "problem",
    "slice", "statement", "statement_line", "transfer",
)  # fmt: skip
RELATIONS = (*TABLES, *LAKE_SCHEMAS)
OTHER_MARKET_SQL = (
    "INSERT INTO market SELECT 'other', name, name_ja, grid_area, retailer_id, first_delivery_date, "
    "last_delivery_date, tax_permille, finalise_day, waiting_days, data_credits FROM market"
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker)


def names(books: Books, relation: str) -> list[str]:
    return [name for name, *_ in books.fetch(f"DESCRIBE {relation}")]


@pytest.fixture
def books(market: ClosedMarket) -> Iterator[Books]:
    with open_books(MARKET_ID, market.lake.root) as books:
        yield books


class TestRelation:
    def test_has_its_columns_though_the_market_has_no_row(self, market: ClosedMarket):
        with market.falsified() as forger:
            forger.sql(OTHER_MARKET_SQL)
            with open_books(MARKET_ID, market.lake.root) as books:
                columns = {name: names(books, name) for name in RELATIONS}
            with open_books("other", market.lake.root) as empty:
                empty_columns = {name: names(empty, name) for name in RELATIONS}
                with_rows = [name for name in RELATIONS if empty.fetch(f"FROM {name}")]

        assert empty_columns == columns
        assert with_rows == ["market"]
        assert {"delivery_date", "revision", *LAKE_SCHEMAS["segments"].names} == set(columns["segments"])
        assert "market" not in {column for of_one in columns.values() for column in of_one}

    def test_of_a_market_that_is_not_there_is_refused(self, market: ClosedMarket):
        with pytest.raises(UnknownRecord, match="no market nowhere"), open_books("nowhere", market.lake.root):
            pass

    def test_has_types(self, books: Books):
        ((day, wh, stale),) = books.fetch(
            "SELECT max(delivery_date), max(pv_wh), any_value(is_stale) FROM home_day "
            "JOIN market_day USING (delivery_date)"
        )

        assert (type(day), type(wh), stale) == (date, int, False)

    def test_gives_instants_in_japan_standard_time(self, books: Books):
        assert books.fetch("SELECT DISTINCT installed_at::TEXT, removed_at FROM meter") == [
            ("2020-11-29 00:00:00", None)
        ]

    def test_is_loaded_when_it_is_named_and_not_before(self, market: ClosedMarket, books: Books):
        file = market.lake_file("allocations", OPEN)
        moved = file.with_suffix(".moved")
        file.rename(moved)
        try:
            assert books.fetch("SELECT 'allocations', count(*) FROM slot_energy")[0][1] > 0
            with pytest.raises(DamagedLakeFile, match="missing or cut off"):
                books.fetch("SELECT count(*) FROM allocations")
        finally:
            moved.rename(file)

    def test_gives_rows_by_name(self, books: Books):
        assert books.records("SELECT party_no, party_id FROM party WHERE party_no = ?", [1]) == [
            {"party_no": 1, "party_id": "H1"}
        ]


class TestRevision:
    def test_in_force_alone_counts_for_days(self, books: Books):
        homes = books.fetch("SELECT count(*) FROM home_day")
        slots = books.fetch("SELECT count(*), count(DISTINCT (delivery_date, party_no, slot_no)) FROM slot_energy")
        in_force = books.fetch("SELECT DISTINCT delivery_date, revision FROM slot_energy ORDER BY 1")

        assert homes == [(N_HOMES * N_DAYS,)]
        assert slots == [(N_HOMES * N_DAYS * N_SLOTS,) * 2]
        assert in_force == books.fetch("SELECT delivery_date, revision_in_force FROM market_day ORDER BY 1")
        assert [revision for _, revision in in_force] == [2, 2, 1, 1]

    def test_of_every_age_counts_for_segments(self, books: Books):
        certificates = books.fetch("SELECT DISTINCT certificate_id FROM certificate ORDER BY 1")

        assert books.fetch("SELECT DISTINCT certificate_id FROM segments ORDER BY 1") == certificates
        assert {revision for (revision,) in books.fetch("SELECT DISTINCT revision FROM segments")} == {1, 2}

    def test_that_is_not_in_force_settles_no_debt(self, market: ClosedMarket):
        with market.falsified() as forger:
            with open_books(MARKET_ID, market.lake.root) as before:
                settled = before.fetch("SELECT DISTINCT delivery_date FROM debt_settlement")
            forger.sql("UPDATE market_day SET revision_in_force = 2 WHERE delivery_date = %s", PAYING)
            with open_books(MARKET_ID, market.lake.root) as after:
                left = after.fetch("SELECT count(*) FROM debt_settlement")

        assert settled == [(PAYING,)]
        assert left == [(0,)]

    def test_that_is_not_in_force_has_no_problems_but_deliveries_keep_theirs(self, market: ClosedMarket):
        with market.falsified() as forger:
            with open_books(MARKET_ID, market.lake.root) as books:
                found = books.fetch("SELECT delivery_date, revision, count(*) FROM problem GROUP BY ALL ORDER BY ALL")
            forger.sql("UPDATE market_day SET revision_in_force = 1 WHERE delivery_date = %s", REVISED)
            with open_books(MARKET_ID, market.lake.root) as before:
                of_old = before.fetch("SELECT code FROM problem WHERE delivery_date = ?", [REVISED])

        assert found[-1] == (None, None, 2)
        assert REVISED not in {day for day, *_ in found}
        assert set(of_old) == {("GAP_RECOVERED",)}


class TestLakeFile:
    def test_of_two_days_counts_for_both(self, market: ClosedMarket):
        with market.falsified() as forger:
            path = str(market.lake_file("buyer_use", OPEN).relative_to(market.lake.root))
            forger.sql(
                "UPDATE lake_file SET path = %s WHERE table_name = 'buyer_use' AND delivery_date = %s", path, PAYING
            )
            with open_books(MARKET_ID, market.lake.root) as books:
                rows = books.fetch(
                    "SELECT party_no, slot_no, use_wh, list(delivery_date ORDER BY delivery_date) FROM buyer_use "
                    "WHERE delivery_date >= ? GROUP BY ALL",
                    [OPEN],
                )

        assert len(rows) == 3 * N_SLOTS
        assert {tuple(dates) for *_, dates in rows} == {(OPEN, PAYING)}

    def test_that_no_row_names_is_not_found(self, market: ClosedMarket, books: Books):
        lake = market.lake
        table = lake.read(str(market.lake_file("slot_energy", OPEN).relative_to(lake.root)))
        lake.write("slot_energy", table.slice(5))

        assert books.fetch("SELECT count(*) FROM slot_energy") == [(N_HOMES * N_DAYS * N_SLOTS,)]

    def test_that_is_cut_off_is_named(self, market: ClosedMarket, books: Books):
        file = market.lake_file("slot_energy", OPEN)
        content = file.read_bytes()
        file.write_bytes(content[:-1])
        try:
            with pytest.raises(DamagedLakeFile, match=file.name) as refusal:
                books.fetch("SELECT count(*) FROM slot_energy")
        finally:
            file.write_bytes(content)

        assert str(len(content)) in str(refusal.value)
        assert "backup" in refusal.value.hint

    def test_lies_in_a_folder_of_any_name(self, market: ClosedMarket, tmp_path: Path):
        root = tmp_path / "the home's [1] *, lake"
        shutil.copytree(market.lake.root, root)

        with open_books(MARKET_ID, root) as books:
            assert books.fetch("SELECT count(*) FROM slot_energy") == [(N_HOMES * N_DAYS * N_SLOTS,)]

    def test_gives_what_is_written_in_it(self, market: ClosedMarket, books: Books):
        written = pq.read_table(market.lake_file("allocations", OPEN)).to_pylist()

        rows = books.records("FROM allocations WHERE delivery_date = ?", [OPEN])

        assert [{name: row[name] for name in written[0]} for row in rows] == written
        assert {(row["delivery_date"], row["revision"]) for row in rows} == {(OPEN, 1)}


class TestMoment:
    def test_of_opening_is_what_all_relations_show(self, market: ClosedMarket):
        home: Home = market.home
        with open_books(MARKET_ID, market.lake.root) as books:
            with home._books() as other_process:
                other_process.execute("UPDATE market SET name = 'renamed'")
                other_process.commit()
            name = books.fetch("SELECT name FROM market")
            with home._books() as other_process:
                other_process.execute("UPDATE market SET name = 'Small market'")
                other_process.commit()

        assert name == [("Small market",)]

    def test_ends_with_the_block(self, market: ClosedMarket):
        with pytest.raises(ZeroDivisionError), open_books(MARKET_ID, market.lake.root):
            raise ZeroDivisionError

        with open_books(MARKET_ID, market.lake.root) as books:
            assert books.fetch("SELECT count(*) FROM market_day") == [(N_DAYS,)]


class TestNetwork:
    def test_is_never_asked_for_an_extension(self, books: Books):
        settings = books.fetch(
            "SELECT DISTINCT value FROM duckdb_settings() "
            "WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')"
        )

        assert settings == [("false",)]
