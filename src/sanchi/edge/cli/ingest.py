"""`sanchi ingest`: take delivered files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from sanchi.app.deliveries import DecodedCounts, FileKind, RowProblem
from sanchi.app.ingest import IngestReport, ingest_delivery
from sanchi.app.ingest_inbox import RefusedFile, ingest_inbox
from sanchi.app.stores import Installation
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.edge.cli.console import ERR, OUT, print_json, tell_all, watched
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

# More places with incomplete half hours than these are only counted.
PLACES_SHOWN_MAX: Final = 10

PathArgument = Annotated[Path | None, typer.Argument(metavar="PATH", help="A delivered file, or a folder of them.")]
InboxOption = Annotated[
    Path | None,
    typer.Option(
        "--inbox",
        metavar="FOLDER",
        help="Take the files of this folder by name, each for itself, and move them to taken/ or refused/ in it.",
    ),
]


def run(
    ctx: typer.Context,
    path: PathArgument = None,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    inbox: InboxOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take delivered files: market data, readings, what connectors collected (docs/formats.md).

    The same file twice counts once. A row or record that breaks a rule is kept and told, and all others are taken;
    market data with a fault are refused whole. Files of an --inbox that end in .part are still being written and left
    alone.
    """
    if (path is None) == (inbox is None):
        raise WrongInput("Name either PATH or --inbox.", hint="sanchi ingest PATH, or sanchi ingest --inbox FOLDER.")
    installation = opening(ctx).installation(home)
    market_id = None if market is None else MarketId(market)
    if inbox is not None:
        taken: Iterator[IngestReport | RefusedFile] = ingest_inbox(installation, inbox, market_id)
    else:
        assert path is not None, "one of the two is there"
        taken = taken_files(installation, path, market_id)
    if as_json:
        print_json([report_document(report) for report in taken])
    else:
        tell_all(taken, print_report)


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


def print_report(report: IngestReport | RefusedFile) -> None:
    """Tell what became of a file, and what its rejected rows were."""
    if isinstance(report, RefusedFile):
        OUT.print(f"{escape(report.file_name)}  [red]refused[/]: {escape(report.error.what)}")
        OUT.print(f"  [dim]{escape(report.error.hint)}[/]")
        return
    if report.is_already_taken:
        OUT.print(f"{escape(report.file_name)}  taken before as delivery {report.delivery_no}; nothing changed")
        return
    taken = _rows_text(report) if report.decoded is None else _records_text(report.decoded, report.file_kind)
    rejected = f"  [yellow]{report.rejected_row_count:,} rejected[/]" if report.rejected_row_count else ""
    days = "1 day" if len(report.stale_dates) == 1 else f"{len(report.stale_dates)} days"
    stale = f"  {days} to close again" if report.stale_dates else ""
    OUT.print(f"{escape(report.file_name)}  {taken}{rejected}{stale}")
    for each in report.problems:
        _print_problem(each)
        OUT.print(f"    [dim]{escape(each.problem.hint)}[/]")
    for each in report.incomplete[:PLACES_SHOWN_MAX]:
        _print_problem(each)
    if len(report.incomplete) > PLACES_SHOWN_MAX:
        OUT.print(f"  and {len(report.incomplete) - PLACES_SHOWN_MAX} more meters and days with incomplete half hours")


def _rows_text(report: IngestReport) -> str:
    """Say how many rows were taken."""
    return "1 row" if report.accepted_row_count == 1 else f"{report.accepted_row_count:,} rows"


def _records_text(counts: DecodedCounts, file_kind: FileKind) -> str:
    """Say what the records of a foreign file gave: 480 records: 28,800 minutes, 960 half hours."""
    part = "minute" if file_kind is FileKind.CT_CLOUD else "part of half hours"
    amounts = (
        (counts.accepted_row_count, "reading"),
        (counts.part_row_count, part),
        (counts.slot_reading_count, "half hour"),
        (counts.month_row_count, "value of months"),
        (counts.event_count, "event"),
    )
    given = ", ".join(_amount_text(amount, noun) for amount, noun in amounts if amount) or "no reading"
    return f"{_amount_text(counts.record_count, 'record')}: {given}"


def _amount_text(amount: int, noun: str) -> str:
    """Write an amount of things."""
    first, *rest = noun.split(" ", 1) if " of " in noun else [noun]
    return " ".join([f"{amount:,} {first}" if amount == 1 else f"{amount:,} {first}s", *rest])


def _print_problem(each: RowProblem) -> None:
    """Tell one finding."""
    OUT.print(f"  [yellow]{each.problem.code}[/]  {escape(each.problem.where)}: {escape(each.problem.detail)}")


def report_document(report: IngestReport | RefusedFile) -> dict[str, object]:
    """Lay a report out for a machine."""
    if isinstance(report, RefusedFile):
        return {"file": report.file_name, "refused": report.error.what, "hint": report.error.hint}
    document: dict[str, object] = {
        "file": report.file_name,
        "kind": report.file_kind,
        "delivery_no": report.delivery_no,
        "rows": report.row_count,
        "accepted": report.accepted_row_count,
        "rejected": report.rejected_row_count,
        "is_already_taken": report.is_already_taken,
        "stale_dates": [day.isoformat() for day in report.stale_dates],
        "problems": _problem_documents(report.problems),
    }
    if report.decoded is not None:
        counts = report.decoded
        document["decoded"] = {
            "records": counts.record_count,
            "records_with_rows": counts.carrying_record_count,
            "records_in_problems": counts.problem_record_count,
            "records_passed_over": counts.passed_over_record_count,
            "readings": counts.accepted_row_count,
            "parts": counts.part_row_count,
            "half_hours": counts.slot_reading_count,
            "months": counts.month_row_count,
            "events": counts.event_count,
        }
        document["incomplete"] = _problem_documents(report.incomplete)
    return document


def _problem_documents(problems: Sequence[RowProblem]) -> list[dict[str, Any]]:
    """Lay findings out for a machine."""
    return [
        {
            "code": each.problem.code,
            "where": each.problem.where,
            "detail": each.problem.detail,
            "hint": each.problem.hint,
            "rows": each.row_count,
        }
        for each in problems
    ]
