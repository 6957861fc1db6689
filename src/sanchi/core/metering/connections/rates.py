"""How well homes are connected: the rate that the pilot measured, and the map of homes and days.

Enter: a Picture, or qualities of slots. Leave: ConnectionRates and HeatMaps of counts. Not here: faults.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.picture import NONE, BoolArray, Picture, Timeline
from sanchi.core.metering.readings import Quality

OUTAGES: Final = frozenset({FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE, FaultKind.NEVER_CONNECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRate:
    """A home's half hours: due, with every value within its usual time, and with every value by now."""

    home_no: int
    due_slots: int
    timely_slots: int
    known_slots: int

    @property
    def rate_permille(self) -> int:
        """Give the share of due half hours whose values all came within their usual time, rounded down."""
        return PERMILLE * self.timely_slots // self.due_slots if self.due_slots else PERMILLE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Slots of homes on days; counts of shape (n_homes, n_days, n_states), all states together what was due.

    first_day : ordinal of the first day; states : the names of the last axis.
    """

    home_nos: tuple[int, ...]
    first_day: int
    states: tuple[str, ...]
    slot_counts: NDArray[np.int64]


def connection_rates(picture: Picture) -> tuple[ConnectionRate, ...]:
    """Measure every home: a half hour counts as connected if every due series had its value within its usual time.

    The usual time is that of the series itself (Timeline.late_after_s): seconds over MQTT, hours from a cloud. Half
    hours whose usual time is not over are not due yet.
    """
    result = []
    for home_no, lines in sorted(_lines_by_home(picture).items()):
        due, timely, known = _masks(lines)
        result.append(
            ConnectionRate(
                home_no=home_no,
                due_slots=int(due.sum()),
                timely_slots=int(timely.sum()),
                known_slots=int(known.sum()),
            )
        )
    return tuple(result)


def homes_without_outage(home_nos: Iterable[int], faults: Sequence[Fault]) -> tuple[int, ...]:
    """List the homes that had no outage of a device or a meter, and were connected at all (the pilot: 35 of 58)."""
    broken = {one.home_no for one in faults if one.kind in OUTAGES}
    return tuple(sorted(set(home_nos) - broken))


def arrival_map(picture: Picture) -> HeatMap:
    """Map the half hours of homes and days by their arrival: in time, late, missing."""
    lines_of = dict(sorted(_lines_by_home(picture).items()))
    lines = [line for own in lines_of.values() for line in own]
    if not lines:
        return HeatMap(home_nos=(), first_day=0, states=(), slot_counts=np.zeros((0, 0, 3), np.int64))
    # A reading closes the slot before its stamp: midnight belongs to the day before.
    day = (lines[0].first_boundary - 1 + np.arange(lines[0].n_boundaries)) // SLOTS_PER_DAY
    first_day, n_days = int(day[0]), int(day[-1] - day[0]) + 1
    counts = np.zeros((len(lines_of), n_days, 3), dtype=np.int64)
    for place, own in enumerate(lines_of.values()):
        due, timely, known = _masks(own)
        for state, mask in enumerate((timely, known & ~timely, due & ~known)):
            counts[place, :, state] = np.bincount(day[mask] - first_day, minlength=n_days)
    return HeatMap(
        home_nos=tuple(lines_of), first_day=first_day, states=("timely", "late", "missing"), slot_counts=counts
    )


def quality_map(home_nos: Sequence[int], first_day: int, quality: NDArray[np.int8]) -> HeatMap:
    """Map the half hours of homes and days by what is known of their energy.

    quality : members of Quality, shape (n_homes, n_days, 48). States leave from the best to the worst.
    """
    members = sorted(Quality, reverse=True)
    counts = np.stack([(quality == member).sum(axis=2) for member in members], axis=2).astype(np.int64)
    return HeatMap(
        home_nos=tuple(home_nos),
        first_day=first_day,
        states=tuple(member.name.lower() for member in members),
        slot_counts=counts,
    )


def _lines_by_home(picture: Picture) -> dict[int, list[Timeline]]:
    """Part all series by home."""
    result: dict[int, list[Timeline]] = {}
    for device in picture.devices:
        result.setdefault(device.home_no, []).extend(device.timelines)
    return result


def _masks(lines: Sequence[Timeline]) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Find where a home is due, where all its due series came in time, and where they came at all."""
    due = np.logical_or.reduce([line.is_expected for line in lines])
    known = np.logical_and.reduce([~line.is_expected | (line.first_received_s != NONE) for line in lines])
    timely = np.logical_and.reduce([~line.is_expected | ~(line.is_late | line.is_missing) for line in lines])
    return due, due & timely & known, due & known
