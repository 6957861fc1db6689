"""Gateways at a real Mosquitto: what comes when, how they go and come back, and what meters answer."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from itertools import count

import pytest
import requests

from sanchi.core.base.errors import SetupFault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.gateways import Gateway, frame_of
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.plan import plan_of
from sanchi.edge.sandbox.sandbox import Sandbox
from sanchi.edge.sandbox.streams import Thing
from sanchi.edge.sandbox.world import World, make_world
from tests.edge.sandbox.brokers import free_port, running_broker
from tests.edge.sandbox.listeners import Listener
from tests.edge.sandbox.processes import sandbox_process
from tests.edge.sandbox.worlds import SAMPLE, busy_world, quiet_world

NAMES = (f"listener-{number}" for number in count(1))
DAY_S = 86_400
SET_TODAY = "1081000705FF010288016101E50100"
SET_YESTERDAY = "1081000705FF010288016101E50101"
GET_BOTH = "1081000805FF010288016202E200E400"


@pytest.fixture
def listener(broker: str) -> Iterator[Listener]:
    listening = Listener(broker=broker, name=next(NAMES))
    yield listening
    listening.leave()


def gateway_names(world: World) -> list[str]:
    return [device.device_id for device in world.devices(Connector.MQTT)]


def fault_of(kind: FaultKind, is_fit: Callable[[Fault], bool] = lambda _: True) -> Fault:
    return next(f for f in busy_world().faults if f.kind is kind and f.connector == Connector.MQTT and is_fit(f))


def counts_in(content: bytes) -> tuple[int, int]:
    """Read the two counts of a meter's announcement by their places."""
    return int.from_bytes(content[21:25], "big"), int.from_bytes(content[34:38], "big")


def jump(sandbox: Sandbox, at_s: int) -> None:
    """Let time pass without anything that would be due, as if the sandbox had been started at an instant."""
    sandbox.clock.move(at_s)
    assert sandbox.gateways is not None
    sandbox.gateways.start(at_s)


class TestFrames:
    def test_a_day_of_frames_is_the_truth_in_the_order_of_the_half_hours(self, started, broker, listener):
        listener.connect()
        sandbox = started(plan=None, broker=broker)
        sandbox.move(sandbox.world.period.first_s + DAY_S + 60)
        n_sent = sandbox.world.sendings[Connector.MQTT].visible_count(sandbox.clock.now_s)
        listener.wait(lambda: len(listener.frames()) >= n_sent)

        assert len(listener.frames()) == n_sent
        for device in sandbox.world.devices(Connector.MQTT):
            announced = [c for c in listener.frames(device.device_id) if c.content[4:7].hex() == "028801"]
            told = [c for c in announced if c.content[10] == 0x73]
            assert [c.sent_at for c in told] == [stamp(sandbox.world.period.at_s(n) + 2) for n in range(49)]
            for place, channel in enumerate(("import", "export")):
                first, last = (counts_in(c.content)[place] for c in (told[0], told[-1]))
                truth_wh = int(sandbox.world.truth.homes[device.home][channel][:48].sum())
                assert abs((last - first) * 100 - truth_wh) < 100
            assert len(announced) == len(told) + 1  # unit, coefficient and digits once a day

    def test_inverters_tell_the_truth_to_the_watt_hour(self, started, broker, listener):
        listener.connect()
        sandbox = started(plan=None, broker=broker)
        sandbox.move(sandbox.world.period.first_s + DAY_S + 60)
        device = next(s.device for s in sandbox.world.streams if s.thing is Thing.BATTERY)

        def told(code: str) -> list[bytes]:
            return [c.content for c in listener.frames(device.device_id) if c.content[4:7].hex() == code]

        listener.wait(lambda: len(told("027d01")) >= 49 and len(told("027901")) >= 49)
        energies = sandbox.world.truth.homes[device.home]
        solar = [int.from_bytes(content[-4:], "big") for content in told("027901")]
        charge = [int.from_bytes(content[14:18], "big") for content in told("027d01")]
        assert solar[-1] - solar[0] == energies["pv"][:48].sum()
        assert charge[-1] - charge[0] == energies["charge"][:48].sum()

    def test_cut_frames_are_shorter_and_others_are_whole(self, started, broker, listener):
        fault = fault_of(FaultKind.TRUNCATED_FRAME)
        sandbox = started(broker=broker)
        jump(sandbox, fault.from_s - 3600)
        listener.connect()
        sandbox.move(fault.to_s + 3600)
        boundaries = (fault.to_s - fault.from_s) // 1800
        meter = lambda: [c for c in listener.frames(fault.device_id) if c.content[4:7].hex() == "028801"]  # noqa: E731
        listener.wait(lambda: len(meter()) >= boundaries + 4)

        short = [c for c in meter() if len(c.content) != 38 and c.content[10] == 0x73]
        assert {c.sent_at for c in short} == {stamp(fault.from_s + n * 1800 + 2) for n in range(boundaries)}


