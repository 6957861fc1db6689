"""The page of a whole market adds up to what its days allocated."""

from collections import Counter

from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.edge.store.views.outcomes import SELF_CONSUMPTION, SURPLUS, outcomes, parts
from tests.markets.small_market import MARKET_ID


class TestSummary:
    def test_adds_up_to_the_days(self, market: ClosedMarket, views: StoredMarketViews):
        days, given = outcomes(market), parts(market)
        summary = views.overview(MARKET_ID).summary
        totals = summary.totals

        assert (summary.n_homes, summary.n_homes_connected, totals.n_days) == (6, 6, 4)
        assert totals.surplus_offered_wh == sum(int(day.slot_energy.surplus_offered_wh.sum()) for day in days)
        assert totals.self_offered_wh == sum(int(day.slot_energy.self_offered_wh.sum()) for day in days)
        assert totals.surplus_allocated_wh == sum(
            part.energy_wh for part in given if part.kind_no == SURPLUS and part.choice_no
        )
        assert totals.self_kept_wh == sum(
            part.energy_wh for part in given if part.kind_no == SELF_CONSUMPTION and not part.choice_no
        )
        assert totals.withheld_wh == sum(int(day.slot_energy.self_withheld_wh.sum()) for day in days) > 0
        assert totals.surplus_offered_wh == totals.surplus_allocated_wh + totals.standard_offer_wh
        assert totals.self_offered_wh == totals.self_allocated_wh + totals.self_kept_wh + totals.withheld_wh
        assert summary.self_wh == sum(int(day.slot_energy.self_wh.sum()) for day in days)
        assert summary.surplus_wh == sum(int(day.slot_energy.export_pv_wh.sum()) for day in days)

    def test_has_paid_its_debts(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            paid = views.overview(MARKET_ID).summary.totals.open_debt_wh
            forger.sql("DELETE FROM debt_settlement")
            owed = views.overview(MARKET_ID).summary.totals.open_debt_wh

        certificates = market.installation.stores.certificates
        assert paid == 0
        assert owed == sum(debt.debt_wh for debt in certificates.debts(MARKET_ID)) > 0

    def test_tells_the_money_of_both_sides(self, market: ClosedMarket, views: StoredMarketViews):
        ledger = market.installation.stores.ledger
        accruals = [each for day in MARKET.dates for each in ledger.accruals_of_day(MARKET_ID, day)]
        page = views.overview(MARKET_ID)
        due_e5yen = {name: amount for name, amount in ledger.balances(MARKET_ID).items() if name.startswith("due:")}
        retailer_no = page.market.retailer.party_no

        assert page.summary.totals.accrued_to_homes_e5yen == sum(
            each.amount_e5yen for each in accruals if each.key.payee_no == each.key.home_no
        )
        assert page.accrued_from_buyers_e5yen == sum(
            each.amount_e5yen for each in accruals if each.key.payee_no == retailer_no
        )
        of_buyers = sum(amount for name, amount in due_e5yen.items() if name.endswith(f":{retailer_no}"))
        assert page.receivable_from_buyers_yen * 100_000 == of_buyers
        assert page.summary.totals.payable_to_homes_yen * 100_000 == sum(due_e5yen.values()) - of_buyers


class TestBuyers:
    def test_stand_by_what_they_got(self, market: ClosedMarket, views: StoredMarketViews):
        bought = [part for part in parts(market) if part.choice_no]
        page = views.overview(MARKET_ID)

        energies = [total.surplus_wh + total.self_wh for total in page.buyers]
        assert energies == sorted(energies, reverse=True)
        assert {total.buyer.party_id for total in page.buyers} == {"shop", "tower", "builder"}
        for total in page.buyers:
            own = [part for part in bought if part.holder_no == total.buyer.party_no]
            assert total.surplus_wh == sum(part.energy_wh for part in own if part.kind_no == SURPLUS)
            assert total.self_wh == sum(part.energy_wh for part in own if part.kind_no == SELF_CONSUMPTION)
            assert total.home_count == len({part.home_no for part in own})


class TestDays:
    def test_part_each_day_by_taker(self, market: ClosedMarket, views: StoredMarketViews):
        energy_wh: Counter[tuple[int, int, int | None]] = Counter()
        for part in parts(market):
            taker = part.holder_no if part.choice_no else None
            energy_wh[part.day_index, part.kind_no, taker] += part.energy_wh
        page = views.overview(MARKET_ID)

        assert [day.delivery_date for day in page.days] == list(MARKET.dates)
        for index, day in enumerate(page.days):
            assert day.surplus_by_buyer_wh == tuple(
                energy_wh[index, SURPLUS, total.buyer.party_no] for total in page.buyers
            )
            assert day.standard_offer_wh == energy_wh[index, SURPLUS, None]
            assert day.self_sold_wh == sum(
                wh for (at, kind_no, taker), wh in energy_wh.items() if (at, kind_no) == (index, 2) and taker
            )
            assert day.self_kept_wh == energy_wh[index, SELF_CONSUMPTION, None]


class TestFlows:
    def test_go_from_districts_to_takers_largest_first(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("UPDATE party SET district = 'Koto' WHERE party_no = 1")
            flows = views.overview(MARKET_ID).flows

        energies = [flow.energy_wh for flow in flows]
        assert energies == sorted(energies, reverse=True)
        assert sum(energies) == sum(part.energy_wh for part in parts(market))
        assert {flow.district for flow in flows} == {"Adachi", "Koto"}
        of_koto = {
            (flow.kind, flow.buyer.party_id if flow.buyer else ""): flow.energy_wh
            for flow in flows
            if flow.district == "Koto"
        }
        own = [part for part in parts(market) if part.home_no == 1]
        assert of_koto[SURPLUS, ""] == sum(
            part.energy_wh for part in own if part.kind_no == SURPLUS and not part.choice_no
        )
        assert of_koto[SELF_CONSUMPTION, "builder"] == sum(
            part.energy_wh for part in own if part.kind_no == SELF_CONSUMPTION and part.choice_no
        )
