"""`sanchi compare`: all mechanisms on the same closed days."""

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from sanchi.app.compare_mechanisms import ASSUMPTIONS, KindComparison, closed_dates, compare_mechanisms
from sanchi.app.stores import Installation
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.comparison import AllocationFigures
from sanchi.edge.cli.comparison_page import PageHead, comparison_page
from sanchi.edge.cli.comparison_words import Language
from sanchi.edge.cli.console import (
    ERR,
    OUT,
    PIPE_WIDTH,
    gini_text,
    kwh_text,
    permille_text,
    print_json,
    watched,
    wh_text,
    yen_text,
)
from sanchi.edge.cli.markets import chosen_market, parsed_date, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening


class ComparedKind(StrEnum):
    """Which kind is compared."""

    SURPLUS = "surplus"
    SELF_CONSUMPTION = "self_consumption"


REST_TEXTS: Final = {
    CertificateKind.SURPLUS: "the rest going to the standard offer",
    CertificateKind.SELF_CONSUMPTION: "the rest staying with the homes",
}
COLUMNS: Final = (
    "\nmechanism",
    "matched\n%",
    "rest\n%",
    "1st\nchoice %",
    "in slot\n% of use",
    "envious\nhomes",
    "envy\nkWh",
    "blocking\npairs",
    "Gini\n0 to 1",
    "to homes\nyen",
    "by buyers\nyen",
    "from best\nyen",
)

DayOption = Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="One closed day.")]
MonthOption = Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="The closed days of a month.")]
KindOption = Annotated[ComparedKind | None, typer.Option("--kind", help="One kind; by default both.")]
ChartOption = Annotated[
    Path | None,
    typer.Option("--chart", metavar="FILE.html", help="Write charts as one HTML file that needs no network."),
]
LanguageOption = Annotated[Language, typer.Option("--lang", help="The language of the charts.")]


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    day: DayOption = None,
    month: MonthOption = None,
    kind: KindOption = None,
    chart: ChartOption = None,
    lang: LanguageOption = Language.EN,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare all mechanisms on what homes offered and buyers used on closed days; nothing is changed."""
    if (day is None) == (month is None):
        raise WrongInput("Either a day or a month is compared.", hint="Give --day YYYY-MM-DD or --month YYYY-MM.")
    stores = (installation := opening(ctx).installation(home)).stores
    market_id = chosen_market(installation, market)
    if day is not None:
        first_date = last_date = parsed_date(day)
    else:
        span = parsed_month(month or "")
        first_date, last_date = span.first_date, span.last_date
    dates = closed_dates(stores, market_id, first_date, last_date)
    kinds = list(CertificateKind) if kind is None else [CertificateKind.parse(kind)]
    compared = compare_mechanisms(stores, market_id, watched(dates, "comparing days", len(dates)), kinds)
    if chart is not None:
        _write_page(installation, market_id, compared, chart, lang)
    if as_json:
        print_json({"assumptions": list(ASSUMPTIONS), "kinds": [_document(each) for each in compared]})
        return
    for each in compared:
        _print_comparison(each)
    OUT.print("\n[bold]Assumed[/]")
    for line in ASSUMPTIONS:
        OUT.print(f"[dim]{line}[/]")


def _print_comparison(compared: KindComparison) -> None:
    """Print one kind as a table, a line a mechanism."""
    days = f"{len(compared.dates)} days" if len(compared.dates) > 1 else str(compared.dates[0])
    OUT.print(f"\n[bold]{compared.kind.text}, {days}[/]")
    if compared.mechanisms:
        supply_wh = compared.mechanisms[0].figures.supply_wh
        OUT.print(f"homes offered {wh_text(supply_wh)} kWh; matched + rest = all of it, {REST_TEXTS[compared.kind]}")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(COLUMNS):
        table.add_column(head, justify="right" if place else "left", no_wrap=True)
    for each in compared.mechanisms:
        table.add_row(each.name, *_cells(each.figures))
    # A narrower terminal folds lines, which is better than figures cut short.
    OUT.print(table, width=max(OUT.width, PIPE_WIDTH))
    for skipped in compared.skipped:
        OUT.print(f"skipped  {skipped.name}: {escape(skipped.reason)}")


def _cells(figures: AllocationFigures) -> list[str]:
    """Write the figures of a mechanism in the units of the heads."""
    return [
        _share_text(figures.matched_permille),
        _share_text(figures.rest_permille),
        _share_text(figures.first_choice_permille),
        _share_text(figures.hour_matched_permille),
        "–" if figures.envious_count is None else f"{figures.envious_count:,}",
        "–" if figures.envy_wh is None else kwh_text(figures.envy_wh),
        f"{figures.blocking_pair_count:,}",
        gini_text(figures.fill_gini),
        yen_text(figures.to_homes_e5yen),
        yen_text(figures.paid_e5yen),
        yen_text(figures.missed_welfare_e5yen),
    ]


def _share_text(share_permille: int | None) -> str:
    """Write a share without its unit, which stands in the head."""
    return permille_text(share_permille).removesuffix(" %")


def _write_page(
    installation: Installation, market_id: MarketId, compared: Sequence[KindComparison], path: Path, language: Language
) -> None:
    """Write the page of a comparison."""
    if not path.parent.is_dir():
        raise WrongInput(f"There is no folder {path.parent} to write into.", hint="Make it first.")
    book = installation.stores.market.book(market_id)
    head = PageHead(
        market_name=book.terms.name_ja if language is Language.JA else book.terms.name,
        buyer_names={
            party.party_no: party.name_ja if language is Language.JA else party.name for party in book.parties
        },
        credits=book.terms.data_credits.splitlines(),
    )
    path.write_text(comparison_page(compared, head, language), encoding="utf-8")
    ERR.print(f"wrote  {path}", markup=False)


def _document(compared: KindComparison) -> dict[str, object]:
    """Lay a comparison out for a machine."""
    return {
        "kind": compared.kind.text,
        "dates": [each.isoformat() for each in compared.dates],
        "mechanisms": [{"name": each.name, **_figures_document(each.figures)} for each in compared.mechanisms],
        "skipped": [asdict(each) for each in compared.skipped],
    }


def _figures_document(figures: AllocationFigures) -> dict[str, object]:
    """Lay the figures of a mechanism out: the sums, and what is derived from them."""
    gini = figures.fill_gini
    return asdict(figures) | {
        "supply_wh": figures.supply_wh,
        "matched_wh": figures.matched_wh,
        "matched_permille": figures.matched_permille,
        "first_choice_permille": figures.first_choice_permille,
        "hour_matched_permille": figures.hour_matched_permille,
        "envious_homes": figures.envious_count,
        "fill_gini": None if gini is None else f"{gini.numerator}/{gini.denominator}",
        "to_homes_e5yen": figures.to_homes_e5yen,
        "rest_permille": figures.rest_permille,
        "envy_wh": figures.envy_wh,
        "missed_welfare_e5yen": figures.missed_welfare_e5yen,
    }
