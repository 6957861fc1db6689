"""The log as the page reads it is the log as it was sealed."""

from sanchi.app.log_records import WitnessedCheckpoint
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.markets.small_market import MARKET_ID


class TestLog:
    def test_stands_latest_first_with_its_notes_and_key(self, market: ClosedMarket, views: StoredMarketViews):
        log = market.installation.stores.log
        view = views.log(MARKET_ID)

        sealed = log.checkpoints(MARKET_ID)
        assert [row.note for row in view.checkpoints] == [each.note for each in reversed(sealed)]
        assert [row.leaf_count for row in view.checkpoints] == [each.leaf_count for each in reversed(sealed)]
        assert view.key_text == log.operator_key(MARKET_ID).text
        assert {row.witnesses for row in view.checkpoints} == {()}

    def test_carries_countersignatures(self, market: ClosedMarket, views: StoredMarketViews):
        log = market.installation.stores.log
        with market.falsified():
            for name in ("b", "a"):
                log.add_witness(
                    MARKET_ID,
                    WitnessedCheckpoint(checkpoint_no=1, witness=name, key_text="k", signature_line=f"line {name}\n"),
                )
            first = views.log(MARKET_ID).checkpoints[-1]

        assert first.witnesses == ("a", "b")
        assert first.note == log.checkpoints(MARKET_ID)[0].note + "line a\nline b\n"
