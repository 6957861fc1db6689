"""What a buyer offers on a day, in words: prices, perks, who may sell to it, and how much of its caps is used.

Enters: BuyerView. Leaves: values for the page. Not here: how much was taken (store views).
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanchi.app.market import Offer, Perk
from sanchi.app.views.buyers import BuyerView
from sanchi.app.views.terms import OfferInForce, OfferSlot
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.portal import charts
from sanchi.edge.portal.formats import listed_text, slot_text
from sanchi.edge.portal.palette import colour_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCap:
    """A cap of a day or month, and what of it is used."""

    name: str
    cap_wh: int
    taken_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOffer:
    """One offer on the day; *_in_all_* count perks with the price."""

    kind: CertificateKind
    offer: Offer
    perks: tuple[Perk, ...]
    home_in_all_sen_per_kwh: int
    buyer_in_all_sen_per_kwh: int
    conditions: tuple[str, ...]
    caps: tuple[ToldCap, ...]
    slots: tuple[OfferSlot, ...]  # with something taken
    capped_count: int
    chart: charts.Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTerms:
    """The offers in force on the day."""

    delivery_date: date
    is_closed: bool
    offers: tuple[ToldOffer, ...]


def told_terms(view: BuyerView) -> ToldTerms | None:
    """Tell the offers of the shown day; None for a buyer that never had more than a price and a cap a half hour."""
    if view.terms is None:
        return None
    if not any(map(_has_conditions, view.offers)) and not any(each.perks for each in view.terms.offers):
        return None
    return ToldTerms(
        delivery_date=view.terms.delivery_date,
        is_closed=view.terms.is_closed,
        offers=tuple(_told_offer(view, each) for each in view.terms.offers),
    )


def _has_conditions(offer: Offer) -> bool:
    """Tell whether an offer has caps over more than a slot, or is not for every home."""
    bounds = (offer.cap_wh_per_day, offer.cap_wh_per_month, offer.plant_age_years_min, offer.plant_age_years_max)
    return bool(offer.districts) or any(bound is not None for bound in bounds)


def _told_offer(view: BuyerView, each: OfferInForce) -> ToldOffer:
    """Tell one offer."""
    offer = each.offer
    taking = tuple(slot for slot in each.slots if slot.taken_wh)
    return ToldOffer(
        kind=offer.kind,
        offer=offer,
        perks=each.perks,
        home_in_all_sen_per_kwh=offer.home_price_sen_per_kwh + sum(p.face_value_sen_per_kwh for p in each.perks),
        buyer_in_all_sen_per_kwh=offer.buyer_price_sen_per_kwh + sum(p.cost_sen_per_kwh for p in each.perks),
        conditions=tuple(_conditions(offer)),
        caps=tuple(_caps(each)),
        slots=taking,
        capped_count=sum(slot.is_capped for slot in taking),
        chart=_slots_chart(view, each) if taking else None,
    )


def _conditions(offer: Offer) -> list[str]:
    """Say which homes an offer is for."""
    districts = listed_text(offer.districts, get_language() or "en")
    told = [_("Homes in %(districts)s") % {"districts": districts}] if offer.districts else []
    age = {"min": offer.plant_age_years_min, "max": offer.plant_age_years_max}
    if age["min"] is not None and age["max"] is not None:
        told.append(_("Plants that are %(min)s to %(max)s years old") % age)
    elif age["min"] is not None:
        told.append(_("Plants that are at least %(min)s years old") % age)
    elif age["max"] is not None:
        told.append(_("Plants that are at most %(max)s years old") % age)
    return told or [_("Every home of the market")]


def _caps(each: OfferInForce) -> list[ToldCap]:
    """List the caps of day and month."""
    caps = (
        (_("Cap of the day"), each.offer.cap_wh_per_day, each.day_taken_wh),
        (_("Cap of the month"), each.offer.cap_wh_per_month, each.month_taken_wh),
    )
    return [ToldCap(name=name, cap_wh=cap_wh, taken_wh=wh) for name, cap_wh, wh in caps if cap_wh is not None]


def _slots_chart(view: BuyerView, each: OfferInForce) -> charts.Chart:
    """Draw what was taken slot by slot; where a cap ended it, the bar has another colour."""
    capped_wh = [slot.taken_wh * slot.is_capped for slot in each.slots]
    series = [
        charts.Series(
            name=_("Taken"),
            colour=colour_name(view.buyer),
            values_wh=[slot.taken_wh - wh for slot, wh in zip(each.slots, capped_wh, strict=True)],
        ),
        charts.Series(name=_("Taken until a cap ended it"), colour="sold", values_wh=capped_wh),
        charts.Series(
            name=_("Its need"), colour="use", values_wh=[slot.need_wh or 0 for slot in each.slots], shape="line"
        ),
    ]
    return charts.bars(
        f"offer-{int(each.offer.kind)}",
        _("Bars over the half hours of the day: what the buyer took, and where a cap ended it, in kWh"),
        axis="slot",
        ticks=[slot_text(slot.slot_no) for slot in each.slots],
        series=[one for one in series if any(one.values_wh)],
        height_px=260,
    )
