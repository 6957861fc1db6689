"""One frame of a gateway, read property by property: the obvious decoder, for every frame that is not common.

Enters: a frame with its times. Leaves: rows, problems and events in FrameFindings. Not here: many like frames at once
(frame_batches), which has to find the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.echonet_frames import ASKING, REFUSING, TELLING, Frame, FrameFault, read_frame
from sanchi.core.metering.formats.echonet_properties import (
    BATTERY,
    DISTRIBUTION_BOARD,
    INSTANCE_BITS,
    SMART_METER,
    SOLAR,
    TABLES,
    read_property,
)
from sanchi.core.metering.formats.echonet_values import (
    NO_DATA_NOTE,
    UNIT_MWH,
    UnfitEdt,
    chosen_pairs,
    count_of,
    day_of,
    require,
    stamp_of,
)
from sanchi.core.metering.formats.frame_findings import (
    OBJECT_BITS,
    PLACES_PER_PROPERTY,
    UNIT_AS_TOLD,
    FrameFindings,
    Reason,
    address_text,
)
from sanchi.core.metering.formats.frame_registers import (
    CLOCK_OFF_S,
    MIDNIGHT_MARGIN_S,
    REGISTERS,
    S_PER_DAY,
    S_PER_HALF_HOUR,
    STAMPED,
    day_start_s,
)
from sanchi.core.metering.readings import Channel

# Values of this moment, whose "no data" is worth an event.
_INSTANTANEOUS: Final = frozenset(
    {
        (SMART_METER, 0xE7),
        (SMART_METER, 0xE8),
        (SOLAR, 0xE0),
        (BATTERY, 0xD3),
        (DISTRIBUTION_BOARD, 0xC6),
        (DISTRIBUTION_BOARD, 0xC7),
    }
)
_DAY_HISTORIES: Final = {0xE2: Channel.IMPORT, 0xE4: Channel.EXPORT}
# How many instants, and the minutes between them.
_CHOSEN_HISTORIES: Final = {0xEC: (12, 30), 0xEE: (10, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFrame:
    """A frame and what is known of its way; told_s = by the clock of the gateway, else when it was received."""

    record_no: int
    gateway_index: int
    received_s: int
    told_s: int
    frame: bytes


class _FrameReader:
    """Reads one frame into findings: rows that it made, values that the device did not have."""

    def __init__(self, received: ReceivedFrame, findings: FrameFindings) -> None:
        self.received, self.findings = received, findings
        self.reason = Reason.WITHOUT_ENERGY
        self.missing_count = 0
        self.stamps_s: list[int] = []
        self.key_code = 0
        self.place = 0

    def read(self) -> None:
        """Read the frame; its record always gets a reason, which counts if it has no row and no problem."""
        read = read_frame(self.received.frame)
        if isinstance(read, FrameFault):
            self.problem(ProblemCode.MALFORMED_FRAME, read.text)
            self.event(EventCode.FRAME_MALFORMED, 0)
        elif read.esv in ASKING:
            self.reason = Reason.REQUEST
        elif read.esv not in TELLING:
            self.reason = Reason.SETTING
        elif read.source_code >> INSTANCE_BITS not in TABLES:
            self.reason = Reason.OTHER_DEVICE
        else:
            self.read_properties(read)
        self.clock_event()
        if self.missing_count:
            self.event(EventCode.NO_DATA, self.missing_count)
        self.findings.reason_code[self.received.record_no - 1] = self.reason

    def read_properties(self, read: Frame) -> None:
        """Read each property by itself: what is wrong with one takes nothing from the others."""
        self.key_code = (self.received.gateway_index << OBJECT_BITS) + read.source_code
        class_code = read.source_code >> INSTANCE_BITS
        for at, each in enumerate(read.properties):
            self.place = at * PLACES_PER_PROPERTY
            if not each.edt and read.esv in REFUSING:
                self.read_refusal(class_code, each.epc_code)
                continue
            try:
                self.read_property(class_code, each.epc_code, each.edt)
            except UnfitEdt as unfit:
                name = read_property(read.source_code, each.epc_code, each.edt).name
                self.problem(ProblemCode.UNFIT_VALUE, f"{each.epc_code:02X} {name}: {unfit}")

    def read_refusal(self, class_code: int, epc_code: int) -> None:
        """Note that a device does not have a property; a meter without a coefficient counts by 1."""
        self.reason = max(self.reason, Reason.REFUSED)
        if (class_code, epc_code) == (SMART_METER, 0xD3):
            self.tell(self.findings.coefficient_blocks, 1)

    def read_property(self, class_code: int, epc_code: int, edt: bytes) -> None:
        """Read one property.

        Raises: UnfitEdt.
        """
        register = REGISTERS.get((class_code, epc_code))
        if register is not None:
            self.read_register(class_code, epc_code, edt)
        elif class_code == SMART_METER and epc_code in STAMPED:
            self.read_stamped(STAMPED[epc_code], edt)
        elif class_code == SMART_METER and epc_code in _DAY_HISTORIES:
            self.read_day(_DAY_HISTORIES[epc_code], edt)
        elif class_code == SMART_METER and epc_code in _CHOSEN_HISTORIES:
            last_at, pairs = chosen_pairs(edt, *_CHOSEN_HISTORIES[epc_code])
            step_s = 60 * _CHOSEN_HISTORIES[epc_code][1]
            last_s = int(last_at.timestamp())
            self.read_pairs(epc_code, ((last_s - at * step_s, pair) for at, pair in enumerate(pairs)))
        elif (class_code, epc_code) == (SMART_METER, 0xD0):
            require(edt, 15)
            pair = (count_of(edt[7:11]), count_of(edt[11:]))
            self.read_pairs(epc_code, [(int(stamp_of(edt[:7]).timestamp()), pair)])
        else:
            self.read_other(class_code, epc_code, edt)

    def read_register(self, class_code: int, epc_code: int, edt: bytes) -> None:
        """Read a register that tells its count now, which says something of a slot at its edge alone."""
        register = REGISTERS[class_code, epc_code]
        reading = count_of(edt, register.count_max)
        late_s = self.received.told_s % S_PER_HALF_HOUR
        self.reason = max(self.reason, Reason.BETWEEN)
        if reading is None:
            self.no_data(f"{epc_code:02X}")
        elif late_s <= register.late_s_max:
            self.row(
                register.channel,
                self.received.told_s - late_s,
                reading,
                register.unit_mwh,
                is_second=register.is_second,
            )

    def read_stamped(self, channel: Channel, edt: bytes) -> None:
        """Read the count of a half hour (EA, EB)."""
        require(edt, 11)
        stamp_s, reading = int(stamp_of(edt[:7]).timestamp()), count_of(edt[7:])
        self.stamps_s.append(stamp_s)
        if reading is None:
            self.no_data(f"{stamp_of(edt[:7]):%Y-%m-%d %H:%M} {channel.text}")
        else:
            self.row(channel, stamp_s, reading)

    def read_day(self, channel: Channel, edt: bytes) -> None:
        """Read the 48 counts of a day that is told by its distance from today."""
        days_before = day_of(edt)
        readings = [count_of(edt[at : at + 4]) for at in range(2, len(edt), 4)]
        told_s = self.received.told_s
        midnight_s = day_start_s(told_s)
        margin_s = max(MIDNIGHT_MARGIN_S, told_s - self.received.received_s)
        if not margin_s <= told_s - midnight_s <= S_PER_DAY - margin_s:
            raise UnfitEdt(f"told within {margin_s} s of midnight: today may be either day")
        first_s = midnight_s - days_before * S_PER_DAY
        stamped = [(first_s + at * S_PER_HALF_HOUR, reading) for at, reading in enumerate(readings)]
        if any(stamp_s > told_s + margin_s and reading is not None for stamp_s, reading in stamped):
            raise UnfitEdt("counts of half hours to come: the clock of the meter or of the gateway is wrong")
        past = [pair for pair in stamped if pair[0] <= told_s]
        missing = [stamp_s for stamp_s, reading in past if reading is None]
        self.reason = max(self.reason, Reason.NOT_YET)
        for stamp_s, reading in stamped:
            if reading is not None:
                self.row(channel, stamp_s, reading)
        if missing:
            self.no_data(f"{channel.text} at {len(missing)} of {len(past)} half hours", len(missing))

    def read_pairs(self, epc_code: int, stamped: Iterable[tuple[int, tuple[int | None, int | None]]]) -> None:
        """Read counts of both directions at instants that the meter names."""
        missing_count = 0
        self.reason = max(self.reason, Reason.NOT_YET)
        for stamp_s, pair in stamped:
            for channel, reading in zip((Channel.IMPORT, Channel.EXPORT), pair, strict=True):
                if reading is not None:
                    self.row(channel, stamp_s, reading)
                elif stamp_s <= self.received.told_s:
                    missing_count += 1
        if missing_count:
            self.no_data(f"{epc_code:02X}, {missing_count} counts", missing_count)

    def read_other(self, class_code: int, epc_code: int, edt: bytes) -> None:
        """Read what is no register: checked all the same, and units are kept."""
        read = read_property(class_code << INSTANCE_BITS, epc_code, edt)
        if read.fault:
            raise UnfitEdt(read.fault)
        if (class_code, epc_code) in _INSTANTANEOUS:
            self.reason = max(self.reason, Reason.INSTANTANEOUS)
            if read.told.get("note") == NO_DATA_NOTE:
                self.no_data(f"{epc_code:02X} {read.name}")
        if (class_code, epc_code) == (SMART_METER, 0xE1):
            self.tell(self.findings.unit_blocks, UNIT_MWH[edt[0]])
        if (class_code, epc_code) == (SMART_METER, 0xD3):
            self.tell(self.findings.coefficient_blocks, int.from_bytes(edt))

    def row(
        self, channel: Channel, stamp_s: int, reading: int, unit_mwh: int = UNIT_AS_TOLD, *, is_second: bool = False
    ) -> None:
        """Keep a reading, in the order of Row."""
        received = self.received
        position, key_code = self.place, self.key_code
        self.findings.rows.append(
            (
                received.record_no,
                position,
                key_code,
                stamp_s,
                reading,
                received.received_s,
                channel,
                unit_mwh,
                is_second,
            )
        )
        self.place += 1

    def tell(self, blocks: list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]], figure: int) -> None:
        """Keep what a device told of itself."""
        blocks.append(np.array([(self.received.record_no, self.key_code, figure)], np.int64))

    def no_data(self, detail: str, missing_count: int = 1) -> None:
        """Keep that the device has no value where it should have one."""
        self.missing_count += missing_count
        self.problem(ProblemCode.NO_DATA, f"no data: {detail}")

    def problem(self, code: ProblemCode, detail: str) -> None:
        """Keep a problem of this frame."""
        address = address_text(self.findings.gateway_texts, self.key_code) if self.key_code else ""
        text = self.received.frame.hex().upper()
        self.findings.add_problem(self.received.record_no, code, address, detail, text)

    def event(self, code: EventCode, figure: int) -> None:
        """Keep an event of this frame's gateway."""
        received = self.received
        self.findings.add_event(received.received_s, received.record_no, code, received.gateway_index, figure)

    def clock_event(self) -> None:
        """Tell what proves a clock wrong: a frame sent after it was received, a count after it was told."""
        received_s, told_s = self.received.received_s, self.received.told_s
        last_s = max(self.stamps_s, default=told_s)
        if told_s - received_s > CLOCK_OFF_S:
            self.event(EventCode.CLOCK_OFF, told_s - received_s)
        elif last_s - received_s > CLOCK_OFF_S:
            self.event(EventCode.CLOCK_OFF, last_s - received_s)
        elif last_s - told_s > CLOCK_OFF_S:
            self.event(EventCode.CLOCK_OFF, told_s - last_s)


def read_received(received: ReceivedFrame, findings: FrameFindings) -> None:
    """Read one frame into findings."""
    _FrameReader(received, findings).read()
