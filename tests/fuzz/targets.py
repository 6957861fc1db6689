"""What decoders are held to on any bytes: by the tests for seconds, by scripts/fuzz for as long as one likes.

Enter: bytes. Leaves: nothing; an AssertionError or any other error is a finding. Not here: where the bytes come from.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.formats.echonet_frames import Frame, read_frame, write_frame
from sanchi.core.metering.formats.frame_words import FrameWords
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, gateway_findings, read_frames
from sanchi.core.metering.formats.gateway_lines import GatewayLine, decode_sk_lines
from sanchi.core.metering.formats.sk_lines import SkReader
from sanchi.core.metering.formats.tso_xml import decode_tso_xml
from sanchi.core.metering.intake import take_in
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.edge.delivery.comma_separated import readings_of_csv
from sanchi.edge.delivery.tso_files import tso_blocks, tso_layouts
from sanchi.edge.delivery.vendor_files import MAPPING_NAME, vendor_blocks
from sanchi.edge.delivery.xml_text import texts_of_xml
from tests.oracles.echonet_oracle import lists_of

NOON_S = 1_655_780_400
ONE_BY_ONE = 1 << 62
# How often a frame stands in a file, so that it is read with others of its layout.
REPEATS = 40
MAPPING = """
meter = "m"
stamp = "t"
stamp_means = "end"
measure = "count"
source = "b_route"
stage = "flash"

[[series]]
column = "k"
channel = "import"
unit = "kWh"
decimals = 1
"""


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


def xml(content: bytes) -> None:
    """Read bytes as a document of the network operator."""
    try:
        for layout in tso_layouts():
            for file in decode_tso_xml(texts_of_xml("fuzz", iter([content])), layout, NOON_S):
                assert_accounted(file)
    except UnreadableDelivery as refused:
        assert refused.hint  # noqa: PT017 - a refusal is one of two good ends


def archive(content: bytes) -> None:
    """Read bytes as an archive of the network operator."""
    read_file_as("W41120202012010000.zip", content, tso_blocks)


def table(content: bytes) -> None:
    """Read bytes as a vendor's table: every row is a record, and every record is told of."""
    read_file_as("vendor-a.csv", content, vendor_blocks)


def read_file_as(name: str, content: bytes, blocks_of) -> None:
    """Read bytes as a file of this name: it is refused with advice, or all its records are accounted for."""
    with TemporaryDirectory(prefix="sanchi-fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        (path.parent / MAPPING_NAME).write_text(MAPPING, encoding="utf-8")
        try:
            blocks = list(blocks_of(path, NOON_S))
        except UnreadableDelivery as refused:
            assert refused.hint  # noqa: PT017 - a refusal is one of two good ends
            return
    base = 0
    for block in blocks:
        numbers = [*block.decoded.rows.record_no.tolist(), *(each.record_no for each in block.decoded.problems)]
        assert all(base < number <= base + block.decoded.record_count for number in numbers)
        assert block.decoded.record_count == len(set(numbers)) + sum(block.decoded.passed_over.values())
        base += block.decoded.record_count


def readings(content: bytes) -> None:
    """Read bytes as a file of registers: every row is accepted or rejected, as line by line."""
    try:
        delivered = readings_of_csv("registers-1.csv", ReadingFile.REGISTERS, content)
    except UnreadableDelivery as refused:
        assert refused.hint  # noqa: PT017 - a refusal is one of two good ends
        return
    intake = take_in(delivered.columns, (), "registers-1.csv")
    assert intake.accepted.row_count + intake.rejected_index.size == delivered.columns.row_count
    assert len(delivered.row_texts(intake.rejected_index)) == intake.rejected_index.size


TARGETS = {"frames": frames, "sk": sk, "xml": xml, "archive": archive, "table": table, "readings": readings}
