"""Home gateways as MQTT clients: frames, status, last will, requests (docs/reference/meter-sources.md).

Enter: spans of the sandbox's time. Leave: messages at a broker. Not here: bytes of frames (frames, histories).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sanchi.core.base.errors import SetupFault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector, Device
from sanchi.edge.sandbox.chance import Chance
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.frames import battery_frame, info_frame, meter_frame, solar_frame
from sanchi.edge.sandbox.histories import Histories
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.streams import Stream, Thing
from sanchi.edge.sandbox.world import World

ANSWER_S: Final = 30.0
SESSION_S: Final = 30 * 86_400
# A sandbox that is killed and started again within this time leaves no trace at the broker: its homes did not fail.
WILL_DELAY_S: Final = 300
BATCH: Final = 400
OLD_METER_PERMILLE: Final = 170
# The gateway's clock when it made a frame: an inverter is read at the half hour, the meter announces itself later.
MADE_AFTER_S: Final = {Thing.METER: 2, Thing.SOLAR: 0, Thing.BATTERY: 1, Thing.INFO: 0}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Turn:
    """A gateway goes or comes, or loses or finds its meter."""

    at_s: int
    device_id: str
    is_online: bool
    has_meter: bool


def _status(state: str, at_s: int, meter: str = "joined") -> str:
    """Write what a gateway tells of itself."""
    return json.dumps({"state": state, "at": stamp(at_s), "meter": meter})


def frame_of(stream: Stream, row: int, *, is_old: bool) -> bytes:
    """Write the frame of a row, cut if it is one that is cut."""
    counts = [int(number[row]) for number in stream.numbers.values()]
    if stream.thing is Thing.METER:
        content = meter_frame(row, int(stream.about_s[row]), *counts)
    elif stream.thing is Thing.SOLAR:
        content = solar_frame(row, *counts)
    elif stream.thing is Thing.BATTERY:
        content = battery_frame(row, *counts)
    else:
        content = info_frame(row, is_old=is_old)
    return content[: len(content) - int(stream.short_bytes[row])]


def turns_of(world: World, device: Device) -> list[Turn]:
    """List how a gateway comes and goes, in the order of time; one that never connects does nothing."""
    if world.faults_of(device, FaultKind.NEVER_CONNECTED):
        return []
    name = device.device_id
    turns = [Turn(at_s=world.period.first_s - 1, device_id=name, is_online=True, has_meter=True)]
    for fault in world.faults_of(device, FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE):
        if fault.kind is FaultKind.DEVICE_OUTAGE:
            turns.append(Turn(at_s=fault.from_s, device_id=name, is_online=False, has_meter=True))
        elif fault.figures["told"]:
            turns.append(Turn(at_s=fault.from_s, device_id=name, is_online=True, has_meter=False))
        else:
            continue
        turns.append(Turn(at_s=fault.to_s, device_id=name, is_online=True, has_meter=True))
    return sorted(turns)


class Gateway:
    """One gateway with its connection; its session outlives a broken connection and a killed sandbox."""

    def __init__(self, world: World, device: Device, broker: tuple[str, int], on_request: Callable[..., None]) -> None:
        """Prepare the client; connect() makes the connection."""
        self.device = device
        self.topic = f"sanchi/{device.device_id}"
        self.is_old = Chance(world.seed_no, "old meter", device.device_id).is_one_in(OLD_METER_PERMILLE)
        self._broker = broker
        self._ready = Event()
        self._client_id = f"sandbox-{world.seed_no}-{device.device_id}"
        self._on_request = on_request
        self._client = self._new_client()

    def _new_client(self) -> Client:
        """Make a client that goes on with the gateway's session; one serves for one connection."""
        client = Client(CallbackAPIVersion.VERSION2, client_id=self._client_id, protocol=MQTTProtocolVersion.MQTTv5)
        client.on_connect = self._subscribe
        client.on_subscribe = lambda *_: self._ready.set()
        client.on_message = lambda _client, _data, message: self._on_request(self, message)
        return client

    def _subscribe(self, client: Client, *_: Any) -> None:
        """Ask for requests each time the connection stands; the broker kept those of the meantime."""
        client.subscribe(f"{self.topic}/requests", qos=1)

    def connect(self, at_s: int) -> None:
        """Connect with a last will. Raises: SetupFault."""
        if self._client.is_connected():
            return
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_S
        self._client = self._new_client()
        delayed = Properties(PacketTypes.WILLMESSAGE)
        delayed.WillDelayInterval = WILL_DELAY_S
        self._client.will_set(f"{self.topic}/status", _status("offline", at_s), qos=1, retain=True, properties=delayed)
        self._ready.clear()
        host, port = self._broker
        try:
            self._client.connect(host, port, clean_start=False, properties=properties)
            self._client.loop_start()
            is_ready = self._ready.wait(ANSWER_S)
        except OSError as error:
            raise self._fault(str(error)) from error
        if not is_ready:
            raise self._fault("no answer")

    def tell_offline(self, at_s: int) -> MQTTMessageInfo:
        """Publish what the last will says; the connection is broken off after it."""
        return self._client.publish(f"{self.topic}/status", _status("offline", at_s), qos=1, retain=True)

    def leave(self) -> None:
        """Break off in good order, so that the broker forgets the last will."""
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, at_s: int, *, has_meter: bool) -> MQTTMessageInfo:
        """Publish that it is online, and whether its meter answers."""
        told = _status("online", at_s, meter="joined" if has_meter else "lost")
        return self._client.publish(f"{self.topic}/status", told, qos=1, retain=True)

    def send(self, content: bytes, made_s: int) -> MQTTMessageInfo:
        """Publish a frame."""
        properties = Properties(PacketTypes.PUBLISH)
        properties.UserProperty = ("sent_at", stamp(made_s))
        return self._client.publish(f"{self.topic}/echonet", content, qos=1, properties=properties)

    def _fault(self, reason: str) -> SetupFault:
        """Say that the broker is not there."""
        host, port = self._broker
        return SetupFault(
            f"The broker at {host}:{port} does not take {self.device.device_id} ({reason}).",
            hint="Start one (docs/reference/sandbox.md), or name another with --broker HOST:PORT.",
        )


