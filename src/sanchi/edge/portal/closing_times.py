"""The published table of a market-day as a CSV file at a stable address, in the form of `sanchi export closing-times`.

Enter: ClosingTimeRows. Leaves: a download. No home stands in it. Not here: pages.
"""

import csv
from datetime import date
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from sanchi.app.views.market_views import MarketViews
from sanchi.core.base.ids import MarketId

COLUMNS: Final = ("kind", "delivery_date", "slot_no", "buyer_id", "capacity_wh", "closing_time", "rounding")


def give_closing_times(views: MarketViews, request: HttpRequest, market_id: MarketId, day: str) -> HttpResponse:  # noqa: ARG001 - a page gets its request
    """Give the table of a closed day."""
    try:
        delivery_date = date.fromisoformat(day)
    except ValueError as error:
        raise Http404(f"{day!r} is not a date; write it as YYYY-MM-DD") from error
    rows = views.closing_times(market_id, delivery_date=delivery_date)
    file_name = f"closing-times-{market_id}-{delivery_date}.csv"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    writer = csv.writer(response, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (
            row.kind.text,
            delivery_date.isoformat(),
            row.slot_no,
            row.buyer_id,
            row.capacity_wh,
            row.closing_t32,
            row.rounding_phi60,
        )
        for row in rows
    )
    return response
