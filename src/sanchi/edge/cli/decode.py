"""`sanchi decode`: what a gateway says, in clear, a JSON object a line; for somebody who looks for a fault."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, BinaryIO, Final

import typer

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.formats.frame_words import Document, FrameWords, has_problem
from sanchi.core.metering.formats.sk_lines import SkReader
from sanchi.edge.cli.console import ERR

# The longest frame is 65,547 bytes: two digits and a separator each, and room for the words of an adapter.
LINE_BYTES_MAX: Final = 262_144
EXIT_NOT_ALL: Final = 1
_SEPARATORS: Final = re.compile(r"[\s:,-]|0[xX]")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class Decoded(StrEnum):
    """What can be decoded."""

    ECHONET = "echonet"  # ECHONET Lite frames in hexadecimal, one a line
    SK = "sk"  # lines of a Wi-SUN adapter


WhatArgument = Annotated[Decoded, typer.Argument(metavar="WHAT", help="`echonet` or `sk`.")]
Lines = Iterator[tuple[int, str]]


def run(what: WhatArgument) -> None:
    """Tell what a gateway says: frames or adapter lines on stdin, a JSON object a line on stdout; needs no home.

    `echonet` takes one frame a line in hexadecimal; blanks, colons and commas between the bytes do not matter. `sk`
    takes the lines of a Wi-SUN adapter as they come. kWh appear once a meter has told its unit (E1) and coefficient
    (D3). What cannot be read is told as a `problem` in its place; then the exit code is 1.
    """
    if sys.stdin.isatty():
        ERR.print("reading from the terminal; end with Ctrl-D")
    spoken: dict[Decoded, Callable[[Lines], Iterator[Document]]] = {Decoded.ECHONET: _frames, Decoded.SK: _lines}
    n_documents = n_problems = 0
    for document in spoken[what](_numbered(sys.stdin.buffer)):
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        # Somebody may watch: each line is there as soon as it can be.
        sys.stdout.flush()
        n_documents += 1
        n_problems += has_problem(document)
    if n_documents == 0:
        example = "printf '1081000102880105FF017301E704000003E8\\n' | sanchi decode echonet"
        raise UnreadableDelivery("Nothing came on standard input.", hint=f"Give it frames or lines: {example}")
    if n_problems:
        raise typer.Exit(EXIT_NOT_ALL)


def _numbered(stream: BinaryIO) -> Lines:
    """Give the lines that are not empty with their numbers; of a line that is far too long the beginning alone."""
    line_no = 0
    while line := stream.readline(LINE_BYTES_MAX):
        line_no += 1
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(LINE_BYTES_MAX)):
            pass
        if text := line.decode("ascii", errors="backslashreplace").rstrip("\r\n"):
            yield line_no, text


def _frames(lines: Lines) -> Iterator[Document]:
    """Tell frame by frame."""
    words = FrameWords()
    for line_no, text in lines:
        digits = _SEPARATORS.sub("", text)
        if not digits:
            continue
        if _HEX.fullmatch(digits):
            yield {"line": line_no, **words.of_frame(bytes.fromhex(digits))}
        else:
            detail = "no hexadecimal text of whole bytes"
            yield {"line": line_no, "problem": ProblemCode.MALFORMED_FRAME.value, "detail": detail, "raw": text[:120]}


def _lines(lines: Lines) -> Iterator[Document]:
    """Tell line by line; a block of a scan is told at its end."""
    words, reader = FrameWords(), SkReader()
    last_no, last = 0, ""
    for line_no, text in lines:
        last_no, last = line_no, text
        for record in reader.read(text):
            yield {"line": line_no, **words.of_record(record), "text": text[:120]}
    for record in reader.end():
        yield {"line": last_no, **words.of_record(record), "text": last[:120]}
