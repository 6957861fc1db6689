"""Sites of buyers: use and energy of each half hour, every allocated watt-hour at one final user."""

import numpy as np

from sanchi.app.log_entries import month_subject
from sanchi.core.base.months import Month
from sanchi.core.base.slots import day_ordinal
from sanchi.core.metering.readings import Quality
from sanchi.edge.store.sql import fetch
from tests.edge.store.audit.closed_market import EARLY_DATES, LAST_DATE, ClosedMarket, Rows, rows_changed
from tests.edge.store.audit.forging import NOON, REVISED
from tests.markets.small_market import MARKET_ID


def sites_of(market: ClosedMarket):
    return market.installation.origins.sites(MARKET_ID, EARLY_DATES[0], LAST_DATE)


class TestSites:
    def test_have_what_buyers_were_allocated(self, market: ClosedMarket):
        sites = sites_of(market)

        for row, day in enumerate(sites[0].dates):
            outcome = market.installation.stores.days.outcome(MARKET_ID, day)
            assert outcome is not None
            rows = outcome.allocated.take(outcome.allocated.choice_no > 0)
            expected = rows.totals_by("holder_no", "slot_no")
            found = {
                (site.buyer.party_no, slot_no): int(energy_wh)
                for site in sites
                for slot_no, energy_wh in enumerate(site.bought_wh[row].tolist(), start=1)
                if energy_wh
            }
            assert found == expected

    def test_are_the_final_users_of_all_of_it_together(self, market: ClosedMarket):
        sites = sites_of(market)

        received = np.sum([site.received_wh for site in sites], axis=0)
        bought = np.sum([site.bought_wh for site in sites], axis=0)
        assert (received == bought).all()
        assert any(site.passed_on_wh.any() for site in sites)
        assert all((site.received_wh >= site.estimated_wh).all() for site in sites)

    def test_know_who_has_a_meter_of_use(self, market: ClosedMarket):
        assert {site.buyer.party_id: site.is_metered for site in sites_of(market)} == {
            "shop": True, "tower": True, "builder": True,
        }  # fmt: skip


class TestClaimedMonths:
    def test_are_numbered_as_their_claims_are(self, market: ClosedMarket):
        november = Month(year=2020, month_no=11)
        with market.falsified() as forger:
            forger.sql("UPDATE claim SET statement_no = 'kept/7' WHERE claim_no = 2")
            numbers = [each.statement_no for each in market.installation.origins.claimed_months(MARKET_ID, november)]

        assert numbers == ["small/2020-11/origin/000001", "kept/7", "small/2020-11/origin/000003"]

    def test_mark_what_was_not_measured_in_its_half_hour(self, market: ClosedMarket):
        november = Month(year=2020, month_no=11)
        reader = market.installation.origins

        def unmeasured(rows: Rows) -> None:
            for row in rows:
                if row["slot_no"] == NOON:
                    row["export_quality"] = Quality.RECOVERED.value

        with market.falsified() as forger:
            forger.rewrite("slot_energy", REVISED, rows_changed(unmeasured), revision=2)
            claimed = reader.claimed_months(MARKET_ID, november)
            shop = next(site for site in reader.sites(MARKET_ID, REVISED, REVISED) if site.buyer.party_id == "shop")

        for each in claimed:
            at_noon = (each.rows.slot_no == NOON) & (each.rows.day_no == day_ordinal(REVISED))
            assert (each.rows.is_estimated == at_noon).all()
            assert each.rows.estimated().total_wh > 0
        assert shop.bought_estimated_wh[0].nonzero()[0].tolist() == [NOON - 1]
        assert shop.bought_estimated_wh[0, NOON - 1] == shop.bought_wh[0, NOON - 1]

    def test_name_the_checkpoint_that_sealed_the_close(self, market: ClosedMarket):
        november = Month(year=2020, month_no=11)
        claimed = market.installation.origins.claimed_months(MARKET_ID, november)
        sealed = fetch("SELECT checkpoint_no, root FROM checkpoint WHERE subject = %s", [month_subject(november)])
        latest_no = fetch("SELECT max(checkpoint_no) FROM checkpoint")[0][0]

        assert [each.checkpoint and (each.checkpoint.checkpoint_no, each.checkpoint.root) for each in claimed] == (
            sealed * len(claimed)
        )
        assert sealed[0][0] < latest_no

    def test_have_the_outside_certificates_of_their_beneficiary(self, market: ClosedMarket):
        november = Month(year=2020, month_no=11)
        with market.falsified() as forger:
            forger.sql(
                "INSERT INTO outside_lot (market, lot_no, lot_id, buyer_no, scheme, serial_first, serial_last, "
                "quantity_wh, generated_from, generated_until, energy_source, plant_name, municipality, facility_id, "
                "reference) VALUES (%s, 900, 'L900', 7, 'NFC_FIT', 'A1', 'A9', 9000, '2020-04-01', '2020-09-30', "
                "'wind', 'hill', 'Aomori', 'F1', 'order')",
                MARKET_ID,
            )
            forger.sql(
                "INSERT INTO outside_use (market, lot_no, lo_wh, hi_wh, quantity_wh, month, beneficiary_no, site, "
                "purpose) VALUES (%s, 900, 0, 4000, 9000, '2020-11-01', 7, '', 'RE100')",
                MARKET_ID,
            )
            shop, tower, _builder = market.installation.origins.claimed_months(MARKET_ID, november)

        assert [(line.lot_id, line.energy_wh) for line in shop.outside if line.lot_id == "L900"] == [("L900", 4_000)]
        assert "L900" not in [line.lot_id for line in tower.outside]
