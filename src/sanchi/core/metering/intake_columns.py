"""The columns of a delivered readings file, as an edge hands them over; checked once, then frozen.

Enter: equal-length arrays and the texts their codes point to. Not here: reading bytes, judging rows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class ReadingFile(StrEnum):
    """The two kinds of files that carry readings, of any channel, and what decoded files have besides."""

    REGISTERS = "registers"  # counts of meters that count: digits above 0
    ENERGIES = "energies"  # energies of half hours, of meters that deliver them: digits 0
    PARTS = "parts"  # no file of its own: energies of parts of half hours, judged at the half hour's end


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingForm:
    """What the columns of one kind of readings file are called, and whether its meters count."""

    column_names: tuple[str, str, str, str, str]  # meter, channel, stamp, reading, time of receipt
    is_register: bool

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
        is_register=True,
    ),
    ReadingFile.ENERGIES: ReadingForm(
        column_names=("meter_id", "channel", "slot_end", "energy_wh", "received_at"),
        is_register=False,
    ),
    ReadingFile.PARTS: ReadingForm(
        column_names=("meter_id", "channel", "interval_end", "energy_ws", "received_at"),
        is_register=False,
    ),
}
# Columns that a readings file may leave out: the way of the reading, and how final it is.
SOURCE_NAME: Final = "source"
STAGE_NAME: Final = "stage"
OPTIONAL_NAMES: Final = (SOURCE_NAME, STAGE_NAME)
# Their numbers where the field is empty or left out (the meter's own says), and where it is no word that is known.
LEFT_OUT: Final = 0
NOT_READABLE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingColumns:
    """Every row of a readings file in the order of the file, unjudged; arrays of shape (n_rows,).

    meter_code, channel_code : int32, positions in meter_texts and channel_texts; -1 = the field is empty.
    stamp_s, received_s : int64 [seconds since 1970 UTC]; where not readable the number means nothing.
    reading : int64, a count in units of the meter or an energy [Wh]; readable likewise.
    source_no, stage_no : int8, members of Source and Stage, LEFT_OUT or NOT_READABLE.
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
    source_no: NDArray[np.int8]
    stage_no: NDArray[np.int8]

    def __post_init__(self) -> None:
        """Assert types, lengths and codes, and make the arrays read-only: they are handed over."""
        columns: tuple[tuple[NDArray[np.generic], type[np.generic]], ...] = (
            (self.meter_code, np.int32), (self.channel_code, np.int32),
            (self.stamp_s, np.int64), (self.is_stamp_readable, np.bool_),
            (self.reading, np.int64), (self.is_reading_readable, np.bool_),
            (self.received_s, np.int64), (self.is_received_readable, np.bool_), (self.row_no, np.int32),
            (self.source_no, np.int8), (self.stage_no, np.int8),
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
