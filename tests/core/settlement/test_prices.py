"""Offers and the one in force."""

from dataclasses import replace
from datetime import date

import pytest

from sanchi.core.settlement.prices import (
    CapacityRule,
    NoOfferInForce,
    OfferOverlap,
    OfferTerms,
    UnfitOffer,
    offer_in_force,
    offers_in_force,
)
from tests.core.certificates.market_days import CAFE, OFFICE, SELF, SURPLUS

AUTUMN = OfferTerms(
    buyer_no=CAFE,
    kind=SURPLUS,
    home_price_sen_per_kwh=1_000,
    buyer_price_sen_per_kwh=1_200,
    capacity_rule=CapacityRule.METERED_USE,
    cap_wh_per_slot=None,
    valid_from=date(2020, 11, 20),
    valid_until=date(2020, 12, 1),
)
WINTER = replace(AUTUMN, home_price_sen_per_kwh=1_050, valid_from=date(2020, 12, 1), valid_until=date(2021, 1, 1))
SPRING = replace(AUTUMN, home_price_sen_per_kwh=990, valid_from=date(2021, 3, 1), valid_until=None)
OFFERS = (SPRING, AUTUMN, WINTER)


def price_on(day, offers=OFFERS, kind=SURPLUS):
    """Give the home's price on a date."""
    terms = offer_in_force(offers, buyer_no=CAFE, kind=kind, delivery_date=day)
    return terms.home_price_sen_per_kwh


class TestOfferInForce:
    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2020, 11, 20), 1_000),
            (date(2020, 11, 30), 1_000),
            (date(2020, 12, 1), 1_050),
            (date(2020, 12, 31), 1_050),
            (date(2021, 3, 1), 990),
            (date(2031, 1, 1), 990),
        ],
    )
    def test_first_date_counts_and_the_end_does_not(self, day, expected):
        assert price_on(day) == expected

    @pytest.mark.parametrize("day", [date(2020, 11, 19), date(2021, 1, 1), date(2021, 2, 28)])
    def test_hole_is_refused(self, day):
        with pytest.raises(NoOfferInForce, match=f"{day}: buyer 11 has no offer for surplus"):
            price_on(day)

    def test_offer_for_another_kind_does_not_count(self):
        with pytest.raises(NoOfferInForce, match="self_consumption"):
            price_on(date(2020, 11, 20), kind=SELF)

    def test_overlap_is_refused_on_its_dates_only(self):
        early = replace(WINTER, valid_from=date(2020, 11, 30))

        assert price_on(date(2020, 11, 29), (AUTUMN, early)) == 1_000
        with pytest.raises(OfferOverlap, match=r"from 2020-11-20 and the .* from 2020-11-30"):
            price_on(date(2020, 11, 30), (AUTUMN, early))

    def test_overlap_of_another_buyer_does_not_matter(self):
        other = replace(AUTUMN, buyer_no=OFFICE)

        assert price_on(date(2020, 11, 20), (AUTUMN, other, other)) == 1_000


class TestOffersInForce:
    def test_buyers_and_kinds_are_apart(self):
        office, value = replace(AUTUMN, buyer_no=OFFICE), replace(AUTUMN, kind=SELF)

        found = offers_in_force([AUTUMN, WINTER, office, value], date(2020, 11, 20))

        assert found == {(CAFE, SURPLUS): AUTUMN, (OFFICE, SURPLUS): office, (CAFE, SELF): value}

    def test_same_offer_twice_is_an_overlap(self):
        with pytest.raises(OfferOverlap):
            offers_in_force([AUTUMN, replace(AUTUMN)], date(2020, 11, 20))


class TestOfferTerms:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"home_price_sen_per_kwh": -1}, "below 0"),
            ({"buyer_price_sen_per_kwh": -1}, "below 0"),
            ({"cap_wh_per_slot": -1}, "the cap is -1 Wh"),
            ({"capacity_rule": CapacityRule.CAP_ONLY}, "nothing limits it"),
            ({"valid_until": date(2020, 11, 20)}, "before it begins"),
        ],
    )
    def test_terms_that_nobody_could_keep_are_refused(self, change, message):
        with pytest.raises(UnfitOffer, match=message):
            replace(AUTUMN, **change)

    def test_cap_alone_is_enough(self):
        capped = replace(AUTUMN, capacity_rule=CapacityRule.CAP_ONLY, cap_wh_per_slot=0)

        assert capped.cap_wh_per_slot == 0
