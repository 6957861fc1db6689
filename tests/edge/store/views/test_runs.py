"""Where days, months and deliveries stand."""

from datetime import date

from sanchi.core.base.months import Month
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.edge.store.views.outcomes import outcomes
from tests.markets.small_market import MARKET_ID


class TestDays:
    def test_stand_latest_first_in_their_revision_in_force(self, market: ClosedMarket, views: StoredMarketViews):
        days = views.runs(MARKET_ID).days

        assert [day.delivery_date for day in days] == list(reversed(MARKET.dates))
        assert [day.revision_in_force for day in days] == [1, 1, 2, 2]
        assert [day.is_finalised for day in days] == [False, False, True, True]
        assert [day.is_home_only for day in days] == [False, False, False, True]
        assert not any(day.is_stale for day in days)
        for day, outcome in zip(reversed(days), outcomes(market), strict=True):
            assert day.result_digest == outcome.result_digest
            assert day.used_row_count == outcome.row_counts.used_row_count
            assert day.superseded_row_count == outcome.row_counts.superseded_row_count
            assert day.problem_count == len(outcome.problems)


class TestMonths:
    def test_stand_latest_first_open_or_closed(self, market: ClosedMarket, views: StoredMarketViews):
        december, november = views.runs(MARKET_ID).months
        due_e5yen = [
            amount for name, amount in market.installation.stores.ledger.balances(MARKET_ID).items() if "due:" in name
        ]

        assert (december.month, december.is_closed, december.closed_on) == (Month(year=2020, month_no=12), False, None)
        assert (november.is_closed, november.closed_on) == (True, date(2020, 12, 25))
        assert (november.day_count, november.finalised_day_count, november.statement_count) == (2, 2, len(due_e5yen))
        assert (december.day_count, december.finalised_day_count, december.statement_count) == (2, 0, 0)
        total_yen = november.payable_to_homes_yen + november.receivable_from_buyers_yen
        assert total_yen * 100_000 == sum(due_e5yen)

    def test_closed_without_a_day_is_shown(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("INSERT INTO period VALUES (%s, '2020-10-01', %s, '2020-11-25')", MARKET_ID, True)
            months = views.runs(MARKET_ID).months

        assert (months[-1].month, months[-1].day_count) == (Month(year=2020, month_no=10), 0)


class TestDeliveries:
    def test_are_summed_up_by_kind(self, views: StoredMarketViews):
        deliveries = {each.file_kind: each for each in views.runs(MARKET_ID).deliveries}

        assert list(deliveries) == sorted(deliveries)
        registers = deliveries["registers"]
        assert registers.file_count == 3
        assert registers.rejected_row_count == 2
        assert registers.row_count == registers.accepted_row_count + registers.rejected_row_count
