"""The audit finds nothing in sound books, and exactly what was falsified in false ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.audit.auditor import LAWS
from sanchi.edge.store.audit.log_laws import LOG_LAWS
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.edge.store.audit.forgeries import FORGERIES as FORGERIES_OF_BOOKS
from tests.edge.store.audit.forging import OPEN, Forgery
from tests.edge.store.audit.log_forgeries import LOG_FORGERIES

# Laws that are broken by the database's schema or the lake's bytes, not by content.
OF_THE_STORE = {"SCHEMA", "LAKE_FILES"}
FORGERIES = (*FORGERIES_OF_BOOKS, *LOG_FORGERIES)
# Most of what the books say is sealed, so the log finds most forgeries of books a second time.
OF_THE_LOG = {law.law for law in LOG_LAWS}


class TestSoundBooks:
    def test_keep_every_law(self, market: ClosedMarket):
        laws = market.laws().values()

        assert [(law.law, law.broken_examples) for law in laws if not law.holds] == []
        assert [law.law for law in laws if law.checked_count == 0] == []

    def test_are_not_changed_by_the_audit(self, market: ClosedMarket):
        before = market.home.content()

        market.laws()

        assert market.home.content() == before

    def test_of_another_market_are_not_there(self, market: ClosedMarket):
        with pytest.raises(UnknownRecord, match="no market elsewhere"):
            market.installation.auditor.laws(MarketId("elsewhere"))


class TestLaw:
    def test_is_named_once_and_has_a_title_for_a_table(self):
        assert len({law.law for law in LAWS}) == len(LAWS)
        assert [law.title for law in LAWS if len(law.title) > 90] == []

    def test_is_broken_by_a_forgery_at_least(self):
        assert {forgery.law for forgery in FORGERIES} | OF_THE_STORE == {law.law for law in LAWS}

    @pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.law)
    def test_finds_what_breaks_it_and_nothing_else(self, market: ClosedMarket, forgery: Forgery):
        with market.falsified() as forger:
            forgery.forge(forger)
            broken = forger.broken_laws()

        found_twice = set() if forgery.law in OF_THE_LOG else OF_THE_LOG
        assert set(broken) - found_twice == {forgery.law} | forgery.also
        for law in broken.values():
            assert law.broken_examples
            assert not any("cannot be checked" in example for example in law.broken_examples)


@contextmanager
def damaged(file: Path, damage: Callable[[bytes], bytes | None]) -> Iterator[None]:
    """Change a file's bytes, or take it away, for as long as the block runs."""
    content = file.read_bytes()
    left = damage(content)
    file.unlink()
    if left is not None:
        file.write_bytes(left)
    try:
        yield
    finally:
        file.write_bytes(content)


class TestLakeFile:
    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (lambda content: None, "found no file"),
            (lambda content: content[:-9], "found no Parquet file"),
            (lambda content: b"", "found no Parquet file"),
            (lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:], "with the digest"),
        ],
        ids=["gone", "cut off", "empty", "altered"],
    )
    def test_that_is_damaged_is_named(self, market: ClosedMarket, damage, said: str):
        # No other law reads the rows that were rejected but those that count them.
        file = market.lake_file("rejected")

        with damaged(file, damage):
            laws = market.laws()

        (example,) = laws["LAKE_FILES"].broken_examples
        assert example.startswith(str(file.relative_to(market.lake.root)))
        assert said in example
        assert {name for name, law in laws.items() if not law.holds} <= {"LAKE_FILES", "ROWS_DELIVERED", "ROWS_DECODED"}

    def test_that_is_gone_leaves_the_laws_that_need_it_unproven(self, market: ClosedMarket):
        file = market.lake_file("closing_times", OPEN)

        with damaged(file, lambda content: None):
            laws = market.laws()

        assert {name for name, law in laws.items() if not law.holds} == {"LAKE_FILES", "CAPACITY", "LOG_DAYS"}
        assert laws["CAPACITY"].checked_count == 0
        assert laws["CAPACITY"].broken_examples[0].startswith("cannot be checked: The lake file")

    def test_that_the_database_names_otherwise_is_found(self, market: ClosedMarket):
        with market.falsified() as forger:
            forger.sql("UPDATE lake_file SET row_count = row_count + 1 WHERE table_name = 'rejected'")
            broken = forger.broken_laws()

        assert set(broken) == {"LAKE_FILES"}


class TestSchema:
    def test_without_a_trigger_is_found(self, market: ClosedMarket):
        of_table = ' ON "transfer"' if connection.vendor == "postgresql" else ""

        with market.falsified() as forger:
            forger.freeze()
            forger.sql(f"DROP TRIGGER transfer_frozen_update{of_table}")
            laws = market.laws()

        assert [law.law for law in laws.values() if not law.holds] == ["SCHEMA"]
        assert laws["SCHEMA"].broken_count == 1
        assert "trigger transfer_frozen_update" in laws["SCHEMA"].broken_examples[0]

    def test_with_a_trigger_that_lets_everything_pass_is_found(self, market: ClosedMarket):
        if connection.vendor == "postgresql":
            weakening = "ALTER TABLE transfer DISABLE TRIGGER transfer_frozen_update"
        else:
            weakening = (
                "CREATE TRIGGER transfer_frozen_update BEFORE UPDATE ON transfer WHEN false "
                "BEGIN SELECT RAISE(ABORT, 'never'); END"
            )

        with market.falsified() as forger:
            forger.freeze()
            if connection.vendor == "sqlite":
                forger.sql("DROP TRIGGER transfer_frozen_update")
            forger.sql(weakening)
            laws = market.laws()

        assert [law.law for law in laws.values() if not law.holds] == ["SCHEMA"]
