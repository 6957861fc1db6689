"""Observations laid out for the search: each series by half hour and by arrival, each device with its events.

Enter: Observations. Leave: a Picture. Not here: judging any of it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.faults.asked_again import asked_again
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.observations import Observations, RejectedRows, WatchedSeries
from sanchi.core.metering.faults.spans import EPOCH_S, HOUR_S, SLOT_S, Span, boundary_at
from sanchi.core.metering.readings import BOUNDARY_END

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NONE: Final = -1
# Where nothing tells how long a way usually takes: clouds may be four hours late by their own account.
USUAL_LAG_S_MAX: Final = 4 * HOUR_S
# A reading is late when it takes an hour longer than nearly all others of its series.
LATE_AFTER_S: Final = HOUR_S
# A history of the meter that is asked for brings back many half hours in one answer, known ones among them.
HISTORY_ROWS_MIN: Final = 4
WHOLE_HISTORY_ROWS_MIN: Final = 40
# Something comes every half hour from a market of any size; two of them may pass while a process starts anew.
DEAF_S_MIN: Final = 3 * SLOT_S
DEAF_SIGNS_MIN: Final = 48


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """One series; dense arrays of shape (n_boundaries,), arrays of arrivals of shape (n_rows,).

    boundary, reading, received_s : rows in the order of arrival.
    first_boundary : ordinal at dense position 0.
    is_due : the meter serves there. is_polled : its connector asks a cloud, and takes what there is.
    """

    watched: WatchedSeries
    boundary: IntArray
    reading: IntArray
    received_s: IntArray
    first_boundary: int
    n_boundaries: int
    is_due: BoolArray
    is_polled: bool
    now_s: int

    @cached_property
    def position(self) -> IntArray:
        """Give the dense position of each row."""
        return self.boundary - self.first_boundary

    @cached_property
    def stamps_s(self) -> IntArray:
        """Give the instant of each dense position."""
        return EPOCH_S + (self.first_boundary + np.arange(self.n_boundaries, dtype=np.int64)) * SLOT_S

    @cached_property
    def is_first(self) -> BoolArray:
        """Tell which rows brought a boundary for the first time."""
        _, first_index = np.unique(self.boundary, return_index=True)
        result = np.zeros(self.boundary.size, dtype=np.bool_)
        result[first_index] = True
        return result

    @cached_property
    def first_reading(self) -> IntArray:
        """Give the reading that came first at each dense position; NONE where there is none.

        Not the one in force: a history that is read later may mend a wild value, but the device sent it all the same.
        """
        result = np.full(self.n_boundaries, NONE, dtype=np.int64)
        result[self.position[self.is_first]] = self.reading[self.is_first]
        return result

    @cached_property
    def first_received_s(self) -> IntArray:
        """Give when each dense position was first received; NONE where it never was."""
        result = np.full(self.n_boundaries, NONE, dtype=np.int64)
        result[self.position[self.is_first]] = self.received_s[self.is_first]
        return result

    @cached_property
    def is_first_live(self) -> BoolArray:
        """Tell which rows brought a boundary for the first time by themselves, not with a history."""
        live = np.flatnonzero(~self.is_recalled_row)
        _, first_index = np.unique(self.boundary[live], return_index=True)
        result = np.zeros(self.boundary.size, dtype=np.bool_)
        result[live[first_index]] = True
        return result

    @cached_property
    def live_received_s(self) -> IntArray:
        """Give when each dense position first came by itself; NONE where it never did."""
        result = np.full(self.n_boundaries, NONE, dtype=np.int64)
        result[self.position[self.is_first_live]] = self.received_s[self.is_first_live]
        return result

    @cached_property
    def lag_s(self) -> IntArray:
        """Give how long after its stamp each dense position came; NONE where it never did, 0 where it came before.

        By itself, if it did: a history that is faster than a late reading makes it no less late.
        """
        came_s = np.where(self.live_received_s == NONE, self.first_received_s, self.live_received_s)
        return np.where(came_s != NONE, np.maximum(came_s - self.stamps_s, 0), NONE)

    @cached_property
    def usual_lag_s(self) -> int:
        """Give the time within which nearly all readings arrive: three quarters of them, with as much again to spare.

        A quarter may be late without making late the rule; a series that never came has the longest usual lag.
        """
        lags = self.lag_s[self.lag_s != NONE]
        if not lags.size:
            return USUAL_LAG_S_MAX
        quarter, half, three = np.percentile(lags, [25, 50, 75])
        return int(min(three + (three - quarter), max(half + USUAL_LAG_S_MAX, 2 * half)))

    @cached_property
    def is_recalled_row(self) -> BoolArray:
        """Tell which rows came with a history that was asked for.

        Several half hours of a series in one go, each once, and known ones among them or as many as a whole day: no
        device sends so by itself unless it was away, which is told by its own signs. Polls bring many in one go by
        their nature, and no histories.
        """
        if self.is_polled:
            return np.zeros(self.boundary.size, dtype=np.bool_)
        _, place, n_rows = np.unique(self.received_s, return_inverse=True, return_counts=True)
        n_new = np.bincount(place, weights=self.is_first, minlength=n_rows.size)
        pairs = np.unique(np.stack([place, self.boundary]), axis=1)
        is_each_once = np.bincount(pairs[0], minlength=n_rows.size) == n_rows
        is_many = (n_rows >= WHOLE_HISTORY_ROWS_MIN) | ((n_rows >= HISTORY_ROWS_MIN) & (n_new < n_rows))
        is_history: BoolArray = is_many & is_each_once
        return is_history[place]

    @cached_property
    def is_recalled(self) -> BoolArray:
        """Tell at which dense positions a reading came late, and only with a history that was asked for."""
        result: BoolArray = (self.first_received_s != NONE) & (self.live_received_s == NONE) & self.is_late
        return result

    @property
    def late_after_s(self) -> int:
        """Give the lag from which on a reading is late."""
        return self.usual_lag_s + LATE_AFTER_S

    @cached_property
    def is_expected(self) -> BoolArray:
        """Tell where a reading has to have come by now."""
        result: BoolArray = self.is_due & (self.stamps_s + self.late_after_s <= self.now_s)
        return result

    @cached_property
    def is_missing(self) -> BoolArray:
        """Tell where no reading has come although it is time."""
        result: BoolArray = self.is_expected & (self.first_received_s == NONE)
        return result

    @cached_property
    def is_late(self) -> BoolArray:
        """Tell where the reading came late."""
        result: BoolArray = self.is_due & (self.lag_s > self.late_after_s)
        return result


@dataclass(frozen=True, kw_only=True)
class Device:
    """One device with its series and what its events tell; instants in the order of time [Unix s]."""

    name: str
    connector: str
    home_no: int
    timelines: tuple[Timeline, ...]
    events_s: Mapping[EventCode, IntArray]
    figures: Mapping[EventCode, IntArray]
    spoke_before: bool = False

    def at_s(self, *codes: EventCode) -> IntArray:
        """Give the instants of events of some kinds."""
        return np.sort(np.concatenate([self.events_s.get(code, np.empty(0, np.int64)) for code in codes]))

    @cached_property
    def received_s(self) -> IntArray:
        """Give the instants at which rows of the device arrived."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *(line.received_s for line in self.timelines)]))

    @property
    def has_spoken(self) -> bool:
        """Tell whether anything has ever been heard of it."""
        seen = (EventCode.DEVICE_SEEN, EventCode.GATEWAY_ONLINE, EventCode.METER_JOINED, EventCode.FRAME_MALFORMED)
        return bool(self.spoke_before or self.received_s.size or self.at_s(*seen).size)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All devices and connectors of a market."""

    observations: Observations
    devices: tuple[Device, ...]
    connectors: tuple[str, ...]

    @property
    def now_s(self) -> int:
        """Give the instant of the observations."""
        return self.observations.now_s

    @cached_property
    def events(self) -> dict[str, dict[EventCode, tuple[IntArray, IntArray]]]:
        """Give instants and figures of events, by subject and kind."""
        return _events_by_subject(self.observations)

    def connector_events_s(self, connector: str, *codes: EventCode) -> IntArray:
        """Give the instants of a connector's events of some kinds."""
        found = self.events.get(connector, {})
        return np.sort(np.concatenate([np.empty(0, np.int64), *(found[code][0] for code in codes if code in found)]))

    def devices_of(self, connector: str) -> list[Device]:
        """List the devices that are reached by a connector."""
        return [device for device in self.devices if device.connector == connector]

    @cached_property
    def deaf_spans(self) -> list[Span]:
        """List the times in which sanchi heard nothing from anybody, though it usually does: it was away."""
        polls = [self.connector_events_s(name, EventCode.POLL_OK, EventCode.POLL_FAILED) for name in self.connectors]
        heard_s = np.unique(np.concatenate([self.observations.rows.received_s, *polls]) // SLOT_S) * SLOT_S
        # Of a span that is over, what came after it is known as well.
        heard_s = heard_s[heard_s <= self.now_s]
        if heard_s.size < DEAF_SIGNS_MIN:
            return []
        gaps = np.diff(heard_s)
        longest_s = max(DEAF_S_MIN, 3 * int(np.median(gaps)))
        return [(int(heard_s[at]), int(heard_s[at + 1]) + SLOT_S) for at in np.flatnonzero(gaps > longest_s).tolist()]

    def rejected_of(self, device: Device) -> NDArray[np.intp]:
        """Give the positions of the rejected rows of a device."""
        return _rejected_of(self.observations.rejected, device)


def picture_of(observations: Observations) -> Picture:
    """Lay observations out."""
    events = _events_by_subject(observations)
    by_device: dict[tuple[str, str], list[WatchedSeries]] = defaultdict(list)
    for one in observations.series:
        by_device[one.connector, one.device].append(one)
    polled = frozenset(subject for subject, found in events.items() if EventCode.POLL_OK in found)
    rows_of = _rows_by_series(observations, polled)
    devices = tuple(
        Device(
            name=name,
            connector=connector,
            home_no=members[0].home_no,
            timelines=_without_shared(
                [_timeline(one, rows_of, observations, is_polled=connector in polled) for one in members]
            ),
            events_s={code: found[0] for code, found in events.get(name, {}).items()},
            figures={code: found[1] for code, found in events.get(name, {}).items()},
            spoke_before=name in observations.spoken_devices,
        )
        for (connector, name), members in sorted(by_device.items())
    )
    connectors = tuple(sorted({device.connector for device in devices if device.connector}))
    return Picture(observations=observations, devices=devices, connectors=connectors)


def _rows_by_series(observations: Observations, polled: Collection[str]) -> dict[int, NDArray[np.intp]]:
    """List the positions of each series' rows in the order of arrival, without what a cloud was asked for twice."""
    rows = observations.rows
    key = rows.series_key
    order = np.lexsort((rows.row_no, rows.delivery_no, rows.received_s, key))
    for connector in sorted(polled):
        own = [one.spec.series_key for one in observations.series if one.connector == connector]
        again = asked_again(rows, np.flatnonzero(np.isin(key, np.array(own, dtype=np.int64))))
        order = order[~np.isin(order, again)]
    edges = np.flatnonzero(np.diff(key[order])) + 1
    return {int(key[part[0]]): part for part in np.split(order, edges) if part.size}


def _timeline(
    one: WatchedSeries, rows_of: Mapping[int, NDArray[np.intp]], observations: Observations, *, is_polled: bool
) -> Timeline:
    """Lay one series out."""
    first = boundary_at(observations.first_s) + 1
    last = boundary_at(observations.now_s)
    rows = observations.rows
    index = rows_of.get(one.spec.series_key, np.empty(0, np.intp))
    index = index[(rows.boundary[index] >= first) & (rows.boundary[index] <= last)]
    boundaries = np.arange(first, last + 1)
    removed = BOUNDARY_END if one.spec.removed_boundary is None else one.spec.removed_boundary
    return Timeline(
        watched=one,
        boundary=rows.boundary[index].astype(np.int64),
        reading=rows.reading[index],
        received_s=rows.received_s[index],
        first_boundary=first,
        n_boundaries=max(last - first + 1, 0),
        is_due=(boundaries >= one.spec.installed_boundary) & (boundaries <= removed),
        is_polled=is_polled,
        now_s=observations.now_s,
    )


def _without_shared(lines: Sequence[Timeline]) -> tuple[Timeline, ...]:
    """Expect nothing of a meter where another one of its device has the reading: an exchange that was told late."""
    result = []
    for line in lines:
        channel = line.watched.spec.channel
        others = [other for other in lines if other is not line and other.watched.spec.channel is channel]
        if line.watched.spec.is_register and others:
            is_had = np.logical_or.reduce([other.first_received_s != NONE for other in others])
            line = replace(line, is_due=line.is_due & ~(is_had & (line.first_received_s == NONE)))  # noqa: PLW2901
        result.append(line)
    return tuple(result)


def _events_by_subject(observations: Observations) -> dict[str, dict[EventCode, tuple[IntArray, IntArray]]]:
    """Part events by subject and kind, each in the order of time; those to come are passed over."""
    events = observations.events
    order = np.lexsort((events.at_s, events.event_no, events.subject_code))
    # What was said before the span still holds in it: a gateway that came online long ago.
    order = order[events.at_s[order] <= observations.now_s]
    key = events.subject_code[order].astype(np.int64) * 256 + events.event_no[order]
    result: dict[str, dict[EventCode, tuple[IntArray, IntArray]]] = defaultdict(dict)
    for part in np.split(order, np.flatnonzero(np.diff(key)) + 1):
        if part.size:
            subject = events.subject_texts[int(events.subject_code[part[0]])]
            code = EventCode(int(events.event_no[part[0]]))
            result[subject][code] = (events.at_s[part], events.figure[part])
    return dict(result)


def _rejected_of(rejected: RejectedRows, device: Device) -> NDArray[np.intp]:
    """Give the positions of rejected rows that name the device or one of its meters."""
    meter_nos = [line.watched.spec.meter_no for line in device.timelines]
    is_own = np.isin(rejected.meter_no, np.array(meter_nos, dtype=np.int32))
    codes = [code for code, text in enumerate(rejected.device_texts) if text == device.name]
    return np.flatnonzero(is_own | np.isin(rejected.device_code, np.array(codes, dtype=np.int32)))
