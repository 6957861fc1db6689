"""The map of homes and days: how many half hours of each were received, recovered, estimated or are missing.

Enters: ConnectionsView. Leaves: a Chart, rows of a table. Not here: how qualities come about (core.metering).
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sanchi.app.views.connection_pages import ConnectionsView
from sanchi.app.views.market_head import PartyRef, SlotCounts
from sanchi.edge.portal import charts
from sanchi.edge.portal.names import named

ROW_PX = 14


def quality_chart(view: ConnectionsView) -> charts.Chart:
    """Draw each home's days, each cell parted by its four counts."""
    cells = [
        [column, row, *_counts(slots)]
        for row, home in enumerate(view.quality)
        for column, slots in enumerate(home.days)
        if slots is not None and slots.slot_count
    ]
    drawn = charts.Grid(
        columns=[day.isoformat() for day in view.dates],
        rows=[named(home.home) for home in view.quality],
        states=[
            (_("Received"), "measured"),
            (_("Recovered from the register"), "recovered"),
            (_("Estimated"), "estimated"),
            (_("Missing"), "missing"),
        ],
        details=(),
        cells=cells,
    )
    return charts.shares(
        "quality",
        _("Map of homes and days: how many half hours were received, recovered, estimated or are missing"),
        drawn,
        row_px=ROW_PX,
    )


def quality_rows(view: ConnectionsView) -> list[tuple[PartyRef, SlotCounts]]:
    """Sum each home's slots over the days, those with most gaps first."""
    rows = [(home.home, summed(slots for slots in home.days if slots is not None)) for home in view.quality]
    return sorted(rows, key=lambda row: row[1].measured_slot_count - row[1].slot_count)


def summed(days: Iterable[SlotCounts]) -> SlotCounts:
    """Add slot counts."""
    counts = list(days)
    return SlotCounts(
        measured_slot_count=sum(slots.measured_slot_count for slots in counts),
        recovered_slot_count=sum(slots.recovered_slot_count for slots in counts),
        estimated_slot_count=sum(slots.estimated_slot_count for slots in counts),
        missing_slot_count=sum(slots.missing_slot_count for slots in counts),
    )


def _counts(slots: SlotCounts) -> tuple[int, int, int, int]:
    """Give the four counts, the best first."""
    return (
        slots.measured_slot_count,
        slots.recovered_slot_count,
        slots.estimated_slot_count,
        slots.missing_slot_count,
    )
