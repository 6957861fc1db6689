"""A subscriber with a session that the broker keeps, as `sanchi collect` has one.

Enter: a broker's address. Leave: the messages that came, in their order. Not here: what they mean.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


@dataclass(frozen=True, kw_only=True)
class Came:
    """A message: its topic, its content, and the stamp that the gateway gave it, if any."""

    topic: str
    content: bytes
    sent_at: str = ""


@dataclass(kw_only=True)
class Listener:
    """Listens to all gateways below `sanchi/`."""

    broker: str
    name: str
    came: list[Came] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        # A client serves for one connection: a second loop of it would leave sockets open.
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=self.name, protocol=MQTTProtocolVersion.MQTTv5)
        self._is_listening = False
        self._client.on_connect = lambda client, *_: client.subscribe("sanchi/#", qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "_is_listening", True)
        self._client.on_message = self._keep

    def _keep(self, _client, _data, message) -> None:
        told = dict(getattr(message.properties, "UserProperty", []))
        self.came.append(Came(topic=message.topic, content=message.payload, sent_at=told.get("sent_at", "")))

    def connect(self) -> None:
        host, _, port = self.broker.rpartition(":")
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 600
        self._renew()
        self._client.connect(host, int(port), clean_start=False, properties=properties)
        self._client.loop_start()
        self.wait(lambda: self._is_listening)

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def ask(self, gateway: str, request: str) -> None:
        self._client.publish(f"sanchi/{gateway}/requests", bytes.fromhex(request), qos=1).wait_for_publish(10)

    def frames(self, gateway: str = "") -> list[Came]:
        return [each for each in self.came if each.topic.endswith("/echonet") and gateway in each.topic]

    def wait(self, is_done: Callable[[], bool]) -> None:
        for _ in range(2_000):
            if is_done():
                return
            time.sleep(0.02)
        raise AssertionError(f"waited in vain; {len(self.came)} messages came")
