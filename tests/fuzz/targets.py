"""What decoders are held to on any bytes: by the tests for seconds, by scripts/fuzz for as long as one likes.

Enter: bytes. Leaves: nothing; an AssertionError or any other error is a finding. Not here: where the bytes come from.
"""

import json

import numpy as np

from sanchi.core.metering.formats.echonet_frames import Frame, read_frame, write_frame
from sanchi.core.metering.formats.frame_words import FrameWords
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, gateway_findings, read_frames
from sanchi.core.metering.formats.gateway_lines import GatewayLine, decode_sk_lines
from sanchi.core.metering.formats.sk_lines import SkReader
from tests.oracles.echonet_oracle import lists_of

NOON_S = 1_655_780_400
ONE_BY_ONE = 1 << 62
# How often a frame stands in a file, so that it is read with others of its layout.
REPEATS = 40


def both_ways(frames):
    """Decode frames at once and one by one."""
    found = []
    for least_alike_count in (0, ONE_BY_ONE):
        findings = gateway_findings([each.gateway for each in frames], len(frames))
        record_no = np.arange(1, len(frames) + 1, dtype=np.int64)
        read_frames(frames, record_no, findings, least_alike_count=least_alike_count)
        found.append(findings.gathered())
    return found


def assert_alike(one, other):
    """Hold two decodings against one another, to the last field."""
    assert one[0].rows.address_texts == other[0].rows.address_texts
    assert one[1].subject_texts == other[1].subject_texts
    for mine, others in zip(one, other, strict=True):
        columns = mine.rows if hasattr(mine, "rows") else mine
        other_columns = others.rows if hasattr(others, "rows") else others
        for name in columns.__slots__:
            assert np.array_equal(getattr(columns, name), getattr(other_columns, name)), name
    assert one[0].problems == other[0].problems
    assert (one[0].record_count, one[0].passed_over) == (other[0].record_count, other[0].passed_over)


def assert_accounted(file):
    """Hold that every record is in rows, in problems or passed over."""
    told = {*file.rows.record_no.tolist(), *(each.record_no for each in file.problems)}
    assert file.record_count == len(told) + sum(file.passed_over.values())


def frames(content: bytes) -> None:
    """Read bytes as a frame, and what the obvious reader accepts; alone, in words, and in a file of many."""
    read, lists = read_frame(content), lists_of(content)
    assert isinstance(read, Frame) == (lists is not None)
    if isinstance(read, Frame):
        assert write_frame(read) == content
    json.dumps(FrameWords().of_frame(content))
    late_s = content[2] if len(content) > 2 else 0
    delivered = [
        GatewayFrame(received_s=NOON_S + late_s, gateway=f"gw-{n % 3}", sent_s=NOON_S + n % 2, frame=content)
        for n in range(REPEATS)
    ]
    at_once, one_by_one = both_ways(delivered)
    assert_alike(at_once, one_by_one)
    assert_accounted(at_once[0])
    assert lists is not None or len(at_once[0].problems) == REPEATS


def sk(content: bytes) -> None:
    """Read bytes as lines of an adapter."""
    lines = content.decode("ascii", errors="backslashreplace").split("\n")
    reader, words = SkReader(), FrameWords()
    for line in lines:
        for record in reader.read(line):
            json.dumps(words.of_record(record))
    for record in reader.end():
        json.dumps(words.of_record(record))
    delivered = [
        GatewayLine(received_s=NOON_S, gateway=f"gw-{n % 2 if n % 5 == 0 else 0}", line=line)
        for n, line in enumerate(lines)
    ]
    file, _ = decode_sk_lines(delivered)
    assert_accounted(file)


TARGETS = {"frames": frames, "sk": sk}
