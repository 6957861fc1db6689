"""Turn the bytes of an XML document into text by the encoding that it declares, piece by piece.

Enter: pieces of bytes. Leave: pieces of text. Not here: parsing. The parser itself knows no Japanese encoding.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from sanchi.core.base.errors import UnreadableDelivery

# Shift_JIS as Windows writes it, with its further characters.
ENCODINGS: Final = {
    "utf-8": "utf-8-sig",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "us-ascii": "ascii",
}
UTF_16: Final = "utf-16"
DECLARED: Final = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.-]{1,40})["']""")
DECLARATION_BYTES: Final = 400
_HINT: Final = "Ask for the file in UTF-8 or Shift_JIS."


def texts_of_xml(name: str, pieces: Iterator[bytes]) -> Iterator[str]:
    """Decode a document. Raises: UnreadableDelivery where bytes are none of the declared encoding."""
    first = next(pieces, b"")
    encoding = _encoding_of(name, first)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for piece in chain([first], pieces):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableDelivery(
            f"{name}: bytes that are no {encoding.removesuffix('-sig')} text ({error.reason}).", hint=_HINT
        ) from error


def _encoding_of(name: str, first: bytes) -> str:
    """Find the encoding: a byte order mark, or the declaration, or else UTF-8."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF_16
    found = DECLARED.match(first[:DECLARATION_BYTES].removeprefix(codecs.BOM_UTF8))
    declared = found.group(1).decode("ascii").lower() if found else "utf-8"
    if declared not in ENCODINGS:
        raise UnreadableDelivery(f"{name} is in the encoding {declared}, which is not read.", hint=_HINT)
    return ENCODINGS[declared]
