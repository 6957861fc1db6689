"""The list of a home on a day: whom it asks in which order, whom it passes over, and the reason that it is told."""

from dataclasses import replace
from datetime import date

import pytest

from sanchi.app.home_lists import HomeLists, KindTerms, PassOverReason, full_years, make_lists
from sanchi.app.market import PartyRole, Perk, PerkKind, Preference, RankingRule
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from tests.edge.store.stored_market import choice, offer, party, plant

DAY = date(2020, 12, 5)
HOME = replace(party("H1", PartyRole.HOME), party_no=1, district="North")
BUYERS = tuple(
    replace(party(f"B{no}", PartyRole.BUYER), party_no=1 + no, district="North" if no == 3 else "South")
    for no in (1, 2, 3)
)
NOS = {HOME.party_id: 1, **{buyer.party_id: buyer.party_no for buyer in BUYERS}}
# The plant began on 1 June 2010, ten full years before the day; the standard price is 850 sen.
PREFERENCE = Preference(
    home_id=HOME.party_id,
    kind=CertificateKind.SURPLUS,
    valid_from=date(2020, 12, 1),
    ranking=RankingRule.BY_WORTH,
    money_weight_permille=1_000,
    points_weight_permille=0,
    coupon_weight_permille=500,
    favourites=(),
    favourite_bonus_sen_per_kwh=0,
    same_district_bonus_sen_per_kwh=0,
    choices_max=5,
)


def coupon(buyer_id, face_value_sen_per_kwh):
    return Perk(
        buyer_id=PartyId(buyer_id),
        kind=CertificateKind.SURPLUS,
        valid_from=date(2020, 11, 20),
        perk_no=1,
        perk=PerkKind.COUPON,
        name="Coupon",
        name_ja="券",
        face_value_sen_per_kwh=face_value_sen_per_kwh,
        cost_sen_per_kwh=100,
    )


def lists_of(offers, *, choices=(), preference=None, perks=None) -> HomeLists:
    """Make the list of the home; offers by buyer_no."""
    terms = KindTerms(
        kind=CertificateKind.SURPLUS,
        offers=offers,
        perks=perks or {},
        choices={HOME.party_id: choices},
        preferences={} if preference is None else {HOME.party_id: preference},
    )
    return make_lists([HOME], [plant("H1")], BUYERS, NOS, terms, DAY)


def told(lists):
    """Give the list by buyer_no and the reasons against the others."""
    ranked = [BUYERS[position].party_no for position in lists.choices[0].tolist() if position >= 0]
    assert {each.home_no for each in lists.passed_over} <= {1}
    return ranked, {each.buyer_no: each.reason for each in lists.passed_over}


class TestOwnList:
    CHOICES = (choice("H1", 1, "B2"), choice("H1", 2, "B1"), choice("H1", 3, "B3"))

    def test_is_that_of_the_home_without_a_condition(self):
        offers = {2: offer("B1"), 3: offer("B2"), 4: offer("B3")}

        assert told(lists_of(offers, choices=self.CHOICES)) == ([3, 2, 4], {})

    @pytest.mark.parametrize(
        ("conditions", "reason"),
        [
            ({"districts": ("South", "East")}, PassOverReason.DISTRICT),
            ({"plant_age_years_min": 11}, PassOverReason.PLANT_AGE),
            ({"plant_age_years_max": 9}, PassOverReason.PLANT_AGE),
            ({"districts": ("South", "North"), "plant_age_years_min": 10, "plant_age_years_max": 10}, None),
        ],
    )
    def test_passes_over_whose_condition_the_home_does_not_meet(self, conditions, reason):
        offers = {2: offer("B1"), 3: replace(offer("B2"), **conditions), 4: offer("B3")}

        ranked, reasons = told(lists_of(offers, choices=self.CHOICES))

        assert ranked == ([3, 2, 4] if reason is None else [2, 4])
        assert reasons == ({} if reason is None else {3: reason})

    def test_passes_over_who_offers_nothing(self):
        assert told(lists_of({2: offer("B1")}, choices=self.CHOICES)) == (
            [2],
            {3: PassOverReason.NO_OFFER, 4: PassOverReason.NO_OFFER},
        )

    def test_counts_where_the_preference_says_so(self):
        own = replace(PREFERENCE, ranking=RankingRule.OWN_LIST)

        assert told(lists_of({2: offer("B1")}, choices=self.CHOICES[1:2], preference=own)) == ([2], {})


OFFERS = {2: offer("B1", 800), 3: offer("B2", 900), 4: offer("B3", 850)}


class TestListByWorth:
    def test_has_what_beats_the_standard_offer(self):
        assert told(lists_of(OFFERS, preference=PREFERENCE)) == (
            [3],
            {2: PassOverReason.WORTH, 4: PassOverReason.WORTH},
        )

    def test_counts_a_coupon_by_the_homes_own_weight(self):
        found = lists_of(OFFERS, preference=PREFERENCE, perks={2: [coupon("B1", 202)]})

        assert told(found) == ([2, 3], {4: PassOverReason.WORTH})

    def test_puts_equal_offers_in_the_order_of_parties(self):
        found = lists_of(OFFERS, preference=PREFERENCE, perks={2: [coupon("B1", 200)]})

        assert told(found)[0] == [2, 3]

    def test_adds_the_bonus_of_favourites_and_neighbours(self):
        preference = replace(
            PREFERENCE,
            favourites=(PartyId("B1"),),
            favourite_bonus_sen_per_kwh=51,
            same_district_bonus_sen_per_kwh=52,
        )

        assert told(lists_of(OFFERS, preference=preference)) == ([4, 3, 2], {})

    def test_does_not_know_the_district_of_who_has_none(self):
        preference = replace(PREFERENCE, same_district_bonus_sen_per_kwh=52)
        terms = KindTerms(
            kind=CertificateKind.SURPLUS,
            offers={4: OFFERS[4]},
            perks={},
            choices={},
            preferences={HOME.party_id: preference},
        )
        nowhere = [replace(each, district="") for each in (HOME, *BUYERS)]

        lists = make_lists(nowhere[:1], [plant("H1")], nowhere[1:], NOS, terms, DAY)

        assert told(lists) == ([], {4: PassOverReason.WORTH})

    def test_ends_where_the_home_wants_no_more(self):
        preference = replace(PREFERENCE, money_weight_permille=0, favourites=(PartyId("B1"), PartyId("B3")))
        preference = replace(preference, favourite_bonus_sen_per_kwh=1, choices_max=1)

        assert told(lists_of(OFFERS, preference=preference)) == (
            [2],
            {3: PassOverReason.WORTH, 4: PassOverReason.CHOICES_MAX},
        )

    def test_has_nobody_whose_condition_the_home_does_not_meet(self):
        offers = OFFERS | {3: replace(offer("B2", 900), districts=("South",))}

        assert told(lists_of(offers, preference=PREFERENCE))[1][3] is PassOverReason.DISTRICT


class TestFullYears:
    @pytest.mark.parametrize(
        ("begun", "day", "n_years"),
        [
            (date(2010, 12, 5), DAY, 10),
            (date(2010, 12, 6), DAY, 9),
            (date(2020, 2, 29), date(2021, 2, 28), 0),
            (date(2020, 2, 29), date(2021, 3, 1), 1),
            (DAY, DAY, 0),
        ],
    )
    def test_are_complete_on_the_day_of_the_beginning(self, begun, day, n_years):
        assert full_years(begun, day) == n_years
