"""The list of buyers, and a buyer's own page.

Enter: BuyersView, BuyerView. Leave: pages. Not here: the charts (buyer_charts).
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.buyers import BuyerView, MatchedHour
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.portal.asked_day import asked_date
from sanchi.edge.portal.buyer_charts import days_chart, matched_chart
from sanchi.edge.portal.buyer_terms import told_terms
from sanchi.edge.portal.frame import rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictTotal:
    """What the homes of a district gave to the buyer."""

    district: str
    home_count: int
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotal:
    """An hour of the day over all days."""

    label: str
    use_wh: int
    matched_wh: int


def show_buyers(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show the buyers of a market."""
    view = views.buyers(market_id)
    content = {"view": view, "total_wh": sum(row.surplus_wh + row.self_wh for row in view.rows)}
    return rendered(request, "buyers.html", content, market=view.market, active="buyers")


def show_buyer(views: MarketViews, request: HttpRequest, market_id: MarketId, buyer_id: PartyId) -> HttpResponse:
    """Show a buyer and what it offers on one day (?day=YYYY-MM-DD)."""
    view = views.buyer(market_id, buyer_id, delivery_date=asked_date(request))
    surplus_wh = sum(day.surplus_wh for day in view.days)
    self_wh = sum(day.self_wh for day in view.days)
    content = {
        "view": view,
        "surplus_wh": surplus_wh,
        "self_wh": self_wh,
        "received_wh": surplus_wh + self_wh,
        "use_wh": sum(day.use_wh for day in view.days),
        "matched_wh": sum(hour.matched_wh for hour in view.hours),
        "hours_use_wh": sum(hour.use_wh for hour in view.hours),
        "retired_wh": sum(month.retired_wh for month in view.certificates),
        "hour_rows": hours_of(view),
        "districts": districts_of(view),
        "days_chart": days_chart(view) if view.days else None,
        "matched_chart": matched_chart(view) if view.hours else None,
        "told_terms": told_terms(view),
    }
    return rendered(request, "buyer.html", content, market=view.market, active="buyers")


def hours_of(view: BuyerView) -> list[HourTotal]:
    """Sum use and cover by hour of the day."""
    by_hour: dict[int, list[MatchedHour]] = {}
    for hour in view.hours:
        by_hour.setdefault(hour.hour_no, []).append(hour)
    return [
        HourTotal(
            label=f"{hour_no - 1:02d}:00–{hour_no:02d}:00",
            use_wh=sum(hour.use_wh for hour in hours),
            matched_wh=sum(hour.matched_wh for hour in hours),
        )
        for hour_no, hours in sorted(by_hour.items())
    ]


def districts_of(view: BuyerView) -> list[DistrictTotal]:
    """Sum the sources by district, largest first."""
    by_district: dict[str, list[int]] = {}
    for source in view.sources:
        by_district.setdefault(source.home.district, []).append(source.surplus_wh + source.self_wh)
    totals = [
        DistrictTotal(district=district, home_count=len(energies_wh), energy_wh=sum(energies_wh))
        for district, energies_wh in by_district.items()
    ]
    return sorted(totals, key=lambda total: -total.energy_wh)
