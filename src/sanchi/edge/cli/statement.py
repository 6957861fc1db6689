"""`sanchi statement`: write the origin statements of a month, as PDF for people, as JSON and CSV for programs."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.documents import DocumentFormat, Language
from sanchi.core.base.errors import SetupFault
from sanchi.core.base.ids import PartyId
from sanchi.edge.cli.console import ERR, OUT, print_json, wh_text
from sanchi.edge.cli.markets import chosen_market, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

MonthOption = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="The month of the claims.")]
BuyerOption = Annotated[str | None, typer.Option("--buyer", help="One buyer; by default all that claimed something.")]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made.")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="The language of PDFs.")]
FormatOption = Annotated[
    list[DocumentFormat], typer.Option("--format", help="What to write; may be given several times.")
]


def run(
    ctx: typer.Context,
    month: MonthOption,
    out: OutOption,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    buyer: BuyerOption = None,
    lang: LanguageOption = Language.JA,
    formats: FormatOption = [DocumentFormat.PDF],  # noqa: B006 - typer reads the default, nobody changes it
    *,
    as_json: JsonOption = False,
) -> None:
    """Write the origin statement of each buyer for a month: sources, half hours, certificates, corrections.

    The same books give the same bytes. What stands in each format: docs/reference/statement.md.
    """
    from sanchi.app.documents import file_name_of
    from sanchi.app.state_origin import origin_statements

    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    buyer_id = None if buyer is None else PartyId(buyer)
    rules = installation.origin_rules
    written = []
    for statement in origin_statements(installation.origins, market_id, parsed_month(month), buyer_id, rules):
        for file_format in dict.fromkeys(formats):
            target = out / file_name_of(statement, file_format, lang)
            write_whole(target, installation.statement_writer.written(statement, file_format, lang))
            written.append((statement, target))
    if as_json:
        print_json(
            [
                {
                    "statement_no": statement.statement_no,
                    "buyer_id": statement.buyer.party_id,
                    "energy_wh": statement.energy_wh,
                    "file": str(target),
                }
                for statement, target in written
            ]
        )
        return
    for statement, target in written:
        OUT.print(f"{statement.buyer.party_id}  {wh_text(statement.energy_wh):>14} kWh  {escape(str(target))}")
    ERR.print(f"wrote  {len(written):,} files")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that it is there whole, or as it was before. Raises: SetupFault."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SetupFault(
            f"{target} cannot be written ({error.strerror}).", hint="Name a folder that you may write: --out DIR."
        ) from error
