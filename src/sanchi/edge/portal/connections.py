"""The page of a market's connections.

Enters: ConnectionsView. Leaves: a page. Not here: the map (quality), a home's own page (home_connection).
"""

from typing import Final

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.connection_pages import ConnectionsView
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId
from sanchi.core.metering.connections.states import LegState
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.quality import quality_chart, quality_rows, summed
from sanchi.edge.portal.told_faults import told_fault, told_recurrence

# Ended faults stand on the pages of their homes; here are the latest of all.
ENDED_COUNT_MAX: Final = 50
_IN_ORDER: Final = (LegState.NEVER, LegState.DOWN, LegState.DEGRADED, LegState.UP)


def show_connections(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show how the homes of a market are connected."""
    view = views.connections(market_id)
    faults = [] if view.watch is None else [told_fault(fault, view.homes) for fault in view.watch.faults]
    ended = [told for told in faults if not told.is_open]
    rows = quality_rows(view)
    content = {
        "view": view,
        "watch": view.watch,
        "slots": summed(slots for _home, slots in rows),
        "whole_count": sum(slots.slot_count == slots.measured_slot_count > 0 for _home, slots in rows),
        "open_faults": [told for told in faults if told.is_open],
        "ended_faults": ended[:ENDED_COUNT_MAX],
        "ended_count": len(ended),
        "states": states(view),
        "recurring": [] if view.watch is None else [told_recurrence(row, view.homes) for row in view.watch.recurring],
        "weak_roofs": [] if view.watch is None else [(view.homes[row.home_id], row) for row in view.watch.weak_roofs],
        "quality_chart": quality_chart(view) if view.quality and view.dates else None,
        "quality_rows": rows,
    }
    return rendered(request, "connections.html", content, market=view.market, active="connections")


def states(view: ConnectionsView) -> list[tuple[LegState, int]]:
    """Count the homes by their worst state, the worst first."""
    homes = () if view.watch is None else view.watch.homes
    return [(state, sum(home.state is state for home in homes)) for state in _IN_ORDER]
