"""The list of buyers, and a buyer's own page."""

from collections import Counter

import pytest

from sanchi.app.market import CapacityRule
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import PartyId
from sanchi.core.base.months import Month
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.edge.store.views.outcomes import SELF_CONSUMPTION, SURPLUS, outcomes, parts
from tests.markets.small_market import MARKET_ID

SHOP, BUILDER = PartyId("shop"), PartyId("builder")
SHOP_NO, BUILDER_NO = 7, 9


class TestBuyers:
    def test_stand_in_the_order_of_arrival(self, views: StoredMarketViews):
        rows = views.buyers(MARKET_ID).rows

        assert [(row.buyer.party_id, row.buyer.order_no) for row in rows] == [("shop", 1), ("tower", 2), ("builder", 3)]

    def test_without_a_home_are_listed(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql(
                "INSERT INTO party SELECT market, 99, 'late', role, name, name_ja, company, district FROM party "
                "WHERE party_no = 7"
            )
            rows = views.buyers(MARKET_ID).rows

        assert (rows[-1].buyer.party_id, rows[-1].surplus_wh, rows[-1].self_wh, rows[-1].home_count) == (
            "late",
            0,
            0,
            0,
        )


class TestBuyer:
    def test_lists_its_offers(self, views: StoredMarketViews):
        (offer,) = views.buyer(MARKET_ID, BUILDER).offers

        assert (offer.buyer_id, offer.kind, offer.cap_wh_per_slot) == (BUILDER, SELF_CONSUMPTION, 600)
        assert offer.capacity_rule is CapacityRule.CAP_ONLY

    def test_names_its_homes_largest_first(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, SHOP)
        energy_wh = Counter[int]()
        for part in parts(market):
            if part.choice_no and part.holder_no == SHOP_NO:
                energy_wh[part.home_no] += part.energy_wh

        assert {source.home.party_no: source.surplus_wh for source in page.sources} == energy_wh
        shown = [source.surplus_wh + source.self_wh for source in page.sources]
        assert shown == sorted(shown, reverse=True)

    def test_compares_its_days_with_its_use(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, SHOP)

        assert [day.delivery_date for day in page.days] == list(MARKET.dates)
        for index, (day, outcome) in enumerate(zip(page.days, outcomes(market), strict=True)):
            own = [
                part
                for part in parts(market)
                if part.choice_no and (part.day_index, part.holder_no) == (index, SHOP_NO)
            ]
            assert day.surplus_wh == sum(part.energy_wh for part in own if part.kind_no == SURPLUS)
            assert day.use_wh == outcome.buyer_use.use_wh[0].sum()

    def test_matches_its_hours_slot_by_slot(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, SHOP)
        received_wh = Counter[tuple[int, int]]()
        for part in parts(market):
            if part.choice_no and part.holder_no == SHOP_NO:
                received_wh[part.day_index, part.slot_no] += part.energy_wh

        used_wh = [outcome.buyer_use.use_wh[0] for outcome in outcomes(market)]
        assert len(page.hours) == 4 * 24
        for hour in page.hours:
            day_index = MARKET.dates.index(hour.delivery_date)
            use_wh = used_wh[day_index]
            slots = (2 * hour.hour_no - 1, 2 * hour.hour_no)
            assert hour.use_wh == sum(int(use_wh[slot_no - 1]) for slot_no in slots)
            assert hour.matched_wh == sum(
                min(int(use_wh[slot_no - 1]), received_wh[day_index, slot_no]) for slot_no in slots
            )

    def test_without_a_meter_has_no_hours(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("DELETE FROM meter WHERE party_no = %s", BUILDER_NO)
            page = views.buyer(MARKET_ID, BUILDER)

        assert page.hours == ()
        assert len(page.days) == 4

    def test_lists_its_statements(self, views: StoredMarketViews):
        (statement,) = views.buyer(MARKET_ID, SHOP).statements

        assert (statement.payer.party_id, statement.payee.party_id) == ("shop", "R01")
        assert statement.month == Month(year=2020, month_no=11)

    def test_counts_certificates_by_month_and_kind(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, SHOP)
        certificates = market.installation.stores.certificates
        slices = {
            month: [
                piece
                for day in MARKET.dates
                if day.month == month
                for piece in certificates.slices_of_day(MARKET_ID, day)
                if piece.holder_no == SHOP_NO
            ]
            for month in (11, 12)
        }

        assert [each.month.month_no for each in page.certificates] == [11, 12]
        for each in page.certificates:
            own = slices[each.month.month_no]
            assert each.kind == SURPLUS
            assert each.certificate_count == len({piece.certificate_id for piece in own})
            by_state = Counter[CertificateState]()
            for piece in own:
                by_state[piece.state] += piece.energy_wh
            assert (each.active_wh, each.retired_wh) == (
                by_state[CertificateState.ACTIVE], by_state[CertificateState.RETIRED],
            )  # fmt: skip
        assert page.certificates[0].retired_wh > 0 == page.certificates[1].retired_wh

    def test_shows_what_it_passed_on_by_tenant_and_day(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, SHOP)
        passed_wh = Counter[tuple[int, int]]()
        homes: dict[int, set[int]] = {}
        for index, outcome in enumerate(outcomes(market)):
            rows = outcome.passed_on
            columns = (rows.tenant_no.tolist(), rows.home_no.tolist(), rows.energy_wh.tolist())
            for tenant_no, home_no, energy_wh in zip(*columns, strict=True):
                passed_wh[index, tenant_no] += energy_wh
                homes.setdefault(tenant_no, set()).add(home_no)

        shown = {
            (MARKET.dates.index(day.delivery_date), day.tenant.party_no): day.surplus_wh for day in page.tenant_days
        }
        assert shown == passed_wh
        assert {each.tenant.party_no: each.home_count for each in page.tenants} == {
            tenant_no: len(home_nos) for tenant_no, home_nos in homes.items()
        }
        assert sum(each.surplus_wh for each in page.tenants) == passed_wh.total()
        assert page.owner_homes == ()

    def test_shows_through_whom_it_got_energy_of_which_roofs(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.buyer(MARKET_ID, BUILDER)
        from_home_wh = Counter[int]()
        for outcome in outcomes(market):
            rows = outcome.passed_on.take(outcome.passed_on.tenant_no == BUILDER_NO)
            for home_no, energy_wh in zip(rows.home_no.tolist(), rows.energy_wh.tolist(), strict=True):
                from_home_wh[home_no] += energy_wh

        assert from_home_wh
        assert {each.home.party_no: each.surplus_wh for each in page.owner_homes} == from_home_wh
        assert {each.owner.party_id for each in page.owner_homes} == {"shop"}
        assert (page.tenants, page.tenant_days) == ((), ())

    @pytest.mark.parametrize("unknown", ["late", "H1", "R01"])
    def test_that_is_not_there_is_refused(self, views: StoredMarketViews, unknown: str):
        with pytest.raises(UnknownRecord, match=f"no buyer {unknown}"):
            views.buyer(MARKET_ID, PartyId(unknown))
