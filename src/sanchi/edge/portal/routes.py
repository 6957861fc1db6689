"""The addresses of the pages.

Enters: where views come from. Leaves: URL patterns for Django. Not here: how views read (start wires them).
"""

from django.urls import URLPattern, path

from sanchi.edge.portal.buyers import show_buyer, show_buyers
from sanchi.edge.portal.closing_times import give_closing_times
from sanchi.edge.portal.connections import show_connections
from sanchi.edge.portal.frame import ViewsSource, answering
from sanchi.edge.portal.home_connection import show_home_connection
from sanchi.edge.portal.homes import show_home, show_homes
from sanchi.edge.portal.log import give_note, show_log
from sanchi.edge.portal.markets import show_markets
from sanchi.edge.portal.overview import show_overview
from sanchi.edge.portal.problems import show_problems
from sanchi.edge.portal.readings import show_readings
from sanchi.edge.portal.runs import show_runs


def pages(source: ViewsSource) -> list[URLPattern]:
    """Lay out every page; source is called once a request and gives the views to read from."""
    return [
        path("", answering(source, show_markets), name="markets"),
        path("markets/<str:market_id>/", answering(source, show_overview), name="overview"),
        path("markets/<str:market_id>/homes/", answering(source, show_homes), name="homes"),
        path("markets/<str:market_id>/homes/<str:home_id>/", answering(source, show_home), name="home"),
        path("markets/<str:market_id>/connections/", answering(source, show_connections), name="connections"),
        path(
            "markets/<str:market_id>/homes/<str:home_id>/connection/",
            answering(source, show_home_connection),
            name="home-connection",
        ),
        path(
            "markets/<str:market_id>/homes/<str:home_id>/readings/", answering(source, show_readings), name="readings"
        ),
        path("markets/<str:market_id>/buyers/", answering(source, show_buyers), name="buyers"),
        path("markets/<str:market_id>/buyers/<str:buyer_id>/", answering(source, show_buyer), name="buyer"),
        path("markets/<str:market_id>/problems/", answering(source, show_problems), name="problems"),
        path(
            "markets/<str:market_id>/closing-times/<str:day>.csv",
            answering(source, give_closing_times),
            name="closing-times",
        ),
        path("markets/<str:market_id>/log/", answering(source, show_log), name="log"),
        path(
            "markets/<str:market_id>/log/checkpoint-<int:checkpoint_no>",
            answering(source, give_note),
            name="checkpoint-note",
        ),
        path("markets/<str:market_id>/runs/", answering(source, show_runs), name="runs"),
    ]
