"""The time of a sandbox: its first midnight, its half hours, and the stamps of its documents.

Enter: dates and Unix seconds. Leave: the same in other forms. Not here: what time it is (clock).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sanchi.core.base.slots import JST, SLOTS_PER_DAY

SLOT_S: Final = 1_800
DAY_S: Final = 86_400
# National holidays and the turn of the year around the shipped pilot: days on which no network operator works.
HOLIDAYS: Final = frozenset(
    date.fromisoformat(text)
    for text in (
        "2020-11-23", "2020-12-29", "2020-12-30", "2020-12-31", "2021-01-01", "2021-01-02", "2021-01-03",
        "2021-01-11", "2021-02-11", "2021-02-23", "2021-03-20",
    )
)  # fmt: skip
FRIDAY: Final = 4


def seconds_of(instant: datetime) -> int:
    """Give the Unix seconds of an aware instant, cut to the second."""
    return int(instant.timestamp())


def midnight_s(day: date) -> int:
    """Give the Unix seconds at which a day begins in Japan."""
    return seconds_of(datetime(day.year, day.month, day.day, tzinfo=JST))


def instant_of(at_s: int) -> datetime:
    """Give the instant of Unix seconds, in JST."""
    return datetime.fromtimestamp(at_s, tz=JST)


def stamp(at_s: int) -> str:
    """Write an instant as documents do.

    >>> stamp(1605798000)
    '2020-11-20T00:00:00+09:00'
    """
    return instant_of(at_s).isoformat()


def date_of(at_s: int) -> date:
    """Give the day in Japan on which an instant lies."""
    return instant_of(at_s).date()


def working_day(first: date, number: int) -> date:
    """Give the number-th working day from a date on, that date included.

    >>> working_day(date(2021, 1, 1), 5)
    datetime.date(2021, 1, 8)
    """
    day = first
    while True:
        number -= int(day.weekday() <= FRIDAY and day not in HOLIDAYS)
        if number == 0:
            return day
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The delivery dates that a sandbox plays, both ends included; boundary 0 is the first midnight."""

    first_date: date
    last_date: date

    @property
    def n_days(self) -> int:
        """Count the delivery dates."""
        return (self.last_date - self.first_date).days + 1

    @property
    def n_slots(self) -> int:
        """Count the half hours."""
        return self.n_days * SLOTS_PER_DAY

    @property
    def first_s(self) -> int:
        """Give the Unix seconds of boundary 0."""
        return midnight_s(self.first_date)

    @property
    def last_s(self) -> int:
        """Give the Unix seconds of the last boundary."""
        return self.first_s + self.n_slots * SLOT_S

    def at_s(self, boundary: int) -> int:
        """Give the Unix seconds of a boundary."""
        return self.first_s + boundary * SLOT_S

    def boundary_from(self, at_s: int) -> int:
        """Give the first boundary at or after an instant; it may lie outside the period."""
        return -((self.first_s - at_s) // SLOT_S)

    def date_of_slot(self, slot_index: int) -> date:
        """Give the delivery date of a slot that counts from 0."""
        return self.first_date + timedelta(days=slot_index // SLOTS_PER_DAY)

    @property
    def months(self) -> tuple[date, ...]:
        """List the first days of the calendar months that the period touches."""
        found = []
        day = self.first_date.replace(day=1)
        while day <= self.last_date:
            found.append(day)
            day = (day + timedelta(days=31)).replace(day=1)
        return tuple(found)
