"""Lines of Wi-SUN adapters as a file delivers them: the frames inside, and what the adapters noticed.

Enter: lines with the time of their receipt. Leave: a DecodedFile and EventRows; a line is a record. Not here: what a
line says (sk_lines), what a frame says (gateway_frames).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import DecodedFile
from sanchi.core.metering.formats.frame_findings import FrameFindings, Reason
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, gateway_findings, read_frames
from sanchi.core.metering.formats.sk_lines import SkEvent, SkFault, SkPassed, SkReader, SkRecord, SkScan, SkUdp

_EVENT_CODES: Final = {
    0x24: EventCode.METER_LOST,
    0x25: EventCode.METER_JOINED,
    0x27: EventCode.METER_LOST,
    0x28: EventCode.METER_LOST,
    0x29: EventCode.METER_LOST,
}
_REASONS: Final = {"PANA": Reason.PANA, "datagrams for other ports": Reason.OTHER_PORT}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLine:
    """A line as it came, without its end."""

    received_s: int
    gateway: str
    line: str


def decode_sk_lines(lines: Sequence[GatewayLine]) -> tuple[DecodedFile, EventRows]:
    """Decode the lines of a file; record_no 1 is the first of them. Lines of several adapters may be mixed."""
    findings = gateway_findings((line.gateway for line in lines), len(lines))
    index_of = {gateway: at for at, gateway in enumerate(findings.gateway_texts)}
    readers = {gateway: SkReader() for gateway in index_of}
    open_nos: dict[str, list[int]] = {gateway: [] for gateway in index_of}
    frames: list[GatewayFrame] = []
    frame_nos: list[int] = []
    for record_no, line in enumerate(lines, start=1):
        findings.reason_code[record_no - 1] = Reason.SCAN
        open_nos[line.gateway].append(record_no)
        for record in readers[line.gateway].read(line.line):
            first_no = open_nos[line.gateway][0]
            del open_nos[line.gateway][: record.line_count if isinstance(record, SkFault | SkScan) else 1]
            if isinstance(record, SkUdp):
                frames.append(_frame_of(record, line))
                frame_nos.append(record_no)
            else:
                _note(record, lines[first_no - 1], first_no, index_of[line.gateway], findings)
    for gateway, reader in readers.items():
        for record in reader.end():
            first_no = open_nos[gateway][0]
            _note(record, lines[first_no - 1], first_no, index_of[gateway], findings)
    read_frames(frames, np.array(frame_nos, np.int64), findings)
    return findings.gathered()


def _frame_of(record: SkUdp, line: GatewayLine) -> GatewayFrame:
    """Take the frame out of a line; an adapter has no clock."""
    return GatewayFrame(received_s=line.received_s, gateway=line.gateway, sent_s=None, frame=record.frame)


def _note(record: SkRecord, line: GatewayLine, record_no: int, gateway_index: int, findings: FrameFindings) -> None:
    """Keep what a line says that carries no frame."""
    if isinstance(record, SkFault):
        findings.add_problem(record_no, ProblemCode.MALFORMED_FRAME, "", record.detail, line.line)
        findings.add_event(line.received_s, record_no, EventCode.FRAME_MALFORMED, gateway_index, 0)
    elif isinstance(record, SkEvent):
        findings.reason_code[record_no - 1] = Reason.ADAPTER
        if record.event_code in _EVENT_CODES:
            findings.add_event(line.received_s, record_no, _EVENT_CODES[record.event_code], gateway_index, 0)
    elif isinstance(record, SkPassed):
        findings.reason_code[record_no - 1] = _REASONS.get(record.reason, Reason.ADAPTER)
