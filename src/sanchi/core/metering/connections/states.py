"""The state of each leg of the way from a home's meters to sanchi, from the faults that were found.

Enter: watched series and Faults. Leave: LegStatus values. Not here: finding faults, telling anybody (alerts).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sanchi.core.metering.faults.fault import ADVICE, Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.observations import WatchedSeries
from sanchi.core.metering.faults.spans import DAY_S

# A leg is called degraded for a day after its last fault: what comes back within a day has one cause.
RECENT_S: Final = DAY_S
BREAKING: Final = frozenset({FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE, FaultKind.CLOUD_DOWN})


class LegState(StrEnum):
    """How a leg stands."""

    UP = "up"  # nothing wrong in the last day
    DEGRADED = "degraded"  # readings come, but late, twice, wrong or with holes; or it was down within the last day
    DOWN = "down"  # nothing comes over it
    NEVER = "never"  # nothing ever came over it


@dataclass(frozen=True, slots=True, kw_only=True)
class LegStatus:
    """One leg of one device of a home.

    since_s : when the state began; None where nothing was ever wrong. kind : the fault that it comes from, if any.
    """

    home_no: int
    connector: str
    device: str
    leg: Leg
    state: LegState
    since_s: int | None
    kind: FaultKind | None
    evidence: tuple[str, ...]
    cause: str
    remedy: str


def leg_states(series: Sequence[WatchedSeries], faults: Sequence[Fault], now_s: int) -> tuple[LegStatus, ...]:
    """Give the state of every leg of every device, in the order of homes, devices and legs."""
    devices = sorted({(one.home_no, one.connector, one.device) for one in series})
    return tuple(
        _status(home_no, connector, device, leg, faults, now_s) for home_no, connector, device in devices for leg in Leg
    )


def _status(home_no: int, connector: str, device: str, leg: Leg, faults: Iterable[Fault], now_s: int) -> LegStatus:
    """Judge one leg by the worst fault that goes on, else by the latest of the last day."""
    mine = [one for one in faults if one.leg is leg and _concerns(one, connector, device)]
    going_on = [one for one in mine if one.last_s is None]
    recent = [one for one in mine if one.last_s is not None and now_s - one.last_s < RECENT_S]
    told: Fault | None = None
    if never := [one for one in going_on if one.kind is FaultKind.NEVER_CONNECTED]:
        state, told = LegState.NEVER, never[0]
    elif breaking := [one for one in going_on if one.kind in BREAKING]:
        state, told = LegState.DOWN, min(breaking, key=lambda one: one.first_s)
    elif going_on or recent:
        state, told = LegState.DEGRADED, max(going_on or recent, key=lambda one: one.first_s)
    else:
        state = LegState.UP
    ends = [one.last_s for one in mine if one.last_s is not None]
    up_since_s = max(ends) if ends else None
    advice = None if told is None else ADVICE[told.kind]
    return LegStatus(
        home_no=home_no,
        connector=connector,
        device=device,
        leg=leg,
        state=state,
        since_s=up_since_s if told is None else told.first_s,
        kind=None if told is None else told.kind,
        evidence=() if told is None else told.evidence,
        cause="" if advice is None else advice.cause,
        remedy="" if advice is None else advice.remedy,
    )


def _concerns(one: Fault, connector: str, device: str) -> bool:
    """Tell whether a fault is the device's, or its connector's."""
    return one.device == device if one.device else bool(connector) and one.connector == connector
