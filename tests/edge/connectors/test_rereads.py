"""Days are asked again one at a time per meter; the answers reach the inbox like every other frame."""

import os
import subprocess
import sys
import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.collect import RereadOrder, RereadState
from sanchi.core.base.errors import SetupFault
from sanchi.core.metering.formats.history_requests import day_history_requests
from sanchi.edge.connectors.gateways import GatewaySubscriber
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.reread_talk import Talk
from sanchi.edge.connectors.rereads import reread
from tests.brokers import Broker
from tests.edge.connectors.small_world import RECEIVED_AT, Publisher, broker_settings, lines_of

TODAY = RECEIVED_AT.date()
SET_ANSWER, SET_REFUSAL, GET_ANSWER, GET_PART = 0x71, 0x51, 0x72, 0x52


def answer_to(request: bytes, service: int) -> bytes:
    """Answer as a meter does, as far as a talk looks at it."""
    return request[:4] + request[7:10] + request[4:7] + bytes([service, 1, request[12], 0])


def order(days_before: int, gateway: str = "gw-001") -> RereadOrder:
    return RereadOrder(gateway=gateway, delivery_date=TODAY - timedelta(days=days_before))


def talk_about(*orders: RereadOrder, now: datetime = RECEIVED_AT) -> Talk:
    numbers = iter(range(0x8000, 0x9000, 2))
    return Talk(orders, answer_s=30, pause_s=5, now=lambda: now, next_no=lambda: next(numbers))


class TestRequests:
    def test_choose_the_day_and_then_read_both_directions(self):
        choose, read = day_history_requests(3, transaction_no=0x8000)

        assert choose.hex() == "1081800005ff010288016101e50103"
        assert read.hex() == "1081800105ff010288016202e200e400"


class TestTalk:
    def test_reads_a_day_after_the_meter_has_set_it(self):
        talk = talk_about(order(1))
        choose = talk.due(0)
        assert choose is not None
        assert choose[-1] == 1
        read = talk.hear(answer_to(choose, SET_ANSWER), 1)
        assert read is not None
        assert talk.hear(answer_to(read, GET_ANSWER), 2) is None

        assert talk.is_over
        assert [outcome.state for outcome in talk.outcomes] == [RereadState.ANSWERED]

    def test_asks_the_next_day_only_after_the_pause(self):
        talk = talk_about(order(1), order(2))
        choose = talk.due(0)
        assert choose is not None
        assert talk.due(10) is None
        read = talk.hear(answer_to(choose, SET_ANSWER), 10)
        assert read is not None
        talk.hear(answer_to(read, GET_PART), 11)

        assert talk.due(15.9) is None
        following = talk.due(16)
        assert following is not None
        assert following[-1] == 2

    def test_that_hears_nothing_asks_once_more_and_then_gives_up(self):
        talk = talk_about(order(1))
        sent = [at_s for at_s in range(200) if talk.due(at_s)]

        assert sent == [0, 35]
        assert [outcome.state for outcome in talk.outcomes] == [RereadState.SILENT]

    def test_takes_a_refusal_for_an_answer(self):
        talk = talk_about(order(1))
        choose = talk.due(0)
        assert choose is not None
        talk.hear(answer_to(choose, SET_REFUSAL), 1)

        assert [outcome.state for outcome in talk.outcomes] == [RereadState.REFUSED]

    @pytest.mark.parametrize("days_before", [-1, 100, 5_000])
    def test_asks_nothing_that_no_meter_keeps(self, days_before: int):
        talk = talk_about(order(days_before))

        assert talk.due(0) is None
        assert [outcome.state for outcome in talk.outcomes] == [RereadState.OUT_OF_REACH]

    @pytest.mark.parametrize(("hour", "minute"), [(23, 58), (23, 59), (0, 0), (0, 1)])
    def test_asks_nothing_while_today_is_uncertain(self, hour: int, minute: int):
        talk = talk_about(order(3), now=RECEIVED_AT.replace(hour=hour, minute=minute, second=1))

        assert talk.due(0) is None
        assert [outcome.state for outcome in talk.outcomes] == [RereadState.POSTPONED]

    def test_counts_days_in_japan(self):
        talk = talk_about(
            RereadOrder(gateway="gw-001", delivery_date=date(2020, 12, 1)),
            now=datetime.fromisoformat("2020-12-01T20:00:00+00:00"),
        )
        choose = talk.due(0)

        assert choose is not None
        assert choose[-1] == 1

    @given(st.lists(st.binary(max_size=40)))
    def test_is_not_led_astray_by_other_frames(self, frames: list[bytes]):
        talk = talk_about(order(1))
        choose = talk.due(0)
        assert choose is not None
        for frame in frames:
            if frame[2:4] != choose[2:4]:
                assert talk.hear(frame, 1) is None

        assert talk.hear(answer_to(choose, SET_ANSWER), 2) is not None


