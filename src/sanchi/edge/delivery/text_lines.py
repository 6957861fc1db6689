"""Read a text file line by line in bounded memory, whatever stands in it.

Enters: an open file of bytes. Leave: TextLines in blocks. Not here: what lines say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

# A page of a cloud is far shorter; what is longer is no line of ours.
LINE_BYTES_MAX: Final = 1 << 20
# So much text becomes about a million rows of minutes.
BLOCK_BYTES: Final = 4 << 20
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A line that is not blank; fault : why its text could not be read, "" where it could."""

    line_no: int
    text: str
    fault: str = ""


def line_blocks(file: BinaryIO) -> Iterator[list[TextLine]]:
    """Give the lines of a file, about BLOCK_BYTES at a time."""
    block: list[TextLine] = []
    n_bytes = 0
    line_no = 0
    while content := file.readline(LINE_BYTES_MAX + 1):
        line_no += 1
        n_bytes += len(content)
        line = _line_of(file, content, line_no)
        if line is not None:
            block.append(line)
        if n_bytes >= BLOCK_BYTES:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def _line_of(file: BinaryIO, content: bytes, line_no: int) -> TextLine | None:
    """Decode a line; what a line has too much is read past without being kept."""
    if len(content) > LINE_BYTES_MAX and not content.endswith(b"\n"):
        while content and not content.endswith(b"\n"):
            content = file.readline(LINE_BYTES_MAX)
        return TextLine(line_no=line_no, text="", fault=f"line {line_no} is longer than {LINE_BYTES_MAX} bytes")
    if line_no == 1:
        content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        text = content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        shown = content.decode("utf-8", errors="replace").strip()
        return TextLine(line_no=line_no, text=shown, fault=f"line {line_no} is not UTF-8: {error.reason}")
    return TextLine(line_no=line_no, text=text) if text else None