class TestFortnight:
    def test_of_many_faults_everything_comes_that_was_sent_and_nothing_else(self, started, broker, listener):
        listener.connect()
        sandbox = started(broker=broker)
        sandbox.move(sandbox.world.period.last_s + 5 * DAY_S)
        sendings = sandbox.world.sendings[Connector.MQTT]
        listener.wait(lambda: len(listener.frames()) >= sendings.arrival_s.size)
        sent = Counter()
        for position in range(sendings.arrival_s.size):
            stream, row = sendings.at(position)
            gateway = Gateway(sandbox.world, stream.device, ("", 0), lambda *_: None)
            sent[f"{gateway.topic}/echonet", frame_of(stream, row, is_old=gateway.is_old)] += 1

        assert Counter((came.topic, came.content) for came in listener.frames()) == sent
        assert sum(sent.values()) == sandbox.state()["sent"]["mqtt"]


class TestStatus:
    def test_a_gateway_is_online_with_its_meter_and_the_broker_keeps_it(self, started, broker, listener):
        sandbox = started(plan=None, broker=broker)
        sandbox.move(sandbox.world.period.first_s)
        listener.connect()
        names = gateway_names(sandbox.world)
        listener.wait(lambda: len([c for c in listener.came if c.topic.endswith("/status")]) >= len(names))

        told = {c.topic: json.loads(c.content) for c in listener.came if c.topic.endswith("/status")}
        for name in names:
            assert told[f"sanchi/{name}/status"]["state"] == "online"
            assert told[f"sanchi/{name}/status"]["meter"] == "joined"

    def test_an_outage_is_told_by_the_last_will_and_ends_with_what_was_kept(self, started, broker, listener):
        fault = fault_of(FaultKind.DEVICE_OUTAGE)
        sandbox = started(broker=broker)
        jump(sandbox, fault.from_s - 1800)
        listener.connect()
        sandbox.move(fault.to_s + 60)
        topic = f"sanchi/{fault.device_id}/status"
        states = lambda: [json.loads(c.content)["state"] for c in listener.came if c.topic == topic]  # noqa: E731
        listener.wait(lambda: states()[-2:] == ["offline", "online"])
        stamps = {c.sent_at for c in listener.frames(fault.device_id) if c.content[4:7].hex() == "028801"}
        within = {stamp(at_s + 2) for at_s in range(fault.from_s, fault.to_s, 1800)}

        assert stamps & within == (within if fault.figures["buffered"] else set())

    def test_a_lost_meter_is_told_or_not_as_drawn(self, started, broker, listener):
        fault = fault_of(FaultKind.METER_OUTAGE)
        sandbox = started(broker=broker)
        jump(sandbox, fault.from_s - 1800)
        listener.connect()
        sandbox.move(fault.to_s + 60)
        topic = f"sanchi/{fault.device_id}/status"
        solar = lambda: [c for c in listener.frames(fault.device_id) if c.content[4:7].hex() == "027901"]  # noqa: E731
        listener.wait(lambda: len(solar()) >= (fault.to_s - fault.from_s) // 1800)
        lost = [c for c in listener.came if c.topic == topic and json.loads(c.content)["meter"] == "lost"]
        within = [
            c
            for c in listener.frames(fault.device_id)
            if c.content[4:7].hex() == "028801" and stamp(fault.from_s) <= c.sent_at < stamp(fault.to_s)
        ]

        assert bool(lost) == bool(fault.figures["told"])
        assert not within

    def test_a_home_that_never_connects_is_never_heard_of(self, started, broker, listener):
        fault = next(f for f in busy_world().faults if f.kind is FaultKind.NEVER_CONNECTED)
        assert fault.connector == Connector.MQTT
        sandbox = started(broker=broker)
        listener.connect()
        sandbox.move(sandbox.world.period.first_s + 3600)
        others = [name for name in gateway_names(sandbox.world) if name != fault.device_id]
        listener.wait(lambda: all(listener.frames(name) for name in others))

        assert not listener.frames(fault.device_id)


class TestHistories:
    def asked(self, listener: Listener, name: str, request: str) -> bytes:
        n_before = len([c for c in listener.frames(name) if c.content[10] in {0x71, 0x72, 0x51, 0x52}])
        listener.ask(name, request)
        listener.wait(
            lambda: len([c for c in listener.frames(name) if c.content[10] in {0x71, 0x72, 0x51, 0x52}]) > n_before
        )
        return [c for c in listener.frames(name) if c.content[10] in {0x71, 0x72, 0x51, 0x52}][-1].content

    def test_a_day_is_read_again_after_it_was_chosen(self, started, broker, listener):
        sandbox = started(plan=None, broker=broker)
        sandbox.move(sandbox.world.period.first_s + DAY_S + 7200)
        listener.connect()
        name = gateway_names(sandbox.world)[0]
        stream = next(s for s in sandbox.world.streams if s.device.device_id == name and s.thing is Thing.METER)

        assert self.asked(listener, name, SET_YESTERDAY).hex() == "1081000702880105ff017101e500"
        yesterday = self.asked(listener, name, GET_BOTH)
        counts = [int.from_bytes(yesterday[16 + 4 * n : 20 + 4 * n], "big") for n in range(48)]
        assert yesterday[12:16].hex() == "e2c20001"
        assert counts == stream.numbers["import"][:48].tolist()

        self.asked(listener, name, SET_TODAY)
        today = self.asked(listener, name, GET_BOTH)
        counts = [int.from_bytes(today[16 + 4 * n : 20 + 4 * n], "big") for n in range(48)]
        assert counts[:5] == stream.numbers["import"][48:53].tolist()
        assert set(counts[5:]) == {0xFFFFFFFE}
        assert sandbox.state()["answered"] == {"frames": 4, "readings": 2 * 48 + 2 * 5}

    def test_a_lost_meter_refuses_and_gives_nothing(self, started, broker, listener):
        fault = fault_of(FaultKind.METER_OUTAGE)
        sandbox = started(broker=broker)
        jump(sandbox, fault.from_s)
        listener.connect()

        assert self.asked(listener, fault.device_id, SET_YESTERDAY).hex() == "1081000702880105ff015101e50101"
        assert self.asked(listener, fault.device_id, GET_BOTH).hex() == "1081000802880105ff015202e200e400"

    def test_a_request_of_an_outage_waits_at_the_broker(self, started, broker, listener):
        fault = fault_of(FaultKind.DEVICE_OUTAGE)
        sandbox = started(broker=broker)
        jump(sandbox, fault.from_s - 1800)
        sandbox.move(fault.from_s + 60)
        listener.connect()
        listener.ask(fault.device_id, SET_YESTERDAY)
        sandbox.move(fault.to_s + 60)
        listener.wait(lambda: any(c.content[10] == 0x71 for c in listener.frames(fault.device_id)))


class TestRestart:
    def test_a_sandbox_that_ends_and_begins_again_sends_each_frame_once(self, started, broker, listener):
        listener.connect()
        first_s = quiet_world().period.first_s
        first = started(plan=None, broker=broker)
        first.move(first_s + 3600)
        first.stop()
        listener.leave()
        second = started(plan=None, broker=broker)
        assert second.clock.now_s == first_s + 3600
        second.move(first_s + 7200 + 60)
        listener.connect()
        n_sent = second.world.sendings[Connector.MQTT].visible_count(second.clock.now_s)
        listener.wait(lambda: len(listener.frames()) >= n_sent)

        assert len(listener.frames()) == n_sent
        assert len({(c.topic, c.content) for c in listener.frames()}) == n_sent


class TestKill:
    def test_a_sandbox_that_is_killed_while_it_sends_loses_nothing(self, broker, listener, tmp_path):
        world = make_world(SAMPLE, plan_of("", "plan"), 7, last_date=date(2020, 11, 29), n_homes=3)
        (tmp_path / "plan.toml").write_text("")
        command = [
            sys.executable, "-m", "sanchi", "sandbox", "meters", "--folder", str(tmp_path / "sandbox"), "--seed", "7",
            "--homes", "3", "--to", "2020-11-29", "--plan", str(tmp_path / "plan.toml"), "--broker", broker, "--json",
        ]  # fmt: skip
        listener.connect()
        sent = world.sendings[Connector.MQTT]
        with sandbox_process(command) as running:
            move_in_background(running, "2020-12-01T00:00:00+09:00")
            listener.wait(lambda: len(listener.frames()) > 60)
            running.kill()
        assert len(listener.frames()) < sent.arrival_s.size
        with sandbox_process(command) as running:
            move_in_background(running, "2020-12-01T00:00:00+09:00")
            listener.wait(lambda: len({(c.topic, c.content) for c in listener.frames()}) >= sent.arrival_s.size)

        assert len({(came.topic, came.content) for came in listener.frames()}) == sent.arrival_s.size


def move_in_background(running: subprocess.Popen[str], now: str) -> None:
    """Ask a sandbox to move on, and do not wait for its answer: it may be killed before."""
    assert running.stdout is not None
    control = json.loads(running.stdout.readline())["control"]

    def ask() -> None:
        with suppress(requests.RequestException):
            requests.post(f"{control}/control/clock", json={"now": now}, timeout=60)

    threading.Thread(target=ask, daemon=True).start()


def test_a_broker_that_ends_meanwhile_is_told(started, tmp_path):
    with running_broker(tmp_path) as own_broker:
        sandbox = started(plan=None, broker=own_broker)
        sandbox.move(sandbox.world.period.first_s + 3600)

    answer = requests.post(
        f"{sandbox.places.control}/control/clock", json={"now": "2020-11-20T02:00:00+09:00"}, timeout=120
    )
    assert answer.status_code == 502
    assert "broker" in answer.json()["error"]
    assert sandbox.clock.now_s == sandbox.world.period.first_s + 3600


def test_a_broker_that_is_not_there_is_told(started):
    sandbox = started(plan=None, broker=f"127.0.0.1:{free_port()}")

    with pytest.raises(SetupFault, match="broker"):
        sandbox.move(sandbox.world.period.first_s)
