"""`sanchi ingest`: take delivered files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.ingest import IngestReport, ingest_delivery
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.edge.cli.console import ERR, OUT, print_json, tell_all, watched
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

PathArgument = Annotated[Path, typer.Argument(metavar="PATH", help="A delivered file, or a folder of them.")]


def run(
    ctx: typer.Context,
    path: PathArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take delivered files: market data and readings (docs/formats.md). The same file twice counts once.

    A row of readings that breaks a rule is kept and told, and all others are taken; market data with a fault are
    refused whole.
    """
    installation = opening(ctx).installation(home)
    reports = taken_files(installation, path, None if market is None else MarketId(market))
    if as_json:
        print_json([report_document(report) for report in reports])
    else:
        tell_all(reports, print_report)


def ingest_path(installation: Installation, path: Path, market_id: MarketId | None) -> list[IngestReport]:
    """Take the files of a path one by one, each in its own transaction."""
    return list(taken_files(installation, path, market_id))


def taken_files(installation: Installation, path: Path, market_id: MarketId | None) -> Iterator[IngestReport]:
    """Take the next file of a path whenever a report is asked for."""
    opened = installation.open_delivery(path)
    for name in opened.passed_over_names:
        ERR.print(f"[yellow]passed over[/]  {escape(name)}: its name says no kind of file (docs/formats.md)")
    reports = ingest_delivery(installation, opened, market_id)
    return watched(reports, f"taking {path.name}", len(opened.file_names))


def print_report(report: IngestReport) -> None:
    """Tell what became of a file, and what its rejected rows were."""
    if report.is_already_taken:
        OUT.print(f"{escape(report.file_name)}  taken before as delivery {report.delivery_no}; nothing changed")
        return
    rows = "1 row" if report.accepted_row_count == 1 else f"{report.accepted_row_count:,} rows"
    rejected = f"  [yellow]{report.rejected_row_count:,} rejected[/]" if report.rejected_row_count else ""
    days = "1 day" if len(report.stale_dates) == 1 else f"{len(report.stale_dates)} days"
    stale = f"  {days} to close again" if report.stale_dates else ""
    OUT.print(f"{escape(report.file_name)}  {rows}{rejected}{stale}")
    for each in report.problems:
        OUT.print(f"  [yellow]{each.problem.code}[/]  {escape(each.problem.where)}: {escape(each.problem.detail)}")
        OUT.print(f"    [dim]{escape(each.problem.hint)}[/]")


def report_document(report: IngestReport) -> dict[str, object]:
    """Lay a report out for a machine."""
    return {
        "file": report.file_name,
        "kind": report.file_kind,
        "delivery_no": report.delivery_no,
        "rows": report.row_count,
        "accepted": report.accepted_row_count,
        "rejected": report.rejected_row_count,
        "is_already_taken": report.is_already_taken,
        "stale_dates": [day.isoformat() for day in report.stale_dates],
        "problems": [
            {
                "code": each.problem.code,
                "where": each.problem.where,
                "detail": each.problem.detail,
                "hint": each.problem.hint,
                "rows": each.row_count,
            }
            for each in report.problems
        ],
    }
