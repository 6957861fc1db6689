"""The published table of a day."""

from datetime import date

import pytest

from sanchi.core.base.errors import UnknownRecord
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.edge.store.audit.forging import CORRECTED
from tests.markets.small_market import MARKET_ID


class TestClosingTimes:
    def test_are_those_of_the_stored_table(self, market: ClosedMarket, views: StoredMarketViews):
        outcome = market.installation.stores.days.outcome(MARKET_ID, CORRECTED)
        assert outcome is not None
        table = outcome.closing

        rows = views.closing_times(MARKET_ID, delivery_date=CORRECTED)

        assert [row.kind for row in rows] == table.kind_no.tolist()
        assert [row.slot_no for row in rows] == table.slot_no.tolist()
        assert [row.buyer_id for row in rows] == ["shop", "tower", "builder"] * 96
        assert [row.capacity_wh for row in rows] == table.capacity_wh.tolist()
        assert [row.closing_t32 for row in rows] == table.closing_t32.tolist()
        assert [row.rounding_phi60 for row in rows] == table.rounding_phi60.tolist()

    def test_of_a_day_that_is_not_closed_are_refused(self, views: StoredMarketViews):
        with pytest.raises(UnknownRecord, match="2020-12-03 is not closed"):
            views.closing_times(MARKET_ID, delivery_date=date(2020, 12, 3))
