"""Many frames of the same layout at once: the common answers of smart meters, solar and battery inverters.

Enter: frames behind one another in one buffer. Leave: rows in FrameFindings, and the positions of all frames that are
not common, or not clean: frame_reading reads those, and would find the same rows in these.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sanchi.core.metering.formats.echonet_frames import ESV_POSITION, HEADER_BYTES, Esv, Frame, read_frame
from sanchi.core.metering.formats.echonet_properties import INSTANCE_BITS, SMART_METER
from sanchi.core.metering.formats.echonet_values import COEFFICIENT_MAX, COUNT_MAX, UNIT_MWH
from sanchi.core.metering.formats.frame_findings import (
    OBJECT_BITS,
    PLACES_PER_PROPERTY,
    UNIT_AS_TOLD,
    FrameFindings,
    IntArray,
    Reason,
    RowBlock,
)
from sanchi.core.metering.formats.frame_registers import (
    CLOCK_OFF_S,
    REGISTERS,
    S_PER_HALF_HOUR,
    STAMPED,
    NowRegister,
)
from sanchi.core.metering.formats.frame_stamps import stamps_of
from sanchi.core.metering.readings import Channel

ByteArray = NDArray[np.uint8]

# Fewer frames of one length are not worth it.
BATCH_COUNT_MIN: Final = 32
# Bounds the memory of one step.
BATCH_COUNT_MAX: Final = 65_536
# A file of frames that are all different is not searched for layouts for ever.
LAYOUT_COUNT_MAX: Final = 32
_EXAMPLE_STRIDE: Final = 7_919
# Where layouts differ: header, class of the sender, ESV, OPC. Number, instance and receiver may be any.
_FIXED: Final = (0, 1, 4, 5, ESV_POSITION, ESV_POSITION + 1)
_COMMON_ESV: Final = frozenset({Esv.GET_RES, Esv.INF, Esv.INFC})
_NO_POWER: Final = 0x7FFFFFFE
# Properties of a meter beside its registers, with their lengths.
_COEFFICIENT: Final = 0xD3
_DIGITS: Final = 0xD7
_UNIT: Final = 0xE1
_POWER: Final = 0xE7
_CURRENTS: Final = 0xE8
_BESIDE: Final = {_COEFFICIENT: 4, _DIGITS: 1, _UNIT: 1, _POWER: 4, _CURRENTS: 4}
_STAMPED_BYTES: Final = 11
_REGISTER_BYTES: Final = 4
_UNIT_BY_CODE: Final = np.array([UNIT_MWH.get(code, -1) for code in range(256)], np.int64)
_DIGITS_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBatch:
    """Frames in one buffer; arrays of shape (n_frames,) in the order of records.

    start_index, n_bytes : where each frame lies in content_bytes; told_s : by the gateway's clock, else received_s.
    """

    content_bytes: ByteArray
    start_index: IntArray
    n_bytes: IntArray
    record_no: IntArray
    gateway_index: IntArray
    received_s: IntArray
    told_s: IntArray


class _SameLayout:
    """Frames that differ in values alone, read column by column; is_clean = nothing in the frame asks for a look."""

    def __init__(self, batch: FrameBatch, at: IntArray, matrix: ByteArray) -> None:
        self.matrix = matrix
        self.record_no, self.received_s, self.told_s = batch.record_no[at], batch.received_s[at], batch.told_s[at]
        self.key_code = (batch.gateway_index[at] << OBJECT_BITS) | (self.number(3, 4) & ((1 << OBJECT_BITS) - 1))
        self.is_clean = self.told_s - self.received_s <= CLOCK_OFF_S
        self.told_first_s = np.minimum(self.told_s, self.received_s)
        self.reason = Reason.WITHOUT_ENERGY
        # Each with a mask of the frames that have such a row; None = all.
        self.rows: list[tuple[NDArray[np.bool_] | None, RowBlock]] = []
        self.units: list[IntArray] = []
        self.coefficients: list[IntArray] = []
        self.clocks: ByteArray | None = None
        self.stamps: tuple[IntArray, NDArray[np.bool_]] | None = None

    def number(self, start: int, n_bytes: int) -> IntArray:
        """Read unsigned numbers of 1 or 4 bytes, big-endian."""
        if n_bytes == 1:
            return self.matrix[:, start].astype(np.int64)
        n_rows, width = self.matrix.shape
        view: NDArray[Any] = np.ndarray((n_rows,), ">u4", self.matrix, offset=start, strides=(width,))
        return view.astype(np.int64)

    def register(self, register: NowRegister, start: int, place: int) -> None:
        """Read a register that tells its count now."""
        reading = self.number(start, _REGISTER_BYTES)
        late_s = self.told_s % S_PER_HALF_HOUR
        self.is_clean &= reading <= register.count_max
        self.reason = max(self.reason, Reason.BETWEEN)
        has_row = late_s <= register.late_s_max
        if has_row.any():
            stamp_s = self.told_s - late_s
            self.keep(
                has_row, stamp_s, reading, place, register.channel, register.unit_mwh, is_second=register.is_second
            )

    def stamped(self, channel: Channel, start: int, place: int) -> None:
        """Read the count of a half hour."""
        stamp_s, is_stamp = self.stamps_at(start)
        reading = self.number(start + 7, _REGISTER_BYTES)
        self.is_clean &= is_stamp & (reading <= COUNT_MAX) & (stamp_s - self.told_first_s <= CLOCK_OFF_S)
        self.keep(None, stamp_s, reading, place, channel, UNIT_AS_TOLD, is_second=False)

    def stamps_at(self, start: int) -> tuple[IntArray, NDArray[np.bool_]]:
        """Read instants; both directions of a frame mostly have the same."""
        clocks = self.matrix[:, start : start + 7]
        if self.stamps is None or self.clocks is None or not np.array_equal(clocks, self.clocks):
            self.clocks, self.stamps = clocks, stamps_of(clocks)
        return self.stamps

    def beside(self, epc_code: int, start: int) -> None:
        """Read a property that is no register."""
        number = self.number(start, _BESIDE[epc_code])
        if epc_code in {_POWER, _CURRENTS}:
            self.reason = max(self.reason, Reason.INSTANTANEOUS)
        if epc_code == _POWER:
            self.is_clean &= number != _NO_POWER
        elif epc_code == _UNIT:
            unit_mwh = _UNIT_BY_CODE[number]
            self.is_clean &= unit_mwh >= 0
            self.units.append(np.column_stack([self.record_no, self.key_code, unit_mwh]))
        elif epc_code == _COEFFICIENT:
            self.is_clean &= number <= COEFFICIENT_MAX
            self.coefficients.append(np.column_stack([self.record_no, self.key_code, number]))
        elif epc_code == _DIGITS:
            self.is_clean &= (number >= 1) & (number <= _DIGITS_MAX)

    def keep(
        self,
        has_row: NDArray[np.bool_] | None,
        stamp_s: IntArray,
        reading: IntArray,
        place: int,
        channel: Channel,
        unit_mwh: int,
        *,
        is_second: bool,
    ) -> None:
        """Keep readings until it is known which frames are clean."""
        block = RowBlock(
            record_no=self.record_no,
            key_code=self.key_code,
            stamp_s=stamp_s,
            reading=reading,
            received_s=self.received_s,
            place_position=place,
            channel=channel,
            unit_mwh=unit_mwh,
            is_second=is_second,
        )
        self.rows.append((has_row, block))

    def put_into(self, findings: FrameFindings) -> NDArray[np.bool_]:
        """Keep what the clean frames say; give which they are."""
        is_clean = self.is_clean
        findings.reason_code[self.record_no[is_clean] - 1] = self.reason
        for has_row, block in self.rows:
            findings.row_blocks.append(_masked(block, is_clean if has_row is None else has_row & is_clean))
        findings.unit_blocks.extend(told[is_clean] for told in self.units)
        findings.coefficient_blocks.extend(told[is_clean] for told in self.coefficients)
        return is_clean


def _masked(block: RowBlock, is_kept: NDArray[np.bool_]) -> RowBlock:
    """Keep some rows of a block."""
    if is_kept.all():
        return block
    return replace(
        block,
        record_no=block.record_no[is_kept],
        key_code=block.key_code[is_kept],
        stamp_s=block.stamp_s[is_kept],
        reading=block.reading[is_kept],
        received_s=block.received_s[is_kept],
    )


def read_batch(batch: FrameBatch, findings: FrameFindings) -> list[int]:
    """Read the common frames into findings; give the positions of all others, in order."""
    order = np.argsort(batch.n_bytes, kind="stable")
    edges = np.flatnonzero(np.diff(batch.n_bytes[order])) + 1
    left: list[IntArray] = []
    for at in np.split(order, edges):
        for start in range(0, at.size, BATCH_COUNT_MAX):
            left.extend(_read_same_length(batch, at[start : start + BATCH_COUNT_MAX], findings))
    return sorted(np.concatenate([np.empty(0, np.int64), *left]).tolist())


def _read_same_length(batch: FrameBatch, at: IntArray, findings: FrameFindings) -> Iterator[IntArray]:
    """Read frames of one length, layout by layout; give the positions that are left."""
    n_bytes = int(batch.n_bytes[at[0]]) if at.size else 0
    if at.size < BATCH_COUNT_MIN or n_bytes < HEADER_BYTES:
        yield at
        return
    matrix = sliding_window_view(batch.content_bytes, n_bytes)[batch.start_index[at]]
    for trial in range(LAYOUT_COUNT_MAX):
        if at.size < BATCH_COUNT_MIN:
            break
        # Looked for here and there: many broken frames at the beginning shall not hide the common ones.
        example = trial * _EXAMPLE_STRIDE % at.size
        read = read_frame(matrix[example].tobytes())
        is_same = _has_layout_of(matrix, example, read)
        if isinstance(read, Frame) and _is_common(read) and is_same.all():
            same = _read_layout(_SameLayout(batch, at, matrix), read)
            yield at[~same.put_into(findings)]
            return
        if isinstance(read, Frame) and _is_common(read):
            same = _read_layout(_SameLayout(batch, at[is_same], matrix[is_same]), read)
            yield at[is_same][~same.put_into(findings)]
        else:
            yield at[is_same]
        at, matrix = at[~is_same], matrix[~is_same]
    yield at


def _has_layout_of(matrix: ByteArray, example: int, read: object) -> NDArray[np.bool_]:
    """Tell which rows have the layout of an example; one that is no frame has a layout of its own."""
    if not isinstance(read, Frame) or read.set_properties:
        is_same = np.zeros(len(matrix), bool)
        is_same[example] = True
        return is_same
    columns = [*_FIXED]
    position = HEADER_BYTES
    for each in read.properties:
        columns += [position, position + 1]
        position += 2 + len(each.edt)
    is_alike = np.ones(len(matrix), bool)
    for column in columns:
        is_alike &= matrix[:, column] == matrix[example, column]
    return is_alike


def _is_common(read: Frame) -> bool:
    """Tell whether every property of a frame can be read column by column."""
    class_code = read.source_code >> INSTANCE_BITS
    return read.esv in _COMMON_ESV and all(
        _common_bytes(class_code, each.epc_code) == len(each.edt) for each in read.properties
    )


def _common_bytes(class_code: int, epc_code: int) -> int:
    """Give the length of a property that can be read column by column, -1 for others."""
    if (class_code, epc_code) in REGISTERS:
        return _REGISTER_BYTES
    if class_code != SMART_METER:
        return -1
    return _STAMPED_BYTES if epc_code in STAMPED else _BESIDE.get(epc_code, -1)


def _read_layout(same: _SameLayout, read: Frame) -> _SameLayout:
    """Read property by property what stands at the same place in all frames."""
    class_code = read.source_code >> INSTANCE_BITS
    position = HEADER_BYTES
    for at, each in enumerate(read.properties):
        start, place = position + 2, at * PLACES_PER_PROPERTY
        if (class_code, each.epc_code) in REGISTERS:
            same.register(REGISTERS[class_code, each.epc_code], start, place)
        elif each.epc_code in STAMPED:
            same.stamped(STAMPED[each.epc_code], start, place)
        else:
            same.beside(each.epc_code, start)
        position = start + len(each.edt)
    return same
