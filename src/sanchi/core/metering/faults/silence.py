"""Faults by which nothing comes from a home: never connected, its device away, its meter out of reach.

Enter: a Picture and what was found before. Leave: Faults. Not here: readings that came (values, arrivals).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.fault import Fault, skew_spans, spans_of
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import NONE, BoolArray, Device, IntArray, Picture, Timeline
from sanchi.core.metering.faults.spans import (
    DAY_S,
    HOUR_S,
    SLOT_S,
    Span,
    inside,
    joined,
    runs_of,
    shared_s,
)

# A device that was never heard of is told only after it has had a day.
FIRST_WORD_S: Final = DAY_S
# A shorter absence takes away one half hour at most: a device that starts anew.
ABSENCE_S_MIN: Final = 3 * SLOT_S // 2
LONG_ABSENCE_S: Final = 2 * SLOT_S - SLOT_S // 15
ABSENT_SLOTS_MIN: Final = 2
ABSENCES: Final = (FaultKind.NEVER_CONNECTED, FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE)
GARBLED: Final = (FaultKind.CLOCK_SKEW, FaultKind.TRUNCATED_FRAME, FaultKind.NEGATIVE)
DOWN: Final = (FaultKind.CLOUD_DOWN,)


def never_connected(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell devices of which nothing has ever been heard although they have been in service for a day."""
    result = []
    for device in picture.devices:
        due = [int(line.stamps_s[line.is_due][0]) for line in device.timelines if line.is_due.any()]
        if due and not device.has_spoken and min(due) + FIRST_WORD_S <= picture.now_s:
            text = "no reading and no sign of the device since it was installed"
            span = (min(due), None)
            result.append(of_device(FaultKind.NEVER_CONNECTED, Leg.DEVICE_CLOUD, device, span, 0, (text,)))
    return result


