"""What commands print: lines and tables for people on stderr and stdout, one JSON document for machines.

Enters: values. Leaves: text. Not here: any figure's meaning.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sanchi.core.base.units import E5YEN_PER_YEN, WH_PER_KWH

Item = TypeVar("Item")

# A pipe has no width of its own; this one holds the longest line of every table.
PIPE_WIDTH = 120

OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def kwh_text(energy_wh: int) -> str:
    """Write an energy as kWh with one decimal, cut towards zero.

    >>> kwh_text(18_940_380)
    '18,940.3'
    """
    sign = "-" if energy_wh < 0 else ""
    whole, wh = divmod(abs(energy_wh), WH_PER_KWH)
    return f"{sign}{whole:,}.{wh // 100}"


def wh_text(energy_wh: int) -> str:
    """Write an energy as kWh with three decimals: every Wh of it.

    >>> wh_text(18_940_380)
    '18,940.380'
    """
    whole, wh = divmod(energy_wh, WH_PER_KWH)
    return f"{whole:,}.{wh:03d}"


def yen_text(amount_e5yen: int | None) -> str:
    """Write an exact amount as yen with two decimals, cut towards zero, or a dash where there is none.

    >>> yen_text(-123_456_789)
    '-1,234.56'
    """
    if amount_e5yen is None:
        return "–"
    sign = "-" if amount_e5yen < 0 else ""
    whole, e5yen = divmod(abs(amount_e5yen), E5YEN_PER_YEN)
    return f"{sign}{whole:,}.{e5yen // 1_000:02d}"


def permille_text(share_permille: int | None) -> str:
    """Write a share as per cent with one decimal, or a dash where there is none.

    >>> permille_text(623)
    '62.3 %'
    """
    return "–" if share_permille is None else f"{share_permille // 10}.{share_permille % 10} %"


def gini_text(gini: Fraction | None) -> str:
    """Write a Gini coefficient with three decimals, cut, or a dash where there is none.

    >>> gini_text(Fraction(1, 3))
    '0.333'
    """
    return "–" if gini is None else f"{int(gini)}.{int(gini % 1 * 1000):03d}"


def print_pairs(title: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Print a title and a two-column table whose figures stand right."""
    OUT.print(f"\n[bold]{title}[/]")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, figure in pairs:
        table.add_row(name, figure)
    OUT.print(table)


def tell_all(reports: Iterable[Item], tell: Callable[[Item], None]) -> int:
    """Tell of steps once all are done, or once one is declined: those before it stay done. Returns how many."""
    done: list[Item] = []
    try:
        for report in reports:
            done.append(report)  # noqa: PERF402 - what is done before a refusal has to be kept
    finally:
        for report in done:
            tell(report)
    return len(done)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show progress on stderr while people watch; a pipe sees nothing of it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        yield progress


def watched(items: Iterable[Item], description: str, n_items: int) -> Iterator[Item]:
    """Give the items on, with a progress bar on stderr."""
    with _progress() as progress:
        yield from progress.track(items, total=n_items, description=description)
