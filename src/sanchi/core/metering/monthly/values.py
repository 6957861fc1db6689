"""The value of a month as a meter's operator tells it, and which of several versions is in force.

Enter and leave: MonthValues. Not here: judging delivered rows (intake), half hours (spreading).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sanchi.core.base.months import Month
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage

# Of the meter of a supply point and of a feed-in point; nobody is told what panels give in a month.
MONTHLY_CHANNELS: Final = frozenset({Channel.IMPORT, Channel.EXPORT})

SeriesMonth = tuple[int, Channel, Month]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthValue:
    """Energy of one channel of a meter over a calendar month; delivery_no and row_no say where it was told."""

    meter_no: int
    channel: Channel
    month: Month
    energy_wh: int
    source: Source
    stage: Stage
    received_s: int
    delivery_no: int
    row_no: int

    @property
    def series_month(self) -> SeriesMonth:
        """Name what the value is of."""
        return self.meter_no, self.channel, self.month

    @property
    def precedence(self) -> tuple[int, ...]:
        """Give the rule table of versions (docs/reference/vee.md): of two values the larger one is in force."""
        return self.stage, self.source, self.received_s, self.delivery_no, self.row_no


def values_in_force(values: Iterable[MonthValue]) -> dict[SeriesMonth, MonthValue]:
    """Choose the version of each month's value that counts, in the order of meter, channel and month."""
    chosen: dict[SeriesMonth, MonthValue] = {}
    for value in values:
        before = chosen.get(value.series_month)
        if before is None or value.precedence > before.precedence:
            chosen[value.series_month] = value
    return dict(sorted(chosen.items()))
