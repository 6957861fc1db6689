"""A measured figure beside its limit and its bar, and the table that a person reads.

Enters: Figures. Leaves: text, or plain values for JSON. Not here: any measurement.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.matching_parts.clock import Cost

COLUMNS = ("what", "orders", "runs", "wall ms", "CPU ms", "orders/s", "x limit", "peak MB", "bar", "reached")
WIDTHS = (-66, 12, 4, 11, 11, 13, 7, 7, -30, -7)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line: cost None = not measured, with the reason in note; x_limit = our CPU seconds over the limit's."""

    what: str
    n_orders: int
    cost: Cost | None = None
    x_limit: float | None = None
    bar: str = ""
    is_reached: bool | None = None
    note: str = ""
    seen: dict[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Give plain values, orders per second included."""
        rate = self.n_orders / self.cost.wall_s if self.cost and self.cost.wall_s else None
        return {**asdict(self), "orders_per_s": rate}

    def line(self) -> str:
        """Write the figure as one line of the table, and its note below."""
        cost = self.cost
        peak = f"{cost.peak_mb:,.0f}" if cost and cost.peak_mb is not None else ""
        cells = (
            self.what,
            f"{self.n_orders:,}",
            str(cost.n_runs) if cost else "",
            f"{cost.wall_s * 1e3:,.3f}" if cost else "-",
            f"{cost.cpu_s * 1e3:,.3f}" if cost else "-",
            f"{self.n_orders / cost.wall_s:,.0f}" if cost else "-",
            f"{self.x_limit:.1f}" if self.x_limit is not None else "",
            peak,
            self.bar,
            {True: "yes", False: "NO", None: ""}[self.is_reached],
        )
        seen = ", ".join(f"{name.replace('_', ' ')} {_readable(value)}" for name, value in self.seen.items())
        return "\n".join([_row(cells), *(f"    {text}" for text in (self.note, seen) if text)])


def bar_figure(what: str, n_orders: int, cost: Cost, bar_ms: float, limit: Cost | None = None) -> Figure:
    """Hold a cost against a bar in milliseconds of wall time."""
    return Figure(
        what=what,
        n_orders=n_orders,
        cost=cost,
        x_limit=cost.cpu_s / limit.cpu_s if limit else None,
        bar=f"< {bar_ms:g} ms",
        is_reached=cost.wall_s * 1e3 < bar_ms,
    )


def heading(title: str, *remarks: str) -> str:
    """Write a part's title, its remarks and the names of the columns."""
    return "\n".join(["", title, *(f"  {remark}" for remark in remarks), _row(COLUMNS)])


def _readable(value: Any) -> str:
    """Write a number with its thousands apart; what is not known as a dash."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _row(cells: tuple[str, ...]) -> str:
    """Set cells in columns: words to the left, numbers to the right."""
    texts = (
        f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)
    )
    return " ".join(texts).rstrip()
