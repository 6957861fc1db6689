"""Gateways through a broker: frames and states become lines, and are acknowledged when their file is on disk.

Enter: messages. Leave: files of the inbox, then acknowledgements. Not here: what a frame says, requests to gateways.
"""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from paho.mqtt.client import MQTTMessage

from sanchi.app.collect import RoundReport
from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.broker import PAYLOAD_BYTES_MAX, BrokerLost, Connection, PublishRefused
from sanchi.edge.connectors.gathering import LOG, Gathering, stamp_text
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.paging import instant_of
from sanchi.edge.connectors.resuming import StateFile
from sanchi.edge.connectors.settings import BrokerSettings, ConnectorKind

FILE_KIND: Final = "frames"
LOST_SINCE: Final = "lost_since"
MARK_EXPIRY_S: Final = 60
STEP_S: Final = 0.2
DRAIN_STEP_S: Final = 0.02
# A broker may let fewer messages be under way than we allow. It then falls silent before our batch is full.
WINDOW_MESSAGES_MIN: Final = 16
WINDOW_S: Final = 1
BACKOFF_FIRST_S: Final = 1
BACKOFF_S_MAX: Final = 60
SENT_AT_LETTERS_MAX: Final = 40
NOT_ASKED_FOR: Final = 0  # a gateway that publishes at quality of service 0 wants no acknowledgement
STATE_EVENTS: Final = {
    ("state", "online"): EventCode.GATEWAY_ONLINE,
    ("state", "offline"): EventCode.GATEWAY_OFFLINE,
    ("meter", "joined"): EventCode.METER_JOINED,
    ("meter", "lost"): EventCode.METER_LOST,
}


