"""Frames of home gateways as a file delivers them: readings of meters, what was wrong, what was noticed.

Enter: frames with the times of their way (docs/reference/meter-sources.md). Leave: a DecodedFile and EventRows. Not
here: reading files, and whether a reading can stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np

from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.formats.decoded import DecodedFile
from sanchi.core.metering.formats.frame_batches import BATCH_COUNT_MIN, FrameBatch, read_batch
from sanchi.core.metering.formats.frame_findings import FrameFindings, IntArray
from sanchi.core.metering.formats.frame_reading import ReceivedFrame, read_received

# The work of one step; units that a device told are kept over all steps of a file.
FRAMES_PER_STEP: Final = 262_144
_GATEWAY: Final = attrgetter("gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayFrame:
    """A frame as it came; sent_s by the gateway's clock, None where it told none [Unix seconds]."""

    received_s: int
    gateway: str
    sent_s: int | None
    frame: bytes


def decode_frames(frames: Sequence[GatewayFrame]) -> tuple[DecodedFile, EventRows]:
    """Decode the frames of a file; record_no 1 is the first of them.

    Readings of registers that name no instant are stamped by sent_s, else received_s: those of a smart meter count on
    the very half hour alone, those of solar and battery inverters up to a minute after it. Days of a history are
    counted from the day of sent_s, else received_s, in JST.
    """
    findings = gateway_findings(map(_GATEWAY, frames), len(frames))
    record_no = np.arange(1, len(frames) + 1, dtype=np.int64)
    read_frames(frames, record_no, findings)
    return findings.gathered()


def gateway_findings(gateways: Iterable[str], n_records: int) -> FrameFindings:
    """Begin with no findings about the gateways of a file, in the order of their first record."""
    return FrameFindings(gateway_texts=tuple(dict.fromkeys(gateways)), reason_code=np.zeros(n_records, np.int8))


def read_frames(
    frames: Sequence[GatewayFrame],
    record_no: IntArray,
    findings: FrameFindings,
    *,
    least_alike_count: int = BATCH_COUNT_MIN,
) -> None:
    """Read frames into findings, the common ones at once and all others one by one.

    least_alike_count : fewer frames than this are read one by one.
    """
    index_of = {gateway: at for at, gateway in enumerate(findings.gateway_texts)}
    for start in range(0, len(frames), FRAMES_PER_STEP):
        step = frames[start : start + FRAMES_PER_STEP]
        batch = _batch_of(step, record_no[start : start + FRAMES_PER_STEP], index_of)
        is_few = len(step) < least_alike_count
        for at in range(len(step)) if is_few else read_batch(batch, findings):
            received = ReceivedFrame(
                record_no=int(batch.record_no[at]),
                gateway_index=int(batch.gateway_index[at]),
                received_s=step[at].received_s,
                told_s=int(batch.told_s[at]),
                frame=step[at].frame,
            )
            read_received(received, findings)


def _batch_of(frames: Sequence[GatewayFrame], record_no: IntArray, index_of: dict[str, int]) -> FrameBatch:
    """Lay frames behind one another."""
    contents = [each.frame for each in frames]
    received = [each.received_s for each in frames]
    sent = [each.sent_s for each in frames]
    told = [other if own is None else own for own, other in zip(sent, received, strict=True)] if None in sent else sent
    n_frames = len(frames)
    n_bytes = np.fromiter(map(len, contents), np.int64, n_frames)
    return FrameBatch(
        content_bytes=np.frombuffer(b"".join(contents), np.uint8),
        start_index=np.cumsum(n_bytes) - n_bytes,
        n_bytes=n_bytes,
        record_no=record_no,
        gateway_index=np.fromiter(map(index_of.__getitem__, map(_GATEWAY, frames)), np.int64, n_frames),
        received_s=np.fromiter(received, np.int64, n_frames),
        told_s=np.fromiter(told, np.int64, n_frames),
    )
