"""`sanchi compare`: all mechanisms on the same closed days."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from sanchi.app.compare_mechanisms import ASSUMPTIONS, KindComparison, closed_dates, compare_mechanisms
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.comparison import AllocationFigures
from sanchi.edge.cli.console import OUT, kwh_text, permille_text, print_json, watched, yen_text
from sanchi.edge.cli.markets import chosen_market, parsed_date, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening


class ComparedKind(StrEnum):
    """Which kind is compared."""

    SURPLUS = "surplus"
    SELF_CONSUMPTION = "self_consumption"


DayOption = Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="One closed day.")]
MonthOption = Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="The closed days of a month.")]
KindOption = Annotated[ComparedKind | None, typer.Option("--kind", help="One kind; by default both.")]


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    day: DayOption = None,
    month: MonthOption = None,
    kind: KindOption = None,
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
    OUT.print(f"\n[bold]{compared.kind.text}, {len(compared.dates)} days[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for head in ("mechanism", "matched", "1st choice", "hours", "envy", "kWh", "blocking", "Gini", "homes", "paid"):
        table.add_column(head, justify="left" if head == "mechanism" else "right")
    table.add_column("missed", justify="right")
    for each in compared.mechanisms:
        table.add_row(each.name, *_cells(each.figures))
    OUT.print(table)
    for skipped in compared.skipped:
        OUT.print(f"skipped  {skipped.name}: {skipped.reason}")


def _cells(figures: AllocationFigures) -> list[str]:
    """Write the figures of a mechanism: energy in kWh, money in yen."""
    counted = [home.envy_wh for home in figures.homes if home.envy_wh is not None]
    gini = figures.fill_gini
    return [
        permille_text(figures.matched_permille),
        permille_text(figures.first_choice_permille),
        permille_text(_hour_matched_permille(figures)),
        "–" if figures.envious_count is None else str(figures.envious_count),
        "–" if figures.envious_count is None else kwh_text(sum(counted)),
        f"{figures.blocking_pair_count:,}",
        "–" if gini is None else f"{int(gini * 1000):,}‰",
        yen_text(figures.to_homes_e5yen),
        yen_text(figures.paid_e5yen),
        yen_text(figures.missed_welfare_e5yen),
    ]


def _hour_matched_permille(figures: AllocationFigures) -> int | None:
    """Give the share of all buyers together."""
    wanted_wh = sum(buyer.wanted_wh for buyer in figures.buyers)
    return sum(buyer.hour_matched_wh for buyer in figures.buyers) * 1000 // wanted_wh if wanted_wh else None


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
        "hour_matched_permille": _hour_matched_permille(figures),
        "envious_homes": figures.envious_count,
        "fill_gini": None if gini is None else f"{gini.numerator}/{gini.denominator}",
        "to_homes_e5yen": figures.to_homes_e5yen,
        "missed_welfare_e5yen": figures.missed_welfare_e5yen,
    }
