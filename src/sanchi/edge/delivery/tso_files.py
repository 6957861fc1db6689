"""Read files of the network operator: zip archives of XML, opened with distrust.

Enters: a path. Leave: DecodedBlocks. Not here: what the tags mean (tso_layouts.toml) and decoding (core).
"""

import lzma
import re
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import IO, Final

from sanchi.app.arrivals import DecodedBlock
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.formats.decoded import DecodedFile
from sanchi.core.metering.formats.row_gathering import event_rows
from sanchi.core.metering.formats.tso_layout import TsoField, TsoLayout
from sanchi.core.metering.formats.tso_xml import decode_tso_xml
from sanchi.core.metering.sources import Stage
from sanchi.edge.delivery.numbering import numbered_on
from sanchi.edge.delivery.xml_text import texts_of_xml

LAYOUTS: Final = "tso_layouts.toml"
TSO_NAME: Final = re.compile(r"W[45][0-9]{4}", re.IGNORECASE)
# A day of a retailer's points is some hundred megabytes of XML that packs to a twentieth; far beyond it is a bomb.
ENTRIES_MAX: Final = 1_000
UNPACKED_BYTES_MAX: Final = 8 << 30
PACKING_RATIO_MAX: Final = 200
# Below so much even a document of nothing but equal tags is harmless.
RATIO_FREE_BYTES: Final = 10 << 20
READ_BYTES: Final = 1 << 16
_ENCRYPTED: Final = 0x1
# What zipfile raises for archives that are none, cut off, changed, or packed by a method that it does not know
# (that is its NotImplementedError; nothing of ours is left open).
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    UnicodeDecodeError,
    zlib.error,
    lzma.LZMAError,
)
_HINT: Final = "Nothing of the file is taken. Ask the network operator for the file again."


def tso_blocks(path: Path, received_s: int) -> Iterator[DecodedBlock]:
    """Decode the documents of an archive, or a single XML file, in the order of their names.

    Raises: UnreadableDelivery for what is no such archive, or one that attacks its reader.
    """
    layout = layout_of(path.name)
    base = 0
    for texts in _documents(path):
        for decoded in _decoded(path.name, texts, layout, received_s):
            numbered = numbered_on(decoded, base)
            base += decoded.record_count
            yield DecodedBlock(decoded=numbered, events=event_rows([]), connectors=())


def layout_of(file_name: str) -> TsoLayout:
    """Find the layout of a file by its name. Raises: UnreadableDelivery."""
    layouts = tso_layouts()
    for layout in layouts:
        if file_name.upper().startswith(layout.name_prefix):
            return layout
    known = ", ".join(layout.name_prefix for layout in layouts)
    raise UnreadableDelivery(
        f"{file_name}: no layout is known for this file of the network operator.",
        hint=f"Known are {known}; a further one is described in {LAYOUTS}.",
    )


@cache
def tso_layouts() -> tuple[TsoLayout, ...]:
    """Load the layouts that the package ships."""
    table = tomllib.loads(files("sanchi.edge.delivery").joinpath(LAYOUTS).read_text(encoding="utf-8"))
    fields = {tag: TsoField(name) for tag, name in table["fields"].items()}
    return tuple(
        TsoLayout(
            title=each["title"],
            name_prefix=each["name_prefix"],
            stage=Stage[each["stage"].upper()],
            row_tags=frozenset(table["row_tags"]),
            group_tag=each["group_tag"],
            fields=fields,
        )
        for each in table["file"]
    )


def _decoded(file_name: str, texts: Iterator[str], layout: TsoLayout, received_s: int) -> Iterator[DecodedFile]:
    """Decode a document; its faults name the file."""
    try:
        yield from decode_tso_xml(texts, layout, received_s)
    except UnreadableDelivery as error:
        raise UnreadableDelivery(f"{file_name}: {error.what}", hint=error.hint) from error


def _documents(path: Path) -> Iterator[Iterator[str]]:
    """Open the documents one after the other."""
    if path.suffix.lower() == ".xml":
        with path.open("rb") as file:
            yield texts_of_xml(path.name, _pieces(file))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _unpacked_documents(path, archive)
    except _DAMAGE as error:
        raise UnreadableDelivery(f"{path.name} is no whole zip archive ({error}).", hint=_HINT) from error


def _unpacked_documents(path: Path, archive: zipfile.ZipFile) -> Iterator[Iterator[str]]:
    """Open the documents of an archive one after the other."""
    entries = _checked_entries(path, archive)
    allowance = _Allowance(path.name, max(RATIO_FREE_BYTES, path.stat().st_size * PACKING_RATIO_MAX))
    for entry in entries:
        with archive.open(entry) as file:
            yield texts_of_xml(f"{path.name}, {entry.filename}", allowance.pieces(file))


def _checked_entries(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Give the documents of an archive by name; refuse whatever an operator's archive never holds."""
    # zipfile itself stumbles over an entry whose name is empty.
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    if not entries:
        raise UnreadableDelivery(f"{path.name} is an empty archive.", hint=_HINT)
    if len(entries) > ENTRIES_MAX:
        raise UnreadableDelivery(f"{path.name} holds {len(entries)} files, at most {ENTRIES_MAX}.", hint=_HINT)
    for entry in entries:
        name = entry.filename
        shown = f"{path.name} holds {name[:100]!r}"
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name:
            raise UnreadableDelivery(f"{shown}, a name that leads out of its folder.", hint=_HINT)
        if entry.flag_bits & _ENCRYPTED:
            raise UnreadableDelivery(f"{shown}, which is encrypted.", hint=_HINT)
        if not name.lower().endswith(".xml"):
            raise UnreadableDelivery(f"{shown}, which is no XML.", hint=_HINT)
    return sorted(entries, key=lambda entry: entry.filename)


class _Allowance:
    """How many bytes an archive may still unfold to; counted as they come, not as its headers claim."""

    def __init__(self, file_name: str, byte_count: int) -> None:
        """Allow so many bytes for all documents together."""
        self._file_name = file_name
        self._left = min(byte_count, UNPACKED_BYTES_MAX)

    def pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        """Give the bytes of a document in pieces. Raises: UnreadableDelivery."""
        for piece in self._unpacked(file):
            self._left -= len(piece)
            if self._left < 0:
                raise UnreadableDelivery(
                    f"{self._file_name} unfolds to more than {PACKING_RATIO_MAX} times its size, or beyond "
                    f"{UNPACKED_BYTES_MAX >> 30} GiB.",
                    hint="This is no file of the network operator.",
                )
            yield piece

    def _unpacked(self, file: IO[bytes]) -> Iterator[bytes]:
        """Unpack a document in pieces; the archive's own checks come last."""
        try:
            yield from _pieces(file)
        except _DAMAGE as error:
            raise UnreadableDelivery(f"{self._file_name} is damaged inside ({error}).", hint=_HINT) from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in pieces."""
    while piece := file.read(READ_BYTES):
        yield piece
