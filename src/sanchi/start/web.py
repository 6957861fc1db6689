"""The addresses of the web server: the portal over the views that wiring gives.

Enters: nothing. Leaves: urlpatterns and the pages for faults, as Django's ROOT_URLCONF. Not here: any page.
"""

from sanchi.app.views.market_views import MarketViews
from sanchi.edge.portal.faults import broken, not_found
from sanchi.edge.portal.routes import pages


def market_views() -> MarketViews:
    """Give the views to read from; wiring is asked when a page is, so that addresses need no database."""
    from sanchi.start import wiring

    return wiring.market_views()


urlpatterns = pages(market_views)
handler404 = not_found
handler500 = broken
