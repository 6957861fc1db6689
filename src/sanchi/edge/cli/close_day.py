"""`sanchi close-day`: close delivery dates, one transaction each."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from typing import Annotated

import typer

from sanchi.app.close_day import CloseReport, close_day
from sanchi.app.pending_changes import PendingChanges, PendingDay, list_pending_changes, stale_days
from sanchi.app.stores import Installation
from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import EPOCH_DATE
from sanchi.edge.cli.console import OUT, kwh_text, print_json, tell_all, watched
from sanchi.edge.cli.markets import chosen_market, parsed_dates
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STALE = "stale"
STEP = "close-day"

DatesArgument = Annotated[
    str | None,
    typer.Argument(metavar="[DATE]", help="YYYY-MM-DD, a range FROM..TO, or `stale`: days with newer readings."),
]
ReviseOption = Annotated[
    bool, typer.Option("--revise", help="Close again what was closed and has newer readings: of DATE, or all there is.")
]
ListOption = Annotated[
    bool, typer.Option("--list", help="Only tell which closed days have newer readings and what would change.")
]


def run(
    ctx: typer.Context,
    dates: DatesArgument = None,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    revise: ReviseOption = False,
    only_list: ListOption = False,
    as_json: JsonOption = False,
) -> None:
    """Close delivery dates: balance the homes, match, issue certificates, settle.

    Each date is one transaction. Running it again is safe: a day without newer readings stays as it is, and of one
    with newer readings only the differences are posted. Until its month is finalised the whole day is matched anew,
    afterwards the corrected homes alone. What a close found stands on the page Findings.
    """
    if only_list and (dates or revise):
        raise WrongInput("--list tells all days that wait and closes none.", hint="Leave out DATE and --revise.")
    if dates is None and not revise and not only_list:
        raise WrongInput(
            "No date was named.",
            hint="Name one (2020-12-01), a range (2020-12-01..2020-12-31), or close waiting days again with --revise.",
        )
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    if only_list:
        print_pending(list_pending_changes(installation.stores, market_id), as_json=as_json)
        return
    asked = _waiting_dates(installation, market_id, dates) if revise or dates is None else dates
    reports = closed_days(installation, market_id, asked)
    if as_json:
        print_json([report_document(report) for report in reports])
    elif not tell_all(reports, lambda report: OUT.print(report_line(report))):
        OUT.print("nothing to close: no day waits for newer readings")


def close_days(installation: Installation, market_id: MarketId, dates_text: str) -> list[CloseReport]:
    """Close each date under its own lock and transaction, in order."""
    return list(closed_days(installation, market_id, dates_text))


def closed_days(
    installation: Installation, market_id: MarketId, asked: str | Collection[date]
) -> Iterator[CloseReport]:
    """Close the next date whenever a report is asked for."""
    stores = installation.stores
    if asked == STALE:
        dates: Collection[date] = tuple(day.delivery_date for day in stale_days(stores, market_id))
    else:
        dates = parsed_dates(asked) if isinstance(asked, str) else asked
    for delivery_date in watched(dates, "closing days", len(dates)):
        use_case = partial(close_day, stores, market_id, delivery_date)
        yield installation.run_step(market_id, STEP, delivery_date.isoformat(), use_case)


def _waiting_dates(installation: Installation, market_id: MarketId, dates_text: str | None) -> tuple[date, ...]:
    """Give the dates with newer readings, of the named ones or of all; Refused where one was never closed."""
    waiting = {day.delivery_date for day in stale_days(installation.stores, market_id)}
    if dates_text is None or dates_text == STALE:
        return tuple(sorted(waiting))
    dates = parsed_dates(dates_text)
    closed = {day.delivery_date for day in installation.stores.days.market_days(market_id, EPOCH_DATE, date.max)}
    unclosed = [day for day in dates if day not in closed]
    if unclosed:
        raise Refused(
            RefusalRule.DAY_NOT_CLOSED,
            f"{unclosed[0]} was never closed, so there is nothing to revise.",
            hint=f"Close it first: sanchi close-day {unclosed[0]}",
        )
    return tuple(day for day in dates if day in waiting)


def print_pending(pending: PendingChanges, *, as_json: bool) -> None:
    """Tell what closing the waiting days again would change."""
    if as_json:
        print_json([pending_document(day) for day in pending.days])
        return
    if not pending.days:
        OUT.print("no closed day has newer readings")
        return
    for day in pending.days:
        OUT.print(pending_line(day))
    OUT.print(pending_summary(pending))
    OUT.print("[dim]Close them again: sanchi close-day --revise[/]")


def pending_line(day: PendingDay) -> str:
    """Tell what closing one day again would change, in one line."""
    if not day.is_changed:
        return f"{day.delivery_date}  newer readings, the same energies"
    rule = "final: corrected homes alone" if day.is_finalised else "open: matched anew as a whole"
    parties = "1 party" if day.changed_party_count == 1 else f"{day.changed_party_count} parties"
    return (
        f"{day.delivery_date}  {kwh_text(day.changed_wh):>7} kWh of {parties}  offered "
        f"{_signed(day.surplus_offered_wh)} surplus, {_signed(day.self_offered_wh)} self  {rule}"
    )


def pending_summary(pending: PendingChanges) -> str:
    """Say how many days would change, and by how much.

    >>> pending_summary(PendingChanges(days=()))
    '0 days would change by 0.0 kWh'
    """
    n_changed = len(pending.changed_days)
    days = "1 day" if n_changed == 1 else f"{n_changed} days"
    unchanged = len(pending.days) - n_changed
    rest = f"; {unchanged} more with newer readings would stay as they are" if unchanged else ""
    return f"{days} would change by {kwh_text(pending.changed_wh)} kWh{rest}"


def pending_document(day: PendingDay) -> dict[str, object]:
    """Lay a waiting day out for a machine."""
    return {
        "delivery_date": day.delivery_date.isoformat(),
        "is_finalised": day.is_finalised,
        "changed_parties": day.changed_party_count,
        "changed_wh": day.changed_wh,
        "surplus_offered_wh": day.surplus_offered_wh,
        "self_offered_wh": day.self_offered_wh,
    }


def _signed(energy_wh: int) -> str:
    """Write a difference with its sign."""
    return f"{'+' if energy_wh >= 0 else ''}{kwh_text(energy_wh)}"


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
