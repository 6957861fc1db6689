"""What the browser's charts are made of: plain values that charts.js draws, each chart with its own label.

Enter: labels in the reader's language, integers [Wh]. Leaves: Chart, for json_script. Not here: drawing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One picture: its name on the page, what draws it, its label for those who cannot see it, its values."""

    name: str
    kind: str
    label: str
    drawing: dict[str, Any]
    height_px: int = 320

    @property
    def source(self) -> str:
        """Name the element that holds the drawing."""
        return f"{self.name}-drawing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of values [Wh] along the chart's axis, as bars that stack or as a line."""

    name: str
    colour: str
    values_wh: Sequence[int]
    shape: str = "bar"

    def drawn(self) -> dict[str, Any]:
        """Lay the series out for charts.js."""
        return {"name": self.name, "colour": self.colour, "values": list(self.values_wh), "shape": self.shape}


def bars(
    name: str, label: str, *, axis: str, ticks: Sequence[str], series: Iterable[Series], height_px: int = 320
) -> Chart:
    """Make stacked bars and lines over dates (axis `date`, ticks ISO) or slots (axis `slot`, ticks texts)."""
    drawing = {"axis": axis, "ticks": list(ticks), "series": [one.drawn() for one in series]}
    return Chart(name=name, kind="bars", label=label, drawing=drawing, height_px=height_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One end of flows; keys tell nodes apart, since a district and a buyer may share a label."""

    key: str
    label: str
    colour: str
    is_rest: bool = False  # what nobody chose stands last


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Energy from a node on the left to a node on the right."""

    source: Node
    target: Node
    energy_wh: int


def sankey(name: str, label: str, flows: Sequence[Flow]) -> Chart:
    """Make a flow picture; each side stands in the order of its sums, the rest last."""
    sources = _by_sum([(flow.source, flow.energy_wh) for flow in flows])
    targets = _by_sum([(flow.target, flow.energy_wh) for flow in flows])
    drawing = {
        "nodes": [
            {"key": node.key, "label": node.label, "colour": node.colour, "side": side}
            for side, nodes in (("left", sources), ("right", targets))
            for node in nodes
        ],
        "links": [[flow.source.key, flow.target.key, flow.energy_wh] for flow in flows],
    }
    height_px = 60 + 40 * max(len(sources), len(targets))
    return Chart(name=name, kind="sankey", label=label, drawing=drawing, height_px=height_px)


def _by_sum(ends: Sequence[tuple[Node, int]]) -> list[Node]:
    """Order the nodes of one side."""
    sums_wh = Counter[str]()
    for node, energy_wh in ends:
        sums_wh[node.key] += energy_wh
    nodes = {node.key: node for node, _energy_wh in ends}
    return sorted(nodes.values(), key=lambda node: (node.is_rest, -sums_wh[node.key], node.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A map of cells: ticks of both axes, the states a cell can be in, and the cells themselves.

    A cell of `grid` is [column, row, state, strength in permille, text, ...]; the texts are named by `details`.
    """

    columns: Sequence[str]
    rows: Sequence[str]
    states: Sequence[tuple[str, str]]  # name and colour
    details: Sequence[str]
    cells: Sequence[Sequence[int | str]]


def shares(name: str, label: str, drawn: Grid, *, row_px: int) -> Chart:
    """Make a map of homes and dates whose cells are parted by state; a cell is [column, row, count of each state]."""
    drawing = {
        "columns": list(drawn.columns),
        "rows": list(drawn.rows),
        "states": [{"name": state, "colour": colour} for state, colour in drawn.states],
        "cells": [list(cell) for cell in drawn.cells],
    }
    return Chart(name=name, kind="shares", label=label, drawing=drawing, height_px=40 + row_px * len(drawn.rows))


def grid(name: str, label: str, drawn: Grid, *, row_px: int) -> Chart:
    """Make a map of cells over dates."""
    drawing = {
        "columns": list(drawn.columns),
        "rows": list(drawn.rows),
        "states": [{"name": state, "colour": colour} for state, colour in drawn.states],
        "details": list(drawn.details),
        "cells": [list(cell) for cell in drawn.cells],
    }
    return Chart(name=name, kind="grid", label=label, drawing=drawing, height_px=70 + row_px * len(drawn.rows))
