"""What gateways publish is on disk before the broker may forget it."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sanchi.edge.connectors import broker as broker_module
from sanchi.edge.connectors.broker import PACKET_BYTES_MAX, PAYLOAD_BYTES_MAX
from sanchi.edge.connectors.gateways import GatewaySubscriber
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from tests.brokers import Broker, running_broker
from tests.edge.connectors.small_world import FRAME, RECEIVED_AT, Publisher, broker_settings, events_of, lines_of

ENOUGH_S = 20


def frames_of(inbox: Inbox) -> list[tuple[str, str]]:
    return [(line["gateway"], line["frame"]) for line in lines_of(inbox.folder, "frames")]


def numbered(number: int) -> bytes:
    return number.to_bytes(4, "big")


def seen_numbers(inbox: Inbox) -> list[int]:
    return [int(frame, 16) for _, frame in frames_of(inbox)]


@contextmanager
def publishing(broker: Broker, name: str) -> Iterator[Publisher]:
    publisher = Publisher(broker, name)
    try:
        yield publisher
    finally:
        publisher.close()


@contextmanager
def serving(subscriber: GatewaySubscriber, pace: Pace) -> Iterator[None]:
    """Let a subscriber work in a thread while the block lasts; its session is there when the block begins."""
    subscriber.round()
    thread = threading.Thread(target=subscriber.serve)
    thread.start()
    try:
        yield
    finally:
        pace.stop.set()
        thread.join(ENOUGH_S)
        assert not thread.is_alive()


@contextmanager
def other_inbox(folder: Path) -> Iterator[Inbox]:
    with Inbox(folder / "other", lambda: RECEIVED_AT).opened() as other:
        yield other


def wait_until(is_so) -> None:
    end_s = time.monotonic() + ENOUGH_S
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.02)


class TestRound:
    def test_takes_what_waits_and_leaves_nothing_at_the_broker(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "waits")
        assert not GatewaySubscriber(settings, inbox, Pace()).round().failure
        with publishing(broker, "waits") as gateway:
            gateway.say("gw-001", "echonet", FRAME, sent_at="2020-12-01T15:29:58+09:00")
            gateway.say("gw-002", "echonet", FRAME[:9])
        report = GatewaySubscriber(settings, inbox, Pace()).round()
        empty = GatewaySubscriber(settings, inbox, Pace()).round()

        assert lines_of(inbox.folder, "frames") == [
            {
                "received_at": "2020-12-01T15:30:00+09:00",
                "gateway": "gw-001",
                "sent_at": "2020-12-01T15:29:58+09:00",
                "frame": FRAME.hex(),
            },
            {
                "received_at": "2020-12-01T15:30:00+09:00",
                "gateway": "gw-002",
                "sent_at": None,
                "frame": FRAME[:9].hex(),
            },
        ]
        assert report.item_count == 2
        assert (empty.item_count, empty.file_count, empty.failure) == (0, 0, "")

    def test_takes_a_queue_of_many_batches_in_its_order(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "many")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "many") as gateway:
            for number in range(499):
                gateway.client.publish("many/gw-001/echonet", numbered(number), 1)
            gateway.say("gw-001", "echonet", numbered(499))
        report = GatewaySubscriber(settings, inbox, Pace()).round()

        assert seen_numbers(inbox) == list(range(500))
        assert report.file_count >= 10

    def test_leaves_no_acknowledgement_on_the_way(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "parting")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "parting") as gateway:
            for number in range(40):
                gateway.say("gw-001", "echonet", numbered(number))
                if number % 2:
                    GatewaySubscriber(settings, inbox, Pace()).round()

        assert seen_numbers(inbox) == list(range(40))

    def test_ends_by_silence_where_the_broker_lets_us_publish_no_mark(self, tmp_path, inbox: Inbox):
        rules = tmp_path / "rules"
        rules.write_text("topic read mute/#\ntopic write mute/+/echonet\n")
        with running_broker(tmp_path, f"acl_file {rules}") as broker:
            settings = broker_settings(broker, "mute", drain_s=1)
            GatewaySubscriber(settings, inbox, Pace()).round()
            with publishing(broker, "mute") as gateway:
                gateway.say("gw-001", "echonet", FRAME)
            report = GatewaySubscriber(settings, inbox, Pace()).round()

            silent = GatewaySubscriber(replace(settings, is_marking=False), inbox, Pace()).round()

        assert not report.failure
        assert set(frames_of(inbox)) == {("gw-001", FRAME.hex())}
        assert (silent.item_count, silent.failure) == (0, "")

    def test_keeps_a_sent_at_that_is_a_stamp_and_no_other(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "stamps")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "stamps") as gateway:
            for sent_at in ("2020-12-01T15:00:00", "yesterday", "2" * 100, "2020-12-01T15:00:00+09:00"):
                gateway.say("gw-001", "echonet", FRAME, sent_at=sent_at)
        GatewaySubscriber(settings, inbox, Pace()).round()

        told = [line["sent_at"] for line in lines_of(inbox.folder, "frames")]
        assert told == [None, None, None, "2020-12-01T15:00:00+09:00"]

    def test_leaves_messages_with_the_broker_when_the_inbox_is_full(self, broker: Broker, inbox: Inbox, monkeypatch):
        settings = broker_settings(broker, "full")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "full") as gateway:
            for number in range(3):
                gateway.say("gw-001", "echonet", numbered(number))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(OSError, match="full"):
                GatewaySubscriber(settings, inbox, Pace()).round()
        assert seen_numbers(inbox) == []

        GatewaySubscriber(settings, inbox, Pace()).round()
        assert seen_numbers(inbox) == [0, 1, 2]

    def test_acknowledges_after_the_file_is_on_disk(self, broker: Broker, inbox: Inbox, monkeypatch):
        settings = broker_settings(broker, "order")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "order") as gateway:
            gateway.say("gw-001", "echonet", numbered(7))
        on_disk_at_acknowledgement = []
        acknowledge = broker_module.Connection.acknowledge

        def acknowledge_told(self, message_no: int) -> None:
            on_disk_at_acknowledgement.append(seen_numbers(inbox))
            acknowledge(self, message_no)

        monkeypatch.setattr(broker_module.Connection, "acknowledge", acknowledge_told)
        GatewaySubscriber(settings, inbox, Pace()).round()

        assert on_disk_at_acknowledgement
        assert all(numbers == [7] for numbers in on_disk_at_acknowledgement)


class TestState:
    def test_of_gateways_and_meters_becomes_events(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "states")
        GatewaySubscriber(settings, inbox, Pace()).round()
        said_at = "2020-12-01T15:00:00+09:00"
        with publishing(broker, "states") as gateway:
            for words in (
                {"state": "online", "at": said_at, "meter": "joined"},
                {"state": "online", "at": "soon", "meter": "lost"},
                {"state": "offline", "at": said_at},
            ):
                gateway.say("gw-001", "status", json.dumps(words).encode(), retain=True)
        GatewaySubscriber(settings, inbox, Pace()).round()

        lines = lines_of(inbox.folder, "events")
        assert [(line["event"], line["subject"], line.get("said_at")) for line in lines] == [
            ("gateway_online", "gw-001", said_at),
            ("meter_joined", "gw-001", said_at),
            ("gateway_online", "gw-001", None),
            ("meter_lost", "gw-001", None),
            ("gateway_offline", "gw-001", said_at),
        ]
        assert {line["at"] for line in lines} == {"2020-12-01T15:30:00+09:00"}

    def test_that_is_retained_comes_with_the_first_subscription_alone(self, broker: Broker, inbox: Inbox):
        with publishing(broker, "retained") as gateway:
            gateway.say("gw-001", "status", b'{"state": "online"}', retain=True)
        for _ in range(3):
            GatewaySubscriber(broker_settings(broker, "retained"), inbox, Pace()).round()

        assert events_of(inbox.folder) == [("gateway_online", "gw-001", 0)]

    @pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b'{"state": "asleep"}', b'{"state": []}'])
    def test_that_says_nothing_is_told_and_holds_nothing_up(self, broker: Broker, inbox: Inbox, payload: bytes):
        name = f"odd-{payload.hex()[:20]}"
        settings = broker_settings(broker, name)
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, name) as gateway:
            gateway.say("gw-001", "status", payload)
            gateway.say("gw-001", "echonet", FRAME)
        GatewaySubscriber(settings, inbox, Pace()).round()

        assert events_of(inbox.folder) == [("frame_malformed", "gw-001", len(payload))]
        assert len(frames_of(inbox)) == 1


class TestSize:
    def test_above_the_limit_is_an_event_and_no_frame(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "large")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(broker, "large") as gateway:
            gateway.say("gw-001", "echonet", bytes(PAYLOAD_BYTES_MAX))
            gateway.say("gw-002", "echonet", bytes(PAYLOAD_BYTES_MAX + 1))
            gateway.say("gw-003", "echonet", bytes(PACKET_BYTES_MAX + 1))
            gateway.say("gw-004", "echonet", FRAME)
        report = GatewaySubscriber(settings, inbox, Pace()).round()

        assert not report.failure
        assert [gateway for gateway, _ in frames_of(inbox)] == ["gw-001", "gw-004"]
        # The broker itself drops what is larger than a packet may be.
        assert events_of(inbox.folder) == [("frame_malformed", "gw-002", PAYLOAD_BYTES_MAX + 1)]


class TestServing:
    def test_takes_what_comes_and_has_it_on_disk_when_told_to_end(self, broker: Broker, inbox: Inbox):
        pace = Pace()
        subscriber = GatewaySubscriber(broker_settings(broker, "serving"), inbox, pace)
        with publishing(broker, "serving") as gateway, serving(subscriber, pace):
            for number in range(120):
                gateway.say("gw-001", "echonet", numbered(number), qos=number % 2)
            wait_until(lambda: len(seen_numbers(inbox)) >= 50)

        assert set(seen_numbers(inbox)) >= set(range(1, 120, 2))

    def test_closes_a_file_that_is_old_though_it_is_not_full(self, broker: Broker, inbox: Inbox):
        pace = Pace()
        subscriber = GatewaySubscriber(broker_settings(broker, "old", batch_s=0), inbox, pace)
        with publishing(broker, "old") as gateway, serving(subscriber, pace):
            gateway.say("gw-001", "echonet", numbered(1))
            wait_until(lambda: seen_numbers(inbox) == [1])
            gateway.say("gw-001", "echonet", numbered(2), qos=0)
            wait_until(lambda: seen_numbers(inbox) == [1, 2])

        assert seen_numbers(inbox) == [1, 2]

    def test_survives_a_broker_that_restarts_with_messages_in_its_queue(self, own_broker: Broker, inbox: Inbox):
        pace = Pace()
        subscriber = GatewaySubscriber(broker_settings(own_broker, "restart", batch_messages=20), inbox, pace)
        with publishing(own_broker, "restart") as gateway, serving(subscriber, pace):
            for number in range(55):
                gateway.say("gw-001", "echonet", numbered(number))
            own_broker.stop()
            own_broker.start()
            wait_until(gateway.client.is_connected)
            for number in range(55, 100):
                gateway.say("gw-001", "echonet", numbered(number))
            wait_until(lambda: set(seen_numbers(inbox)) == set(range(100)))
            wait_until(lambda: "broker_back" in [event for event, _, _ in events_of(inbox.folder)])

        assert [event for event, _, _ in events_of(inbox.folder)] == ["broker_lost", "broker_back"]

    def test_of_messages_kept_by_a_broker_that_was_down_loses_none(self, own_broker: Broker, inbox: Inbox):
        settings = broker_settings(own_broker, "down")
        GatewaySubscriber(settings, inbox, Pace()).round()
        with publishing(own_broker, "down") as gateway:
            for number in range(40):
                gateway.say("gw-001", "echonet", numbered(number))
        own_broker.stop()
        failed = [GatewaySubscriber(settings, inbox, Pace()).round() for _ in range(2)]
        own_broker.start()
        GatewaySubscriber(settings, inbox, Pace()).round()

        assert all(report.failure for report in failed)
        assert seen_numbers(inbox) == list(range(40))
        assert [event for event, _, _ in events_of(inbox.folder)] == ["broker_lost", "broker_back"]

    def test_is_told_when_another_process_takes_its_session(self, broker: Broker, inbox: Inbox, tmp_path):
        pace = Pace()
        settings = broker_settings(broker, "taken", batch_s=0)
        subscriber = GatewaySubscriber(settings, inbox, pace)
        with publishing(broker, "taken") as gateway, serving(subscriber, pace), other_inbox(tmp_path) as other:
            gateway.say("gw-001", "echonet", numbered(1))
            wait_until(lambda: seen_numbers(inbox) == [1])
            GatewaySubscriber(settings, other, Pace()).round()
            wait_until(lambda: "broker_lost" in [event for event, _, _ in events_of(inbox.folder)])

        assert "broker_lost" in [event for event, _, _ in events_of(inbox.folder)]
