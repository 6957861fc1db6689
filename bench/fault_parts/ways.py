"""What connectors notice in a sandbox's world, and what meters tell again when they are asked.

Enter: a World. Leave: events and rows. Not here: decoding (played).
"""

from collections.abc import Iterator

import numpy as np

from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.spans import DAY_S, SLOT_S, boundary_at
from sanchi.core.metering.readings import Channel
from sanchi.edge.sandbox.cast import METER, Connector
from sanchi.edge.sandbox.contacts import fault_at, last_contact_s
from sanchi.edge.sandbox.ct_cloud import TOKEN_LIFE_S
from sanchi.edge.sandbox.gateways import turns_of
from sanchi.edge.sandbox.streams import Stream, Thing
from sanchi.edge.sandbox.world import World

Event = tuple[int, EventCode, str, int]
POLL_AFTER_S = 300
ASKED_AFTER_S = 3_900
ASKED_TIMES = 3
SLOTS = 48


def poll_times(world: World, connector: Connector) -> Iterator[tuple[int, bool]]:
    """Give the instants of polls, and whether the cloud was there."""
    down = world.cloud_faults(connector, FaultKind.CLOUD_DOWN)
    for at_s in range(world.period.first_s + POLL_AFTER_S, world.period.last_s + 1, SLOT_S):
        yield at_s, fault_at(down, at_s) is None


def gateway_events(world: World) -> list[Event]:
    """List how gateways come and go."""
    events: list[Event] = []
    for turn in (turn for device in world.devices(Connector.MQTT) for turn in turns_of(world, device)):
        state = EventCode.GATEWAY_ONLINE if turn.is_online else EventCode.GATEWAY_OFFLINE
        events.append((turn.at_s, state, turn.device_id, 0))
        if turn.is_online:
            link = EventCode.METER_JOINED if turn.has_meter else EventCode.METER_LOST
            events.append((turn.at_s, link, turn.device_id, 0))
    return events


def connector_events(world: World, connector: Connector) -> list[Event]:
    """List what polling a cloud shows: answers, refusals, when devices were last heard of."""
    limits = world.cloud_faults(connector, FaultKind.RATE_LIMIT)
    expiries = world.cloud_faults(connector, FaultKind.TOKEN_EXPIRY)
    events: list[Event] = []
    issued_s = 0
    for at_s, is_answered in poll_times(world, connector):
        if not is_answered:
            events.append((at_s, EventCode.POLL_FAILED, connector.value, 503))
            continue
        if fault_at(limits, at_s) is not None:
            events.append((at_s, EventCode.RATE_LIMITED, connector.value, 2))
        if issued_s and any(issued_s < fault.from_s <= at_s for fault in expiries):
            events.append((at_s, EventCode.TOKEN_REFUSED, connector.value, 401))
            issued_s = at_s
        issued_s = issued_s if issued_s and at_s < issued_s + TOKEN_LIFE_S else at_s
        events.append((at_s, EventCode.POLL_OK, connector.value, 0))
        events += _device_events(world, connector, at_s)
    return events


def _device_events(world: World, connector: Connector, at_s: int) -> list[Event]:
    """List what the list of devices tells at a poll."""
    events: list[Event] = []
    for device in world.devices(connector):
        seen_s = last_contact_s(world, device, at_s)
        if seen_s is not None:
            events.append((seen_s, EventCode.DEVICE_SEEN, device.device_id, 0))
        if connector is Connector.BR_CLOUD:
            outage = None if seen_s is None else fault_at(world.faults_of(device, FaultKind.METER_OUTAGE), seen_s)
            is_down = seen_s is None or (outage is not None and outage.figures["told"] == 1)
            link = EventCode.METER_LOST if is_down else EventCode.METER_JOINED
            events.append((at_s, link, device.device_id, 0))
    return events


def history_rows(world: World, columns: np.ndarray, meter_no_of: dict[tuple[str, int], int]) -> np.ndarray:
    """Ask gateways for days with holes, up to three nights in a row; give columns as Seen has them."""
    found: list[tuple[int, ...]] = []
    for stream in world.streams:
        if stream.thing is Thing.METER and not world.faults_of(stream.device, FaultKind.NEVER_CONNECTED):
            address = f"{stream.device.device_id}/{METER}"
            meter_no = meter_no_of[address, int(Channel.IMPORT)]
            is_own = (columns[0] == meter_no) & (columns[1] == int(Channel.IMPORT))
            known: dict[int, int] = {}
            for boundary, received_s in zip(columns[2, is_own].tolist(), columns[4, is_own].tolist(), strict=True):
                known[boundary] = min(known.get(boundary, received_s), received_s)
            for day_index in range(world.period.n_days):
                found += _history_of(world, stream, day_index, meter_no, known)
    return np.array([(*row, order) for order, row in enumerate(found)], np.int64).reshape(-1, 6).T


def _history_of(
    world: World, stream: Stream, day_index: int, meter_no: int, known: dict[int, int]
) -> list[tuple[int, ...]]:
    """Give what one meter answers for one day; known : when each boundary was first there, kept up."""
    away = world.faults_of(stream.device, FaultKind.METER_OUTAGE, FaultKind.DEVICE_OUTAGE)
    exchanges = world.faults_of(stream.device, FaultKind.EXCHANGE)
    places = range(day_index * SLOTS, day_index * SLOTS + SLOTS)
    boundaries = {place: boundary_at(int(stream.about_s[place])) for place in places}
    found: list[tuple[int, ...]] = []
    for n_nights in range(1, ASKED_TIMES + 1):
        at_s = world.period.first_s + (day_index + n_nights) * DAY_S + ASKED_AFTER_S
        is_whole = all(known.get(boundary, at_s + 1) <= at_s for boundary in boundaries.values())
        if is_whole or at_s > world.period.last_s or fault_at(away, at_s) is not None:
            continue
        for place, boundary in boundaries.items():
            # A new meter knows nothing of the one before it.
            if any(int(stream.about_s[place]) < fault.from_s <= at_s for fault in exchanges):
                continue
            found += [
                (meter_no, int(channel), boundary, int(stream.held[channel.text][place]), at_s)
                for channel in (Channel.IMPORT, Channel.EXPORT)
            ]
            known[boundary] = min(known.get(boundary, at_s), at_s)
    return found
