"""A connection to a broker: MQTT 5, a session that the broker keeps, acknowledgements by our own hand.

Enter: settings. Leave: a client, or BrokerLost. Not here: topics and what a message means.
"""

from collections.abc import Callable
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.settings import BrokerSettings

KEEPALIVE_S: Final = 60
CONNECT_S_MAX: Final = 10
# An ECHONET Lite frame has some hundred bytes. A payload above its limit is told and not kept; a packet above its own
# never leaves the broker.
PAYLOAD_BYTES_MAX: Final = 65_536
PACKET_BYTES_MAX: Final = 4 * PAYLOAD_BYTES_MAX
QOS: Final = 1
CLOSE_STEPS_MAX: Final = 50
SETTLE_S_MAX: Final = 5

# What is retained comes with a new subscription alone, not with each connection.
_OPTIONS: Final = SubscribeOptions(qos=QOS, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)


class BrokerLost(Exception):
    """The broker cannot be reached, refuses us, or ended the connection."""


class PublishRefused(BrokerLost):
    """The broker lets us publish nothing on a topic; some brokers end the connection over it."""


class Connection:
    """One connection of one client; used by one thread alone."""

    def __init__(
        self,
        settings: BrokerSettings,
        pace: Pace,
        *,
        client_id: str,
        topics: tuple[str, ...],
        is_lasting: bool,
        on_message: Callable[[MQTTMessage], None],
    ) -> None:
        """Prepare a client; a lasting session is kept by the broker while we are away."""
        self._settings = settings
        self._pace = pace
        self._topics = topics
        self._is_lasting = is_lasting
        self._lost = ""
        self._is_subscribed = False
        self._is_publish_refused = False
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if settings.secret is not None:
            self._client.username_pw_set(settings.user, settings.secret.text)
        if settings.is_tls:
            self._client.tls_set(ca_certs=str(settings.ca_file) if settings.ca_file else None)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = self._granted
        self._client.on_publish = self._published
        self._client.on_disconnect = self._ended
        self._client.on_message = lambda _client, _userdata, message: on_message(message)

    def open(self) -> None:
        """Connect and subscribe; returns once the broker granted it. Raises: BrokerLost."""
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._settings.session_s if self._is_lasting else 0
        properties.ReceiveMaximum = min(self._settings.batch_messages, 65_535)
        properties.MaximumPacketSize = PACKET_BYTES_MAX
        try:
            self._client.connect(
                self._settings.host,
                self._settings.port,
                KEEPALIVE_S,
                clean_start=not self._is_lasting,
                properties=properties,
            )
        except (OSError, ValueError) as error:
            raise BrokerLost(f"no connection ({type(error).__name__})") from error
        end_s = self._pace.monotonic_s() + CONNECT_S_MAX
        while not self._is_subscribed:
            self.step(0.1)
            if self._pace.monotonic_s() > end_s or self._pace.is_over:
                raise BrokerLost("no answer to the connection")

    def settle(self) -> None:
        """Wait until the broker has taken what we sent: it answers in order, so an answer to anything later proves it.

        Without it a socket that is closed with messages unread tears the acknowledgements away with it, and all comes
        again. Raises: BrokerLost.
        """
        self._is_subscribed = False
        self._client.subscribe([(topic, _OPTIONS) for topic in self._topics])
        end_s = self._pace.monotonic_s() + SETTLE_S_MAX
        while not self._is_subscribed and self._pace.monotonic_s() < end_s:
            self.step(0.1)

    def step(self, wait_s: float) -> None:
        """Let messages come in and out for a while. Raises: BrokerLost."""
        result = self._client.loop(wait_s)
        if self._is_publish_refused:
            raise PublishRefused("the broker lets us publish nothing there")
        if self._lost or result != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerLost(self._lost or f"the connection broke ({MQTTErrorCode(result).name})")

    def acknowledge(self, message_no: int) -> None:
        """Tell the broker that it may forget a message; if the telling fails, it comes again."""
        self._client.ack(message_no, QOS)

    def publish(self, topic: str, payload: bytes, *, expiry_s: int) -> None:
        """Send a message that nobody needs after a while. Raises: BrokerLost."""
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = expiry_s
        sent = self._client.publish(topic, payload, QOS, properties=properties)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerLost(f"nothing can be sent ({MQTTErrorCode(sent.rc).name})")

    def close(self) -> None:
        """Part from the broker; a lasting session stays. A connection that is gone already is passed over."""
        self._client.disconnect()
        for _ in range(CLOSE_STEPS_MAX):
            if not self._client.want_write():
                return
            self._client.loop(0.02)

    def _subscribe(
        self, client: Client, _userdata: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        """Subscribe as soon as we are let in; to repeat it changes nothing but makes sure."""
        if reason.is_failure:
            self._lost = f"the broker refuses us ({reason})"
            return
        client.subscribe([(topic, _OPTIONS) for topic in self._topics])

    def _granted(
        self, _client: Client, _userdata: Any, _no: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        """Go on only with all topics, and each of them with acknowledgements."""
        if any(reason.is_failure or reason.value < QOS for reason in reasons):
            self._lost = "the broker does not grant the topics at quality of service 1"
        self._is_subscribed = True

    def _published(
        self, _client: Client, _userdata: Any, _no: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        """Keep whether the broker took what we sent."""
        self._is_publish_refused = self._is_publish_refused or reason.is_failure

    def _ended(
        self,
        _client: Client,
        _userdata: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        """Keep why a connection ended."""
        self._lost = self._lost or f"the connection ended ({reason})"
