"""What a decoder makes of a file: rows that are readings, records that are none, and what was wrong.

Enters: columns that decoders made. Leaves: values checked at construction. Not here: which meter of the market an
address is, and whether its reading can stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode

# Instead of a channel: the only one that the meter has, as the source does not tell directions apart.
ANY_CHANNEL: Final = 0


class Measure(IntEnum):
    """What the number of a row is."""

    COUNT = 1  # of a cumulative register at the stamp
    ENERGY = 2  # of the interval that the stamp closes
    POWER = 3  # mean power [W] of the interval that the stamp closes
    MONTH = 4  # energy of the calendar month that the stamp closes


_DTYPES: Final = (
    ("address_code", np.int32), ("channel_no", np.int8), ("measure_no", np.int8), ("interval_s", np.int32),
    ("stamp_s", np.int64), ("reading", np.int64), ("unit_mwh", np.int64), ("received_s", np.int64),
    ("source_no", np.int8), ("stage_no", np.int8), ("record_no", np.int32),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedRows:
    """Readings in the order of the file; equal-length arrays that become read-only.

    address_code : position in address_texts: the name by which the source knows the meter (docs/reference/
    meter-sources.md).
    channel_no, measure_no, source_no, stage_no : members of Channel (or ANY_CHANNEL), Measure, Source, Stage.
    interval_s : 60, 300, 900 or 1800; 0 for a count or a month.
    stamp_s : Unix seconds, the instant of a count or the end of an interval.
    reading : a count, an energy in units of unit_mwh, or a power [W].
    unit_mwh : milliwatt-hours per count as the device tells it (unit x coefficient); 0 = not told, or a power.
    record_no : 1 = the first record of the file; several rows may come from one.
    """

    address_texts: tuple[str, ...]
    address_code: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    measure_no: NDArray[np.int8]
    interval_s: NDArray[np.int32]
    stamp_s: NDArray[np.int64]
    reading: NDArray[np.int64]
    unit_mwh: NDArray[np.int64]
    received_s: NDArray[np.int64]
    source_no: NDArray[np.int8]
    stage_no: NDArray[np.int8]
    record_no: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Assert types and lengths, and freeze: a decoder that breaks them is wrong, not its file."""
        for name, dtype in _DTYPES:
            array = getattr(self, name)
            assert array.dtype == dtype, f"{name}: {array.dtype}, expected {np.dtype(dtype)}"
            assert array.shape == self.record_no.shape, f"{name}: shape {array.shape}, not {self.record_no.shape}"
            array.flags.writeable = False
        assert self.address_code.min(initial=0) >= 0, "a row has no address"
        assert self.address_code.max(initial=-1) < len(self.address_texts), "a code points behind its texts"

    @classmethod
    def joined(cls, first: "DecodedRows", second: "DecodedRows") -> "DecodedRows":
        """Put the rows of two values about the same records one behind the other."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(first, name), getattr(second, name)]) for name, _ in _DTYPES
        }
        columns["address_code"][first.row_count :] += len(first.address_texts)
        return cls(address_texts=(*first.address_texts, *second.address_texts), **columns)

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.record_no.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProblem:
    """A record, or a part of one, that should have been a reading and is none.

    text : the record as delivered, shortened to what a person can read; address : "" where it is not known.
    """

    record_no: int
    code: ProblemCode
    address: str
    detail: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedFile:
    """A file, or one block of a large one; every record is in rows, in problems, or passed over.

    passed_over : well-formed records that carry no reading by their nature, counted by reason.
    left_out : parts of records that are no reading, counted by reason, where other parts of them may be.
    """

    record_count: int
    rows: DecodedRows
    problems: tuple[RecordProblem, ...]
    passed_over: Mapping[str, int]
    left_out: Mapping[str, int] = field(default_factory=dict)
