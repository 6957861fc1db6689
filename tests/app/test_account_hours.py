"""Accounts of hours: each watt-hour counts at one site, strictly or not, and CO2 needs somebody's factor."""

from datetime import date

import numpy as np
import pytest

from sanchi.app.account_hours import AccountScope, account_hours, total_of
from sanchi.app.market import PartyRole
from sanchi.app.origin_records import SiteSlots
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.reports.co2_factors import EmissionFactor, FactorKind

MARKET_ID = MarketId("m")
DATES = (date(2021, 3, 31), date(2021, 4, 1))
FACTOR = EmissionFactor(
    fiscal_year=2020, menu="standard", kind=FactorKind.BASIC, co2_g_per_kwh=400, source="the retailer's list"
)


def noon(*days_wh: int) -> np.ndarray:
    """Give two days with energy in the slot at noon alone."""
    slots_wh = np.zeros((2, 48), dtype=np.int64)
    slots_wh[:, 24] = days_wh or (0, 0)
    return slots_wh


def site(name, number, *, company="", is_metered=True, dates=DATES, **energies) -> SiteSlots:
    buyer = PartyRef(
        party_no=number, party_id=PartyId(name), role=PartyRole.BUYER, order_no=number, name=name, name_ja="",
        company=company, district="",
    )  # fmt: skip
    names = (
        "use_wh", "bought_wh", "bought_estimated_wh", "passed_on_wh", "passed_on_estimated_wh", "passed_in_wh",
        "passed_in_estimated_wh",
    )  # fmt: skip
    return SiteSlots(
        buyer=buyer, is_metered=is_metered, dates=dates, **{key: energies.get(key, noon()) for key in names}
    )


class Sites:
    """Fulfils the part of app.origin_records.OriginReader that accounts need."""

    def __init__(self, *sites: SiteSlots) -> None:
        self._sites = sites

    def sites(self, market_id, first_date, last_date):
        return self._sites

    def claimed_months(self, market_id, month, buyer_id=None):
        return ()


OWNER = site("owner", 1, use_wh=noon(10, 10), bought_wh=noon(8, 6), passed_on_wh=noon(5, 0))
TENANT = site("tenant", 2, use_wh=noon(6, 6), passed_in_wh=noon(5, 0))


def accounts(*sites, **asked):
    return account_hours(Sites(*sites), MARKET_ID, first_date=DATES[0], last_date=DATES[1], **asked)


class TestAccounts:
    def test_count_what_was_passed_on_at_the_tenant(self):
        final = {each.site.buyer.party_id: each for each in accounts(OWNER, TENANT) if each.scope == "final"}

        assert final["owner"].total.slot_covered_wh == 3 + 6
        assert final["tenant"].total.slot_covered_wh == 5

    def test_of_all_final_users_add_up_to_what_was_bought(self):
        found = accounts(OWNER, TENANT)

        assert total_of(found).received_wh == OWNER.bought_wh.sum() + TENANT.bought_wh.sum()

    def test_show_an_owner_also_as_a_whole(self):
        whole = [each for each in accounts(OWNER, TENANT) if each.scope is AccountScope.WHOLE]

        assert [(each.site.buyer.party_id, each.total.slot_covered_wh) for each in whole] == [("owner", 14)]

    def test_leave_out_estimated_half_hours_where_they_are_strict(self):
        guessed = site("shop", 1, use_wh=noon(9, 9), bought_wh=noon(9, 9), bought_estimated_wh=noon(4, 0))

        (loose,), (strict,) = accounts(guessed), accounts(guessed, is_strict=True)

        assert (loose.total.slot_covered_wh, strict.total.slot_covered_wh) == (18, 14)
        assert strict.total.left_out_wh == 4

    def test_never_cover_more_by_months_than_by_the_whole_period(self):
        seasonal = site("shop", 1, use_wh=noon(10, 10), bought_wh=noon(18, 2))

        (account,) = accounts(seasonal)

        assert (account.months_covered_wh, account.total.period_covered_wh) == (12, 20)

    def test_are_of_the_sites_of_a_company(self):
        found = accounts(site("a", 1, company="Chain"), site("b", 2), site("c", 3, company="Chain"), company="Chain")

        assert [each.site.buyer.party_id for each in found] == ["a", "c"]

    def test_of_nobody_known_are_refused(self):
        with pytest.raises(UnknownRecord, match="no buyer x") as refusal:
            accounts(OWNER, buyer_ids=[PartyId("x")])
        assert "owner" in refusal.value.hint
        with pytest.raises(UnknownRecord, match="belongs to 'Chain'"):
            accounts(OWNER, company="Chain")

    def test_of_days_that_are_not_closed_are_refused(self):
        empty = site("shop", 1, dates=())

        with pytest.raises(UnknownRecord, match="is closed"):
            accounts(empty)


class TestEmissions:
    def test_are_told_by_fiscal_year_and_missing_where_there_is_no_factor(self):
        (account,) = accounts(site("shop", 1, use_wh=noon(10, 7)), factors=[FACTOR])

        assert [(each.uncovered_wh, each.co2_mg) for each in account.emissions.emissions] == [(10, 4_000)]
        assert account.emissions.unanswered_wh == {2021: 7}

    def test_of_a_buyer_without_a_meter_are_not_told(self):
        (account,) = accounts(site("shop", 1, is_metered=False), factors=[FACTOR])

        assert account.emissions.emissions == ()
        assert account.emissions.unanswered_wh == {}
