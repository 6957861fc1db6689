"""A home is opened, its steps are stored whole or not at all, and what is left over is swept."""

import os
import stat
from pathlib import Path

import pytest
from django.db import OperationalError

from sanchi.core.base.errors import SetupFault, StepBusy
from sanchi.edge.store.database_url import database_settings
from sanchi.edge.store.home import keep_secret_key
from sanchi.edge.store.opening import DjangoStores
from sanchi.edge.store.schema import create_schema, expected_schema, missing_schema, schema_is_current
from tests.edge.store.deliveries import deliver, rows
from tests.edge.store.stored_market import MARKET, StoredMarket

LONG_AGO_S = 1_000_000_000


class TestDatabaseAddress:
    def test_is_a_file_in_the_home_by_default(self, tmp_path: Path):
        settings = database_settings("", tmp_path)

        assert settings["NAME"] == tmp_path / "sanchi.sqlite3"
        assert "synchronous=FULL" in settings["OPTIONS"]["init_command"]
        assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("postgresql:///sanchi?host=/run/pg&user=ops", {"NAME": "sanchi", "HOST": "/run/pg", "USER": "ops"}),
            ("postgresql://ops@db/sanchi", {"NAME": "sanchi", "HOST": "db", "USER": "ops", "PORT": ""}),
            ("postgresql://o%40ps:p%2Fw@db:6543/sanchi", {"USER": "o@ps", "PASSWORD": "p/w", "PORT": "6543"}),
            ("postgresql://db/sanchi?sslmode=require", {"OPTIONS": {"sslmode": "require"}, "HOST": "db"}),
        ],
    )
    def test_names_a_server(self, tmp_path: Path, url: str, said: dict[str, object]):
        settings = database_settings(url, tmp_path)

        assert settings["ENGINE"] == "django.db.backends.postgresql"
        assert {key: settings[key] for key in said} == said

    @pytest.mark.parametrize("url", ["mysql://root:secret@db/sanchi", "postgresql://db", "sanchi"])
    def test_of_anything_else_is_refused_without_repeating_it(self, tmp_path: Path, url: str):
        with pytest.raises(SetupFault, match="SANCHI_DATABASE_URL") as refusal:
            database_settings(url, tmp_path)

        assert "secret" not in str(refusal.value)


class TestSecretKey:
    def test_is_made_once_and_read_by_its_owner_alone(self, tmp_path: Path):
        keep_secret_key(tmp_path)
        first = (tmp_path / "secret_key").read_text()
        keep_secret_key(tmp_path)

        assert (tmp_path / "secret_key").read_text() == first
        assert len(first) > 40
        assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


class TestSchema:
    def test_is_whole_after_the_migrations(self, home: DjangoStores):
        assert missing_schema() == ()
        assert schema_is_current()
        assert "constraint slice_next_slice_fk of slice" in expected_schema()
        assert "trigger certificate_frozen_update" in expected_schema()

    def test_can_be_made_again(self, home: DjangoStores, tmp_path: Path, settings):
        settings.SANCHI_HOME = tmp_path

        create_schema()

        assert schema_is_current()
        assert (tmp_path / "secret_key").exists()

    def test_needs_no_other_migration(self, home: DjangoStores):
        from django.core.management import call_command

        call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


class TestStep:
    def test_that_waited_too_long_for_the_database_says_so(self, home: DjangoStores):
        with pytest.raises(StepBusy, match="nothing was stored"), home.transaction():
            raise OperationalError("database is locked")

    def test_that_fails_otherwise_says_what_the_database_said(self, home: DjangoStores):
        with pytest.raises(OperationalError, match="disk is full"), home.transaction():
            raise OperationalError("disk is full")

    def test_that_ends_in_the_middle_leaves_files_to_be_swept(self, market: StoredMarket):
        deliver(market, "kept", rows([10]))
        market.fail_to_close()
        for file in market.home.lake.root.rglob("*.parquet"):
            os.utime(file, (LONG_AGO_S, LONG_AGO_S))

        assert market.home.sweep_orphans() == 5
        assert market.home.sweep_orphans() == 0
        assert market.home.stores.readings.rows_between(MARKET, 0, 48).row_count == 1
