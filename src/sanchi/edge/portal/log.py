"""The log as anybody may read it: checkpoints by size and root, and each of them as a signed note.

Enters: LogView. Leaves: a page; a download. Not here: what was sealed, which only those see whom it concerns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from sanchi.app.views.log import CheckpointRow, LogView
from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.paging import asked_page_no, page_queries

ROWS_PER_PAGE: Final = 100
_DAY: Final = "day"
_MONTH: Final = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A checkpoint with what it sealed: a day's revision, a month, or an operation by its name."""

    checkpoint: CheckpointRow
    delivery_date: date | None = None
    revision: int = 0
    month: Month | None = None
    operation: str = ""


def show_log(views: MarketViews, request: HttpRequest, market_id: MarketId) -> HttpResponse:
    """Show the checkpoints, latest first."""
    view = views.log(market_id)
    page_count = max(1, -(-len(view.checkpoints) // ROWS_PER_PAGE))
    page_no = min(asked_page_no(request), page_count)
    shown = view.checkpoints[(page_no - 1) * ROWS_PER_PAGE : page_no * ROWS_PER_PAGE]
    content = {
        "view": view,
        "rows": list(sealed_rows(shown)),
        "page": {"page_no": page_no, "page_count": page_count},
        **page_queries(request, page_no, page_count),
    }
    return rendered(request, "log.html", content, market=view.market, active="log")


def give_note(views: MarketViews, request: HttpRequest, market_id: MarketId, checkpoint_no: int) -> HttpResponse:  # noqa: ARG001 - a page gets its request
    """Give a checkpoint as it was signed and countersigned."""
    view: LogView = views.log(market_id)
    for row in view.checkpoints:
        if row.checkpoint_no == checkpoint_no:
            response = HttpResponse(row.note, content_type="text/plain; charset=utf-8")
            name = f"checkpoint-{market_id}-{checkpoint_no}"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
    raise Http404(f"there is no checkpoint {checkpoint_no}")


def sealed_rows(checkpoints: Sequence[CheckpointRow]) -> Iterator[SealedRow]:
    """Tell what each checkpoint sealed."""
    for checkpoint in checkpoints:
        what, _, rest = checkpoint.subject.partition("/")
        if what == _DAY:
            day, _, revision = rest.partition("/")
            yield SealedRow(checkpoint=checkpoint, delivery_date=date.fromisoformat(day), revision=int(revision))
        elif what == _MONTH:
            yield SealedRow(checkpoint=checkpoint, month=Month.parse(rest))
        else:
            yield SealedRow(checkpoint=checkpoint, operation=rest)
