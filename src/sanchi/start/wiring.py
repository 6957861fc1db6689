"""The only place where ports meet adapters.

Enters: a home folder. Leaves: stores, runner, audit, views, server. Not here: rules of any kind.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sanchi.app.stores import Installation, Result
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.errors import SetupFault
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.locks import DjangoLocks
from sanchi.start.kernels import numba_cache_folder
from sanchi.start.watching import KeptWatches, stored_watches

# The pages are read by a few people on this machine.
SERVER_THREADS = 4


def prepare(home: Path) -> None:
    """Set what must stand before the first heavy import: home, settings, Numba's cache; then start Django."""
    os.environ["SANCHI_HOME"] = str(home.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
    # In a read-only package without a writable home directory, Numba's default place would not exist.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(numba_cache_folder(home.resolve() / "cache")))
    import django

    django.setup()


def create_schema(home: Path) -> None:
    """Make the database and its schema, or bring it up to date; lake files that ended steps left are swept."""
    from sanchi.edge.store.home import has_log_keys, keep_log_keys
    from sanchi.edge.store.log import has_checkpoints
    from sanchi.edge.store.opening import open_stores
    from sanchi.edge.store.schema import create_schema as create

    with _database_of(home):
        create()
        if not has_log_keys(home) and has_checkpoints():
            raise SetupFault(
                f"{home} has a log, but no longer the keys that it was sealed with.",
                hint="Restore log_signing_key and log_salt_key from a backup of the home folder.",
            )
        keep_log_keys(home)
        open_stores(home.resolve()).sweep_orphans()


def installation(home: Path) -> Installation:
    """Wire an installation whose schema is current."""
    from sanchi.app.ruled_origins import RuledOrigins
    from sanchi.edge.delivery.co2_factors import read_co2_factors
    from sanchi.edge.delivery.eligibility_rules import shipped_rules
    from sanchi.edge.delivery.inbox import open_inbox
    from sanchi.edge.delivery.opening import open_delivery
    from sanchi.edge.documents.statements import StatementDocuments
    from sanchi.edge.store.audit.auditor import StoredAuditor
    from sanchi.edge.store.exports import StoredTableExporter
    from sanchi.edge.store.home import LAKE_FOLDER_NAME
    from sanchi.edge.store.opening import open_stores
    from sanchi.edge.store.origins import StoredOrigins
    from sanchi.edge.store.schema import schema_is_current

    with _database_of(home):
        is_current = schema_is_current()
    if not is_current:
        raise SetupFault(
            f"The database of {home} was made by another version of sanchi, or parts of its schema are missing.",
            hint=f"Bring it up to date: sanchi init --home {home}",
        )
    opened = open_stores(home.resolve())
    lake_root = home.resolve() / LAKE_FOLDER_NAME
    return Installation(
        stores=opened.stores,
        run_step=StepInTransaction(locks=opened.locks),
        open_delivery=open_delivery,
        open_inbox=open_inbox,
        auditor=StoredAuditor(lake_root),
        views=market_views(),
        exporter=StoredTableExporter(lake_root),
        origins=StoredOrigins(lake_root),
        origin_rules=RuledOrigins(shipped_rules()),
        statement_writer=StatementDocuments(),
        read_factors=read_co2_factors,
    )


@contextmanager
def _database_of(home: Path) -> Iterator[None]:
    """Refuse a database that cannot be opened, or that a newer version has changed."""
    from django.db import Error

    from sanchi.edge.store.schema import unknown_migrations

    try:
        if newer := unknown_migrations():
            raise SetupFault(
                f"The database of {home} was made by a newer version of sanchi ({', '.join(newer)}).",
                hint="Use that version, or name another home with --home DIR.",
            )
        yield
    except Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise SetupFault(
            f"The database of {home} cannot be opened: {reason}.",
            hint="Look at SANCHI_DATABASE_URL and its server; without one, restore sanchi.sqlite3 from a backup.",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInTransaction:
    """Runs one step under its lock, in one transaction; fulfils app.stores.StepRunner."""

    locks: DjangoLocks

    def __call__(self, market_id: MarketId, step: str, subject: str, use_case: Callable[[], Result]) -> Result:
        """Hold the lock, begin, run the use case, commit; roll back when it raises."""
        from sanchi.edge.store.sql import take_turn
        from sanchi.edge.store.transactions import transaction

        with self.locks.hold(market_id, step, subject), transaction():
            # Two steps of one market wait for each other, so that none misses what the other stores.
            take_turn(market_id)
            return use_case()


@cache
def market_views() -> MarketViews:
    """Give the views that the pages read from."""
    from sanchi.edge.store.home import LAKE_FOLDER_NAME
    from sanchi.edge.store.views.stored_views import StoredMarketViews

    return StoredMarketViews(Path(os.environ["SANCHI_HOME"]) / LAKE_FOLDER_NAME, watches())


@cache
def watches() -> KeptWatches:
    """Give what is known of connections, kept from page to page."""
    return stored_watches(Path(os.environ["SANCHI_HOME"]))


def serve(host: str, port: int) -> None:
    """Serve the pages until interrupted."""
    import waitress
    from django.core.wsgi import get_wsgi_application

    from sanchi.edge.store.market import DjangoMarketStore

    # Looked at before the first visitor asks.
    for market_id in DjangoMarketStore().market_ids():
        watches()(market_id)
    waitress.serve(get_wsgi_application(), host=host, port=port, threads=SERVER_THREADS, _quiet=True)
