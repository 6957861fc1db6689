"""`sanchi demo`: run the shipped pilot from an empty folder to statements and pages."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.market import MarketTerms
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.console import ERR, OUT, print_json
from sanchi.edge.cli.ingest import ingest_path
from sanchi.edge.cli.markets import RANGE_MARK, chosen_market
from sanchi.edge.cli.opening import HomeOption, JsonOption, Opening, opening
from sanchi.edge.cli.report import basis_document, print_basis, print_summary
from sanchi.edge.cli.serve import DEFAULT_PORT, PortOption
from sanchi.edge.cli.verify import law_document, print_laws, require_laws

DEMO_HOME = Path("sanchi-demo")
# The pilot's last month arrives after its first months were finalised, so that a correction of a
# finalised day leaves a debt which the homes' next watt-hours pay off.
LAST_MONTH_OPEN = Month(year=2021, month_no=2)

DaysOption = Annotated[int | None, typer.Option("--days", min=1, help="Close only the first N delivery dates.")]
ServeOption = Annotated[bool, typer.Option("--serve/--no-serve", help="Show the pages afterwards.")]


def run(
    ctx: typer.Context,
    home: HomeOption = DEMO_HOME,
    days: DaysOption = None,
    port: PortOption = DEFAULT_PORT,
    *,
    serve: ServeOption = True,
    as_json: JsonOption = False,
) -> None:
    """Run the shipped pilot: 52 homes and 5 buyers, 101 days, from delivered meter data to statements.

    Then audit it and show its pages. On a home that holds the demo already every step finds its work done and
    changes nothing. Give it a home of its own, not the one of your pilot.
    """
    door = opening(ctx)
    if serve and not as_json:
        # Before the work, not after it.
        door.require_port(port)
    installation, market_id = _run_pilot(door, home, days)
    laws = installation.auditor.laws(market_id)
    overview = installation.views.overview(market_id)
    if as_json:
        told = {"summary": asdict(overview.summary), "laws": [law_document(law) for law in laws]}
        print_json(told | basis_document(overview.market))
    else:
        print_summary(overview.summary)
        print_basis(overview.market)
        OUT.print("\n[bold]Conservation[/]")
        print_laws(laws)
    require_laws(laws)
    if serve and not as_json:
        ERR.print(f"\nserving  http://127.0.0.1:{port}/  (Ctrl-C ends it)")
        door.serve(home, port)
    elif not as_json:
        ERR.print(f"\nnext  sanchi serve --home {escape(str(home))}")


def _run_pilot(door: Opening, home: Path, n_days: int | None) -> tuple[Installation, MarketId]:
    """Go through the pilot in the order in which its data arrived."""
    door.create(home)
    installation = door.installation(home)
    sample = door.sample()
    _say("taking in market data and readings")
    ingest_path(installation, sample / "pilot", None)
    market_id = chosen_market(installation, None)
    terms = installation.stores.market.book(market_id).terms
    last_date = terms.last_delivery_date
    if n_days is not None:
        last_date = min(last_date, terms.first_delivery_date + timedelta(days=n_days - 1))
    split_date = min(last_date, LAST_MONTH_OPEN.first_date - timedelta(days=1))
    steps: list[tuple[str, Callable[[], object]]] = [
        (
            "closing days up to the last month",
            lambda: _close(installation, market_id, terms.first_delivery_date, split_date),
        ),
        ("taking in late readings", lambda: ingest_path(installation, sample / "late", market_id)),
        ("closing revised days", lambda: close_days(installation, market_id, "stale")),
        ("closing the first months", lambda: _close_months(installation, terms, last_date, 2)),
        (
            "taking in corrections of finalised days",
            lambda: ingest_path(installation, sample / "after_final", market_id),
        ),
        ("correcting finalised days", lambda: close_days(installation, market_id, "stale")),
        (
            "closing the last month's days",
            lambda: _close(installation, market_id, LAST_MONTH_OPEN.first_date, last_date),
        ),
        ("closing the last months", lambda: _close_months(installation, terms, last_date, None)),
    ]
    for words, step in steps:
        _say(words)
        step()
    return installation, market_id


def _say(words: str) -> None:
    """Name the step on stderr."""
    ERR.print(f"[dim]·[/] {words}")


def _close(installation: Installation, market_id: MarketId, first_date: date, last_date: date) -> None:
    """Close a range of days; an empty range is nothing to do."""
    if first_date <= last_date:
        close_days(installation, market_id, f"{first_date}{RANGE_MARK}{last_date}")


def _close_months(installation: Installation, terms: MarketTerms, last_date: date, n_months: int | None) -> None:
    """Close the months that lie wholly before the last closed date, the first n of them or all."""
    month = Month.of(terms.first_delivery_date)
    closed: list[Month] = []
    while month.last_date <= last_date and (n_months is None or len(closed) < n_months):
        close_one_month(installation, terms.market_id, month, None)
        closed.append(month)
        month = month.next_month
