"""`sanchi close-month`: finalise a month."""

from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.close_month import MonthReport, close_month
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import JST
from sanchi.edge.cli.console import OUT, print_json, print_pairs, yen_text
from sanchi.edge.cli.markets import chosen_market, parsed_date, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STEP = "close-month"

MonthArgument = Annotated[str, typer.Argument(metavar="MONTH", help="YYYY-MM")]
OnOption = Annotated[
    str | None,
    typer.Option("--on", help="The date to finalise as of; by default the market's finalise day of the next month."),
]
LeaveOption = Annotated[
    bool,
    typer.Option("--leave-unclosed", help="Finalise although days of the month were never closed; they wait."),
]


def run(
    ctx: typer.Context,
    month: MonthArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    on: OnOption = None,
    *,
    leave_unclosed: LeaveOption = False,
    as_json: JsonOption = False,
) -> None:
    """Finalise a month: retire what buyers hold, write statements, close the period. Running it again is safe.

    A day that waits for a new close, or has gaps still waited for, is left open: it is finalised and paid with a
    later month. So is, with --leave-unclosed, one that was never closed; without it such days refuse the month.
    Months are closed in their order and cannot be opened again.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    report = close_one_month(
        installation,
        market_id,
        parsed_month(month),
        None if on is None else parsed_date(on),
        leaves_unclosed=leave_unclosed,
    )
    if as_json:
        print_json(month_document(report))
        return
    if not report.is_new:
        OUT.print(f"{report.month} was closed already; nothing changed")
        return
    print_pairs(f"{report.month} closed", _figures(report))
    for correction in report.corrections:
        OUT.print(
            f"  corrects {correction.corrected_month}: {correction.line_count} lines, "
            f"{yen_text(correction.payable_to_homes_e5yen)} yen to homes, "
            f"{yen_text(correction.receivable_from_buyers_e5yen)} yen from buyers, before rounding"
        )
    for unfinalised in report.days_not_finalised:
        OUT.print(f"  [yellow]open[/]  {unfinalised.delivery_date}  {escape(unfinalised.reason)}")
    if report.days_not_finalised:
        OUT.print("  [dim]Days left open are finalised and paid with a later month.[/]")
    for alarm in report.residual_alarms:
        OUT.print(
            f"  [yellow]check[/]  {alarm.home_id}: its register exported {alarm.ct_meter_residual_wh:,} Wh more than "
            f"its CT saw generated ({alarm.export_pv_wh:,} Wh exported); look at the CT's place and direction"
        )


def close_one_month(
    installation: Installation,
    market_id: MarketId,
    month: Month,
    on_date: date | None,
    *,
    leaves_unclosed: bool = False,
) -> MonthReport:
    """Close a month under its lock, in one transaction."""
    stores = installation.stores
    return installation.run_step(
        market_id,
        STEP,
        str(month),
        partial(
            close_month,
            stores,
            market_id,
            month,
            on_date=on_date,
            today=datetime.now(JST).date(),
            leaves_unclosed=leaves_unclosed,
        ),
    )


def _figures(report: MonthReport) -> list[tuple[str, str]]:
    """List what was finalised."""
    return [
        ("days finalised", f"{report.days_finalised_count}"),
        ("statements", f"{report.statement_count}"),
        ("payable to homes", f"{report.payable_to_homes_yen:,} yen"),
        ("receivable from buyers", f"{report.receivable_from_buyers_yen:,} yen"),
        ("retired", f"{report.retired_wh:,} Wh"),
    ]


def month_document(report: MonthReport) -> dict[str, object]:
    """Lay a month's close out for a machine."""
    return {
        "month": str(report.month),
        "is_new": report.is_new,
        "days_finalised": report.days_finalised_count,
        "days_not_finalised": [
            {"delivery_date": day.delivery_date.isoformat(), "reason": day.reason} for day in report.days_not_finalised
        ],
        "corrections": [asdict(each) | {"corrected_month": str(each.corrected_month)} for each in report.corrections],
        "residual_alarms": [asdict(alarm) for alarm in report.residual_alarms],
        "statements": report.statement_count,
        "payable_to_homes_yen": report.payable_to_homes_yen,
        "receivable_from_buyers_yen": report.receivable_from_buyers_yen,
        "retired_wh": report.retired_wh,
    }
