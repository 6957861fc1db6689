"""`sanchi store-energy`: charge and discharge certificates of homes with a battery."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Final

import typer
from rich.markup import escape

from sanchi.app.store_energy import HomeStorage, StorageReport, store_energy
from sanchi.core.base.ids import PartyId
from sanchi.edge.cli.console import OUT, print_json, wh_text
from sanchi.edge.cli.markets import chosen_market, parsed_dates
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STEP: Final = "store-energy"
SUBJECT: Final = "batteries"

DatesArgument = Annotated[str, typer.Argument(metavar="DATES", help="YYYY-MM-DD or a range FROM..TO of final days.")]
OfOption = Annotated[
    list[str] | None,
    typer.Option("--of", metavar="HOME", help="The party_id of a home; by default all with one."),
]


def run(
    ctx: typer.Context,
    dates: DatesArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    of: OfOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let stored solar energy keep its origin: charge what homes kept, certify anew what their batteries gave them.

    All days of the range have to be final. A home's ranges follow each other without a gap; what is still inside its
    battery at the end is carried on. All homes or none; running it again is safe.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    asked = parsed_dates(dates)
    report = installation.run_step(
        market_id,
        STEP,
        SUBJECT,
        partial(
            store_energy,
            installation.stores,
            market_id,
            asked[0],
            asked[-1],
            home_ids=tuple(map(PartyId, of or ())),
        ),
    )
    if as_json:
        print_json(_document(report))
        return
    for each in report.homes:
        OUT.print(_line(each))
    if not report.homes:
        OUT.print("no home has a battery")


def _line(each: HomeStorage) -> str:
    """Tell one home's account."""
    account = each.account
    again = "" if each.is_new else "  [dim]made before; nothing changed[/]"
    return (
        f"{account.first_date}..{account.last_date}  {escape(each.home_id)}: carried in {wh_text(account.carry_in_wh)} "
        f"kWh, charged {wh_text(account.charged_wh)}, came out {wh_text(account.discharged_wh)}, lost "
        f"{wh_text(account.loss_wh)}, still inside {wh_text(account.carry_out_wh)}{again}"
    )


def _document(report: StorageReport) -> dict[str, object]:
    """Lay the accounts out for a machine."""
    return {
        "first_date": report.first_date.isoformat(),
        "last_date": report.last_date.isoformat(),
        "homes": [
            asdict(each.account)
            | {
                "home_id": each.home_id,
                "is_new": each.is_new,
                "first_date": each.account.first_date.isoformat(),
                "last_date": each.account.last_date.isoformat(),
            }
            for each in report.homes
        ],
    }
