"""A stored market and its statements, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from sanchi.app.origin_statement import OriginStatement
from sanchi.app.state_origin import origin_statements
from sanchi.core.base.months import Month
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.fakes.no_rules import NoRules
from tests.markets.small_market import MARKET_ID


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker)


@pytest.fixture
def statements(market: ClosedMarket) -> list[OriginStatement]:
    """Give the statements of November, which was finalised and then corrected."""
    november = Month(year=2020, month_no=11)
    return list(origin_statements(market.installation.origins, MARKET_ID, november, None, NoRules()))
