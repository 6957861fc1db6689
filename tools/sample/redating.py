"""Moving a measured series into the period by whole weeks, so that its weekdays stay.

Enters: a source's days of 48 half-hour energies; leaves: the period's energies and what was repeated.
Not here: where the days come from (see home_loads, buyer_uses).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tools.sample.period import DATES, IntArray

SourceDays = dict[date, IntArray]  # complete days only: each 48 energies [Wh]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redated:
    """A series in the period, with what was done to it."""

    energy_wh: IntArray  # shape (N_SLOTS,)
    source_first_date: date
    repeated_day_count: int

    @property
    def provenance(self) -> str:
        """Label the series as plants.csv does."""
        return "measured+re-dated" + ("+repeated" if self.repeated_day_count else "")


def redate(days: SourceDays, source_first_date: date) -> Redated:
    """Lay source days onto the period; a missing day is taken from the nearest week that has it.

    Raises
    ------
    LookupError
        When no week of the source has the weekday that is missing.
    """
    wanted = [source_first_date + (day - DATES[0]) for day in DATES]
    taken = [nearest_week(days, day) for day in wanted]
    return Redated(
        energy_wh=np.concatenate([days[day] for day in taken]),
        source_first_date=source_first_date,
        repeated_day_count=sum(is_day != want for is_day, want in zip(taken, wanted, strict=True)),
    )


def nearest_week(days: SourceDays, wanted: date) -> date:
    """Find the wanted day, or else the same weekday in the nearest week, the earlier one first."""
    for weeks in range(60):
        for day in (wanted - timedelta(weeks=weeks), wanted + timedelta(weeks=weeks)):
            if day in days:
                return day
    raise LookupError(f"no {wanted:%A} within 60 weeks of {wanted}; choose another part of the source")


def missing_day_count(days: SourceDays, source_first_date: date) -> int:
    """Count the days of the period that the source does not have when it is moved from this date."""
    return sum(source_first_date + (day - DATES[0]) not in days for day in DATES)
