"""The map of missing data: which home had which quality on which day.

Enters: OverviewView. Leaves: a Chart. Not here: how qualities come about (core.metering).
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sanchi.app.views.market_head import PartyRef, SlotCounts
from sanchi.app.views.overview import OverviewView
from sanchi.core.base.units import PERMILLE
from sanchi.edge.portal import charts
from sanchi.edge.portal.names import named

MEASURED, RECOVERED, ESTIMATED, MISSING = range(4)


def quality_chart(view: OverviewView) -> charts.Chart:
    """Draw each home's days in the colour of the worst quality, the stronger the more slots have it."""
    states = [
        (_("Measured"), "measured"),
        (_("Recovered from the register"), "recovered"),
        (_("Estimated"), "estimated"),
        (_("Missing"), "missing"),
    ]
    cells = [
        _cell(column, row, slots)
        for row, home in enumerate(view.quality)
        for column, slots in enumerate(home.days)
        if slots is not None and slots.slot_count
    ]
    drawn = charts.Grid(
        columns=[day.delivery_date.isoformat() for day in view.days],
        rows=[named(home.home) for home in view.quality],
        states=states,
        details=[name for name, _colour in states],
        cells=cells,
    )
    return charts.grid(
        "quality",
        _("Map of homes and days: how many half hours were measured, recovered, estimated or missing"),
        drawn,
        row_px=11,
    )


def quality_rows(view: OverviewView) -> list[tuple[PartyRef, SlotCounts]]:
    """Sum each home's slots over the days."""
    return [(home.home, summed(slots for slots in home.days if slots is not None)) for home in view.quality]


def summed(days: Iterable[SlotCounts]) -> SlotCounts:
    """Add slot counts."""
    counts = list(days)
    return SlotCounts(
        measured_slot_count=sum(slots.measured_slot_count for slots in counts),
        recovered_slot_count=sum(slots.recovered_slot_count for slots in counts),
        estimated_slot_count=sum(slots.estimated_slot_count for slots in counts),
        missing_slot_count=sum(slots.missing_slot_count for slots in counts),
    )


def _cell(column: int, row: int, slots: SlotCounts) -> list[int | str]:
    """Lay out one cell: its place, worst quality, strength, and the four counts."""
    counts = (
        slots.measured_slot_count,
        slots.recovered_slot_count,
        slots.estimated_slot_count,
        slots.missing_slot_count,
    )
    worst = max(quality for quality in range(MISSING + 1) if counts[quality])
    return [column, row, worst, counts[worst] * PERMILLE // slots.slot_count, *counts]
