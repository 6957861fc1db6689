"""What was found in the frames of a file, gathered from both decoders and put into columns.

Enter: blocks of integers, problems, events. Leave: DecodedFile and EventRows, in the order of records. Not here: bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import DecodedFile, DecodedRows, Measure, RecordProblem
from sanchi.core.metering.readings import CHANNEL_END, Channel
from sanchi.core.metering.sources import Source, Stage

IntArray = NDArray[np.int64]

OBJECT_BITS: Final = 24
# A row takes its unit from what the same device told of itself (E1 x D3).
UNIT_AS_TOLD: Final = -1
TEXT_CHARS_MAX: Final = 120


class Reason(IntEnum):
    """Why a record without rows and problems has none; the text is that of passed_over."""

    WITHOUT_ENERGY = 0
    REFUSED = 1
    INSTANTANEOUS = 2
    NOT_YET = 3
    BETWEEN = 4
    SECOND_REGISTER = 5
    OTHER_DEVICE = 6
    SETTING = 7
    REQUEST = 8
    PANA = 9
    OTHER_PORT = 10
    SCAN = 11
    ADAPTER = 12


REASON_TEXTS: Final = {
    Reason.WITHOUT_ENERGY: "properties without energy",
    Reason.REFUSED: "properties that the device does not give",
    Reason.INSTANTANEOUS: "instantaneous values",
    Reason.NOT_YET: "histories of half hours to come",
    Reason.BETWEEN: "registers read between half hours",
    Reason.SECOND_REGISTER: "second registers of a battery",
    Reason.OTHER_DEVICE: "other devices",
    Reason.SETTING: "answers to settings",
    Reason.REQUEST: "requests",
    Reason.PANA: "PANA",
    Reason.OTHER_PORT: "datagrams for other ports",
    Reason.SCAN: "scans",
    Reason.ADAPTER: "commands and answers of the adapter",
}


# The places of a record's rows: a property has as many of its own.
PLACES_PER_PROPERTY: Final = 256
_PLACE_BITS: Final = 16

# A row by itself: record_no, place, key_code, stamp_s, reading, received_s, channel, unit_mwh, is_second.
Row = tuple[int, int, int, int, int, int, int, int, int]
_N_ROW_COLUMNS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBlock:
    """Rows of one property of many frames; arrays of shape (n_rows,), in the order of records.

    key_code : gateway_index x 2^24 + code of the object; place_position : orders the rows of a record.
    is_second : of a register that counts only where the device has no better one.
    """

    record_no: IntArray
    key_code: IntArray
    stamp_s: IntArray
    reading: IntArray
    received_s: IntArray
    place_position: int
    channel: Channel
    unit_mwh: int
    is_second: bool


_Columns = dict[str, IntArray]
_ARRAY_NAMES: Final = ("record_no", "key_code", "stamp_s", "reading", "received_s")
_SAME_NAMES: Final = ("place_position", "channel", "unit_mwh", "is_second")
# What the smart meter counts, and what a device of the home counts by itself; by the number of the channel.
_SOURCE_BY_CHANNEL: Final = np.array(
    [Source.B_ROUTE if number in {Channel.IMPORT, Channel.EXPORT} else Source.CT for number in range(CHANNEL_END)],
    np.int8,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFindings:
    """Everything found so far; reason_code is of shape (n_records,) and says why a record may be empty.

    unit_blocks, coefficient_blocks : int64 of shape (n, 3): record, key, what is told.
    events : at_s, record_no, EventCode, gateway_index, figure.
    """

    gateway_texts: Sequence[str]
    reason_code: NDArray[np.int8]
    rows: list[Row] = field(default_factory=list)
    row_blocks: list[RowBlock] = field(default_factory=list)
    unit_blocks: list[IntArray] = field(default_factory=list)
    coefficient_blocks: list[IntArray] = field(default_factory=list)
    problems: list[RecordProblem] = field(default_factory=list)
    events: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def add_problem(self, record_no: int, code: ProblemCode, address: str, detail: str, text: str) -> None:
        """Keep a problem with the record's text, shortened."""
        shown = text if len(text) <= TEXT_CHARS_MAX else f"{text[: TEXT_CHARS_MAX - 1]}…"
        self.problems.append(RecordProblem(record_no=record_no, code=code, address=address, detail=detail, text=shown))

    def add_event(self, at_s: int, record_no: int, code: EventCode, gateway_index: int, figure: int) -> None:
        """Keep an event of a gateway."""
        self.events.append((at_s, record_no, int(code), gateway_index, figure))

    def gathered(self) -> tuple[DecodedFile, EventRows]:
        """Put all into the order of records and count what was passed over."""
        rows, dropped_no = _without_second_registers(_in_order(self.rows, self.row_blocks))
        self.reason_code[dropped_no - 1] = Reason.SECOND_REGISTER
        problems = sorted(self.problems, key=lambda each: each.record_no)
        is_empty = np.ones(self.reason_code.size, bool)
        is_empty[rows["record_no"] - 1] = False
        is_empty[[each.record_no - 1 for each in problems]] = False
        counts = np.bincount(self.reason_code[is_empty], minlength=len(Reason))
        return (
            DecodedFile(
                record_count=int(self.reason_code.size),
                rows=self._decoded(rows),
                problems=tuple(problems),
                passed_over={REASON_TEXTS[each]: int(counts[each]) for each in Reason if counts[each]},
            ),
            self._event_rows(),
        )

    def _decoded(self, rows: _Columns) -> DecodedRows:
        """Give rows their addresses and units."""
        keys, address_code = _distinct(rows["key_code"], len(self.gateway_texts))
        n_rows = address_code.size
        return DecodedRows(
            address_texts=tuple(address_text(self.gateway_texts, int(key)) for key in keys),
            address_code=address_code,
            channel_no=rows["channel"].astype(np.int8),
            measure_no=np.full(n_rows, Measure.COUNT, np.int8),
            interval_s=np.zeros(n_rows, np.int32),
            stamp_s=rows["stamp_s"],
            reading=rows["reading"],
            unit_mwh=self._unit_mwh(rows),
            received_s=rows["received_s"],
            source_no=_SOURCE_BY_CHANNEL[rows["channel"]],
            stage_no=np.full(n_rows, Stage.FLASH, np.int8),
            record_no=rows["record_no"].astype(np.int32),
        )

    def _unit_mwh(self, rows: _Columns) -> IntArray:
        """Give what a count is worth: by the kind of register, or unit x coefficient as told up to the row's record."""
        unit_mwh = _last_told(self.unit_blocks, rows)
        coefficient = _last_told(self.coefficient_blocks, rows)
        # A meter may have a coefficient that stands in another file: without it nothing is said.
        told = np.where((unit_mwh < 0) | (coefficient < 0), 0, unit_mwh * coefficient)
        return np.where(rows["unit_mwh"] == UNIT_AS_TOLD, told, rows["unit_mwh"])

    def _event_rows(self) -> EventRows:
        """Put events in the order of time, then of records."""
        events = np.array(sorted(self.events), np.int64).reshape(-1, 5)
        gateways, subject_code = np.unique(events[:, 3], return_inverse=True)
        return EventRows(
            subject_texts=tuple(self.gateway_texts[at] for at in gateways),
            subject_code=subject_code.astype(np.int32),
            at_s=events[:, 0].copy(),
            event_no=events[:, 2].astype(np.int8),
            figure=events[:, 4].copy(),
        )


