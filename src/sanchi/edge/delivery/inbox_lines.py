"""Decode the text files of the inbox: a JSON object a line, in blocks.

Enters: a path. Leave: DecodedBlocks. Not here: the formats inside the lines (core.metering.formats).
"""

import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sanchi.app.arrivals import DecodedBlock
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.formats.ct_cloud import decode_ct_pages
from sanchi.core.metering.formats.decoded import DecodedFile, RecordProblem
from sanchi.core.metering.formats.event_lines import decode_event_lines
from sanchi.core.metering.formats.gateway_cloud import decode_gateway_pages
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, decode_frames
from sanchi.core.metering.formats.gateway_lines import GatewayLine, decode_sk_lines
from sanchi.core.metering.formats.json_records import (
    CloudPage,
    RecordFault,
    instant_s_of,
    instant_s_or_none_of,
    name_of,
    parse_object,
    printable_text,
    shown_text,
    text_of,
)
from sanchi.edge.delivery.text_lines import TextLine, line_blocks

Envelope = TypeVar("Envelope")
# A decoder of core: records in their order -> what they are.
Decode = Callable[[Sequence[Envelope]], tuple[DecodedFile, EventRows]]


def ct_cloud_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:  # noqa: ARG001 - lines tell it themselves
    """Decode pages of the CT vendor's cloud."""
    return _blocks(path, "ctcloud", _page_of, decode_ct_pages)


def gateway_cloud_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:  # noqa: ARG001 - as above
    """Decode pages of the B-route vendor's cloud."""
    return _blocks(path, "gatewaycloud", _page_of, decode_gateway_pages)


def frame_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:  # noqa: ARG001 - as above
    """Decode ECHONET Lite frames of gateways."""
    return _blocks(path, "frames", _frame_of, decode_frames)


def sk_line_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:  # noqa: ARG001 - as above
    """Decode lines of Wi-SUN adapters; a message of several lines that a block cuts in two counts as broken."""
    return _blocks(path, "sklines", _sk_line_of, decode_sk_lines)


def event_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:  # noqa: ARG001 - as above
    """Decode what connectors noticed."""
    base = 0
    with path.open("rb") as file:
        for lines in line_blocks(file):
            good = [line for line in lines if not line.fault]
            decoded, events, connectors = decode_event_lines([line.text for line in good])
            decoded = _numbered_on(decoded, [line for line in lines if line.fault], base)
            base += decoded.record_count
            yield DecodedBlock(decoded=decoded, events=events, connectors=connectors)


def _blocks(
    path: Path, connector: str, envelope_of: Callable[[dict[str, Any]], Envelope], decode: Decode[Envelope]
) -> Iterator[DecodedBlock]:
    """Decode a file whose lines are envelopes; a line that is none is a record of its own, and a problem."""
    base = 0
    with path.open("rb") as file:
        for lines in line_blocks(file):
            envelopes, broken = _opened(lines, envelope_of)
            decoded, events = decode(envelopes)
            decoded = _numbered_on(decoded, broken, base)
            base += decoded.record_count
            yield DecodedBlock(decoded=decoded, events=events, connectors=(connector,) * events.at_s.size)


def _opened(
    lines: Sequence[TextLine], envelope_of: Callable[[dict[str, Any]], Envelope]
) -> tuple[list[Envelope], list[TextLine]]:
    """Open the envelopes; give those that could be opened, and the lines that are none."""
    envelopes, broken = [], []
    for line in lines:
        try:
            if not line.fault:
                envelopes.append(envelope_of(parse_object(line.text)))
                continue
            fault = line.fault
        except RecordFault as error:
            fault = f"line {line.line_no}: {error.detail}"
        broken.append(replace(line, fault=fault))
    return envelopes, broken


def _numbered_on(decoded: DecodedFile, broken: Sequence[TextLine], base: int) -> DecodedFile:
    """Go on numbering records where the block before ended, broken lines last."""
    first_broken_no = base + decoded.record_count + 1
    problems = [
        replace(
            problem,
            record_no=problem.record_no + base,
            detail=printable_text(problem.detail),
            text=shown_text(problem.text),
        )
        for problem in decoded.problems
    ]
    problems += [
        RecordProblem(
            record_no=record_no,
            code=ProblemCode.UNREADABLE_ROW,
            address="",
            detail=line.fault,
            text=shown_text(line.text),
        )
        for record_no, line in enumerate(broken, start=first_broken_no)
    ]
    return replace(
        decoded,
        record_count=decoded.record_count + len(broken),
        rows=replace(decoded.rows, record_no=decoded.rows.record_no + np.int32(base)),
        problems=tuple(problems),
    )


def _frame_of(record: dict[str, Any]) -> GatewayFrame:
    """Open the envelope of a frame; a frame that is no hex is a broken line."""
    text = text_of(record, "frame")
    try:
        # bytes.fromhex would let blanks pass.
        frame = binascii.unhexlify(text)
    except ValueError as error:
        raise RecordFault("frame: no hexadecimal bytes") from error
    return GatewayFrame(
        received_s=instant_s_of(record, "received_at"),
        gateway=name_of(record, "gateway"),
        sent_s=instant_s_or_none_of(record, "sent_at"),
        frame=frame,
    )


def _sk_line_of(record: dict[str, Any]) -> GatewayLine:
    """Open the envelope of an adapter's line."""
    return GatewayLine(
        received_s=instant_s_of(record, "received_at"),
        gateway=name_of(record, "gateway"),
        line=text_of(record, "line"),
    )


def _page_of(record: dict[str, Any]) -> CloudPage:
    """Open the envelope of a page."""
    return CloudPage(received_s=instant_s_of(record, "received_at"), body=text_of(record, "body"))
