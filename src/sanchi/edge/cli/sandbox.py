"""`sanchi sandbox`: the world outside, as real servers, to test connectors and the whole chain against."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.sandbox_order import SandboxOrder, SandboxPlaces
from sanchi.edge.cli.console import ERR, OUT, print_pairs
from sanchi.edge.cli.markets import parsed_date
from sanchi.edge.cli.opening import DEFAULT_HOME, JsonOption, opening
from sanchi.edge.cli.sandbox_score import print_score


class Played(StrEnum):
    """What can be played."""

    METERS = "meters"  # gateways, vendors' clouds and the network operator
    SCORE = "score"  # nothing: what a home made of it is held against the truth


WhatArgument = Annotated[Played, typer.Argument(metavar="WHAT", help="`meters`, or `score`.")]
FolderOption = Annotated[
    Path, typer.Option("--folder", help="Where the sandbox lives: addresses, market, dropped files, truth, its time.")
]
SeedOption = Annotated[
    int,
    typer.Option("--seed", help="Where chance begins; the same seed, plan and dates give the same bytes.", min=0),
]
PlanOption = Annotated[
    Path | None,
    typer.Option("--plan", help="What goes wrong, how often, how long (TOML). Without it: the shipped plan."),
]
FromOption = Annotated[str | None, typer.Option("--from", help="The first delivery date, from 2020-11-20 on.")]
ToOption = Annotated[str | None, typer.Option("--to", help="The last delivery date, until 2021-02-28.")]
HomesOption = Annotated[int | None, typer.Option("--homes", help="How many of the 52 shipped homes, from 3 on.")]
BrokerOption = Annotated[
    str | None,
    typer.Option("--broker", help="HOST:PORT of an MQTT 5 broker without sign-in; without it gateways stay silent."),
]
CtPortOption = Annotated[int, typer.Option(help="Port of the CT cloud; 0 = any free one.", min=0, max=65_535)]
BrPortOption = Annotated[int, typer.Option(help="Port of the B-route cloud; 0 = any free one.", min=0, max=65_535)]
ControlPortOption = Annotated[int, typer.Option(help="Port that moves time; 0 = any free one.", min=0, max=65_535)]
ScoredOption = Annotated[
    Path, typer.Option("--home", envvar="SANCHI_HOME", help="With `score`: the home that was fed from this sandbox.")
]
RealTimeOption = Annotated[
    bool, typer.Option("--real-time", help="Let the sandbox's time pass by the clock on the wall.")
]


def run(
    ctx: typer.Context,
    what: WhatArgument,
    folder: FolderOption,
    seed: SeedOption = 1,
    plan: PlanOption = None,
    first: FromOption = None,
    last: ToOption = None,
    homes: HomesOption = None,
    broker: BrokerOption = None,
    ct_port: CtPortOption = 0,
    br_port: BrPortOption = 0,
    control_port: ControlPortOption = 0,
    home: ScoredOption = DEFAULT_HOME,
    *,
    real_time: RealTimeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the world outside: two vendors' clouds, gateways at a broker, a folder of the network operator's files.

    Time stands still until you move it: POST /control/clock with {"now": "2020-11-21T00:00:00+09:00"} lets all that is
    due until then happen, in order, faults included; so 101 days take minutes. Ctrl-C ends it. Started again with
    the same options it goes on where it was. What really flowed and what went wrong is in FOLDER/truth and is never
    served; `sanchi sandbox score` holds what
    a home made of it against it. Protocols: docs/reference/meter-sources.md; the sandbox: docs/reference/sandbox.md.
    """
    if what is Played.SCORE:
        print_score(ctx, folder, home, as_json=as_json)
        return
    order = SandboxOrder(
        folder=folder,
        seed_no=seed,
        plan=plan,
        first_date=None if first is None else parsed_date(first),
        last_date=None if last is None else parsed_date(last),
        home_count=homes,
        broker=broker,
        ct_port_no=ct_port,
        br_port_no=br_port,
        control_port_no=control_port,
        is_real_time=real_time,
    )
    opening(ctx).sandbox(order, lambda places: _tell(places, is_real_time=real_time, as_json=as_json))


def _tell(places: SandboxPlaces, *, is_real_time: bool, as_json: bool) -> None:
    """Say where everything is, and what to type next."""
    if as_json:
        told = {"ct_cloud": places.ct_cloud, "br_cloud": places.br_cloud, "control": places.control}
        told |= {"broker": places.broker, "folder": str(places.folder), "now": places.now}
        # One line at once: who reads it waits for it, and the sandbox goes on.
        OUT.file.write(json.dumps(told) + "\n")
        OUT.file.flush()
        return
    folder = escape(str(places.folder))
    print_pairs(
        f"Sandbox of {places.home_count} homes, {places.fault_count} faults, its time {places.now}",
        [
            ("CT cloud", places.ct_cloud),
            ("B-route cloud", places.br_cloud),
            ("control", places.control),
            ("broker", places.broker or "none: gateways stay silent"),
            ("network operator's files", f"{folder}/tso"),
            ("addresses and keys", f"{folder}/places.json"),
            ("the truth, kept aside", f"{folder}/truth"),
        ],
    )
    OUT.print("\n[bold]Next[/]")
    OUT.print("  sanchi init --home my-home")
    OUT.print(f"  sanchi ingest {folder}/market --home my-home")
    until = places.next_day
    if not is_real_time:
        OUT.print(f'  curl -X POST {places.control}/control/clock -d \'{{"now": "{until}"}}\'')
    OUT.print(f"  sanchi collect --config {folder}/collect.toml --inbox my-inbox --once --now {until}")
    OUT.print("  sanchi ingest my-inbox --home my-home")
    ERR.print("\n[dim]·[/] Ctrl-C ends it; started again it goes on where it was")