def address_text(gateway_texts: Sequence[str], key_code: int) -> str:
    """Name an object of a gateway.

    >>> address_text(["gw-001"], 0x028801)
    'gw-001/028801'
    """
    gateway_index, object_code = divmod(key_code, 1 << OBJECT_BITS)
    return f"{gateway_texts[gateway_index]}/{object_code:06X}"


def _in_order(rows: list[Row], blocks: list[RowBlock]) -> _Columns:
    """Put rows and blocks of rows into columns, ordered by record and place."""
    single = np.array(rows, np.int64).reshape(-1, _N_ROW_COLUMNS).T
    sizes = [block.record_no.size for block in blocks]
    columns: _Columns = {}
    for name, own in zip(_ARRAY_NAMES, single[[0, 2, 3, 4, 5]], strict=True):
        columns[name] = np.concatenate([own, *(getattr(block, name) for block in blocks)])
    for name, own in zip(_SAME_NAMES, single[[1, 6, 7, 8]], strict=True):
        same = np.array([int(getattr(block, name)) for block in blocks], np.int64)
        columns[name] = np.concatenate([own, np.repeat(same, sizes)])
    order = np.argsort((columns["record_no"] << _PLACE_BITS) | columns.pop("place_position"), kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _without_second_registers(rows: _Columns) -> tuple[_Columns, IntArray]:
    """Drop a battery's second registers where it told its first ones; give what stays, and the others' records."""
    is_second = rows["is_second"] == 1
    if not is_second.any():
        return rows, np.empty(0, np.int64)
    series = rows["key_code"] * CHANNEL_END + rows["channel"]
    is_dropped = is_second & np.isin(series, series[~is_second])
    return {name: column[~is_dropped] for name, column in rows.items()}, rows["record_no"][is_dropped]


def _distinct(key_code: IntArray, n_gateways: int) -> tuple[IntArray, NDArray[np.int32]]:
    """Give the objects that occur, ordered by their gateway, then by their code, and number them."""
    gateway_index, object_code = key_code >> OBJECT_BITS, key_code & ((1 << OBJECT_BITS) - 1)
    if key_code.size and (object_code == object_code[0]).all():
        # The common case, without sorting: one kind of object behind each gateway.
        occurs = np.bincount(gateway_index, minlength=n_gateways) > 0
        position = np.cumsum(occurs) - 1
        return (np.flatnonzero(occurs) << OBJECT_BITS) + object_code[0], position[gateway_index].astype(np.int32)
    keys, number = np.unique(key_code, return_inverse=True)
    return keys, number.astype(np.int32)


def _last_told(blocks: list[IntArray], rows: _Columns) -> IntArray:
    """Give what each row's object told last, up to and in the row's own record; -1 where it told nothing."""
    told = np.concatenate([np.empty((0, 3), np.int64), *blocks])
    key_code, record_no = rows["key_code"], rows["record_no"]
    if not len(told) or not key_code.size:
        return np.full(key_code.size, -1, np.int64)
    # Records and objects become one number that orders both.
    keys = np.unique(told[:, 1])
    n_records = int(max(told[:, 0].max(), record_no.max())) + 1
    told = told[np.lexsort((told[:, 0], told[:, 1]))]
    told_place = np.searchsorted(keys, told[:, 1]) * n_records + told[:, 0]
    key_place = np.minimum(np.searchsorted(keys, key_code), keys.size - 1)
    at = np.searchsorted(told_place, key_place * n_records + record_no, side="right") - 1
    is_told = (at >= 0) & (told[np.maximum(at, 0), 1] == key_code)
    return np.where(is_told, told[np.maximum(at, 0), 2], -1)
