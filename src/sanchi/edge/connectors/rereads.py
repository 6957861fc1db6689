"""Ask meters again for the counts of past days, through their gateways.

Enter: orders of (gateway, day). Leave: requests at the broker, outcomes. The answers are frames like all others and
come through the inbox of `sanchi collect`; here they are only heard. Not here: which days are worth it.
"""

import secrets
from typing import Final

from paho.mqtt.client import MQTTMessage

from sanchi.app.collect import RereadOrder, RereadOutcome
from sanchi.core.base.errors import SetupFault
from sanchi.edge.connectors.broker import BrokerLost, Connection
from sanchi.edge.connectors.gathering import LOG
from sanchi.edge.connectors.pace import Clock, Pace
from sanchi.edge.connectors.reread_talk import Talk
from sanchi.edge.connectors.settings import BrokerSettings

STEP_S: Final = 0.05
GATEWAYS_AT_ONCE_MAX: Final = 50
# Numbers of gateways' own requests begin low; ours shall not meet them.
FIRST_NO_MIN: Final = 0x8000


def reread(
    settings: BrokerSettings, orders: tuple[RereadOrder, ...], now: Clock, pace: Pace
) -> tuple[RereadOutcome, ...]:
    """Go through all orders, one day at a time per gateway. Returns: their outcomes, as they ended.

    An order twice is asked once. Told to end, it leaves out the outcomes of what was not asked yet.
    Raises: SetupFault when the broker is lost.
    """
    by_gateway: dict[str, list[RereadOrder]] = {}
    for order in dict.fromkeys(orders):
        by_gateway.setdefault(order.gateway, []).append(order)
    gateways = list(by_gateway)
    outcomes: list[RereadOutcome] = []
    numbers = _Numbers()
    for start in range(0, len(gateways), GATEWAYS_AT_ONCE_MAX):
        talks = {
            gateway: Talk(
                by_gateway[gateway],
                answer_s=settings.reread_answer_s,
                pause_s=settings.reread_pause_s,
                now=now,
                next_no=numbers.next_no,
            )
            for gateway in gateways[start : start + GATEWAYS_AT_ONCE_MAX]
        }
        try:
            _Talks(settings, talks, pace).hold()
        except BrokerLost as error:
            raise SetupFault(
                f"The broker of {settings.name} was lost: {error}.", hint="Ask again; days asked twice do no harm."
            ) from error
        outcomes += [outcome for talk in talks.values() for outcome in talk.outcomes]
    return tuple(outcomes)


class _Numbers:
    """Gives transaction numbers for pairs of requests."""

    def __init__(self) -> None:
        """Begin anywhere, so that answers to an earlier process are not taken for ours."""
        self._last_no = FIRST_NO_MIN + 2 * secrets.randbelow(FIRST_NO_MIN // 2)

    def next_no(self) -> int:
        """Give the number of a pair's first request."""
        self._last_no = FIRST_NO_MIN + (self._last_no + 2 - FIRST_NO_MIN) % FIRST_NO_MIN
        return self._last_no


class _Talks:
    """Several talks over one connection."""

    def __init__(self, settings: BrokerSettings, talks: dict[str, Talk], pace: Pace) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        self._talks = talks
        self._pace = pace
        self._heard: list[MQTTMessage] = []

    def hold(self) -> None:
        """Talk until all is said. Raises: BrokerLost."""
        prefix = self._settings.topic_prefix
        connection = Connection(
            self._settings,
            self._pace,
            client_id=f"{self._settings.client_id}-reread",
            topics=tuple(f"{prefix}/{gateway}/echonet" for gateway in self._talks),
            is_lasting=False,
            on_message=self._heard.append,
        )
        connection.open()
        try:
            while not self._pace.is_over and not all(talk.is_over for talk in self._talks.values()):
                self._say_what_is_due(connection)
                connection.step(STEP_S)
                self._hear(connection)
        finally:
            connection.close()

    def _say_what_is_due(self, connection: Connection) -> None:
        """Send what any of the talks has to say."""
        for gateway, talk in self._talks.items():
            if frame := talk.due(self._pace.monotonic_s()):
                self._send(connection, gateway, frame)

    def _hear(self, connection: Connection) -> None:
        """Hand frames to their talks; the inbox gets them by another session."""
        for message in self._heard:
            connection.acknowledge(message.mid)
            gateway = message.topic.split("/")[-2]
            frame = self._talks[gateway].hear(bytes(message.payload), self._pace.monotonic_s())
            if frame:
                self._send(connection, gateway, frame)
        self._heard.clear()

    def _send(self, connection: Connection, gateway: str, frame: bytes) -> None:
        """Publish a request that is void once we no longer wait for it."""
        LOG.info("%s asks %s %s", self._settings.name, ascii(gateway), frame.hex())
        topic = f"{self._settings.topic_prefix}/{gateway}/requests"
        connection.publish(topic, frame, expiry_s=max(1, int(self._settings.reread_answer_s)))
