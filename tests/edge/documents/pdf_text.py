"""The text of a PDF as Typst writes it: pages, fonts with their own tables of signs, literal strings.

Enters: bytes. Leave: texts of pages, fonts, attached files. Not a reader of any other program's PDFs.
"""

import re
import zlib

_STREAM = re.compile(rb"\n(\d+) 0 obj\n(<<[^\n]*>>)\nstream\n")
_OBJECT = re.compile(rb"\n(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
# Brackets in a literal are escaped, unless they come in pairs.
_SIGN = rb"\\.|[^\\()]"
_LITERAL = rb"(?:\((?:" + _SIGN + rb"|\((?:" + _SIGN + rb")*\))*\)|<[0-9A-Fa-f]*>)"


def streams_of(pdf: bytes) -> dict[int, bytes]:
    """Give the content of each stream by its object's number."""
    streams = {}
    for found in _STREAM.finditer(pdf):
        length = re.search(rb"/Length (\d+)", found[2])
        assert length is not None
        content = pdf[found.end() : found.end() + int(length[1])]
        streams[int(found[1])] = zlib.decompress(content) if b"/FlateDecode" in found[2] else content
    return streams


def objects_of(pdf: bytes) -> dict[int, bytes]:
    """Give the source of each object by its number."""
    return {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}


def font_names(pdf: bytes) -> set[str]:
    """Name the fonts that lie in a PDF, without the mark of their subset."""
    return {name.decode() for name in re.findall(rb"/BaseFont/[A-Z]{6}\+([\w-]+)", pdf)}


def page_texts(pdf: bytes) -> list[str]:
    """Give the text of each page, in the order in which it was set; spaces within words are kerning and left out."""
    objects, streams = objects_of(pdf), streams_of(pdf)
    pages = [source for source in objects.values() if source.startswith(b"<</Type/Page/")]
    texts = []
    for page in pages:
        resources = objects[_number(rb"/Resources (\d+) 0 R", page)]
        fonts = re.search(rb"/Font<<(.*?)>>", resources)
        assert fonts is not None
        signs = {
            name: _signs(streams[_number(rb"/ToUnicode (\d+) 0 R", objects[int(number)])])
            for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", fonts[1])
        }
        texts.append(_shown(streams[_number(rb"/Contents (\d+) 0 R", page)], signs))
    return texts


def _number(pattern: bytes, source: bytes) -> int:
    """Find a reference."""
    found = re.search(pattern, source)
    assert found is not None, pattern
    return int(found[1])


def _signs(cmap: bytes) -> dict[int, str]:
    """Read a font's table from glyphs to signs."""
    signs = {}
    for block in re.findall(rb"beginbfchar\n(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, sign in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)>", block):
            signs[int(glyph, 16)] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange\n(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, sign in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                signs[int(first, 16) + step] = chr(int(sign, 16) + step)
    return signs


def _shown(content: bytes, signs: dict[bytes, dict[int, str]]) -> str:
    """Read what a page shows, a line a text."""
    lines = []
    font = b""
    for name, several, single in re.findall(
        rb"/(f\d+) [\d.]+ Tf|\[((?:" + _LITERAL + rb"|[-\d.\s])*)\]TJ|(" + _LITERAL + rb")Tj", content, re.DOTALL
    ):
        if name:
            font = name
            continue
        literals = re.findall(_LITERAL, several or single, re.DOTALL)
        glyphs = b"".join(_bytes(literal) for literal in literals)
        pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
        lines.append("".join(signs[font].get(high << 8 | low, "") for high, low in pairs))
    return "\n".join(lines)


def _bytes(literal: bytes) -> bytes:
    """Read a string, of signs or of hexadecimal digits."""
    if literal.startswith(b"<"):
        return bytes.fromhex(literal[1:-1].decode())

    def plain(found: re.Match[bytes]) -> bytes:
        escaped = found[1]
        return bytes([int(escaped, 8)]) if escaped.isdigit() else _ESCAPES.get(escaped, escaped)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, literal[1:-1], flags=re.DOTALL)
