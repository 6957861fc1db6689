"""`sanchi verify`: audit the books with code that wrote none of them."""

from collections.abc import Sequence

import typer
from rich.markup import escape
from rich.table import Table

from sanchi.app.audit import LawResult
from sanchi.core.base.errors import AuditFailed
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Audit the books of a market with code that wrote none of them, law by law.

    Ends with exit code 1 when a law is broken, and names records that break it. What operators decided about single
    slots is listed, with reason and person.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    laws = installation.auditor.laws(market_id)
    if as_json:
        print_json([law_document(law) for law in laws])
    else:
        print_laws(laws)
        for decision in installation.auditor.decisions(market_id):
            OUT.print(f"  decided  {escape(decision)}")
    require_laws(laws)


def print_laws(laws: Sequence[LawResult]) -> None:
    """Print a line a law, and below them what the audit comes to, or some cases that break a law."""
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for heading, justify in (("", "left"), ("law", "left"), ("checked", "right"), ("broken", "right")):
        table.add_column(heading, justify=justify, header_style="dim")  # type: ignore[arg-type]
    for law in laws:
        mark = "[green]✓[/]" if law.holds else "[bold red]✗[/]"
        table.add_row(mark, law.title, f"{law.checked_count:,}", f"{law.broken_count:,}")
    OUT.print(table)
    if all(law.holds for law in laws):
        OUT.print(f"all {len(laws)} laws hold")
    for law in laws:
        for example in law.broken_examples:
            OUT.print(f"  [red]{law.law}[/]  {escape(example)}")


def law_document(law: LawResult) -> dict[str, object]:
    """Lay a law out for a machine."""
    return {
        "law": law.law,
        "title": law.title,
        "holds": law.holds,
        "checked": law.checked_count,
        "broken": law.broken_count,
        "examples": list(law.broken_examples),
    }


def require_laws(laws: Sequence[LawResult]) -> None:
    """Raise AuditFailed when a law is broken."""
    broken = [law.law for law in laws if not law.holds]
    if broken:
        raise AuditFailed(
            f"{len(broken)} of {len(laws)} laws are broken: {', '.join(broken)}.",
            hint="Stop closing and paying; the lines above name the records.",
        )
