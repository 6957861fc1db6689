"""The list of markets; where there is one, its overview.

Enters: the read model. Leaves: a page or a redirect. Not here: a market's own pages.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sanchi.app.views.market_views import MarketViews
from sanchi.edge.portal.frame import rendered


def show_markets(views: MarketViews, request: HttpRequest) -> HttpResponse:
    """Show the markets of this installation."""
    markets = views.markets()
    if len(markets) == 1:
        response = redirect("overview", market_id=markets[0].market_id)
        response["Location"] += f"?{request.GET.urlencode()}" if request.GET else ""
        return response
    return rendered(request, "markets.html", {"markets": markets})
