"""`sanchi match-fleet`: match one delivery date of a whole fleet, from folder to folder."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sanchi.app.match_fleet import FleetOrder, FleetReport
from sanchi.core.matching.kernel import Engine
from sanchi.edge.cli.console import OUT, kwh_text, print_json
from sanchi.edge.cli.markets import parsed_date
from sanchi.edge.cli.opening import JsonOption, opening

N_WORKERS = 2
_GIB = 2**30


def run(
    ctx: typer.Context,
    fleet: Annotated[str, typer.Argument(metavar="FOLDER", help="The fleet: a folder or s3://bucket/prefix.")],
    day: Annotated[str, typer.Option("--day", help="The delivery date, YYYY-MM-DD.")],
    out: Annotated[str, typer.Option("--out", help="Where the result goes: a folder or s3://bucket/prefix.")],
    workers: Annotated[int, typer.Option("--workers", min=1, help="How many threads or processes work.")] = N_WORKERS,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="The Dask scheduler whose workers do the work.")
    ] = None,
    engine: Annotated[Engine | None, typer.Option("--engine", help="Numba unless it cannot be imported.")] = None,
    *,
    on_processes: Annotated[bool, typer.Option("--processes", help="Work on processes instead of threads.")] = False,
    without_standard_offer: Annotated[
        bool,
        typer.Option("--without-standard-offer", help="Leave out its rows: supply less the other rows, a quarter."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Match a day of up to millions of homes. Any workers give the same files.

    The result is published only when each supplied Wh is found again and no buyer is above its capacity. It has no
    home: needs neither database nor `sanchi init`.
    """
    report = opening(ctx).match_fleet(
        FleetOrder(
            fleet_location=fleet,
            out_location=out,
            delivery_date=parsed_date(day),
            n_workers=workers,
            on_processes=on_processes,
            cluster_address=cluster,
            engine=engine,
            with_standard_offer=not without_standard_offer,
        )
    )
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)


def _print_report(report: FleetReport) -> None:
    """Tell what was matched, at what cost, and that nothing is lost."""
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = [
        ("homes", f"{report.n_homes:,}"),
        ("slots with sun", f"{report.n_slots_with_sun}"),
        ("supplied", f"{kwh_text(report.supplied_wh)} kWh"),
        ("matched", f"{kwh_text(report.matched_wh)} kWh"),
        ("standard offer", f"{kwh_text(report.standard_offer_wh)} kWh"),
        ("buyers closed", f"{report.n_closings:,} times, of {report.n_buyers:,} buyers"),
        ("rows written", f"{report.n_allocation_rows:,}"),
        *((f"{stage}", f"{lasted_s:.1f} s") for stage, lasted_s in report.stage_s.items()),
        ("all stages", f"{sum(report.stage_s.values()):.1f} s"),
        ("CPU", f"{report.cpu_s:.1f} s"),
        ("peak memory", f"{report.peak_memory_bytes / _GIB:.2f} GiB (largest process)"),
    ]
    for what, text in rows:
        table.add_row(what, text)
    OUT.print(table)
    OUT.print(
        f"conserved: {report.supplied_wh:,} = {report.matched_wh:,} + {report.standard_offer_wh:,} Wh; "
        "no buyer is above its capacity"
    )
