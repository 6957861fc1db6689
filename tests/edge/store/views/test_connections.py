"""The pages of connections: the map of homes and days, and whatever the monitor knows."""

import pytest

from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import PartyId
from sanchi.edge.store.views import StoredMarketViews, connections
from tests.edge.portal.fake_meters import connection_watch
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.markets.small_market import MARKET_ID


class TestQuality:
    def test_counts_slots_of_each_home_and_day(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("DELETE FROM home_day WHERE home_no = 2 AND delivery_date = '2020-12-02'")
            forger.sql(
                "UPDATE home_day SET measured_slot_count = 40, estimated_slot_count = 7, missing_slot_count = 1 "
                "WHERE home_no = 3 AND delivery_date = '2020-12-01'"
            )
            quality = views.connections(MARKET_ID).quality

        assert [row.home.party_id for row in quality] == ["H1", "H2", "H3", "H4", "H5", "H6"]
        assert quality[1].days[3] is None
        counts = quality[2].days[2]
        assert counts is not None
        assert (counts.measured_slot_count, counts.estimated_slot_count, counts.missing_slot_count) == (40, 7, 1)
        assert all(len(row.days) == 4 for row in quality)

    def test_of_many_homes_shows_those_with_most_gaps(
        self, market: ClosedMarket, views: StoredMarketViews, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(connections, "MAP_HOMES_MAX", 2)
        with market.falsified() as forger:
            forger.sql("UPDATE home_day SET measured_slot_count = 47, missing_slot_count = 1 WHERE home_no = 5")
            forger.sql("UPDATE home_day SET measured_slot_count = 40, recovered_slot_count = 8 WHERE home_no = 3")
            quality = views.connections(MARKET_ID).quality

        assert [row.home.party_id for row in quality] == ["H3", "H5"]


class TestWatch:
    def test_is_what_the_watcher_gives(self, market: ClosedMarket):
        watch = connection_watch()
        views = StoredMarketViews(market.lake.root, {MARKET_ID: watch}.get)

        assert views.connections(MARKET_ID).watch is watch
        assert views.home_connection(MARKET_ID, PartyId("H1")).watch is watch

    def test_is_none_where_nobody_watches(self, views: StoredMarketViews):
        home = views.home_connection(MARKET_ID, PartyId("H1"))

        assert (home.watch, home.connection, home.faults) == (None, None, ())

    @pytest.mark.parametrize("party_id", ["nobody", "B1"])
    def test_of_what_is_no_home_is_refused(self, views: StoredMarketViews, party_id: str):
        with pytest.raises(UnknownRecord):
            views.home_connection(MARKET_ID, PartyId(party_id))
