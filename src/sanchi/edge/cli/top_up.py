"""`sanchi top-up`: register certificates bought elsewhere, and cover with them what no roof covered."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from sanchi.app.deliveries import FileKind
from sanchi.app.stores import Installation
from sanchi.app.top_up import VINTAGE_MONTHS, VINTAGE_MONTHS_MAX, BuyerTopUp, TopUpReport, top_up_month
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.cli.console import OUT, print_json, tell_all, wh_text
from sanchi.edge.cli.ingest import print_report, report_document, taken_files
from sanchi.edge.cli.markets import chosen_market, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STEP: Final = "top-up"
# Lots are used one month at a time, whichever month it is.
SUBJECT: Final = "lots"

LotsOption = Annotated[
    Path | None, typer.Option("--lots", metavar="FILE", help="An outside_lots file of certificates to register.")
]
MonthOption = Annotated[str | None, typer.Option("--month", metavar="MONTH", help="YYYY-MM, a closed month to cover.")]
BuyerOption = Annotated[str | None, typer.Option("--buyer", help="The party_id of one buyer; by default all.")]
VintageOption = Annotated[
    int,
    typer.Option(
        "--vintage-months",
        min=0,
        max=VINTAGE_MONTHS_MAX,
        help="How many months may lie between the end of generation and the month of use.",
    ),
]


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    lots: LotsOption = None,
    month: MonthOption = None,
    buyer: BuyerOption = None,
    vintage_months: VintageOption = VINTAGE_MONTHS,
    *,
    as_json: JsonOption = False,
) -> None:
    """Cover use that no roof covered with certificates that the buyer bought elsewhere.

    `--lots FILE` registers them, `--month MONTH` uses them for a month once it is closed: half hour by half hour, what
    roofs gave less than was used, from the oldest lot that fits on. Running it again is safe: nothing is used twice.
    """
    if lots is None and month is None:
        raise WrongInput("Neither lots nor a month were named.", hint="Name --lots FILE, --month YYYY-MM, or both.")
    if month is None and buyer is not None:
        raise WrongInput("--buyer belongs to a month.", hint="Name it with --month YYYY-MM.")
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    asked = None if month is None else parsed_month(month)
    registered = [] if lots is None else _registered(installation, market_id, lots, as_json=as_json)
    topped = None
    if asked is not None:
        topped = installation.run_step(
            market_id,
            STEP,
            SUBJECT,
            partial(
                top_up_month,
                installation.stores,
                market_id,
                asked,
                buyer_id=None if buyer is None else PartyId(buyer),
                vintage_months=vintage_months,
            ),
        )
    if as_json:
        print_json({"lots": registered, "month": None if topped is None else _document(topped)})
    elif topped is not None:
        _print_report(topped)


def _registered(
    installation: Installation, market_id: MarketId, path: Path, *, as_json: bool
) -> list[dict[str, object]]:
    """Take a file of lots; a file of another kind is refused before anything of it is taken."""
    names = installation.open_delivery(path).file_names
    if len(names) != 1 or not names[0].lower().startswith(FileKind.OUTSIDE_LOTS):
        raise WrongInput(f"{path} is no file of lots.", hint=f"Name it {FileKind.OUTSIDE_LOTS}.csv (docs/formats.md).")
    reports = list(taken_files(installation, path, market_id))
    if not as_json:
        tell_all(reports, print_report)
    return [report_document(report) for report in reports]


def _print_report(report: TopUpReport) -> None:
    """Tell buyer by buyer."""
    for each in report.buyers:
        OUT.print(_line(report, each))
        if each.uncovered_wh and each.unfit_wh:
            OUT.print(f"  [dim]{wh_text(each.unfit_wh)} kWh of its lots are too old or too new for {report.month}[/]")
    if not report.buyers:
        OUT.print(f"{report.month}: no buyer used anything")
    for day in report.waiting_dates:
        OUT.print(f"  [yellow]open[/]  {day} is not final yet: run this again once it is")


def _line(report: TopUpReport, each: BuyerTopUp) -> str:
    """Tell one buyer's month."""
    before = f", {wh_text(each.covered_before_wh)} before" if each.covered_before_wh else ""
    return (
        f"{report.month}  {escape(each.buyer_id)}: used {wh_text(each.use_wh)} kWh, {wh_text(each.needed_wh)} not from "
        f"roofs; topped up {wh_text(each.covered_now_wh)}{before}, uncovered {wh_text(each.uncovered_wh)}"
    )


def _document(report: TopUpReport) -> dict[str, object]:
    """Lay a month out for a machine."""
    return {
        "month": str(report.month),
        "buyers": [asdict(each) for each in report.buyers],
        "waiting_dates": [day.isoformat() for day in report.waiting_dates],
    }
