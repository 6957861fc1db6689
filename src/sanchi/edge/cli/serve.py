"""`sanchi serve`: show the pages on this machine."""

from typing import Annotated

import typer

from sanchi.edge.cli.console import ERR
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, opening

DEFAULT_PORT = 8750

PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port on 127.0.0.1.")]


def run(ctx: typer.Context, home: HomeOption = DEFAULT_HOME, port: PortOption = DEFAULT_PORT) -> None:
    """Serve the pages on 127.0.0.1 until Ctrl-C; they are read-only and need no sign-in."""
    door = opening(ctx)
    door.installation(home)
    door.require_port(port)
    ERR.print(f"serving  http://127.0.0.1:{port}/  (Ctrl-C ends it)")
    door.serve(home, port)
