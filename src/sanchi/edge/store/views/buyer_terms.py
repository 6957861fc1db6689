"""Reads the offers of a buyer in force on a date, with their perks and how much of their caps is used.

Enters: an OpenMarket, a buyer, a date. Leaves: BuyerTerms. Not here: words (portal), other buyers' offers.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sanchi.app.market import CapacityRule, Offer, Perk
from sanchi.app.views.terms import BuyerTerms, OfferInForce, OfferSlot
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.edge.store import market_rows
from sanchi.edge.store.views.open_market import OpenMarket

# What a correction of a finalised day made a debt stays with its buyer and goes on filling its caps.
_TAKEN_SQL: Final = """
    taken AS (
        SELECT delivery_date, slot_no, kind_no, sum(energy_wh) AS taken_wh
        FROM (SELECT delivery_date, slot_no, kind_no, energy_wh FROM allocations
              WHERE choice_no > 0 AND holder_no = $buyer_no
              UNION ALL SELECT delivery_date, slot_no, kind_no, debt_wh FROM debt WHERE holder_no = $buyer_no)
        WHERE delivery_date BETWEEN $first_date AND $last_date GROUP BY ALL)
"""
_SUMS_SQL: Final = f"""
    WITH {_TAKEN_SQL}
    SELECT kind_no, coalesce(sum(taken_wh) FILTER (delivery_date = $day), 0)::BIGINT, sum(taken_wh)::BIGINT
    FROM taken GROUP BY kind_no
"""
_SLOTS_SQL: Final = f"""
    WITH {_TAKEN_SQL},
    published AS (SELECT slot_no, kind_no, capacity_wh FROM closing_times
                  WHERE delivery_date = $day AND buyer_no = $buyer_no),
    used AS (SELECT slot_no, use_wh FROM buyer_use WHERE delivery_date = $day AND party_no = $buyer_no)
    SELECT kind_no, slot_no, coalesce(taken_wh, 0)::BIGINT, capacity_wh, coalesce(use_wh, 0)
    FROM published LEFT JOIN taken USING (slot_no, kind_no) LEFT JOIN used USING (slot_no) ORDER BY kind_no, slot_no
"""


def read_buyer_terms(market: OpenMarket, buyer_no: int, offers: Sequence[Offer], day: date) -> BuyerTerms:
    """Read the offers of a buyer on a date, whether it is closed or not."""
    in_force = [offer for offer in offers if _is_in_force(offer, day)]
    is_closed = bool(market.books.fetch("SELECT 1 FROM market_day WHERE delivery_date = ?", [day]))
    month = Month.of(day)
    place = {"buyer_no": buyer_no, "day": day}
    rows = market.books.fetch(_SUMS_SQL, {**place, "first_date": month.first_date, "last_date": month.last_date})
    sums_wh = {kind_no: (day_wh, month_wh) for kind_no, day_wh, month_wh in rows}
    perks = _perks(market, buyer_no)
    slots = _slots(market, buyer_no, day, in_force) if is_closed else {}
    terms = []
    for offer in in_force:
        day_wh, month_wh = sums_wh.get(int(offer.kind), (0, 0))
        terms.append(
            OfferInForce(
                offer=offer,
                perks=tuple(each for each in perks if (each.kind, each.valid_from) == (offer.kind, offer.valid_from)),
                day_taken_wh=day_wh,
                month_taken_wh=month_wh,
                slots=slots.get(offer.kind, ()),
            )
        )
    return BuyerTerms(delivery_date=day, is_closed=is_closed, offers=tuple(terms))


def _is_in_force(offer: Offer, day: date) -> bool:
    """Tell whether an offer is valid on the date (valid_until is exclusive)."""
    return offer.valid_from <= day and (offer.valid_until is None or day < offer.valid_until)


def _perks(market: OpenMarket, buyer_no: int) -> list[Perk]:
    """List the perks of all offers of the buyer."""
    rows = market.books.fetch(
        f"SELECT {', '.join(market_rows.PERK)} FROM perk WHERE buyer_no = ? ORDER BY kind_no, valid_from, perk_no",
        [buyer_no],
    )
    return [market_rows.perk(row, market.parties.ids) for row in rows]


def _slots(
    market: OpenMarket, buyer_no: int, day: date, in_force: Sequence[Offer]
) -> dict[CertificateKind, tuple[OfferSlot, ...]]:
    """Compare, slot by slot, what was taken with the published capacity and with the need.

    Surplus is matched first: what self-consumption finds is the use that surplus has left open.
    """
    place = {"buyer_no": buyer_no, "day": day, "first_date": day, "last_date": day}
    rows = market.books.fetch(_SLOTS_SQL, place)
    surplus_wh = {slot_no: taken_wh for kind_no, slot_no, taken_wh, *_ in rows if kind_no == CertificateKind.SURPLUS}
    by_kind: dict[CertificateKind, tuple[OfferSlot, ...]] = {}
    for offer in in_force:
        follows_use = offer.capacity_rule is CapacityRule.METERED_USE
        is_second = offer.kind is CertificateKind.SELF_CONSUMPTION
        by_kind[offer.kind] = tuple(
            OfferSlot(
                slot_no=slot_no,
                taken_wh=taken_wh,
                capacity_wh=capacity_wh,
                need_wh=max(use_wh - is_second * surplus_wh.get(slot_no, 0), 0) if follows_use else None,
            )
            for kind_no, slot_no, taken_wh, capacity_wh, use_wh in rows
            if kind_no == offer.kind
        )
    return by_kind
