"""The columns of a delivered readings file, as an edge hands them over; checked once, then frozen.

Enter: equal-length arrays and the texts their codes point to. Not here: reading bytes, judging rows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.readings import Channel


class ReadingFile(StrEnum):
    """The two kinds of files that carry readings."""

    REGISTERS = "registers"  # cumulative counts of import and export
    ENERGIES = "energies"  # energies of half hours


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingForm:
    """What the columns of one kind of readings file are called and which channels it may carry."""

    column_names: tuple[str, str, str, str, str]  # meter, channel, stamp, reading, time of receipt
    channels: frozenset[Channel]

    @property
    def stamp_name(self) -> str:
        """Name the column of the half-hour stamp."""
        return self.column_names[2]

    @property
    def reading_name(self) -> str:
        """Name the column of the count or the energy."""
        return self.column_names[3]

    @property
    def received_name(self) -> str:
        """Name the column that orders versions of the same reading."""
        return self.column_names[4]


READING_FORMS: Final = {
    ReadingFile.REGISTERS: ReadingForm(
        column_names=("meter_id", "channel", "read_at", "register_count", "received_at"),
        channels=frozenset((Channel.IMPORT, Channel.EXPORT)),
    ),
    ReadingFile.ENERGIES: ReadingForm(
        column_names=("meter_id", "channel", "slot_end", "energy_wh", "received_at"),
        channels=frozenset((Channel.PV, Channel.CHARGE, Channel.DISCHARGE, Channel.USE)),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingColumns:
    """Every row of a readings file in the order of the file, unjudged; arrays of shape (n_rows,).

    meter_code, channel_code : int32, positions in meter_texts and channel_texts; -1 = the field is empty.
    stamp_s, received_s : int64 [seconds since 1970 UTC]; where not readable the number means nothing.
    reading : int64, a count in units of the meter or an energy [Wh]; readable likewise.
    row_no : int32, 1 = the first row below the header.
    """

    reading_file: ReadingFile
    meter_texts: tuple[str, ...]
    meter_code: NDArray[np.int32]
    channel_texts: tuple[str, ...]
    channel_code: NDArray[np.int32]
    stamp_s: NDArray[np.int64]
    is_stamp_readable: NDArray[np.bool_]
    reading: NDArray[np.int64]
    is_reading_readable: NDArray[np.bool_]
    received_s: NDArray[np.int64]
    is_received_readable: NDArray[np.bool_]
    row_no: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Assert types, lengths and codes, and make the arrays read-only: they are handed over."""
        columns: tuple[tuple[NDArray[np.generic], type[np.generic]], ...] = (
            (self.meter_code, np.int32), (self.channel_code, np.int32),
            (self.stamp_s, np.int64), (self.is_stamp_readable, np.bool_),
            (self.reading, np.int64), (self.is_reading_readable, np.bool_),
            (self.received_s, np.int64), (self.is_received_readable, np.bool_), (self.row_no, np.int32),
        )  # fmt: skip
        for array, dtype in columns:
            assert array.dtype == dtype, f"a column has type {array.dtype}, expected {np.dtype(dtype)}"
            assert array.shape == self.row_no.shape, f"a column has shape {array.shape}, not {self.row_no.shape}"
            array.flags.writeable = False
        for code, texts in ((self.meter_code, self.meter_texts), (self.channel_code, self.channel_texts)):
            assert code.min(initial=-1) >= -1, "a code is below -1"
            assert code.max(initial=-1) < len(texts), "a code points behind its texts"

    @property
    def row_count(self) -> int:
        """Count the rows below the header."""
        return int(self.row_no.size)
