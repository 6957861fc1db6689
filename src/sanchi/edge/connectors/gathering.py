"""Lines that wait for their file, and the tally of what a round brought.

Enter: records. Leave: files of the inbox. Not here: acknowledging and cursors, which follow the file.
"""

import json
import logging
from datetime import datetime
from typing import Any, Final

from sanchi.app.collect import RoundReport
from sanchi.core.base.slots import JST
from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.inbox import Inbox

# One file of the inbox is read as a whole by some readers; this bounds what they and we hold.
FILE_BYTES_MAX: Final = 4 * 2**20
# Readers of the inbox take no longer line.
LINE_BYTES_MAX: Final = 2**20
# No gateway or device is named so long, and an event has to fit into its line.
SUBJECT_LETTERS_MAX: Final = 200
EVENTS: Final = "events"

LOG: Final = logging.getLogger("sanchi.collect")


def stamp_text(instant: datetime) -> str:
    """Write an instant as files of the inbox do: Japan Standard Time, whole seconds."""
    return instant.astimezone(JST).isoformat(timespec="seconds")


class Gathering:
    """The lines of one connector, of all kinds, from arrival to the file."""

    def __init__(self, inbox: Inbox, connector: str, connector_kind: str) -> None:
        """Begin with nothing."""
        self.inbox = inbox
        self.connector = connector
        self.connector_kind = connector_kind
        self._lines: dict[str, list[bytes]] = {}
        self._waiting_bytes = 0
        self.begin_round()

    def begin_round(self) -> None:
        """Count from zero; lines that wait stay."""
        self.item_count = self.file_count = self.byte_count = self.event_count = 0

    @property
    def is_full(self) -> bool:
        """Tell whether the lines should become a file now."""
        return self._waiting_bytes >= FILE_BYTES_MAX

    def add(self, kind: str, record: dict[str, Any]) -> bool:
        """Add one line of a kind, unless it is longer than a line may be. Returns: whether it was added."""
        is_added = self._append(kind, record)
        self.item_count += is_added
        return is_added

    def note(
        self,
        event: EventCode,
        subject: str,
        figure: int = 0,
        *,
        at: datetime | None = None,
        said_at: str | None = None,
    ) -> None:
        """Add an event, of now if no instant is named, and log it; said_at is the device's own stamp as it came."""
        at_text = stamp_text(self.inbox.now() if at is None else at)
        record = {
            "at": at_text,
            "connector": self.connector,
            "event": event.name.lower(),
            "subject": subject[:SUBJECT_LETTERS_MAX],
        }
        self._append(EVENTS, record | {"figure": figure} | ({"said_at": said_at} if said_at else {}))
        self.event_count += 1
        # A name that a device chose shall not write lines of its own into the log.
        shown = subject if subject.isprintable() else ascii(subject)
        LOG.info("%s %s %s %s", self.connector, event.name, shown, figure)

    def write(self) -> None:
        """Write a file of each kind that has lines; readings before events. Raises: OSError, and the lines stay."""
        for kind in sorted(self._lines, key=lambda kind: (kind == EVENTS, kind)):
            lines = self._lines[kind]
            _, size = self.inbox.write(kind, self.connector, lines)
            self.file_count += 1
            self.byte_count += size
            self._waiting_bytes -= sum(map(len, lines))
            del self._lines[kind]

    def forget(self) -> None:
        """Drop lines that wait: what they came from was neither acknowledged nor passed by, and comes again."""
        self._lines.clear()
        self._waiting_bytes = 0

    def report(self, failure: str = "") -> RoundReport:
        """Tell what came since the round began."""
        return RoundReport(
            connector=self.connector,
            connector_kind=self.connector_kind,
            item_count=self.item_count,
            file_count=self.file_count,
            byte_count=self.byte_count,
            event_count=self.event_count,
            failure=failure,
        )

    def _append(self, kind: str, record: dict[str, Any]) -> bool:
        """Keep a line until its file is written."""
        # ASCII alone: half a surrogate in a device's name could not be written otherwise.
        line = json.dumps(record).encode() + b"\n"
        if len(line) > LINE_BYTES_MAX:
            return False
        self._lines.setdefault(kind, []).append(line)
        self._waiting_bytes += len(line)
        return True
