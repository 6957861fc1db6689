"""A delivered file as it stands after reading and before any judgement of its content.

Enters and leaves: frozen records that edge.delivery makes. Not here: reading bytes, judging rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sanchi.app.deliveries import DeliveredFile
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
class ArrivedFile:
    """One file that could be read as what its name says."""

    delivered: DeliveredFile
    content: MasterRows | DeliveredReadings


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDelivery:
    """A file or folder that was handed in, in the order in which its files have to be taken.

    files : reads each file when it is asked for; raises UnreadableDelivery there, earlier files stay taken.
    passed_over_names : files whose names say no kind; nothing of them is read.
    """

    file_names: tuple[str, ...]
    passed_over_names: tuple[str, ...]
    files: Iterator[ArrivedFile]


# What start gives to those who take files in; raises UnreadableDelivery when there is nothing to take.
OpenDelivery = Callable[[Path], OpenedDelivery]