def device_outage(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell times in which a device was not heard of although its cloud or broker was there.

    Evidence, best first: the gateway's own last will; the cloud's word when it last heard of the device; else all
    series of the device silent at once. What a cloud that is down explains is no outage of its devices.
    """
    result = []
    words = (EventCode.GATEWAY_ONLINE, EventCode.GATEWAY_OFFLINE, EventCode.DEVICE_SEEN)
    with_word = {device.connector for device in picture.devices if device.at_s(*words).size}
    for device in picture.devices:
        if not device.has_spoken:
            continue
        down = spans_of(found, DOWN, picture.now_s, connector=device.connector) + picture.deaf_spans
        broken = spans_of(found, GARBLED, picture.now_s, device=device.name)
        told = _offline_spans(device, picture.now_s) + _unseen_spans(device, picture)
        has_word = device.connector in with_word
        # What a sign tells is of its instant; what readings tell begins as much earlier as they usually take.
        slack_s = HOUR_S + (0 if has_word else max(line.usual_lag_s for line in device.timelines))
        spans = told if has_word else _silent_spans(device, picture)
        for first_s, last_s in joined(spans, SLOT_S):
            span = (first_s, last_s)
            if (
                last_s - first_s < ABSENCE_S_MIN
                or _is_explained(span, down, slack_s)
                or _is_explained(span, broken, SLOT_S)
            ):
                continue
            n_slots = max((_absent_count(line, span) for line in device.timelines), default=0)
            # One contact may be missed without anything being lost; then the readings say whether it was away.
            if last_s - first_s < LONG_ABSENCE_S and n_slots < ABSENT_SLOTS_MIN:
                continue
            why = "its cloud or broker did not hear of it" if has_word else "all its series are silent at once"
            evidence = (why, f"{n_slots} half hours not there in time", _peers_text(picture, device, span))
            ends_s = None if last_s >= picture.now_s else last_s
            told_span = (first_s, ends_s)
            result.append(of_device(FaultKind.DEVICE_OUTAGE, Leg.DEVICE_CLOUD, device, told_span, n_slots, evidence))
    return result


def meter_outage(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell times in which a device was there and its meter did not answer it.

    Evidence: the gateway says that it lost its meter, or that the meter has no value; or readings never came while
    the device was there, or came only with the meter's history.
    """
    result = []
    for device in picture.devices:
        if not device.has_spoken:
            continue
        away = away_spans(picture, found, device)
        lost = _lost_spans(device, picture.now_s)
        lines = device.timelines
        silent = [span for line in lines for span in _missing_spans(line, explained(picture, found, device, line))]
        for first_s, last_s in joined([*lost, *silent], SLOT_S):
            span = (first_s, last_s)
            n_slots = max((_absent_count(line, span) for line in device.timelines), default=0)
            # What covers hardly more than an absence of the device is that absence; the gateway knows its meter late.
            alone_s = last_s - first_s - shared_s(span, joined(away, 0))
            if alone_s < ABSENCE_S_MIN or n_slots < ABSENT_SLOTS_MIN:
                continue
            said = "the gateway lost its meter" if shared_s(span, lost) else "the device was there, its readings not"
            goes_on = last_s >= picture.now_s or _reaches_end(device, last_s)
            told_span = (first_s, None if goes_on else last_s)
            evidence = (said, f"{n_slots} half hours not there in time")
            result.append(of_device(FaultKind.METER_OUTAGE, Leg.GATEWAY_METER, device, told_span, n_slots, evidence))
    return result


def explained(picture: Picture, found: Sequence[Fault], device: Device, line: Timeline) -> BoolArray:
    """Find the half hours of a series whose reading is absent or late by faults found before.

    A fault of the device explains what was measured in it; a cloud that is down what would have come meanwhile.
    """
    own = spans_of(found, (*ABSENCES, *GARBLED), picture.now_s, device=device.name)
    own += skew_spans(found, picture.now_s, device.name)
    result = inside(line.stamps_s, own, SLOT_S)
    down = spans_of(found, DOWN, picture.now_s, connector=device.connector)
    for first_s, last_s in [*down, *picture.deaf_spans]:
        # What the cloud held back came when it was there again; what came days later has another cause.
        soon_s = last_s + line.late_after_s
        is_near = np.where(line.first_received_s == NONE, soon_s >= picture.now_s, line.first_received_s <= soon_s)
        result |= is_near & inside(line.stamps_s, [(first_s - line.usual_lag_s, last_s)], SLOT_S)
    return result


def away_spans(picture: Picture, found: Sequence[Fault], device: Device) -> list[Span]:
    """List the times in which faults found before explain that nothing came of a device."""
    own = spans_of(found, (*ABSENCES, *GARBLED), picture.now_s, device=device.name)
    return own + spans_of(found, DOWN, picture.now_s, connector=device.connector)


def of_device(
    kind: FaultKind,
    leg: Leg,
    device: Device,
    span: Span | tuple[int, int | None],
    figure: int,
    evidence: tuple[str, ...],
) -> Fault:
    """Make a fault of a device; of its only meter where it has one."""
    meter_nos = {line.watched.spec.meter_no for line in device.timelines}
    return Fault(
        kind=kind,
        leg=leg,
        home_no=device.home_no,
        connector=device.connector,
        device=device.name,
        meter_no=meter_nos.pop() if len(meter_nos) == 1 else 0,
        channel_no=0,
        first_s=span[0],
        last_s=span[1],
        figure=figure,
        evidence=tuple(text for text in evidence if text),
    )


def _offline_spans(device: Device, now_s: int) -> list[Span]:
    """List the times between a gateway's last will and its next word."""
    return _between(device.at_s(EventCode.GATEWAY_OFFLINE), device.at_s(EventCode.GATEWAY_ONLINE), now_s)


def _lost_spans(device: Device, now_s: int) -> list[Span]:
    """List the times in which the gateway had no meter, or the meter no value."""
    joined_s = np.sort(np.concatenate([device.at_s(EventCode.METER_JOINED)]))
    spans = _between(device.at_s(EventCode.METER_LOST), joined_s, now_s)
    empty_s = device.at_s(EventCode.NO_DATA)
    return spans + joined(((at - SLOT_S // 2, at) for at in empty_s.tolist()), HOUR_S)


def _between(begins_s: IntArray, ends_s: IntArray, now_s: int) -> list[Span]:
    """Pair each beginning with the first end after it; beginnings before that end belong to the same span."""
    spans: list[Span] = []
    for first_s in begins_s.tolist():
        if spans and first_s < spans[-1][1]:
            continue
        later = ends_s[ends_s > first_s]
        spans.append((first_s, int(later[0]) if later.size else now_s))
    return spans


def _unseen_spans(device: Device, picture: Picture) -> list[Span]:
    """List the times between two signs of a device that lie further apart than is usual for it.

    The last time that any device of the connector was seen stands for now: an answer that did not come says nothing.
    """
    seen_s = np.unique(device.at_s(EventCode.DEVICE_SEEN))
    if not seen_s.size:
        return []
    others = [other.at_s(EventCode.DEVICE_SEEN) for other in picture.devices_of(device.connector)]
    end_s = max(int(each[-1]) for each in others if each.size)
    polled_s = picture.connector_events_s(device.connector, EventCode.POLL_OK)
    end_s = max(end_s, int(polled_s[-1]) if polled_s.size else 0)
    gaps = np.diff(seen_s)
    usual_s = int(np.median(gaps)) if gaps.size else SLOT_S
    instants = np.append(seen_s, end_s)
    # Half hours in which nobody could be asked say nothing of the device.
    failed_s = picture.connector_events_s(device.connector, EventCode.POLL_FAILED)
    n_failed = np.diff(np.searchsorted(failed_s, instants))
    far = np.flatnonzero(np.diff(instants) > max(ABSENCE_S_MIN, 3 * usual_s // 2) + n_failed * SLOT_S)
    now_s = picture.now_s
    return [
        (int(instants[place]), now_s if place == seen_s.size - 1 else int(instants[place + 1]))
        for place in far.tolist()
    ]


def _silent_spans(device: Device, picture: Picture) -> list[Span]:
    """List the times in which no series of a device came in time, for devices of which no list tells.

    Missing for good counts, and what came in one go afterwards; other late readings are late, not an absence.
    """
    lines = [line for line in device.timelines if line.is_due.any()]
    if not lines:
        return []
    absent = np.logical_and.reduce([~line.is_due | line.is_missing | line.is_late for line in lines])
    due = np.logical_or.reduce([line.is_due for line in lines])
    spans = []
    for first, last in runs_of(absent & due):
        came_s = np.concatenate([line.first_received_s[first : last + 1] for line in lines])
        came_s = came_s[came_s != NONE]
        if came_s.size and came_s.max() - came_s.min() > SLOT_S:
            continue
        stamps_s = lines[0].stamps_s
        is_open = last + 1 >= int(np.flatnonzero(lines[0].is_expected | lines[0].is_late)[-1]) + 1 and not came_s.size
        end_s = picture.now_s if is_open else int(stamps_s[last]) + SLOT_S
        spans.append((int(stamps_s[first]) - SLOT_S, end_s))
    return spans


def _is_explained(span: Span, others: Sequence[Span], slack_s: int) -> bool:
    """Tell whether times of other faults leave too little of an absence to be told."""
    wide = joined(((first_s - slack_s, last_s + slack_s) for first_s, last_s in others), 0)
    return span[1] - span[0] - shared_s(span, wide) < ABSENCE_S_MIN


def _absent_count(line: Timeline, span: Span) -> int:
    """Count the half hours of a span whose reading never came or came late."""
    is_in = inside(line.stamps_s, [span])
    return int((is_in & line.is_due & ((line.first_received_s == NONE) | line.is_late)).sum())


def _missing_spans(line: Timeline, is_explained: BoolArray) -> list[Span]:
    """List the times whose readings never came, or only when the meter was asked, and that no other fault explains."""
    missing: BoolArray = (line.is_missing | line.is_recalled) & ~is_explained
    return [
        (int(line.stamps_s[first]) - SLOT_S, int(line.stamps_s[last]))
        for first, last in runs_of(missing)
        if last - first + 1 >= ABSENT_SLOTS_MIN
    ]


def _reaches_end(device: Device, last_s: int) -> bool:
    """Tell whether nothing that was due after an instant has come from any series."""
    return all(
        not (line.is_expected & (line.first_received_s != NONE) & (line.stamps_s > last_s)).any()
        and not (line.is_due & (line.first_received_s != NONE) & (line.stamps_s > last_s)).any()
        for line in device.timelines
    )


def _peers_text(picture: Picture, device: Device, span: Span) -> str:
    """Say how many other devices of the connector were heard of meanwhile."""
    others = [other for other in picture.devices_of(device.connector) if other is not device]
    n_heard = sum(_was_heard(other, span) for other in others)
    of_whom = f"other devices of {device.connector}" if device.connector else "others"
    return f"{n_heard} of {len(others)} {of_whom} were heard of meanwhile" if others else ""


def _was_heard(device: Device, span: Span) -> bool:
    """Tell whether anything arrived from a device within a span."""
    return bool(inside(device.received_s, [span]).any() or inside(device.at_s(EventCode.DEVICE_SEEN), [span]).any())
