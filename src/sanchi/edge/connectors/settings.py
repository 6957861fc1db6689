"""What a connector has to know, checked: where it asks, as whom, and within which limits.

Enter: values that configuration has read. Leave: frozen records. Not here: reading the file.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ConnectorKind(StrEnum):
    """What a connector talks to; the member's value stands in the configuration."""

    MQTT = "mqtt"  # gateways through a broker
    CT_CLOUD = "ct_cloud"  # the cloud of a vendor of current transformers
    GATEWAY_CLOUD = "gateway_cloud"  # the cloud of a vendor of B-route gateways
    FOLDER = "folder"  # where the network operator drops files


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that no message and no log can show by accident."""

    text: str

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """A broker with gateways behind it.

    batch_messages : how many messages wait for their file at most; the broker sends no more before.
    is_marking : whether a single round may publish a mark to see the end of the queue.
    drain_s : how long a single round waits for a broker that answers no mark of ours.
    """

    name: str
    host: str
    port: int
    is_tls: bool
    ca_file: Path | None
    user: str
    secret: Secret | None
    client_id: str
    topic_prefix: str
    session_s: int
    batch_messages: int
    batch_s: int
    is_marking: bool
    drain_s: int
    reread_answer_s: int
    reread_pause_s: int

    @property
    def kind(self) -> ConnectorKind:
        """Name the kind."""
        return ConnectorKind.MQTT


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """A vendor's cloud.

    page_items : how many items a page may have (asked for where the cloud lets one ask).
    pages_max : how many pages a round takes at most; the next one goes on.
    tries_max : how often one request is sent before the round fails.
    backoff_s, patience_s : the first pause after a failure, and the longest that a cloud may ask for.
    begin_at : where the first round of all begins, for a cloud that is asked by time.
    """

    name: str
    kind: ConnectorKind
    url: str
    ca_file: Path | None
    client_id: str
    secret: Secret
    every_s: int
    page_items: int
    pages_max: int
    body_bytes_max: int
    tries_max: int
    backoff_s: int
    patience_s: int
    answer_s: int
    begin_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """A folder into which somebody drops files.

    settle_ms : two looks so far apart have to see the same size and time of change; a file `NAME.done` says so at once.
    """

    name: str
    folder: Path
    patterns: tuple[str, ...]
    every_s: int
    settle_ms: int
    file_bytes_max: int

    @property
    def kind(self) -> ConnectorKind:
        """Name the kind."""
        return ConnectorKind.FOLDER


ConnectorSettings = BrokerSettings | CloudSettings | FolderSettings
