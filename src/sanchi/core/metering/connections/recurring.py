"""Outages that come again: at the same home at the same hour of the day, or on the same day of the week.

Enter: Faults. Leave: RecurringOutages. Not here: why (a timer of the router, a shop that closes): a person asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.spans import DAY_S, EPOCH_S, HOUR_S

RECURRENCES_COUNT_MIN: Final = 3
# Three of many outages fall into one hour, or on one weekday, by chance; so they have to be a good part of them.
HOUR_SHARE_MIN: Final = 3  # at least a third
WEEKDAY_SHARE_MIN: Final = 2  # at least half
FIRST_WEEKDAY: Final = 5  # 2000-01-01 was a Saturday; 0 = Monday
DAYS_PER_WEEK: Final = 7
HOURS_PER_DAY: Final = 24


class Rhythm(StrEnum):
    """By what outages come again."""

    HOUR = "hour"  # of the day, 0..23 JST
    WEEKDAY = "weekday"  # 0 = Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringOutage:
    """Outages of one device that begin at the same hour or on the same weekday, each on a day of its own."""

    home_no: int
    device: str
    kind: FaultKind
    rhythm: Rhythm
    step_index: int
    first_s: tuple[int, ...]


def recurring_outages(faults: Sequence[Fault]) -> tuple[RecurringOutage, ...]:
    """List what recurs at least three times, in the order of homes and devices."""
    groups: dict[tuple[int, str, FaultKind], list[int]] = {}
    for one in faults:
        if one.kind in {FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE}:
            groups.setdefault((one.home_no, one.device, one.kind), []).append(one.first_s)
    found = []
    for (home_no, device, kind), begins in sorted(groups.items()):
        by_hour = _repeats(begins, _hour, HOUR_SHARE_MIN)
        # Outages of one hour every day are told by their hour alone.
        by_weekday = [] if by_hour else _repeats(begins, _weekday, WEEKDAY_SHARE_MIN)
        for rhythm, repeats in ((Rhythm.HOUR, by_hour), (Rhythm.WEEKDAY, by_weekday)):
            found += [
                RecurringOutage(home_no=home_no, device=device, kind=kind, rhythm=rhythm, step_index=step, first_s=each)
                for step, each in repeats
            ]
    return tuple(found)


def _repeats(begins: Sequence[int], step_of: Callable[[int], int], share: int) -> list[tuple[int, tuple[int, ...]]]:
    """Group beginnings by step, one a day, and keep groups that are large and a good part of all."""
    groups: dict[int, dict[int, int]] = {}
    for begin_s in sorted(begins):
        groups.setdefault(step_of(begin_s), {}).setdefault((begin_s - EPOCH_S) // DAY_S, begin_s)
    return [
        (step, tuple(days.values()))
        for step, days in sorted(groups.items())
        if len(days) >= RECURRENCES_COUNT_MIN and len(days) * share >= len(begins)
    ]


def _hour(instant_s: int) -> int:
    """Give the hour of the day."""
    return (instant_s - EPOCH_S) // HOUR_S % HOURS_PER_DAY


def _weekday(instant_s: int) -> int:
    """Give the day of the week, 0 = Monday."""
    return ((instant_s - EPOCH_S) // DAY_S + FIRST_WEEKDAY) % DAYS_PER_WEEK
