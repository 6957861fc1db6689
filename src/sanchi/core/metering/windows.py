"""Which days of readings the measuring of one delivery date looks at.

Enters: a date. Leave: Windows of boundaries. Not here: readings.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sanchi.core.base.slots import SLOTS_PER_DAY, day_ordinal

# A gap of at most 14 days is recovered, from like days at most 21 days outside it: both days at the ends of
# such a gap, and all its like days, lie within 35 days of each other, so that all its days see the same.
GAP_DAYS_MAX: Final = 14
LIKE_DAY_REACH_DAYS: Final = 21
WINDOW_DAYS: Final = GAP_DAYS_MAX + LIKE_DAY_REACH_DAYS
# Beside one a slot a window has the boundary that opens it, and one more on either side.
OUTER_BOUNDARIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whole days around a delivery date, with one more boundary on either side.

    first_day : ordinal of the first day; day_index : position of the delivery date among the n_days.
    The outer boundaries show whether the window's first and last reading fit to their neighbours.
    """

    first_day: int
    n_days: int
    day_index: int

    @classmethod
    def around(cls, delivery_date: date, days: int) -> "Window":
        """Span the given number of days before and after a delivery date."""
        return cls(first_day=day_ordinal(delivery_date) - days, n_days=2 * days + 1, day_index=days)

    @property
    def first_boundary(self) -> int:
        """Give the boundary ordinal at position 0, one slot before the first day."""
        return self.first_day * SLOTS_PER_DAY - 1

    @property
    def last_boundary(self) -> int:
        """Give the boundary ordinal at the last position, one slot after the last day."""
        return self.first_boundary + self.n_boundaries - 1

    @property
    def n_boundaries(self) -> int:
        """Count the boundaries, outer ones included."""
        return self.n_days * SLOTS_PER_DAY + OUTER_BOUNDARIES

    @property
    def day_boundary(self) -> int:
        """Give the boundary ordinal that opens the delivery date."""
        return (self.first_day + self.day_index) * SLOTS_PER_DAY

    def opening_position(self, day_index: int) -> int:
        """Give the position of the boundary that opens a day of the window."""
        return 1 + day_index * SLOTS_PER_DAY


def day_span(delivery_date: date) -> tuple[int, int]:
    """Give the first and last boundary, both included, that measuring a complete day reads."""
    window = Window.around(delivery_date, 0)
    return window.first_boundary, window.last_boundary


def window_span(delivery_date: date) -> tuple[int, int]:
    """Give the first and last boundary, both included, that measuring a day with gaps reads."""
    window = Window.around(delivery_date, WINDOW_DAYS)
    return window.first_boundary, window.last_boundary
