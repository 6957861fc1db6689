"""The lists of a home on a day, in words: whom it asks, what each is worth to it, and whom it passes over and why.

Enters: HomeView. Leaves: values for the page. Not here: how a list is made (app.home_lists).
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanchi.app.home_lists import PassOverReason
from sanchi.app.market import Offer, RankingRule
from sanchi.app.views.homes import HomeView
from sanchi.app.views.market_head import PartyRef
from sanchi.app.views.terms import HomeList, ListedOffer, PassedOffer
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.ranking import MILLISEN_PER_SEN
from sanchi.edge.portal.formats import listed_text, worth_text
from sanchi.edge.portal.home_day import rank_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldListed:
    """A rank: the worth of the offer to the home and its parts, or the price alone where the home ranks by itself."""

    rank: str
    buyer: PartyRef
    worth_millisen_per_kwh: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPassed:
    """A buyer that is passed over."""

    buyer: PartyRef
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldList:
    """One list on the day."""

    delivery_date: date
    kind: CertificateKind
    is_surplus: bool
    is_by_worth: bool
    standard_millisen_per_kwh: int
    listed: tuple[ToldListed, ...]
    passed_over: tuple[ToldPassed, ...]


def told_lists(view: HomeView) -> list[ToldList]:
    """Tell the lists of the shown day; none where every kind is the home's own list and nobody is passed over."""
    has_more = any(each.ranking is RankingRule.BY_WORTH or each.passed_over for each in view.lists)
    return [_told_list(each) for each in view.lists] if has_more else []


def _told_list(each: HomeList) -> ToldList:
    """Tell one list."""
    return ToldList(
        delivery_date=each.delivery_date,
        kind=each.kind,
        is_surplus=each.kind is CertificateKind.SURPLUS,
        is_by_worth=each.ranking is RankingRule.BY_WORTH,
        standard_millisen_per_kwh=each.standard_millisen_per_kwh,
        listed=tuple(map(_told_listed, each.listed)),
        passed_over=tuple(
            ToldPassed(buyer=passed.buyer, sentence=_why_passed(each, passed)) for passed in each.passed_over
        ),
    )


def _told_listed(listed: ListedOffer) -> ToldListed:
    """Tell a rank; parts of a worth that are nothing are left out, but money."""
    price_millisen_per_kwh = listed.offer.home_price_sen_per_kwh * MILLISEN_PER_SEN
    worth = listed.worth
    parts = (
        ()
        if worth is None
        else (
            (_("Money"), worth.money_millisen_per_kwh),
            (_("Points"), worth.points_millisen_per_kwh),
            (_("Coupons"), worth.coupon_millisen_per_kwh),
            (_("Favourite or neighbour"), worth.bonus_millisen_per_kwh),
        )
    )
    return ToldListed(
        rank=rank_words(listed.choice_no),
        buyer=listed.buyer,
        worth_millisen_per_kwh=price_millisen_per_kwh if worth is None else worth.worth_millisen_per_kwh,
        parts=tuple(part for place, part in enumerate(parts) if place == 0 or part[1]),
    )


def _why_passed(each: HomeList, passed: PassedOffer) -> str:
    """Say why a buyer is not in the list."""
    if passed.reason is PassOverReason.DISTRICT:
        return _district_sentence(each, passed.offer)
    if passed.reason is PassOverReason.PLANT_AGE:
        return _age_sentence(each, passed.offer)
    if passed.reason is PassOverReason.WORTH:
        return _worth_sentence(each, passed)
    if passed.reason is PassOverReason.MONTHLY:
        return _("What this home exports is known by the month alone, so the standard offer takes it.")
    if passed.reason is PassOverReason.CHOICES_MAX:
        return _("This home asks %(max)s buyers at most, and there are better offers.") % {"max": each.choices_max}
    return _("It offers nothing for this on this day.")


def _district_sentence(each: HomeList, offer: Offer | None) -> str:
    """Say which districts an offer is for, and where the home is."""
    assert offer is not None, "a condition without an offer"
    districts = listed_text(offer.districts, get_language() or "en")
    places = {"districts": districts, "district": each.district}
    if each.district:
        return _("It buys only from homes in %(districts)s. This home is in %(district)s.") % places
    return _("It buys only from homes in %(districts)s. Where this home is was not told.") % places


def _age_sentence(each: HomeList, offer: Offer | None) -> str:
    """Say which plants an offer is for, and how old the home's is."""
    assert offer is not None, "a condition without an offer"
    ages = {"min": offer.plant_age_years_min, "max": offer.plant_age_years_max, "age": each.plant_age_years}
    if ages["max"] is None:
        return _("It buys only from plants that are at least %(min)s years old. This one is %(age)s.") % ages
    if ages["min"] is None:
        return _("It buys only from plants that are at most %(max)s years old. This one is %(age)s.") % ages
    return _("It buys only from plants that are %(min)s to %(max)s years old. This one is %(age)s.") % ages


def _worth_sentence(each: HomeList, passed: PassedOffer) -> str:
    """Compare an offer with what the home has without any buyer."""
    assert passed.worth is not None, "a home that ranks by itself compares no worths"
    language = get_language() or "en"
    worths = {
        "worth": worth_text(passed.worth.worth_millisen_per_kwh, language),
        "standard": worth_text(each.standard_millisen_per_kwh, language),
    }
    if each.kind is CertificateKind.SURPLUS:
        return _(
            "To this home it is worth %(worth)s per kWh. The standard offer gives as much or more: %(standard)s."
        ) % (worths)
    return _("To this home it is worth %(worth)s per kWh, no more than to keep the value.") % worths
