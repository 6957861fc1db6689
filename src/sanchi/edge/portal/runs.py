"""Where days, months and deliveries stand.

Enters: RunsView. Leaves: a page. Not here: the steps themselves.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.market_views import MarketViews
from sanchi.app.views.runs import RunDay, RunsView
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.portal.frame import rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfDays:
    """The days of one month, latest first."""

    month: Month
    days: tuple[RunDay, ...]
    is_open: bool


def show_runs(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show the state of every day and month."""
    view = views.runs(market_id)
    content = {
        "view": view,
        "months_of_days": months_of_days(view),
        "finalised_count": sum(day.is_finalised for day in view.days),
        "stale_count": sum(day.is_stale for day in view.days),
        "revised_count": sum(day.revision_in_force > 1 for day in view.days),
    }
    return rendered(request, "runs.html", content, market=view.market, active="runs")


def months_of_days(view: RunsView) -> list[MonthOfDays]:
    """Group the days by month; the latest month stands open."""
    months = list(dict.fromkeys(Month.of(day.delivery_date) for day in view.days))
    return [
        MonthOfDays(
            month=month,
            days=tuple(day for day in view.days if Month.of(day.delivery_date) == month),
            is_open=month == months[0],
        )
        for month in months
    ]
