"""What stands above every page."""

import pytest

from sanchi.app.market import PartyRole
from sanchi.app.views.market_head import ProvenanceLabel, ProvenanceSubject
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.sql import fetch
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.markets.small_market import MARKET_ID


class TestMarkets:
    def test_are_listed_by_id(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql(
                "INSERT INTO market SELECT 'another', name, name_ja, grid_area, retailer_id, first_delivery_date, "
                "last_delivery_date, tax_permille, finalise_day, waiting_days, 'One source.\nAnother.' FROM market"
            )
            forger.sql(
                "INSERT INTO party SELECT 'another', party_no, party_id, role, name, name_ja, company, district "
                "FROM party WHERE role = 'retailer'"
            )
            heads = views.markets()

        assert [head.market_id for head in heads] == ["another", MARKET_ID]
        assert heads[0].credits == ("One source.", "Another.")
        assert (heads[0].first_date, heads[0].day_count, heads[0].home_count) == (None, 0, 0)


class TestMarketHead:
    def test_counts_days_and_parties(self, market: ClosedMarket, views: StoredMarketViews):
        (head,) = views.markets()

        assert (head.name, head.name_ja, head.grid_area, head.credits) == ("Small market", "小さな市場", "03", ())
        assert (head.first_date, head.last_date, head.day_count) == (MARKET.first_date, MARKET.last_date, 4)
        assert (head.home_count, head.buyer_count) == (6, 3)
        assert (head.retailer.party_id, head.retailer.role, head.retailer.order_no) == ("R01", PartyRole.RETAILER, 1)

    def test_counts_labels_by_subject_most_frequent_first(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("UPDATE plant SET pv_provenance = 'measured+re-dated' WHERE home_no <= 4")
            forger.sql("UPDATE plant SET battery_provenance = 'repeated', battery_capacity_wh = 1 WHERE home_no = 2")
            forger.sql("UPDATE plant SET battery_provenance = 'measured' WHERE home_no = 3")
            (head,) = views.markets()

        modelled, measured = (ProvenanceLabel.MODELLED,), (ProvenanceLabel.MEASURED, ProvenanceLabel.RE_DATED)
        assert [(each.subject, each.labels, each.home_count) for each in head.provenances] == [
            (ProvenanceSubject.USE, modelled, 6),
            (ProvenanceSubject.GENERATION, measured, 4),
            (ProvenanceSubject.GENERATION, modelled, 2),
            (ProvenanceSubject.BATTERY, (ProvenanceLabel.REPEATED,), 1),
        ]

    def test_counts_findings_that_ask_for_action(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("UPDATE problem SET severity = 'act' WHERE delivery_date IS NULL")
            forger.sql("UPDATE problem SET severity = 'act' WHERE delivery_date IS NOT NULL")
            (head,) = views.markets()
            every, of_files = fetch("SELECT count(*), count(*) - count(delivery_date) FROM problem")[0]

        # All of files, and the decision of a day; those of a revision that is no longer in force ask for nothing.
        assert head.act_problem_count == of_files + 1 < every


class TestUnknown:
    @pytest.mark.parametrize("page", ["overview", "homes", "buyers", "runs"])
    def test_market_is_refused_on_every_page(self, market: ClosedMarket, views: StoredMarketViews, page: str):
        with pytest.raises(UnknownRecord, match="no market nowhere"):
            getattr(views, page)(MarketId("nowhere"))
