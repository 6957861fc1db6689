"""`sanchi spread-months`: spread the values of homes that are read once a month over half hours."""

from datetime import datetime
from functools import partial
from typing import Annotated, Final

import typer
from rich.markup import escape

from sanchi.app.ingest import STEP, SUBJECT
from sanchi.app.spread_months import SpreadLine, SpreadReport, WaitingMonth, spread_months
from sanchi.core.base.slots import JST
from sanchi.core.metering.monthly.spreading import SpreadShape
from sanchi.edge.cli.console import OUT, kwh_text, print_json
from sanchi.edge.cli.markets import chosen_market, parsed_date
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

TodayOption = Annotated[
    str | None, typer.Option("--today", metavar="DATE", help="The day by which months are overdue; by default today.")
]
SHAPE_WORDS: Final = {
    SpreadShape.LIKE_HOMES: "after the market's measured homes",
    SpreadShape.FLAT: "flat, as nobody was measured",
    SpreadShape.KEPT: "by the shape that it had",
}


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    today: TodayOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Spread new values of months over half hours, and tell which values are overdue.

    A value waits until all days of its month are closed, as other homes give it its shape; the days that it touches
    have to be closed again (`sanchi close-day --revise`). Running it again is safe: a value is spread once, and what
    other homes' readings say later moves nothing.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    day = datetime.now(JST).date() if today is None else parsed_date(today)
    # Deliveries are numbered as they come: nobody takes files in meanwhile.
    use_case = partial(spread_months, installation.stores, market_id, day)
    report = installation.run_step(market_id, STEP, SUBJECT, use_case)
    print_json(report_document(report)) if as_json else print_report(report)


def print_report(report: SpreadReport) -> None:
    """Tell what was spread, what waits and what is overdue."""
    for line in report.spread:
        OUT.print(_spread_text(line))
    for waiting in report.waiting:
        OUT.print(_waiting_text(waiting))
    for each in report.overdue:
        OUT.print(f"  [yellow]{each.problem.code}[/]  {escape(each.problem.where)}: {escape(each.problem.detail)}")
        OUT.print(f"    [dim]{escape(each.problem.hint)}[/]")
    if not report.spread and not report.waiting and not report.overdue:
        OUT.print("no value of a month is new, and none is overdue")
    if report.stale_dates:
        days = "1 day" if len(report.stale_dates) == 1 else f"{len(report.stale_dates)} days"
        OUT.print(f"{days} to close again")
        OUT.print("[dim]Close them again: sanchi close-day --revise[/]")


def _spread_text(line: SpreadLine) -> str:
    """Say how a value was spread."""
    spread = line.spread
    stand_in = f", {spread.stand_in_count} of them after other days" if spread.stand_in_count else ""
    return (
        f"{escape(line.meter_id)} {spread.value.channel.text} {spread.value.month}  {kwh_text(spread.value.energy_wh)} "
        f"over {spread.slot_count:,} half hours {SHAPE_WORDS[spread.shape]}{stand_in}"
    )


def _waiting_text(waiting: WaitingMonth) -> str:
    """Say what a value waits for."""
    value = waiting.value
    days = "1 day" if waiting.unclosed_count == 1 else f"{waiting.unclosed_count} days"
    return (
        f"{escape(waiting.meter_id)} {value.channel.text} {value.month}  {kwh_text(value.energy_wh)} [yellow]wait[/]: "
        f"{days} of the month are not closed"
    )


def report_document(report: SpreadReport) -> dict[str, object]:
    """Lay a report out for a machine."""
    return {
        "spread": [
            {
                "meter_id": line.meter_id,
                "channel": line.spread.value.channel.text,
                "month": str(line.spread.value.month),
                "energy_wh": line.spread.value.energy_wh,
                "delivery_no": line.spread.delivery_no,
                "half_hours": line.spread.slot_count,
                "shape": line.spread.shape.name.lower(),
                "stand_ins": line.spread.stand_in_count,
            }
            for line in report.spread
        ],
        "waiting": [
            {
                "meter_id": each.meter_id,
                "channel": each.value.channel.text,
                "month": str(each.value.month),
                "energy_wh": each.value.energy_wh,
                "unclosed_days": each.unclosed_count,
            }
            for each in report.waiting
        ],
        "kept_of_half_hour_meters": report.unspread_count,
        "overdue": [
            {"code": each.problem.code, "where": each.problem.where, "detail": each.problem.detail}
            for each in report.overdue
        ],
        "stale_dates": [day.isoformat() for day in report.stale_dates],
    }
