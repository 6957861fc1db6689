"""What is asked of the collecting of deliveries, and what came of it: records alone.

Enters and leaves: frozen records. Not here: connectors (edge.connectors), readings (they begin with ingest).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOrder:
    """One run of `sanchi collect`.

    received_at : the time of receipt for all that comes (replays), or None for the clock of this machine.
    every_s : the pause between two rounds of a poller, or None for what the configuration says.
    connector : the only connector that works, or None for all.
    """

    config_file: Path
    inbox_folder: Path
    is_once: bool
    received_at: datetime | None = None
    every_s: int | None = None
    connector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What one round of a connector brought: messages, pages or files, in how many files of the inbox.

    failure : why the round did not reach its end, "" where it did; what came before is kept all the same.
    """

    connector: str
    connector_kind: str
    item_count: int = 0
    file_count: int = 0
    byte_count: int = 0
    event_count: int = 0
    failure: str = ""


class RereadState(StrEnum):
    """How a request for a day's history ended."""

    ANSWERED = "answered"  # the gateway answered both requests; the answers come through the inbox
    REFUSED = "refused"  # the meter set another day, or none
    SILENT = "silent"  # no answer came, after all tries
    OUT_OF_REACH = "out_of_reach"  # a meter keeps today and 99 days before it
    POSTPONED = "postponed"  # too near to midnight: the meter could count the days otherwise than we do


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadOrder:
    """A delivery date whose register counts are to be read again from the meter behind a gateway."""

    gateway: str
    delivery_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadOutcome:
    """What became of an order."""

    order: RereadOrder
    state: RereadState
