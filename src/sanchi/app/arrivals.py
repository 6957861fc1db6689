"""A delivered file as it stands after reading and before any judgement of its content.

Enters and leaves: frozen records that edge.delivery makes. Not here: reading bytes, judging rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sanchi.app.deliveries import DeliveredFile
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.formats.decoded import DecodedFile
from sanchi.core.metering.intake_columns import ReadingColumns

# Gives the delivered text of rows by their positions; only rejected rows are ever asked for.
RowTexts = Callable[[NDArray[np.int64]], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRow:
    """One record as delivered: where it stands ("line 5") and the text of every column."""

    place: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRows:
    """All records of one master data file, in the order of the file; market.toml has exactly one."""

    file_name: str
    rows: tuple[MasterRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredReadings:
    """All rows of one readings file, and the way back to their text."""

    columns: ReadingColumns
    row_texts: RowTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBlocks:
    """A readings file that is too large to be held whole; read : as of DecodedBlocks, rows numbered on."""

    read: Callable[[], Iterator[DeliveredReadings]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedBlock:
    """A part of a decoded file that fits into memory; its records are numbered on from the block before.

    connectors : who noticed each of the events, in their order.
    """

    decoded: DecodedFile
    events: EventRows
    connectors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedBlocks:
    """A file of a foreign format, decoded while it is read, a block at a time.

    read : begins at the file's first record whenever it is called; UnreadableDelivery where the file changed meanwhile.
    """

    read: Callable[[], Iterator[DecodedBlock]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFile:
    """One file that could be read as what its name says; rows of blocks are counted as they are read."""

    delivered: DeliveredFile
    content: MasterRows | DeliveredReadings | ReadingBlocks | DecodedBlocks


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDelivery:
    """A file or folder that was handed in, in the order in which its files have to be taken.

    files : reads each file when it is asked for; raises UnreadableDelivery there, earlier files stay taken.
    passed_over_names : files whose names say no kind; nothing of them is read.
    """

    file_names: tuple[str, ...]
    passed_over_names: tuple[str, ...]
    files: Iterator[ArrivedFile]


class Inbox(Protocol):
    """A folder into which files are dropped; each leaves it once it was looked at."""

    def waiting(self) -> tuple[Path, ...]:
        """List the files that are written whole, in the order of their names."""

    def keep_taken(self, path: Path) -> None:
        """Put a file to those that were taken; one that is gone stays gone."""

    def keep_refused(self, path: Path, reason: str) -> None:
        """Put a file to those that were refused, with the reason beside it."""


# Opens a folder as an inbox; raises UnreadableDelivery when it is none.
OpenInbox = Callable[[Path], Inbox]
# What start gives to those who take files in; raises UnreadableDelivery when there is nothing to take.
OpenDelivery = Callable[[Path], OpenedDelivery]
