"""`sanchi estimate`: slot energy of counts with gaps, from files of anybody, without a home."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.estimate_readings import EstimateTerms, estimate_readings
from sanchi.app.estimate_tables import EstimateFiles, EstimateReport
from sanchi.core.base.errors import WrongInput
from sanchi.core.metering.readings import Channel
from sanchi.edge.cli.console import ERR, print_json
from sanchi.edge.cli.markets import parsed_date
from sanchi.edge.cli.opening import JsonOption, opening

CHANNELS = {channel.text: channel for channel in (Channel.IMPORT, Channel.EXPORT, Channel.PV, Channel.USE)}

ReadingsOption = Annotated[Path, typer.Option("--readings", help="meter, read_at, register_wh (.csv or .parquet).")]
OutOption = Annotated[
    Path, typer.Option("--out", help="The slots to write: meter, delivery_date, slot_no, energy_wh, method.")
]
ProblemsOption = Annotated[
    Path | None, typer.Option("--problems", help="A CSV file for rows that cannot be used, and for findings.")
]
ChannelOption = Annotated[
    str, typer.Option("--channel", help=f"What is measured, for its like days: {', '.join(CHANNELS)}.")
]
UnitOption = Annotated[int | None, typer.Option("--unit-wh", min=1, help="Wh of one count. Without it: derived.")]
DigitsOption = Annotated[
    int | None, typer.Option("--digits", help="A register turns over at 10^digits counts. Without it: derived.")
]
PlausibleOption = Annotated[
    int | None,
    typer.Option("--plausible-wh-max", min=1, help="The most that half an hour carries. Without it: derived."),
]
FromOption = Annotated[str | None, typer.Option("--from", help="YYYY-MM-DD: the first delivery date to write.")]
ToOption = Annotated[str | None, typer.Option("--to", help="YYYY-MM-DD: the last delivery date to write.")]


def run(
    ctx: typer.Context,
    readings: ReadingsOption,
    out: OutOption,
    problems: ProblemsOption = None,
    channel: ChannelOption = "import",
    unit_wh: UnitOption = None,
    digits: DigitsOption = None,
    plausible_wh_max: PlausibleOption = None,
    first: FromOption = None,
    last: ToOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make slot energy of a register's counts, gaps filled by rule; no home is needed (docs/reference/estimate.md).

    A row that cannot be used is told, and all others are used.
    """
    if channel not in CHANNELS:
        raise WrongInput(f"--channel {channel!r} is not known.", hint=f"One of {', '.join(CHANNELS)}.")
    terms = EstimateTerms(
        channel=CHANNELS[channel],
        unit_wh=unit_wh,
        digits=digits,
        plausible_wh_max=plausible_wh_max,
        first_date=None if first is None else parsed_date(first),
        last_date=None if last is None else parsed_date(last),
    )
    files = EstimateFiles(readings=readings, out=out, problems=problems)
    report = estimate_readings(opening(ctx).estimate_tables(), files, terms)
    if as_json:
        print_json(_document(report))
    else:
        _tell(report, terms, problems)


def _tell(report: EstimateReport, terms: EstimateTerms, problems: Path | None) -> None:
    """Tell of a run on stderr."""
    summary = report.summary
    rejected_count = sum(summary.rejected.values())
    meters = "1 meter" if summary.meter_count == 1 else f"{summary.meter_count:,} meters"
    told = [
        f"unit {report.unit_wh:,} Wh{_origin(terms.unit_wh)}",
        f"digits {report.digits}{_origin(terms.digits)}",
        f"plausible maximum {_range(report)} Wh a slot{_origin(terms.plausible_wh_max)}",
    ]
    ERR.print("  ".join(told))
    ERR.print(
        f"{summary.row_count:,} rows of {meters}: {report.used_row_count:,} used  "
        f"{report.superseded_row_count:,} superseded  {report.set_aside_row_count:,} set aside  "
        f"{rejected_count:,} rejected  {summary.between_row_count:,} between half hours  "
        f"{report.outside_row_count:,} outside the dates"
    )
    if report.first_date is not None:
        ERR.print(f"delivery dates {report.first_date} to {report.last_date}")
    for method, (slot_count, energy_wh) in report.slots.items():
        ERR.print(f"  {method:<9}  {slot_count:>13,} slots  {energy_wh:>17,} Wh")
    for code, count in {**summary.rejected, **report.findings}.items():
        unit = "rows" if code in summary.rejected else "findings"
        ERR.print(f"[yellow]{code}[/]  {count:,} {unit}")
    if (rejected_count or report.findings) and problems is None:
        ERR.print("name them one by one: --problems FILE.csv")
    elif problems is not None:
        ERR.print(f"written one by one to {escape(str(problems))}")


def _origin(told: int | None) -> str:
    """Say where a term comes from."""
    return " (derived)" if told is None else ""


def _range(report: EstimateReport) -> str:
    """Write the lowest and highest plausible maximum of the meters."""
    lowest, highest = report.plausible_wh_min, report.plausible_wh_max
    return f"{lowest:,}" if lowest == highest else f"{lowest:,} to {highest:,}"


def _document(report: EstimateReport) -> dict[str, object]:
    """Lay a run out for a machine."""
    return {
        "unit_wh": report.unit_wh,
        "digits": report.digits,
        "plausible_wh_max": [report.plausible_wh_min, report.plausible_wh_max],
        "rows": report.summary.row_count,
        "meters": report.summary.meter_count,
        "used": report.used_row_count,
        "superseded": report.superseded_row_count,
        "set_aside": report.set_aside_row_count,
        "rejected": dict(report.summary.rejected),
        "between_half_hours": report.summary.between_row_count,
        "outside_dates": report.outside_row_count,
        "first_date": None if report.first_date is None else report.first_date.isoformat(),
        "last_date": None if report.last_date is None else report.last_date.isoformat(),
        "slots": {method: {"slots": count, "energy_wh": energy} for method, (count, energy) in report.slots.items()},
        "findings": dict(report.findings),
    }
