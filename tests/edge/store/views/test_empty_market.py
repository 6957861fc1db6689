"""A market with parties and no closed day has pages, an audit and exports all the same."""

from datetime import date
from pathlib import Path

import pytest

from sanchi.app.views.problems import ProblemFilter
from sanchi.core.base.ids import PartyId
from sanchi.edge.store.audit.auditor import StoredAuditor
from sanchi.edge.store.exports import TABLES, StoredTableExporter
from sanchi.edge.store.opening import DjangoStores, open_stores
from sanchi.edge.store.triggers import drop_triggers
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.stored_market import MARKET, StoredMarket


@pytest.fixture
def stores(tmp_path: Path, transactional_db: None):
    opened = open_stores(tmp_path)
    StoredMarket.saved(opened)
    yield opened
    drop_triggers()


class TestEmptyMarket:
    def test_has_pages(self, stores: DjangoStores):
        views = StoredMarketViews(stores.lake.root)

        overview = views.overview(MARKET)
        home = views.home(MARKET, PartyId("H01"))
        buyer = views.buyer(MARKET, PartyId("B01"))

        assert (overview.days, overview.flows, overview.summary.totals.n_days) == ((), (), 0)
        connections, readings = views.connections(MARKET), views.readings(MARKET, PartyId("H01"))
        assert [row.home.party_id for row in connections.quality] == ["H01", "H02", "H03"]
        assert (connections.dates, readings.delivery_date, readings.channels) == ((), None, ())
        assert (home.days, home.detail, home.months, home.choices, home.open_debt_wh) == ((), None, (), (), 0)
        assert home.mean_day.pv_wh == (0,) * 48
        assert (buyer.days, buyer.hours, buyer.statements, buyer.certificates) == ((), (), (), ())
        assert views.homes(MARKET).rows[0].slots.slot_count == 0
        assert [row.home_count for row in views.buyers(MARKET).rows] == [0, 0]
        assert views.problems(MARKET, wanted=ProblemFilter()).page_count == 1
        assert (views.runs(MARKET).days, views.runs(MARKET).months) == ((), ())

    def test_keeps_every_law(self, stores: DjangoStores):
        laws = StoredAuditor(stores.lake.root).laws(MARKET)

        assert [law.law for law in laws if not law.holds] == []

    @pytest.mark.parametrize("file_format", ["csv", "parquet"])
    def test_is_given_out_without_rows(self, stores: DjangoStores, tmp_path: Path, file_format: str):
        exporter = StoredTableExporter(stores.lake.root)

        for table in TABLES:
            day = date(2020, 12, 5)
            assert exporter.write(MARKET, table, day, day, file_format, tmp_path / table) == 0
