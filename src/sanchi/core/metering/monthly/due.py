"""Which months of monthly meters are overdue, and the finding about one.

Enter: meters, values, a day. Leave: months, Problems. Not here: any clock.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from sanchi.core.base.months import Month
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.metering.monthly.spreading import served_boundaries
from sanchi.core.metering.monthly.values import SeriesMonth
from sanchi.core.metering.readings import MeterSpec

# The operator's confirmed file of a month is there within the first days of the next one; so long it may take.
DUE_DAYS: Final = 10


def overdue_months(
    meters: Iterable[MeterSpec], told: Collection[SeriesMonth], first_date: date, last_date: date, today: date
) -> Iterator[tuple[MeterSpec, Month]]:
    """Name the months of monthly meters that are overdue, by meter, oldest first.

    told : months with a value. first_date, last_date : of the market; other months are nobody's.
    A month is overdue from the DUE_DAYS-th day after its last one on.
    """
    for spec in meters:
        month = Month.of(first_date)
        while spec.is_monthly and month.first_date <= last_date and due_date(month) <= today:
            if len(served_boundaries(spec, month)) and (spec.meter_no, spec.channel, month) not in told:
                yield spec, month
            month = month.next_month


def due_date(month: Month) -> date:
    """Give the first day on which the value of a month is overdue.

    >>> due_date(Month(year=2020, month_no=11))
    datetime.date(2020, 12, 10)
    """
    return month.last_date + timedelta(days=DUE_DAYS)


def describe_overdue(spec: MeterSpec, month: Month) -> Problem:
    """Say that the value of a month is overdue."""
    return Problem(
        code=ProblemCode.MONTH_OVERDUE,
        severity=Severity.ACT,
        where=f"meter {spec.meter_id} {spec.channel.text}, {month}",
        detail=f"no value of {month}, due before {due_date(month)}: the month counts as 0 Wh until it comes",
        hint="Ask the network operator for the confirmed file of the month, deliver it, then: sanchi spread-months",
    )
