"""The list of homes, and a home's own page.

Enter: HomesView, HomeView. Leave: pages. Not here: how a day was shared (home_day), the charts (home_charts).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.homes import HomeShare, HomeView
from sanchi.app.views.market_head import PartyRef
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.edge.portal.asked_day import asked_date
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.home_charts import day_chart, days_chart, mean_day_chart
from sanchi.edge.portal.home_day import told_sharing
from sanchi.edge.portal.home_terms import told_lists
from sanchi.edge.portal.paging import asked_page_no, page_queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One buyer of a home, both kinds together."""

    buyer: PartyRef
    energy_wh: int
    accrued_e5yen: int
    kinds: tuple[CertificateKind, ...]


def show_homes(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show the homes of a market."""
    view = views.homes(market_id, page_no=asked_page_no(request))
    content = {"view": view, **page_queries(request, view.page_no, view.page_count)}
    return rendered(request, "homes.html", content, market=view.market, active="homes")


def show_home(views: MarketViews, request: HttpRequest, market_id: MarketId, home_id: PartyId) -> HttpResponse:
    """Show a home and one of its days (?day=YYYY-MM-DD)."""
    view = views.home(market_id, home_id, delivery_date=asked_date(request))
    faces = faces_of(view.shares)
    sold_wh = sum(face.energy_wh for face in faces)
    content = {
        "view": view,
        "plant": view.plant,
        "faces": faces,
        "sold_wh": sold_wh,
        "traded_wh": sold_wh + view.standard_offer_wh + view.self_kept_wh,
        "generated_wh": sum(day.pv_wh for day in view.days),
        "accrued_e5yen": sum(day.accrued_e5yen for day in view.days),
        "mean_day_chart": mean_day_chart(view) if view.days else None,
        "mean_rows": mean_rows(view),
        "days_chart": days_chart(view) if view.days else None,
        "day_chart": day_chart(view) if view.detail else None,
        "sharing": told_sharing(view),
        "lists": told_lists(view),
        **neighbours(view),
    }
    return rendered(request, "home.html", content, market=view.market, active="homes")


def faces_of(shares: Iterable[HomeShare]) -> list[Face]:
    """Join the shares of one buyer, largest first."""
    by_buyer: dict[int, list[HomeShare]] = {}
    for share in shares:
        by_buyer.setdefault(share.buyer.party_no, []).append(share)
    faces = [
        Face(
            buyer=group[0].buyer,
            energy_wh=sum(share.energy_wh for share in group),
            accrued_e5yen=sum(share.accrued_e5yen for share in group),
            kinds=tuple(share.kind for share in group),
        )
        for group in by_buyer.values()
    ]
    return sorted(faces, key=lambda face: -face.energy_wh)


def mean_rows(view: HomeView) -> list[tuple[int, int, int, int]]:
    """List slot_no, generation, use and export of the mean day."""
    mean = view.mean_day
    return list(zip(range(1, SLOTS_PER_DAY + 1), mean.pv_wh, mean.use_wh, mean.export_wh, strict=False))


def neighbours(view: HomeView) -> dict[str, date | None]:
    """Give the closed days before and after the shown one."""
    dates = [day.delivery_date for day in view.days]
    if view.detail is None or view.detail.delivery_date not in dates:
        return {"earlier_day": None, "later_day": None}
    place = dates.index(view.detail.delivery_date)
    return {
        "earlier_day": dates[place - 1] if place else None,
        "later_day": dates[place + 1] if place + 1 < len(dates) else None,
    }
