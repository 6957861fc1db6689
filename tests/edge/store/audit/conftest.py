"""The closed market for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.edge.store.audit.closed_market import ClosedMarket, closed_market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker, has_decoded=True)
