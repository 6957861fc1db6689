"""`sanchi collect`: fetch what meters said, from brokers, clouds and folders, into the inbox."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from sanchi.app.collect import CollectOrder, RereadOrder, RereadOutcome, RereadState, RoundReport
from sanchi.core.base.errors import WrongInput
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.opening import JsonOption, opening

EXIT_INCOMPLETE: Final = 3
STDIN: Final = "-"
LENGTH: Final = re.compile(r"([1-9]\d{0,5})(s|m|h)")
SECONDS: Final = {"s": 1, "m": 60, "h": 3_600}
GATEWAY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

ConfigOption = Annotated[Path, typer.Option("--config", help="The connectors (docs/reference/collect.md).")]
InboxOption = Annotated[Path, typer.Option("--inbox", help="The folder for files as they came.")]
OnceOption = Annotated[bool, typer.Option("--once", help="Take one round of every connector, then end.")]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="STAMP", help="With --once: the time of receipt, for replays."),
]
EveryOption = Annotated[
    str | None, typer.Option("--every", metavar="LENGTH", help="The pause between rounds of clouds: 90s, 30m, 2h.")
]
ConnectorOption = Annotated[str | None, typer.Option("--connector", metavar="NAME", help="This connector alone.")]
RereadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reread",
        metavar="GATEWAY:DATE",
        help="Ask a meter again for a day; may be repeated. - reads lines of them from stdin.",
    ),
]


def run(
    ctx: typer.Context,
    config: ConfigOption = Path("collect.toml"),
    inbox: InboxOption = Path("inbox"),
    now: NowOption = None,
    every: EveryOption = None,
    connector: ConnectorOption = None,
    reread: RereadOption = None,
    *,
    once: OnceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch what meters said into the inbox, each thing once or twice, never not at all.

    Runs until SIGTERM or Ctrl-C, or with `--once` for one round; then exit code 3 says that a connector failed. With
    `--reread` it asks meters for past days and ends; their answers come like everything else.
    """
    order = CollectOrder(
        config_file=config,
        inbox_folder=inbox,
        is_once=once,
        received_at=None if now is None else parsed_stamp(now),
        every_s=None if every is None else parsed_length_s(every),
        connector=connector,
    )
    door = opening(ctx)
    if reread:
        rereads = tuple(parsed_reread(each) for each in _listed(reread))
        outcomes = door.collect_rereads(order, rereads) if rereads else ()
        print_json([outcome_document(each) for each in outcomes]) if as_json else print_outcomes(outcomes)
        # A plan without a day leaves nothing to ask; a day without an outcome was not asked any more.
        is_complete = all(each.state is RereadState.ANSWERED for each in outcomes) and bool(outcomes) == bool(rereads)
    else:
        reports = door.collect(order)
        if once:
            print_json([asdict(each) for each in reports]) if as_json else print_reports(reports)
        is_complete = not any(each.failure for each in reports)
    if not is_complete:
        raise typer.Exit(EXIT_INCOMPLETE)


def _listed(texts: Sequence[str]) -> Iterator[str]:
    """Give the texts, and the lines of stdin where they stand for them."""
    for text in texts:
        if text == STDIN:
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield text


def parsed_stamp(text: str) -> datetime:
    """Read an ISO 8601 stamp with an offset."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongInput(f"{text!r} is no stamp.", hint="Write it as 2020-12-01T15:30:00+09:00.") from error
    if instant.tzinfo is None:
        raise WrongInput(f"{text!r} has no offset.", hint=f"Write it as {text}+09:00.")
    return instant


def parsed_length_s(text: str) -> int:
    """Read a length of time as seconds.

    >>> parsed_length_s("30m")
    1800
    """
    found = LENGTH.fullmatch(text)
    if not found:
        raise WrongInput(f"{text!r} is no length of time.", hint="Write it as 90s, 30m or 2h.")
    return int(found[1]) * SECONDS[found[2]]


def parsed_reread(text: str) -> RereadOrder:
    """Read GATEWAY:DATE."""
    gateway, _, day = text.rpartition(":")
    try:
        delivery_date = date.fromisoformat(day)
    except ValueError as error:
        raise WrongInput(f"{text!r} names no day.", hint="Write it as gw-001:2020-12-01.") from error
    if not GATEWAY.fullmatch(gateway):
        raise WrongInput(f"{text!r} names no gateway.", hint="Write it as gw-001:2020-12-01.")
    return RereadOrder(gateway=gateway, delivery_date=delivery_date)


def print_reports(reports: Sequence[RoundReport]) -> None:
    """Tell what came by each connector."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("connector", "kind"):
        table.add_column(title)
    for title in ("came", "files", "bytes", "events"):
        table.add_column(title, justify="right")
    table.add_column("result")
    for each in reports:
        counts = (each.item_count, each.file_count, each.byte_count, each.event_count)
        result = f"[red]failed[/]  {escape(each.failure)}" if each.failure else "done"
        table.add_row(each.connector, each.connector_kind, *(f"{count:,}" for count in counts), result)
    OUT.print(table)


def print_outcomes(outcomes: Sequence[RereadOutcome]) -> None:
    """Tell what became of each day that was asked for."""
    for each in outcomes:
        OUT.print(f"{escape(each.order.gateway)}  {each.order.delivery_date}  {each.state.replace('_', ' ')}")


def outcome_document(outcome: RereadOutcome) -> dict[str, str]:
    """Lay an outcome out for a machine."""
    return {
        "gateway": outcome.order.gateway,
        "delivery_date": outcome.order.delivery_date.isoformat(),
        "state": outcome.state,
    }
