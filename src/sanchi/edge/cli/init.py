"""`sanchi init`: make an empty home."""

import typer
from rich.markup import escape

from sanchi.edge.cli.console import OUT
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, opening


def run(ctx: typer.Context, home: HomeOption = DEFAULT_HOME) -> None:
    """Make an empty home: database, lake, secret. Run on an existing home it brings the schema up to date."""
    is_new = opening(ctx).create(home)
    OUT.print(f"{'made' if is_new else 'up to date'}  {escape(str(home))}")
    if is_new:
        OUT.print(f"next  sanchi ingest PATH --home {escape(str(home))}")