class Meter:
    """A gateway with a meter that answers requests, and remembers in which order they came."""

    def __init__(self, broker: Broker, prefix: str, gateways: tuple[str, ...]) -> None:
        self.asked: list[tuple[str, str]] = []
        self._publisher = Publisher(broker, prefix)
        self._client = self._publisher.client
        self._prefix = prefix
        ready = threading.Event()
        self._client.on_message = self._answer
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.subscribe([(f"{prefix}/{gateway}/requests", 1) for gateway in gateways])
        assert ready.wait(10)

    def _answer(self, _client, _userdata, message) -> None:
        gateway = message.topic.split("/")[1]
        is_set = message.payload[10] == 0x61
        self.asked.append((gateway, f"set {message.payload[-1]}" if is_set else "get"))
        service = SET_ANSWER if is_set else GET_ANSWER
        self._client.publish(f"{self._prefix}/{gateway}/echonet", answer_to(message.payload, service), 1)

    def close(self) -> None:
        self._publisher.close()


class TestReread:
    def test_brings_the_answers_into_the_inbox(self, broker: Broker, inbox: Inbox):
        settings = broker_settings(broker, "again")
        GatewaySubscriber(settings, inbox, Pace()).round()
        meter = Meter(broker, "again", ("gw-001", "gw-002"))
        orders = (order(1), order(2), order(1, "gw-002"), order(1), order(1, "gw-009"))
        outcomes = reread(settings, orders, lambda: RECEIVED_AT, Pace())
        meter.close()
        GatewaySubscriber(settings, inbox, Pace()).round()

        assert {(each.order, each.state) for each in outcomes} == {
            (order(1), RereadState.ANSWERED),
            (order(2), RereadState.ANSWERED),
            (order(1, "gw-002"), RereadState.ANSWERED),
            (order(1, "gw-009"), RereadState.SILENT),
        }
        of_first = [what for gateway, what in meter.asked if gateway == "gw-001"]
        assert of_first == ["set 1", "get", "set 2", "get"]
        heard = [line["gateway"] for line in lines_of(inbox.folder, "frames")]
        assert sorted(heard) == ["gw-001"] * 4 + ["gw-002"] * 2

    def test_by_the_command_tells_what_became_of_each_day(self, broker: Broker, tmp_path: Path):
        config = tmp_path / "collect.toml"
        config.write_text(
            f'[[connector]]\nname = "gateways"\nkind = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\n'
            'topic_prefix = "by-command"\nreread_answer = "1s"\nreread_pause = "0s"\n'
        )
        meter = Meter(broker, "by-command", ("gw-001",))
        arguments = ("--config", str(config), "--now", RECEIVED_AT.isoformat(), "--reread", f"gw-001:{TODAY}")
        told = subprocess.run(
            [sys.executable, "-m", "sanchi", "collect", *arguments, "--reread", "gw-001:2020-01-01"],
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        meter.close()

        assert told.stdout == f"gw-001  {TODAY}  answered\ngw-001  2020-01-01  out of reach\n"
        assert told.returncode == 3

    def test_without_a_broker_is_declined(self, own_broker: Broker):
        own_broker.stop()

        with pytest.raises(SetupFault, match="was lost"):
            reread(broker_settings(own_broker, "none"), (order(1),), lambda: RECEIVED_AT, Pace())
