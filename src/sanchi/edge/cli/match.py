"""`sanchi match`: the engine alone, on files of anybody, without a home."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.match_files import MatchFiles, MatchReport, match_files
from sanchi.app.match_passing import PASSING_MECHANISMS
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import EPOCH_DATE
from sanchi.core.matching.mechanisms.table import MechanismName
from sanchi.edge.cli.console import ERR, print_json
from sanchi.edge.cli.markets import parsed_date
from sanchi.edge.cli.opening import JsonOption, opening

N_FEES = 4
# As many digits as the highest price has; core refuses what is beyond it.
FEE = re.compile(r"[0-9]{1,7}")
MECHANISMS_TEXT = ", ".join(MechanismName)

SupplyOption = Annotated[Path, typer.Option("--supply", help="home, slot_no, supply_wh (.csv or .parquet).")]
CapacityOption = Annotated[Path, typer.Option("--capacity", help="buyer, slot_no, capacity_wh.")]
OutOption = Annotated[Path, typer.Option("--out", help="The allocation to write: home, slot_no, buyer, energy_wh.")]
MechanismOption = Annotated[str, typer.Option("--mechanism", help=f"The rule: {MECHANISMS_TEXT}.")]
DateOption = Annotated[
    str | None,
    typer.Option(
        "--delivery-date", help=f"YYYY-MM-DD; it feeds the public phases. Without it: {EPOCH_DATE}, and told."
    ),
]
ChoicesOption = Annotated[Path | None, typer.Option("--choices", help="home, rank, buyer, and terms of a choice.")]
OffersOption = Annotated[Path | None, typer.Option("--offers", help="buyer, its two prices, its place and target.")]
HomesOption = Annotated[Path | None, typer.Option("--homes", help="home, its ask and its place.")]
UseOption = Annotated[Path | None, typer.Option("--use", help="buyer, slot_no, use_wh.")]
FeesOption = Annotated[
    str | None, typer.Option("--fees", help="sen per kWh within building, district, grid area, and beyond: 0,10,50,90.")
]
ClosingOption = Annotated[
    Path | None, typer.Option("--closing-times", help="Write buyer, slot_no, closing_time, rounding (eating only).")
]
FactsOption = Annotated[Path | None, typer.Option("--facts", help="Write all that the mechanism publishes.")]
PassingOption = Annotated[
    Path | None, typer.Option("--passing-on", help="owner, tenant, rank, and static_key: who passes on to whom.")
]
PassingRuleOption = Annotated[
    str, typer.Option("--passing-rule", help=f"The rule of owners: {', '.join(PASSING_MECHANISMS)}.")
]
PassedOption = Annotated[
    Path | None, typer.Option("--passed-on", help="Write home, slot_no, owner, tenant, energy_wh.")
]


def run(
    ctx: typer.Context,
    supply: SupplyOption,
    capacity: CapacityOption,
    out: OutOption,
    mechanism: MechanismOption = MechanismName.EATING,
    delivery_date: DateOption = None,
    choices: ChoicesOption = None,
    offers: OffersOption = None,
    homes: HomesOption = None,
    use: UseOption = None,
    fees: FeesOption = None,
    closing_times: ClosingOption = None,
    facts: FactsOption = None,
    passing_on: PassingOption = None,
    passing_rule: PassingRuleOption = "in_order",
    passed_on: PassedOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Match supplies and capacities of CSV or Parquet files; no home is needed (columns: docs/reference/match.md).

    What nobody took stands under the buyer standard_offer. Bad input is declined by file and row, and nothing is
    written.
    """
    files = MatchFiles(
        supply=supply,
        capacity=capacity,
        choices=choices,
        offers=offers,
        homes=homes,
        use=use,
        out=out,
        closing_times=closing_times,
        facts=facts,
        passing_on=passing_on,
        passed_on=passed_on,
    )
    tables = opening(ctx).match_tables()
    on_date = EPOCH_DATE if delivery_date is None else parsed_date(delivery_date)
    report = match_files(tables, files, mechanism, on_date, _parsed_fees(fees), passing_rule)
    if as_json:
        print_json(_document(report) | {"delivery_date": on_date.isoformat()})
        return
    _tell(report)
    if delivery_date is None:
        ERR.print(f"odd Wh settled by the phases of {on_date}, as no --delivery-date was given")


def _parsed_fees(text: str | None) -> tuple[int, ...] | None:
    """Read four whole numbers between commas."""
    if text is None:
        return None
    fees = text.split(",")
    if len(fees) != N_FEES or not all(FEE.fullmatch(fee) for fee in fees):
        raise WrongInput(
            f"--fees {text!r} is not four whole numbers.", hint="At most 7 digits each, for example --fees 0,10,50,90."
        )
    return tuple(map(int, fees))


def _tell(report: MatchReport) -> None:
    """Tell of a run on stderr."""
    closed = "" if report.closed_count is None else f"  {report.closed_count:,} of them closed in some slot"
    ERR.print(f"{report.home_count:,} homes  {report.buyer_count:,} buyers{closed}")
    ERR.print(
        f"supplied {report.supplied_wh:,} Wh  matched {report.matched_wh:,} Wh  "
        f"standard offer {report.standard_offer_wh:,} Wh"
    )
    if report.passed_on_wh is not None:
        ERR.print(f"passed on {report.passed_on_wh:,} Wh  kept by owners {report.kept_wh:,} Wh")
    for problem in report.problems:
        ERR.print(f"[yellow]problem[/]  {escape(problem)}")


def _document(report: MatchReport) -> dict[str, object]:
    """Lay a run out for a machine."""
    second = {} if report.passed_on_wh is None else {"passed_on_wh": report.passed_on_wh, "kept_wh": report.kept_wh}
    return {
        "homes": report.home_count,
        "buyers": report.buyer_count,
        "supplied_wh": report.supplied_wh,
        "matched_wh": report.matched_wh,
        "standard_offer_wh": report.standard_offer_wh,
        "closed_buyers": report.closed_count,
        "problems": list(report.problems),
        **second,
    }
