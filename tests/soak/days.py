"""The calendar of a soak: what an operator does when, from the first delivery date to the last close.

Enter: a chain. Leave: books with all days and months closed. Not here: what must hold of them.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from sanchi.core.base.months import Month
from sanchi.core.base.slots import JST
from tests.soak.chain import Chain

CLOSING: Final = time(10, tzinfo=JST)
STEP_H: Final = 2
FINALISE_DAY: Final = 25
# So long readings come late at most; afterwards a round a day is enough.
TAIL_DAYS: Final = 7
REVISE_EVERY_DAYS: Final = 7


def at(day: date, clock: time) -> datetime:
    """Give the instant of a day."""
    return datetime.combine(day, clock)


def midnight(day: date) -> datetime:
    """Give the instant at which a day begins."""
    return datetime.combine(day, time(tzinfo=JST))


def end_date(last_date: date) -> date:
    """Give the day on which the month of the last delivery date is finalised."""
    return (last_date.replace(day=1) + timedelta(days=31)).replace(day=FINALISE_DAY)


def play(chain: Chain) -> Iterator[date]:
    """Go through all days; gives each once it is over."""
    first_date, last_date = chain.outside.size.first_date, chain.outside.size.last_date
    chain.begin()
    day = first_date
    while day <= end_date(last_date):
        is_tail = day > last_date + timedelta(days=TAIL_DAYS)
        for hour in (10,) if is_tail else range(STEP_H, 24 + STEP_H, STEP_H):
            chain.move(midnight(day) + timedelta(hours=hour))
            chain.collect()
            if hour == CLOSING.hour:
                _work(chain, day)
        yield day
        day += timedelta(days=1)


def _work(chain: Chain, day: date) -> None:
    """Do the morning's work: close yesterday; once a week and before a month is finalised, ask and close again."""
    first_date, last_date = chain.outside.size.first_date, chain.outside.size.last_date
    chain.ingest()
    is_finalising = day.day == FINALISE_DAY and first_date < day.replace(day=1)
    if first_date < day <= last_date + timedelta(days=1):
        chain.close(day - timedelta(days=1))
    if (day - first_date).days % REVISE_EVERY_DAYS == 0 or is_finalising:
        chain.ask_again()
        chain.collect()
        chain.ingest()
        chain.revise()
    if is_finalising:
        chain.close_month(Month.of(day.replace(day=1) - timedelta(days=1)))
