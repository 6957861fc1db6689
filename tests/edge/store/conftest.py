"""A home in a temporary folder on the test database, with a market in it.

Enters: the database that the run is for. Leaves: stores. Not here: what is stored (see stored_market).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sanchi.edge.store.home import keep_log_keys
from sanchi.edge.store.opening import DjangoStores, open_stores
from sanchi.edge.store.triggers import drop_triggers
from tests.edge.store.stored_market import StoredMarket


@pytest.fixture
def home(tmp_path: Path, transactional_db: None) -> Iterator[DjangoStores]:
    """Open an empty home; frozen rows are thawed before the database is emptied, and frozen again by that."""
    keep_log_keys(tmp_path)
    yield open_stores(tmp_path)
    drop_triggers()


@pytest.fixture
def market(home: DjangoStores) -> StoredMarket:
    """Open a home with the master data of a small market."""
    return StoredMarket.saved(home)