class Gateways:
    """All gateways of a sandbox."""

    def __init__(self, world: World, histories: Histories, clock: Clock, broker: tuple[str, int]) -> None:
        """Prepare all clients."""
        self._world = world
        self._histories = histories
        self._clock = clock
        self._sendings = world.sendings[Connector.MQTT]
        devices = world.devices(Connector.MQTT)
        self._gateways = {device.device_id: Gateway(world, device, broker, self._on_request) for device in devices}
        self._turns = sorted(turn for device in devices for turn in turns_of(world, device))
        # While a half hour is played, its turns are ahead of the clock.
        self._turned_s = 0
        self.answered_count = 0
        self.answered_reading_count = 0

    def start(self, now_s: int) -> None:
        """Connect those that are connected at an instant. What was told before is retained at the broker."""
        for name, gateway in self._gateways.items():
            before = [turn for turn in self._turns if turn.device_id == name and turn.at_s <= now_s]
            if before and before[-1].is_online:
                gateway.connect(before[-1].at_s)
                self._wait([gateway.tell(before[-1].at_s, has_meter=before[-1].has_meter)])

    def stop(self) -> None:
        """Disconnect all."""
        for gateway in self._gateways.values():
            gateway.leave()

    def play(self, after_s: int, until_s: int) -> int:
        """Publish what is due after an instant until another, in order; give how many frames the broker took."""
        begin, end = self._sendings.visible_count(after_s), self._sendings.visible_count(until_s)
        turns: Iterator[Turn] = (turn for turn in self._turns if after_s < turn.at_s <= until_s)
        turn = next(turns, None)
        waiting: list[MQTTMessageInfo] = []
        for position in range(begin, end):
            arrival_s = int(self._sendings.arrival_s[position])
            while turn is not None and turn.at_s <= arrival_s:
                waiting = self._take_turn(turn, waiting)
                turn = next(turns, None)
            stream, row = self._sendings.at(position)
            gateway = self._gateways[stream.device.device_id]
            made_s = int(stream.about_s[row]) + MADE_AFTER_S[stream.thing]
            waiting.append(gateway.send(frame_of(stream, row, is_old=gateway.is_old), made_s))
            if len(waiting) >= BATCH:
                waiting = self._wait(waiting)
        while turn is not None:
            waiting = self._take_turn(turn, waiting)
            turn = next(turns, None)
        self._wait(waiting)
        return end - begin

    def _take_turn(self, turn: Turn, waiting: list[MQTTMessageInfo]) -> list[MQTTMessageInfo]:
        """Let a gateway come or go, after all that was before it."""
        self._wait(waiting)
        self._turned_s = turn.at_s
        gateway = self._gateways[turn.device_id]
        if not turn.is_online:
            self._wait([gateway.tell_offline(turn.at_s)])
            gateway.leave()
            return []
        gateway.connect(turn.at_s)
        return self._wait([gateway.tell(turn.at_s, has_meter=turn.has_meter)])

    def _wait(self, waiting: list[MQTTMessageInfo]) -> list[MQTTMessageInfo]:
        """Wait until the broker has taken all. Raises: SetupFault."""
        try:
            for info in waiting:
                info.wait_for_publish(ANSWER_S)
            is_taken = all(info.is_published() for info in waiting)
        except (RuntimeError, ValueError):  # how paho tells that there is no connection, or no place left to wait
            is_taken = False
        if not is_taken:
            raise SetupFault(
                "The broker does not take messages any more.", hint="Look at it, then start the sandbox again."
            )
        return []

    def _on_request(self, gateway: Gateway, message: MQTTMessage) -> None:
        """Pass a request on to the meter, and its answer back, by the sandbox's time."""
        now_s = max(self._clock.now_s, self._turned_s)
        told = self._histories.answer(gateway.device, bytes(message.payload), now_s)
        if told is not None:
            content, reading_count = told
            gateway.send(content, now_s)
            self.answered_count += 1
            self.answered_reading_count += reading_count
