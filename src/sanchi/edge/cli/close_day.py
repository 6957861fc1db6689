"""`sanchi close-day`: close delivery dates, one transaction each."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer

from sanchi.app.close_day import CloseReport, close_day
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.edge.cli.console import OUT, kwh_text, print_json, tell_all, watched
from sanchi.edge.cli.markets import chosen_market, parsed_dates
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STALE = "stale"
STEP = "close-day"

DatesArgument = Annotated[
    str,
    typer.Argument(metavar="DATE", help="YYYY-MM-DD, a range FROM..TO, or `stale`: days with newer readings."),
]


def run(
    ctx: typer.Context,
    dates: DatesArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Close delivery dates: balance the homes, match, issue certificates, settle.

    Each date is one transaction. Running it again is safe: a day without newer readings stays as it is, and of one
    with newer readings only the differences are posted. What a close found stands on the page Findings.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    reports = closed_days(installation, market_id, dates)
    if as_json:
        print_json([report_document(report) for report in reports])
    elif not tell_all(reports, lambda report: OUT.print(report_line(report))):
        OUT.print("nothing to close: no day waits for newer readings")


def close_days(installation: Installation, market_id: MarketId, dates_text: str) -> list[CloseReport]:
    """Close each date under its own lock and transaction, in order."""
    return list(closed_days(installation, market_id, dates_text))


def closed_days(installation: Installation, market_id: MarketId, dates_text: str) -> Iterator[CloseReport]:
    """Close the next date whenever a report is asked for."""
    stores = installation.stores
    if dates_text == STALE:
        terms = stores.market.book(market_id).terms
        days = stores.days.market_days(market_id, terms.first_delivery_date, terms.last_delivery_date)
        dates = tuple(day.delivery_date for day in days if day.is_stale)
    else:
        dates = parsed_dates(dates_text)
    for delivery_date in watched(dates, "closing days", len(dates)):
        use_case = partial(close_day, stores, market_id, delivery_date)
        yield installation.run_step(market_id, STEP, delivery_date.isoformat(), use_case)


def report_line(report: CloseReport) -> str:
    """Tell what closing a day did, in one line: of what was offered, how much buyers took."""
    noun = "finding" if len(report.problems) == 1 else "findings"
    problems = f"  {len(report.problems)} {noun}" if report.problems else ""
    surplus = _taken(report.surplus_matched_wh, report.surplus_offered_wh)
    self_consumption = _taken(report.self_matched_wh, report.self_offered_wh)
    return (
        f"{report.delivery_date}  {report.outcome:<9}  revision {report.revision}  "
        f"buyers took {surplus} surplus, {self_consumption} self{problems}"
    )


def _taken(matched_wh: int, offered_wh: int) -> str:
    """Write how much of an offer buyers took."""
    return f"{kwh_text(matched_wh):>7} of {kwh_text(offered_wh):>7} kWh"


def report_document(report: CloseReport) -> dict[str, object]:
    """Lay a close out for a machine."""
    return {
        "delivery_date": report.delivery_date.isoformat(),
        "outcome": report.outcome,
        "revision": report.revision,
        "surplus_offered_wh": report.surplus_offered_wh,
        "surplus_matched_wh": report.surplus_matched_wh,
        "self_offered_wh": report.self_offered_wh,
        "self_matched_wh": report.self_matched_wh,
        "problems": len(report.problems),
    }
