"""Settings, items and readings of a small world, and what an inbox holds of it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sanchi.core.base.slots import JST
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.settings import BrokerSettings, CloudSettings, ConnectorKind, FolderSettings, Secret
from tests.brokers import Broker
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake

RECEIVED_AT = datetime(2020, 12, 1, 15, 30, tzinfo=JST)
FRAME = bytes.fromhex("1081A00102880105FF017302EA0B07E606150F1E0000016CA7EB0B07E606150F1E0000000005")


class QuietPace(Pace):
    """Waits for nothing and remembers how long it would have waited."""

    __slots__ = ("waited_s",)
    waited_s: list[float]


def quiet_pace() -> QuietPace:
    waited_s: list[float] = []
    pace = QuietPace(chance=lambda: 0.0, sleep=waited_s.append)
    object.__setattr__(pace, "waited_s", waited_s)
    return pace


def cloud_settings(kind: ConnectorKind, url: str, secret: str, **further: Any) -> CloudSettings:
    settings = CloudSettings(
        name="ct-east" if kind is ConnectorKind.CT_CLOUD else "br",
        kind=kind,
        url=url,
        ca_file=None,
        client_id="sanchi",
        secret=Secret(secret),
        every_s=1_800,
        page_items=3,
        pages_max=100,
        body_bytes_max=100_000,
        tries_max=4,
        backoff_s=2,
        patience_s=60,
        answer_s=5,
        begin_at="1970-01-01T00:00:00+09:00",
    )
    return replace(settings, **further)


def ct_settings(cloud: CtCloudFake, **further: Any) -> CloudSettings:
    return cloud_settings(ConnectorKind.CT_CLOUD, cloud.url, cloud.CLIENT_SECRET, **further)


def gateway_settings(cloud: GatewayCloudFake, **further: Any) -> CloudSettings:
    return cloud_settings(ConnectorKind.GATEWAY_CLOUD, cloud.url, cloud.KEY, **further)


def broker_settings(broker: Broker, name: str, **further: Any) -> BrokerSettings:
    """Settings under a name of the test's own; the prefix of the topics is that name, so that tests do not meet."""
    settings = BrokerSettings(
        name=name,
        host=broker.host,
        port=broker.port,
        is_tls=False,
        ca_file=None,
        user="",
        secret=None,
        client_id=f"collect-{name}",
        topic_prefix=name,
        session_s=3_600,
        batch_messages=50,
        batch_s=10,
        is_marking=True,
        drain_s=5,
        reread_answer_s=1,
        reread_pause_s=0,
    )
    return replace(settings, **further)


def folder_settings(folder: Path, **further: Any) -> FolderSettings:
    settings = FolderSettings(
        name="tso",
        folder=folder,
        patterns=("W4*.zip", "W5*.zip"),
        every_s=10,
        settle_ms=1,
        file_bytes_max=1_000_000,
    )
    return replace(settings, **further)


def item(number: int) -> dict[str, Any]:
    return {"device_id": f"ct-{number:03d}", "from": "2020-12-01T12:00:00+09:00", "minutes": 30, "number": number}


def reading(number: int, minute: int) -> dict[str, Any]:
    uploaded_at = datetime(2020, 12, 1, 12, tzinfo=JST) + timedelta(minutes=minute)
    return {
        "no": number,
        "gatewayId": f"br-{number:03d}",
        "import": 100 + number,
        "uploadedAt": uploaded_at.isoformat(),
    }


def lines_of(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Read all lines of a kind in the order of the names."""
    files = sorted(folder.glob(f"{kind}-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def bodies_of(folder: Path, kind: str) -> list[Any]:
    return [json.loads(line["body"]) for line in lines_of(folder, kind)]


def item_numbers(folder: Path) -> list[int]:
    return [each["number"] for body in bodies_of(folder, "ctcloud") for each in body["items"]]


def reading_numbers(folder: Path) -> list[int]:
    return [each["no"] for body in bodies_of(folder, "gatewaycloud") for each in body["readings"]]


def events_of(folder: Path) -> list[tuple[str, str, int]]:
    return [(line["event"], line["subject"], line["figure"]) for line in lines_of(folder, "events")]


class Publisher:
    """A gateway's side of the broker."""

    def __init__(self, broker: Broker, prefix: str) -> None:
        self._prefix = prefix
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.max_inflight_messages_set(1_000)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def say(self, gateway: str, what: str, payload: bytes, *, sent_at: str = "", qos: int = 1, retain: bool = False):
        """Publish, and wait until the broker has it."""
        properties = Properties(PacketTypes.PUBLISH)
        if sent_at:
            properties.UserProperty = ("sent_at", sent_at)
        topic = f"{self._prefix}/{gateway}/{what}"
        self.client.publish(topic, payload, qos, retain, properties).wait_for_publish(10)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
