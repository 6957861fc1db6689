"""`sanchi proof`: pack what a buyer needs to check an origin statement."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.prove_statement import prove_statement
from sanchi.edge.cli.console import ERR
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, MarketOption, opening

StatementOption = Annotated[
    str, typer.Option("--statement", help="The origin statement's number, or that of its claim.")
]
OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]
SinceOption = Annotated[
    int | None, typer.Option("--since", help="A checkpoint that the buyer knows; the log is shown to extend it.")
]


def run(
    ctx: typer.Context,
    statement: StatementOption,
    out: OutOption,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    since: SinceOption = None,
) -> None:
    """Pack what a buyer needs to check an origin statement, without trusting who wrote it.

    The file shows the claim, its certificates and the buyer's own half hours; of everybody else it has hashes alone.
    It is checked with sanchi-verify, a program of its own.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    proof = prove_statement(installation.stores, market_id, statement, since_no=since)
    out.write_bytes(proof.content)
    ERR.print(
        f"wrote  {len(proof.content):,} bytes  {escape(str(out))}: {proof.energy_wh:,} Wh in {proof.slice_count:,} "
        f"slices of {proof.certificate_count:,} certificates, in a log of {proof.leaf_count:,} leaves"
    )
    ERR.print(
        f"check  sanchi-verify proof {escape(str(out))} --key {installation.stores.log.operator_key(market_id).text}"
    )
