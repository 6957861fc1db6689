"""Values of months, their spreading and questions to gateways come back as they were stored."""

from tests.edge.store.decided_slots import DECIDED, decide
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket
from tests.edge.store.told_months import ASKED, ask_again, tell_month


class TestMonths:
    def test_come_back_as_they_were_told_and_spread(self, market: StoredMarket):
        decide(market, DECIDED)
        spread = tell_month(market)
        readings = market.home.stores.readings

        assert readings.month_values(MARKET) == (spread.value,)
        assert readings.month_spreads(MARKET) == (spread,)


class TestAsks:
    def test_come_back_for_days_from_a_date_on(self, market: StoredMarket):
        ask_again(market)
        readings = market.home.stores.readings

        assert readings.reread_asks(MARKET, DAY) == (ASKED,)
        assert readings.reread_asks(MARKET, DAY.replace(day=DAY.day + 1)) == ()
