"""The root of the command line: a table of commands, each loaded only when it is called.

Enters: arguments. Leaves: the chosen command. Not here: what commands do, and any heavy import.
"""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "init": ("sanchi.edge.cli.init", "Make an empty home: database, lake, secret."),
    "collect": ("sanchi.edge.cli.collect", "Fetch what meters said from brokers, clouds and folders."),
    "rereads": ("sanchi.edge.cli.rereads", "Plan which days to ask meters for again."),
    "ingest": ("sanchi.edge.cli.ingest", "Take delivered files: market data, readings."),
    "monitor": ("sanchi.edge.cli.monitor", "Tell how homes are connected, and whom to call."),
    "override": ("sanchi.edge.cli.override", "Decide what stands in a slot, with a reason."),
    "close-day": ("sanchi.edge.cli.close_day", "Close a delivery date: balance, match, issue, settle."),
    "spread-months": ("sanchi.edge.cli.spread_months", "Spread values of months over half hours."),
    "close-month": ("sanchi.edge.cli.close_month", "Finalise a month: retire, write statements."),
    "registry": ("sanchi.edge.cli.registry", "Transfer, promise, retire, cut, export, show certificates."),
    "verify": ("sanchi.edge.cli.verify", "Audit the books with code that wrote none of them."),
    "report": ("sanchi.edge.cli.report", "Print what the pilot did so far."),
    "explain": ("sanchi.edge.cli.explain", "Tell why a home got what it got, and recompute it."),
    "compare": ("sanchi.edge.cli.compare", "Compare all mechanisms on closed days."),
    "export": ("sanchi.edge.cli.export", "Write tables to CSV or Parquet files."),
    "match": ("sanchi.edge.cli.match", "Match supplies and buyers of plain files; no home needed."),
    "decode": ("sanchi.edge.cli.decode", "Tell in clear what a gateway says; no home needed."),
    "estimate": ("sanchi.edge.cli.estimate", "Make slot energy of a register's counts with gaps; no home needed."),
    "onboarding-check": ("sanchi.edge.cli.onboarding_check", "Foretell whether a home will connect; no home needed."),
    "simulate": ("sanchi.edge.cli.simulate", "Write a plausible fleet of any size."),
    "match-fleet": ("sanchi.edge.cli.match_fleet", "Match a day of millions of homes, from folder to folder."),
    "sandbox": ("sanchi.edge.cli.sandbox", "Serve the world outside: clouds, gateways, faults; score against it."),
    "serve": ("sanchi.edge.cli.serve", "Show the pages on this machine."),
    "demo": ("sanchi.edge.cli.demo", "Run the shipped pilot from empty to pages."),
}


class LazyGroup(TyperGroup):
    """Lists commands from the table; the module of a command is imported when the command is called."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """List the commands in the order of the work, not of the alphabet."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # type: ignore[override]
        """Give what the overview needs: the command's name and line."""
        del ctx
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Load the command that is called."""
        cmd_name, found, rest = super().resolve_command(ctx, args)
        return cmd_name, found if cmd_name is None else _load(cmd_name), rest


def _load(cmd_name: str) -> Any:
    """Import a command's module and make the command of its `run`, whose docstring is its help."""
    module_name, _one_line = COMMANDS[cmd_name]
    single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    single.command(cmd_name)(import_module(module_name).run)
    return typer.main.get_command(single)


app = typer.Typer(cls=LazyGroup, add_completion=False, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def about() -> None:
    """産地 sanchi: sell rooftop solar power and its origin, half hour by half hour."""
