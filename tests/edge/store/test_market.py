"""Master data comes back as it was saved; the same record again changes nothing."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from sanchi.app.market import PartyRole, PassingOn, PassingRule, Perk, PerkKind, Preference, RankingRule
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, MeterId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import JST
from sanchi.core.metering.sources import Source
from sanchi.edge.store.opening import DjangoStores
from tests.edge.store.stored_market import FIRST_DATE, MARKET, StoredMarket, choice, meter, offer, party, plant, terms


class TestBook:
    def test_of_an_unknown_market_is_refused(self, home: DjangoStores):
        with pytest.raises(UnknownRecord, match=r"no market tokyo.*market\.toml"):
            home.stores.market.book(MARKET)

    def test_comes_back_as_it_was_saved(self, market: StoredMarket):
        store = market.home.stores.market
        removed_at = datetime(2020, 12, 24, 12, 30, tzinfo=JST)
        another_way = replace(meter("M3", "H01"), source=Source.TSO, address="0300012345678", same_as=MeterId("M1"))
        meters = [meter("M1", "H01", removed_at), meter("M2", "B01"), another_way]
        offers = [offer("B01"), replace(offer("B02"), cap_wh_per_slot=700, valid_until=date(2021, 1, 1))]
        choices = [choice("H01", 1, "B02"), choice("H01", 2, "B01")]
        with market.step():
            store.save_meters(MARKET, meters)
            store.save_offers(MARKET, offers)
            store.save_choices(MARKET, choices)

        book = store.book(MARKET)

        assert book.terms == terms()
        assert [each.party_no for each in book.parties] == [1, 2, 3, 4, 5, 6]
        assert book.parties[5] == replace(party("R01", PartyRole.RETAILER), party_no=6)
        assert book.plants == (plant("H01"), plant("H02"), plant("H03"))
        assert book.meters == tuple(replace(each, meter_no=no) for no, each in enumerate(meters, start=1))
        assert [str(each.installed_at) for each in book.meters] == ["2020-11-20 00:00:00+09:00"] * 3
        assert book.offers == tuple(offers)
        assert book.choices == tuple(choices)

    def test_holds_one_market_only(self, market: StoredMarket):
        other = MarketId("osaka")
        with market.step():
            market.home.stores.market.save_terms(terms(other))
            market.home.stores.market.save_parties(other, [party("H01", PartyRole.HOME)])

        assert market.home.stores.market.market_ids() == (other, MARKET)
        assert [each.party_no for each in market.home.stores.market.book(other).parties] == [1]


def perk(perk_no: int, name: str) -> Perk:
    return Perk(
        buyer_id=PartyId("B01"),
        kind=CertificateKind.SURPLUS,
        valid_from=FIRST_DATE,
        perk_no=perk_no,
        perk=PerkKind.COUPON,
        name=name,
        name_ja="券",
        face_value_sen_per_kwh=200,
        cost_sen_per_kwh=100,
    )


PREFERENCE = Preference(
    home_id=PartyId("H01"),
    kind=CertificateKind.SURPLUS,
    valid_from=FIRST_DATE,
    ranking=RankingRule.BY_WORTH,
    money_weight_permille=1_000,
    points_weight_permille=800,
    coupon_weight_permille=500,
    favourites=(PartyId("B02"), PartyId("B01")),
    favourite_bonus_sen_per_kwh=30,
    same_district_bonus_sen_per_kwh=20,
    choices_max=4,
)


class TestOffersWithConditions:
    def test_come_back_as_they_were_saved(self, market: StoredMarket):
        store = market.home.stores.market
        conditional = replace(
            offer("B01"), cap_wh_per_day=9, cap_wh_per_month=70, districts=("North", "East"), plant_age_years_max=10
        )
        later = replace(PREFERENCE, valid_from=date(2021, 1, 1), favourites=())
        with market.step():
            store.save_offers(MARKET, [conditional])
            store.save_perks(MARKET, [perk(1, "Coffee"), perk(2, "Cake")])
            store.save_preferences(MARKET, [PREFERENCE, later])

        book = store.book(MARKET)

        assert book.offers == (conditional,)
        assert book.perks == (perk(1, "Coffee"), perk(2, "Cake"))
        assert book.preferences == (PREFERENCE, later)

    def test_have_their_perks_replaced_whole_and_a_preference_by_its_date(self, market: StoredMarket):
        store = market.home.stores.market
        changed = replace(PREFERENCE, choices_max=1)
        with market.step():
            store.save_offers(MARKET, [offer("B01")])
            store.save_perks(MARKET, [perk(1, "Coffee"), perk(2, "Cake")])
            store.save_preferences(MARKET, [PREFERENCE])
            store.save_perks(MARKET, [perk(1, "Tea")])
            store.save_preferences(MARKET, [changed])

        assert store.book(MARKET).perks == (perk(1, "Tea"),)
        assert store.book(MARKET).preferences == (changed,)


def tenant(rank_no: int, tenant_id: str | None, valid_from: date = FIRST_DATE) -> PassingOn:
    return PassingOn(
        owner_id=PartyId("B01"),
        kind=CertificateKind.SURPLUS,
        valid_from=valid_from,
        rank_no=rank_no,
        tenant_id=None if tenant_id is None else PartyId(tenant_id),
        rule=PassingRule.BY_KEY,
        static_key=None if tenant_id is None else 2**31 - 1,
        target_permille=None,
    )


class TestPassingOn:
    def test_comes_back_as_it_was_saved(self, market: StoredMarket):
        store = market.home.stores.market
        rows = (tenant(1, "B02"), tenant(1, None, date(2021, 1, 1)))
        with market.step():
            store.save_passing_on(MARKET, rows)

        assert store.book(MARKET).passing_on == rows

    def test_list_is_replaced_whole(self, market: StoredMarket):
        store = market.home.stores.market
        with market.step():
            store.save_passing_on(MARKET, [tenant(1, "B02"), tenant(2, "R01"), tenant(1, None, date(2021, 1, 1))])
            store.save_passing_on(MARKET, [tenant(1, "R01")])

        assert store.book(MARKET).passing_on == (tenant(1, "R01"), tenant(1, None, date(2021, 1, 1)))


class TestSavedAgain:
    def test_changes_nothing(self, market: StoredMarket):
        before = market.home.stores.market.book(MARKET)

        again = StoredMarket.saved(market.home)

        assert again.home.stores.market.book(MARKET) == before

    def test_changed_party_keeps_its_number(self, market: StoredMarket):
        store = market.home.stores.market
        newcomer, renamed = party("H09", PartyRole.HOME), replace(party("H02", PartyRole.HOME), name="New name")
        with market.step():
            store.save_parties(MARKET, [newcomer, renamed])

        parties = {each.party_id: each for each in store.book(MARKET).parties}

        assert parties[PartyId("H02")] == replace(renamed, party_no=2)
        assert parties[PartyId("H09")].party_no == 7

    def test_changed_meter_keeps_its_number(self, market: StoredMarket):
        store = market.home.stores.market
        removed_at = datetime(2020, 12, 24, 12, 30, tzinfo=JST)
        with market.step():
            store.save_meters(MARKET, [meter("M1", "H01"), meter("M2", "H02")])
            store.save_meters(MARKET, [meter("M3", "H01"), meter("M1", "H01", removed_at)])

        meters = {each.meter_id: each for each in store.book(MARKET).meters}

        assert {name: each.meter_no for name, each in meters.items()} == {"M1": 1, "M2": 2, "M3": 3}
        assert meters[MeterId("M1")].removed_at == removed_at

    def test_offer_of_another_date_stands_beside_the_first(self, market: StoredMarket):
        store = market.home.stores.market
        dearer = replace(offer("B01", 1_200), valid_from=date(2021, 1, 1))
        with market.step():
            store.save_offers(MARKET, [offer("B01", 900), offer("B01", 950)])
            store.save_offers(MARKET, [dearer])

        assert store.book(MARKET).offers == (offer("B01", 950), dearer)

    def test_list_of_choices_is_replaced_whole(self, market: StoredMarket):
        store = market.home.stores.market
        later = date(2021, 1, 1)
        with market.step():
            store.save_choices(MARKET, [choice("H01", 1, "B01"), choice("H01", 2, "B02"), choice("H02", 1, "B01")])
            store.save_choices(MARKET, [choice("H01", 1, "B02"), choice("H02", 1, "B02", later)])

        assert store.book(MARKET).choices == (
            choice("H01", 1, "B02"),
            choice("H02", 1, "B01"),
            choice("H02", 1, "B02", later),
        )
