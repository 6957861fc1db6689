"""The page of a home's connections: how each leg stands, and the timeline of its faults.

Enters: HomeConnectionView. Leaves: a page. Not here: the drawing's layout (timeline).
"""

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.portal.fault_words import FAULT, LOOK
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.timeline import drawn_timeline
from sanchi.edge.portal.told_faults import told_fault


def show_home_connection(
    views: MarketViews, request: HttpRequest, market_id: MarketId, home_id: PartyId
) -> HttpResponse:
    """Show how a home is connected."""
    view = views.home_connection(market_id, home_id)
    faults = [told_fault(fault, {view.home.party_id: view.home}) for fault in view.faults]
    legs = view.connection.legs if view.connection else ()
    content = {
        "view": view,
        "watch": view.watch,
        "connection": view.connection,
        "legs": [(leg, FAULT[leg.kind] if leg.kind else None) for leg in legs],
        "faults": faults,
        "advice": [words for kind, words in FAULT.items() if any(told.fault.kind is kind for told in faults)],
        "looks": list(LOOK.items()),
        "timeline": None if view.watch is None else drawn_timeline(faults, view.watch.first_date, view.watch.last_date),
    }
    return rendered(request, "home_connection.html", content, market=view.market, active="homes")