class GatewaySubscriber:
    """Takes what gateways of one broker publish."""

    def __init__(self, settings: BrokerSettings, inbox: Inbox, pace: Pace) -> None:
        """Connect to nothing yet."""
        self.settings = settings
        self._inbox = inbox
        self._pace = pace
        self._gathering = Gathering(inbox, settings.name, ConnectorKind.MQTT)
        self._state_file = StateFile(inbox.state_folder, settings.name)
        self._unacknowledged: list[int] = []
        self._first_s = self._last_s = 0.0
        prefix = settings.topic_prefix
        self._mark_topic = f"{prefix}/{settings.client_id}/drained"
        self._topics = (f"{prefix}/+/echonet", f"{prefix}/+/status", self._mark_topic)
        self._mark = b""
        self._may_mark = settings.is_marking
        self._is_drained = self._is_parting = False

    def round(self) -> RoundReport:
        """Take all that waits at the broker, then part from it. Raises: OSError when the inbox fails."""
        self._gathering.begin_round()
        try:
            try:
                self._stay_connected(is_once=True)
            except PublishRefused:
                self._may_mark = False
                self._stay_connected(is_once=True)
        except BrokerLost as error:
            self._note_lost(error)
            return self._gathering.report(str(error))
        return self._gathering.report()

    def serve(self) -> None:
        """Stay connected until told to end; a broker that is lost is sought with growing pauses."""
        failure_count = 0
        while not self._pace.is_over:
            begun_s = self._pace.monotonic_s()
            try:
                self._stay_connected(is_once=False)
            except BrokerLost as error:
                lasted_s = self._pace.monotonic_s() - begun_s
                failure_count = 1 if lasted_s > BACKOFF_S_MAX else failure_count + 1
                self._note_lost(error)
                self._pace.wait(self._pace.backoff_s(failure_count, BACKOFF_FIRST_S, BACKOFF_S_MAX))

    def close(self) -> None:
        """Nothing stays open between two connections."""

    def _stay_connected(self, *, is_once: bool) -> None:
        """Hold one connection until it is lost, drained, or the process ends; what came is on disk afterwards."""
        connection = Connection(
            self.settings,
            self._pace,
            client_id=self.settings.client_id,
            topics=self._topics,
            is_lasting=True,
            on_message=self._take,
        )
        self._is_drained = self._is_parting = False
        try:
            connection.open()
            self._note_back()
            if is_once:
                self._drain(connection)
            else:
                self._follow(connection)
            self._write(connection)
            self._is_parting = True
            connection.settle()
        except BrokerLost:
            # The broker sends again what it holds as not acknowledged, perhaps under other numbers.
            self._write(None)
            raise
        finally:
            # Only lines that an inbox without room refused are left; the broker still has their messages.
            self._gathering.forget()
            self._unacknowledged.clear()
            connection.close()

    def _follow(self, connection: Connection) -> None:
        """Take messages as they come; their file is closed when it is full, old, or the broker falls silent."""
        while not self._pace.is_over:
            connection.step(STEP_S)
            count, now_s = len(self._unacknowledged), self._pace.monotonic_s()
            is_old = now_s - self._first_s >= self.settings.batch_s
            is_silent = count >= WINDOW_MESSAGES_MIN and now_s - self._last_s >= WINDOW_S
            if count and (is_old or is_silent or self._is_full(count)):
                self._write(connection)

    def _drain(self, connection: Connection) -> None:
        """Take what waits: all of it is before a mark that we send to ourselves, as a session is a queue.

        A broker that lets us publish no mark is drained when it was silent for a while.
        """
        if self._may_mark:
            self._mark = secrets.token_hex(8).encode()
            connection.publish(self._mark_topic, self._mark, expiry_s=MARK_EXPIRY_S)
        self._last_s = self._pace.monotonic_s()
        while not self._is_drained and not self._pace.is_over:
            count = len(self._unacknowledged)
            connection.step(DRAIN_STEP_S)
            is_silent = len(self._unacknowledged) == count
            if self._unacknowledged and (is_silent or self._is_full(count)):
                self._write(connection)
            if self._pace.monotonic_s() - self._last_s > self.settings.drain_s:
                return

    def _is_full(self, count: int) -> bool:
        """Tell whether a file has to be closed."""
        return count >= self.settings.batch_messages or self._gathering.is_full

    def _write(self, connection: Connection | None) -> None:
        """Put what came on disk; only then acknowledge it, on the connection that it came by. Raises: OSError."""
        self._gathering.write()
        for message_no in self._unacknowledged:
            if connection is not None and message_no != NOT_ASKED_FOR:
                connection.acknowledge(message_no)
        self._unacknowledged.clear()

    def _take(self, message: MQTTMessage) -> None:
        """Keep one message as a line; whatever it is, it is acknowledged with its file."""
        if self._is_parting:
            return  # not acknowledged, so it comes again
        self._last_s = self._pace.monotonic_s()
        if not self._unacknowledged:
            self._first_s = self._last_s
        self._unacknowledged.append(message.mid if message.qos else NOT_ASKED_FOR)
        gateway, what = self._topic_parts(message)
        size = len(message.payload)
        if what == "drained":
            self._is_drained = self._is_drained or message.payload == self._mark
        elif size > PAYLOAD_BYTES_MAX:
            self._gathering.note(EventCode.FRAME_MALFORMED, gateway, size)
        elif what == "echonet":
            self._take_frame(gateway, message)
        else:
            self._take_state(gateway, bytes(message.payload))

    def _topic_parts(self, message: MQTTMessage) -> tuple[str, str]:
        """Give gateway and kind of a topic."""
        try:
            parts = message.topic.split("/")
        except UnicodeDecodeError:
            return "?", "?"
        return parts[-2], parts[-1]

    def _take_frame(self, gateway: str, message: MQTTMessage) -> None:
        """Keep a frame as it came."""
        self._gathering.add(
            FILE_KIND,
            {
                "received_at": stamp_text(self._inbox.now()),
                "gateway": gateway,
                "sent_at": _sent_at(message),
                "frame": message.payload.hex(),
            },
        )

    def _take_state(self, gateway: str, payload: bytes) -> None:
        """Note what a gateway says of itself; `at` is our clock's, `said_at` the gateway's own."""
        try:
            state = json.loads(payload.decode("utf-8"))
        except (ValueError, RecursionError):
            state = None
        words = state if isinstance(state, dict) else {}
        events = [
            STATE_EVENTS[key, word]
            for key in ("state", "meter")
            if isinstance(word := words.get(key), str) and (key, word) in STATE_EVENTS
        ]
        if not events:
            self._gathering.note(EventCode.FRAME_MALFORMED, gateway, len(payload))
        said_at = words.get("at")
        for event in events:
            self._gathering.note(event, gateway, said_at=said_at if instant_of(said_at) else None)

    def _note_lost(self, error: BrokerLost) -> None:
        """Tell once that the broker is lost, and remember it over restarts."""
        if self._pace.is_over:
            return
        LOG.warning("%s %s", self.settings.name, error)
        state = self._state_file.read()
        if LOST_SINCE not in state:
            self._gathering.note(EventCode.BROKER_LOST, self.settings.name)
            self._gathering.write()
            self._state_file.write(state | {LOST_SINCE: self._inbox.now().isoformat()})

    def _note_back(self) -> None:
        """Tell that the broker is back, and how many seconds it was away."""
        state = self._state_file.read()
        lost_since = instant_of(state.pop(LOST_SINCE, None))
        if lost_since is not None:
            away: timedelta = self._inbox.now() - lost_since
            self._gathering.note(EventCode.BROKER_BACK, self.settings.name, max(0, away // timedelta(seconds=1)))
            self._gathering.write()
            self._state_file.write(state)


def _sent_at(message: MQTTMessage) -> str | None:
    """Give the instant that the gateway wrote beside the frame, if it is one."""
    pairs: list[Any] = getattr(message.properties, "UserProperty", [])
    for name, text in pairs:
        if name == "sent_at" and len(text) <= SENT_AT_LETTERS_MAX and isinstance(instant_of(text), datetime):
            return str(text)
    return None
