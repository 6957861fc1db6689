"""The work list of findings.

Enters: ProblemsView. Leaves: a page with filter and paging. Not here: a finding's words (problem_words).
"""

from enum import StrEnum
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.market_views import MarketViews
from sanchi.app.views.problems import ProblemFilter, ProblemsView
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.paging import asked_page_no, page_queries

Member = TypeVar("Member", bound=StrEnum)

IN_ORDER = (Severity.ACT, Severity.WATCH, Severity.NOTE)


def show_problems(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show the findings that pass the filter."""
    wanted = asked_filter(request)
    view = views.problems(market_id, wanted=wanted, page_no=asked_page_no(request))
    content = {
        "view": view,
        "wanted": wanted,
        "severity_counts": [(severity, *severity_counts(view, severity)) for severity in IN_ORDER],
        "codes": sorted({count.code for count in view.counts}),
        **page_queries(request, view.page_no, view.page_count),
    }
    return rendered(request, "problems.html", content, market=view.market, active="problems")


def asked_filter(request: HttpRequest) -> ProblemFilter:
    """Read the filter; what is not in its set filters nothing."""
    return ProblemFilter(
        severity=_member(Severity, request.GET.get("severity", "")),
        code=_member(ProblemCode, request.GET.get("code", "")),
        party_id=PartyId(request.GET["party"]) if request.GET.get("party") else None,
    )


def severity_counts(view: ProblemsView, severity: Severity) -> tuple[int, int]:
    """Count the cases and the findings of a severity, whatever the filter."""
    counts = [count for count in view.counts if count.severity is severity]
    return sum(count.case_count for count in counts), sum(count.problem_count for count in counts)


def _member(members: type[Member], text: str) -> Member | None:
    """Find the member that a text names."""
    return members(text) if text in set(members) else None
