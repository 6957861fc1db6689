"""The 48 half-open half hours of a delivery day, always Japan Standard Time.

Enters and leaves: dates, slot numbers, aware datetimes, slot ordinals. Not here: any clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

# Japan has kept UTC+9 without summer time since 1952, so a day always has 48 slots.
JST: Final = timezone(timedelta(hours=9), "JST")
SLOTS_PER_DAY: Final = 48
MINUTES_PER_SLOT: Final = 30
# Slot ordinals count half hours from this midnight; any day before the first delivery day would do.
EPOCH_DATE: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SlotId:
    """One half hour of one delivery date; slot_no 1 is 00:00-00:30 JST, slot_no 48 ends at midnight."""

    delivery_date: date
    slot_no: int

    def __post_init__(self) -> None:
        """Refuse slot numbers outside 1..48: a programme that asks for one is wrong."""
        assert 1 <= self.slot_no <= SLOTS_PER_DAY, f"slot_no {self.slot_no} is not in 1..{SLOTS_PER_DAY}"

    @property
    def slot_start(self) -> datetime:
        """Give the first instant of the slot (aware, JST)."""
        midnight = datetime(self.delivery_date.year, self.delivery_date.month, self.delivery_date.day, tzinfo=JST)
        return midnight + timedelta(minutes=MINUTES_PER_SLOT * (self.slot_no - 1))

    @property
    def slot_end(self) -> datetime:
        """Give the first instant after the slot (aware, JST); a reading with this stamp closes the slot."""
        return self.slot_start + timedelta(minutes=MINUTES_PER_SLOT)


def day_ordinal(delivery_date: date) -> int:
    """Count the days from EPOCH_DATE to a delivery date.

    >>> day_ordinal(date(2000, 1, 2))
    1
    """
    return (delivery_date - EPOCH_DATE).days


def boundary_ordinal(delivery_date: date, slot_index: int) -> int:
    """Count the half hours from the epoch to the start of a slot (slot_index 48 is the day's last boundary).

    >>> boundary_ordinal(date(2000, 1, 2), 1)
    49
    """
    return day_ordinal(delivery_date) * SLOTS_PER_DAY + slot_index


def slot_ending_at(boundary: int) -> SlotId:
    """Name the slot that a boundary ordinal closes: the stamp 15:30 closes slot 31 (15:00-15:30).

    >>> slot_ending_at(48)
    SlotId(delivery_date=datetime.date(2000, 1, 1), slot_no=48)
    """
    day, slot_index = divmod(boundary - 1, SLOTS_PER_DAY)
    return SlotId(delivery_date=EPOCH_DATE + timedelta(days=day), slot_no=slot_index + 1)


def dates_between(first_date: date, last_date: date) -> tuple[date, ...]:
    """List the delivery dates from the first to the last, both included.

    >>> len(dates_between(date(2020, 11, 20), date(2021, 2, 28)))
    101
    """
    return tuple(first_date + timedelta(days=n) for n in range((last_date - first_date).days + 1))
