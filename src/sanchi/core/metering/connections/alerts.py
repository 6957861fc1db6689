"""Whom to wake, once a cause: alerts that open after a while, close after a while, and do not flap.

Enter: the alerts before and the faults now. Leave: AlertChanges. Not here: mail, webhooks, finding faults.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sanchi.core.metering.faults.fault import NO_HOME, Fault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.spans import DAY_S, HOUR_S

# How long a fault has to go on before somebody is told. What ends by itself, or is told elsewhere (a single wild
# value), wakes nobody; a kind that is absent here never opens an alert.
HOLD_S: Final[Mapping[FaultKind, int]] = {
    FaultKind.CLOUD_DOWN: 2 * HOUR_S,
    FaultKind.DEVICE_OUTAGE: 6 * HOUR_S,
    FaultKind.METER_OUTAGE: 6 * HOUR_S,
    FaultKind.NEVER_CONNECTED: DAY_S,
    FaultKind.STUCK: 12 * HOUR_S,
    FaultKind.CLOCK_SKEW: 6 * HOUR_S,
}
# How long it has to be gone before the alert closes; what comes back earlier is the same trouble.
CLEAR_S: Final = 3 * HOUR_S
# So many devices of one connector out at once have one cause, whatever the connector says of itself.
COMMON_COUNT_MIN: Final = 3
COMMON_SHARE: Final = 2  # at least half of its devices
ID_LETTERS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One cause that somebody was told of.

    alert_id : a function of kind, place and first_s. home_no : -1 for a connector's. first_s : when the fault began;
    held_s : the last instant at which it was known to hold. device_count : how many devices it concerns.
    """

    alert_id: str
    kind: FaultKind
    home_no: int
    connector: str
    device: str
    first_s: int
    held_s: int
    device_count: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanges:
    """What to do with alerts: every alert from before is in to_close or to_keep, the new ones in to_open."""

    to_open: tuple[Alert, ...]
    to_close: tuple[Alert, ...]
    to_keep: tuple[Alert, ...]


def judge_alerts(
    before: Sequence[Alert], faults: Sequence[Fault], now_s: int, n_devices: Mapping[str, int]
) -> AlertChanges:
    """Compare the alerts that are open with the faults that are there.

    An alert is kept as long as a fault of its kind and place goes on, or ended less than CLEAR_S ago. One opens for a
    place without alert once its fault has gone on for HOLD_S. n_devices : devices of each connector.
    """
    live = _live(faults, now_s, n_devices)
    kept, closed = [], []
    for alert in before:
        same = [one for one in live if _place(one) == _place(alert)]
        held_s = max([alert.held_s, *(one.held_s for one in same)])
        if now_s - held_s < CLEAR_S:
            count = max([one.device_count for one in same if one.held_s == now_s], default=alert.device_count)
            kept.append(_with(alert, held_s=held_s, device_count=count))
        else:
            closed.append(alert)
    known = {_place(alert) for alert in kept}
    opened = [
        one
        for one in live
        if _place(one) not in known and one.held_s == now_s and now_s - one.first_s >= HOLD_S[one.kind]
    ]
    return AlertChanges(to_open=tuple(opened), to_close=tuple(closed), to_keep=tuple(kept))


def _live(faults: Sequence[Fault], now_s: int, n_devices: Mapping[str, int]) -> list[Alert]:
    """Make an alert of each place whose fault goes on or ended lately; devices of one connector are put together."""
    found: dict[tuple[FaultKind, str, str, int], Alert] = {}
    for one in faults:
        held_s = now_s if one.last_s is None else one.last_s
        if one.kind in HOLD_S and now_s - held_s < CLEAR_S:
            alert = _alert_of(one, held_s)
            found[_place(alert)] = _merged(found.get(_place(alert)), alert)
    alerts = sorted(found.values(), key=lambda one: (one.first_s, one.alert_id))
    for connector in sorted({one.connector for one in alerts if one.connector}):
        alerts = _together(alerts, connector, n_devices.get(connector, 0))
    return alerts


def _together(alerts: list[Alert], connector: str, n_devices: int) -> list[Alert]:
    """Put outages of many devices of a connector into one alert of the connector; its own outage covers them too."""
    out = [one for one in alerts if one.kind is FaultKind.DEVICE_OUTAGE and one.connector == connector]
    own = [one for one in alerts if one.kind is FaultKind.CLOUD_DOWN and one.connector == connector]
    is_common = len(out) >= COMMON_COUNT_MIN and len(out) * COMMON_SHARE >= n_devices
    if not is_common:
        return alerts
    rest = [one for one in alerts if one not in out and one not in own]
    first_s = min(one.first_s for one in [*out, *own])
    text = f"{len(out)} of {n_devices} devices of {connector} are out at once"
    common = _made(
        FaultKind.CLOUD_DOWN,
        NO_HOME,
        connector,
        "",
        first_s,
        max(one.held_s for one in [*out, *own]),
        len(out),
        (text,),
    )
    return [*rest, common]


def _alert_of(one: Fault, held_s: int) -> Alert:
    """Make the alert of a fault."""
    return _made(one.kind, one.home_no, one.connector, one.device, one.first_s, held_s, 1, one.evidence)


def _made(
    kind: FaultKind,
    home_no: int,
    connector: str,
    device: str,
    first_s: int,
    held_s: int,
    device_count: int,
    evidence: tuple[str, ...],
) -> Alert:
    """Make an alert with the id that belongs to its content."""
    content = f"{kind}|{home_no}|{connector}|{device}|{first_s}"
    return Alert(
        alert_id=hashlib.sha256(content.encode()).hexdigest()[:ID_LETTERS],
        kind=kind,
        home_no=home_no,
        connector=connector,
        device=device,
        first_s=first_s,
        held_s=held_s,
        device_count=device_count,
        evidence=evidence,
    )


def _merged(one: Alert | None, other: Alert) -> Alert:
    """Take of two faults at one place the later one's end, and its beginning if the first is over."""
    if one is None:
        return other
    return max(one, other, key=lambda each: each.held_s)


def _with(alert: Alert, *, held_s: int, device_count: int) -> Alert:
    """Give an alert that still is the same one."""
    return Alert(
        alert_id=alert.alert_id,
        kind=alert.kind,
        home_no=alert.home_no,
        connector=alert.connector,
        device=alert.device,
        first_s=alert.first_s,
        held_s=held_s,
        device_count=device_count,
        evidence=alert.evidence,
    )


def _place(alert: Alert) -> tuple[FaultKind, str, str, int]:
    """Give what makes two alerts the same trouble."""
    return alert.kind, alert.connector, alert.device, alert.home_no
