"""The page of a whole market.

Enters: OverviewView. Leaves: a page with its charts. Not here: sums of energy or money (the read model's).
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sanchi.app.views.market_views import MarketViews
from sanchi.app.views.overview import DistrictFlow, OverviewView
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.units import PERMILLE
from sanchi.edge.portal import charts
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.names import named
from sanchi.edge.portal.palette import colour_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bar that is PERMILLE wide."""

    label: str | Promise
    colour: str
    energy_wh: int
    left_permille: int
    width_permille: int


def show_overview(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show what a market did."""
    view = views.overview(market_id)
    parts = destinations(view)
    content = {
        "view": view,
        "summary": view.summary,
        "totals": view.summary.totals,
        "generated_wh": view.summary.surplus_wh + view.summary.self_wh,
        "parts": parts,
        "days_chart": days_chart(view) if view.days else None,
        "flow_charts": flow_charts(view),
    }
    return rendered(request, "overview.html", content, market=view.market, active="overview")


def destinations(view: OverviewView) -> list[Part]:
    """Lay out where the generated energy went, left to right."""
    totals = view.summary.totals
    generated_wh = view.summary.surplus_wh + view.summary.self_wh
    named_parts = [
        (_("Surplus to chosen buyers"), "allocated", totals.surplus_allocated_wh),
        (_("Surplus to the standard offer"), "offer", totals.standard_offer_wh),
        (_("Self-consumption, value sold"), "sold", totals.self_allocated_wh),
        (_("Self-consumption, value kept"), "kept", totals.self_kept_wh),
    ]
    rest_wh = generated_wh - sum(energy_wh for _label, _colour, energy_wh in named_parts)
    if rest_wh > 0:
        named_parts.append((_("Shown, but not offered"), "rest", rest_wh))
    return laid_out(named_parts)


def laid_out(named_parts: list[tuple[str, str, int]]) -> list[Part]:
    """Give each part its place on the bar."""
    whole_wh = sum(energy_wh for _label, _colour, energy_wh in named_parts) or 1
    parts, before_wh = [], 0
    for label, colour, energy_wh in named_parts:
        left = before_wh * PERMILLE // whole_wh
        before_wh += energy_wh
        right = before_wh * PERMILLE // whole_wh
        parts.append(
            Part(
                label=label,
                colour=colour,
                energy_wh=energy_wh,
                left_permille=left,
                width_permille=right - left,
            )
        )
    return parts


def days_chart(view: OverviewView) -> charts.Chart:
    """Draw where each day's power went: buyers in their fixed order, then what nobody chose."""
    places = sorted(range(len(view.buyers)), key=lambda place: view.buyers[place].buyer.order_no)
    taken = [place for place in places if any(day.surplus_by_buyer_wh[place] for day in view.days)]
    series = [
        charts.Series(
            name=named(view.buyers[place].buyer),
            colour=colour_name(view.buyers[place].buyer),
            values_wh=[day.surplus_by_buyer_wh[place] for day in view.days],
        )
        for place in taken
    ]
    series += [
        charts.Series(name=_("Standard offer"), colour="offer", values_wh=[d.standard_offer_wh for d in view.days]),
        charts.Series(
            name=_("Self-consumption, value sold"),
            colour="sold",
            values_wh=[d.self_sold_wh for d in view.days],
        ),
        charts.Series(
            name=_("Self-consumption, value kept"),
            colour="kept",
            values_wh=[d.self_kept_wh for d in view.days],
        ),
    ]
    return charts.bars(
        "days",
        _("Stacked bars: where the power of each day went, in kWh"),
        axis="date",
        ticks=[day.delivery_date.isoformat() for day in view.days],
        series=series,
        height_px=420,
    )


def flow_charts(view: OverviewView) -> list[charts.Chart]:
    """Draw from which districts the energy came and who took it, one picture a kind."""
    labels = {
        CertificateKind.SURPLUS: _("Flow picture: surplus from the districts of the homes to its buyers"),
        CertificateKind.SELF_CONSUMPTION: _(
            "Flow picture: value of self-consumption from the districts of the homes to its buyers"
        ),
    }
    drawn = []
    for kind, label in labels.items():
        flows = [flow for flow in view.flows if flow.kind is kind]
        if any(flow.buyer for flow in flows):
            drawn.append(charts.sankey(f"flow-{kind.text}", label, [_flow(flow) for flow in flows]))
    return drawn


def _flow(flow: DistrictFlow) -> charts.Flow:
    """Give a flow its two ends."""
    district = flow.district or _("No district given")
    source = charts.Node(key=f"from-{flow.district}", label=district, colour="roof")
    return charts.Flow(source=source, target=_holder(flow), energy_wh=flow.energy_wh)


def _holder(flow: DistrictFlow) -> charts.Node:
    """Give the right end of a flow."""
    if flow.buyer is not None:
        return charts.Node(key=f"to-{flow.buyer.party_no}", label=named(flow.buyer), colour=colour_name(flow.buyer))
    if flow.kind is CertificateKind.SURPLUS:
        return charts.Node(key="to-offer", label=_("Standard offer"), colour="offer", is_rest=True)
    return charts.Node(key="to-kept", label=_("Kept by the home"), colour="kept", is_rest=True)
