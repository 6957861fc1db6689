"""`sanchi simulate`: make plausible data of a size that no pilot has."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.simulated_fleet import FleetPlan
from sanchi.edge.cli.console import ERR, kwh_text
from sanchi.edge.cli.markets import parsed_date
from sanchi.edge.cli.opening import opening


class Simulated(StrEnum):
    """What can be simulated."""

    FLEET = "fleet"  # homes with roofs and ranked buyers, as `sanchi fleet` matches them


WhatArgument = Annotated[Simulated, typer.Argument(metavar="WHAT", help="`fleet`.")]
HomesOption = Annotated[int, typer.Option("--homes", help="How many homes.")]
BuyersOption = Annotated[int, typer.Option("--buyers", help="How many buyers.")]
DaysOption = Annotated[int, typer.Option("--days", help="How many delivery dates.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Where chance begins; the same seed gives the same bytes.")]
OutOption = Annotated[str, typer.Option("--out", help="The fleet folder: a path or s3://bucket/prefix.")]
FirstDateOption = Annotated[str, typer.Option("--first-date", help="The first delivery date, YYYY-MM-DD.")]
ChoicesOption = Annotated[int, typer.Option("--choices-max", help="How many buyers a home ranks at most, 1..5.")]


def run(
    ctx: typer.Context,
    what: WhatArgument,
    homes: HomesOption,
    buyers: BuyersOption,
    days: DaysOption,
    seed: SeedOption,
    out: OutOption,
    first_date: FirstDateOption = "2026-05-01",
    choices_max: ChoicesOption = 3,
) -> None:
    """Write a simulated fleet: roofs by pvlib, load shapes of the shipped homes, buyers of unequal popularity.

    No home of it exists. Slots without surplus are left out.
    """
    del what  # the only word there is
    plan = FleetPlan(
        home_count=homes,
        buyer_count=buyers,
        n_days=days,
        seed_no=seed,
        first_date=parsed_date(first_date),
        choice_count_max=choices_max,
    )
    fleet = opening(ctx).simulate_fleet(plan, out)
    ERR.print(
        f"wrote  {fleet.supply_row_count:,} of {fleet.slot_count:,} slots with {kwh_text(fleet.supply_wh)} kWh  "
        f"{fleet.choice_row_count:,} choices  {escape(out)}"
    )
