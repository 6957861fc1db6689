"""`sanchi export`: write tables to CSV or Parquet files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.core.base.errors import WrongInput
from sanchi.edge.cli.console import ERR
from sanchi.edge.cli.markets import chosen_market, parsed_date
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, MarketOption, opening


class ExportTable(StrEnum):
    """What can be given out."""

    ALLOCATIONS = "allocations"
    CERTIFICATES = "certificates"
    CLOSING_TIMES = "closing-times"
    JOURNAL = "journal"
    OPERATIONS = "operations"
    PASSED_ON = "passed-on"
    READINGS = "readings"
    SLICE_EVENTS = "slice-events"
    SLOT_ENERGY = "slot-energy"
    SLOT_VALUES = "slot-values"


class ExportFormat(StrEnum):
    """How it is written."""

    CSV = "csv"
    PARQUET = "parquet"


TableArgument = Annotated[ExportTable, typer.Argument(metavar="TABLE", help="Which figures.")]
FromOption = Annotated[str | None, typer.Option("--from", help="First delivery date; by default the market's first.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last delivery date; by default the market's last.")]
FormatOption = Annotated[ExportFormat, typer.Option("--format", help="How it is written.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="The file to write; by default TABLE.FORMAT here.")]


def run(
    ctx: typer.Context,
    table: TableArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    first: FromOption = None,
    last: ToOption = None,
    file_format: FormatOption = ExportFormat.CSV,
    out: OutOption = None,
) -> None:
    """Write a table to a file, each date in its revision in force (columns: docs/reference/exports.md).

    Rows stand in a fixed order, so the same books give the same bytes.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    terms = installation.stores.market.book(market_id).terms
    first_date = terms.first_delivery_date if first is None else parsed_date(first)
    last_date = terms.last_delivery_date if last is None else parsed_date(last)
    if last_date < first_date:
        raise WrongInput(f"--from {first_date} is after --to {last_date}.", hint="Write the earlier date first.")
    target = out or Path(f"{table}.{file_format}")
    row_count = installation.exporter.write(market_id, table, first_date, last_date, file_format, target)
    ERR.print(f"wrote  {row_count:,} rows  {escape(str(target))}")
