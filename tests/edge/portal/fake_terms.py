"""Made offers with perks, caps and conditions of one buyer, and made lists of two homes; all others have none."""

from dataclasses import replace
from datetime import date

from sanchi.app.home_lists import PassOverReason, WorthParts
from sanchi.app.market import CapacityRule, Offer, Perk, PerkKind, RankingRule
from sanchi.app.views.buyers import BuyerView
from sanchi.app.views.homes import HomeView
from sanchi.app.views.terms import BuyerTerms, HomeList, ListedOffer, OfferInForce, OfferSlot, PassedOffer
from sanchi.core.base.kinds import CertificateKind
from tests.edge.portal.fake_numbers import DATES, FIRST_DATE
from tests.edge.portal.fake_parties import BUYERS, WARDS, offers_of

WITH_TERMS = "B09"
RANKED_BY_WORTH, WITH_OWN_LIST = "H010", "H013"
DAY_TAKEN_WH, DAY_CAP_WH, MONTH_TAKEN_WH, MONTH_CAP_WH = 7_200, 8_000, 61_250, 245_000


def with_terms(view: BuyerView, day: date) -> BuyerView:
    """Give one buyer an offer of everything."""
    if view.buyer.party_id != WITH_TERMS:
        return view
    surplus, value = offers_of(BUYERS.index(view.buyer))
    full = replace(
        surplus,
        cap_wh_per_day=DAY_CAP_WH,
        cap_wh_per_month=MONTH_CAP_WH,
        districts=WARDS[:3],
        plant_age_years_min=10,
        plant_age_years_max=15,
    )
    is_closed = day in DATES
    perks = (
        _perk(full, 1, PerkKind.POINTS, "Ward points", "区のポイント", 100, 100),
        _perk(full, 2, PerkKind.COUPON, "Coffee coupon", "コーヒー券", 200, 100),
        _perk(full, 3, PerkKind.RECOGNITION, "Name on the wall", "壁の名札", 0, 0),
    )
    terms = (
        OfferInForce(
            offer=full,
            perks=perks,
            day_taken_wh=DAY_TAKEN_WH * is_closed,
            month_taken_wh=MONTH_TAKEN_WH * is_closed,
            slots=_slots() if is_closed else (),
        ),
        OfferInForce(offer=replace(value, cap_wh_per_day=1), perks=(), day_taken_wh=0, month_taken_wh=0, slots=()),
    )
    in_force = terms if day >= FIRST_DATE else ()
    return replace(
        view, offers=(full, value), terms=BuyerTerms(delivery_date=day, is_closed=is_closed, offers=in_force)
    )


def _perk(offer: Offer, perk_no: int, kind: PerkKind, name: str, name_ja: str, face: int, cost: int) -> Perk:
    """Make a perk."""
    return Perk(
        buyer_id=offer.buyer_id,
        kind=offer.kind,
        valid_from=offer.valid_from,
        perk_no=perk_no,
        perk=kind,
        name=name,
        name_ja=name_ja,
        face_value_sen_per_kwh=face,
        cost_sen_per_kwh=cost,
    )


def _slots() -> tuple[OfferSlot, ...]:
    """Take 600 Wh in twelve half hours around noon, in five of them until the cap."""
    return tuple(
        OfferSlot(
            slot_no=slot_no,
            taken_wh=600 if 19 <= slot_no <= 30 else 0,
            capacity_wh=600 if 22 <= slot_no <= 26 else 1_500,
            need_wh=1_500,
        )
        for slot_no in range(1, 49)
    )


def with_lists(view: HomeView, day: date) -> HomeView:
    """Give one home a list by worth, another its own with two buyers passed over."""
    if view.home.party_id == RANKED_BY_WORTH:
        return replace(view, lists=(_by_worth(view, day),))
    if view.home.party_id == WITH_OWN_LIST:
        return replace(view, lists=(_own_list(view, day, CertificateKind.SURPLUS), _nobody(view, day)))
    return view


def _offer(buyer: int, kind: CertificateKind = CertificateKind.SURPLUS) -> Offer:
    """Make an offer of the kind."""
    return Offer(
        buyer_id=BUYERS[buyer].party_id,
        kind=kind,
        home_price_sen_per_kwh=1_000,
        buyer_price_sen_per_kwh=1_100,
        capacity_rule=CapacityRule.METERED_USE,
        cap_wh_per_slot=None,
        valid_from=FIRST_DATE,
        valid_until=None,
        districts=WARDS[3:5],
        plant_age_years_min=20,
    )


def _worth(money: int, points: int = 0, coupon: int = 0, bonus: int = 0) -> WorthParts:
    """Make a worth of parts [sen/kWh]."""
    return WorthParts(
        money_millisen_per_kwh=money * 1_000,
        points_millisen_per_kwh=points * 1_000,
        coupon_millisen_per_kwh=coupon * 1_000,
        bonus_millisen_per_kwh=bonus * 1_000,
    )


def _by_worth(view: HomeView, day: date) -> HomeList:
    """Rank two, and pass buyers over for every reason that ranking has."""
    passed = (
        (3, PassOverReason.DISTRICT, _worth(1_000)),
        (4, PassOverReason.PLANT_AGE, _worth(1_100)),
        (5, PassOverReason.WORTH, _worth(840)),
        (6, PassOverReason.CHOICES_MAX, _worth(860)),
    )
    return HomeList(
        delivery_date=day,
        kind=CertificateKind.SURPLUS,
        ranking=RankingRule.BY_WORTH,
        standard_millisen_per_kwh=850_000,
        choices_max=2,
        district=view.home.district,
        plant_age_years=11,
        listed=(
            ListedOffer(choice_no=1, buyer=BUYERS[8], offer=_offer(8), worth=_worth(980, 80, 100, 50)),
            ListedOffer(choice_no=2, buyer=BUYERS[0], offer=_offer(0), worth=_worth(1_050)),
        ),
        passed_over=tuple(
            PassedOffer(buyer=BUYERS[buyer], offer=_offer(buyer), worth=worth, reason=reason)
            for buyer, reason, worth in passed
        ),
    )


def _own_list(view: HomeView, day: date, kind: CertificateKind) -> HomeList:
    """List one buyer of the home's own choices."""
    return HomeList(
        delivery_date=day,
        kind=kind,
        ranking=RankingRule.OWN_LIST,
        standard_millisen_per_kwh=850_000,
        choices_max=None,
        district="",
        plant_age_years=11,
        listed=(ListedOffer(choice_no=1, buyer=BUYERS[1], offer=_offer(1), worth=None),),
        passed_over=(
            PassedOffer(buyer=BUYERS[2], offer=_offer(2), worth=None, reason=PassOverReason.DISTRICT),
            PassedOffer(buyer=BUYERS[3], offer=None, worth=None, reason=PassOverReason.NO_OFFER),
        ),
    )


def _nobody(view: HomeView, day: date) -> HomeList:
    """Rank the value by worth, and find one offer that is worth nothing."""
    passed = PassedOffer(
        buyer=BUYERS[10],
        offer=_offer(10, CertificateKind.SELF_CONSUMPTION),
        worth=_worth(0),
        reason=PassOverReason.WORTH,
    )
    own = _own_list(view, day, CertificateKind.SELF_CONSUMPTION)
    return replace(
        own,
        ranking=RankingRule.BY_WORTH,
        standard_millisen_per_kwh=0,
        choices_max=5,
        listed=(),
        passed_over=(passed,),
    )
