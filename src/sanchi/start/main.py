"""The entry point of the command `sanchi`: hands the wiring to the commands and lays out what they refuse.

Enters: arguments. Leaves: an exit code: 0 done, 1 the audit failed, 2 declined. Not here: any command.
"""

import json
import sys

from rich.console import Console
from rich.markup import escape

from sanchi.core.base.errors import AuditFailed, SanchiError
from sanchi.edge.cli.root import app

EXIT_AUDIT_FAILED = 1
EXIT_DECLINED = 2


def main() -> None:
    """Run the command line; a refusal is shown as what and advice, never as a traceback."""
    from sanchi.start.opening import StartOpening

    try:
        app(obj=StartOpening())
    except SanchiError as error:
        _show(error, as_json="--json" in sys.argv)
        sys.exit(EXIT_AUDIT_FAILED if isinstance(error, AuditFailed) else EXIT_DECLINED)


def _show(error: SanchiError, *, as_json: bool) -> None:
    """Print a refusal where the reader looks: a program on stdout, a person on stderr."""
    if as_json:
        sys.stdout.write(
            json.dumps({"error": type(error).__name__, "what": error.what, "hint": error.hint}, ensure_ascii=False)
            + "\n"
        )
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]declined[/]  {escape(error.what)}")
    if error.hint:
        console.print(f"[dim]what to do[/]  {escape(error.hint)}")
