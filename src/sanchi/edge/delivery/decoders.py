"""The decoders of foreign formats by the kind of file: the one place where a new format is plugged in.

Enters: a kind. Leaves: its decoder and the suffixes that it reads. Not here: the decoders themselves.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sanchi.app.arrivals import DecodedBlock
from sanchi.app.deliveries import FileKind
from sanchi.edge.delivery.inbox_lines import (
    ct_cloud_blocks,
    event_blocks,
    frame_blocks,
    gateway_cloud_blocks,
    sk_line_blocks,
)
from sanchi.edge.delivery.tso_files import tso_blocks
from sanchi.edge.delivery.vendor_files import MAPPING_NAME, vendor_blocks

JSON_LINES: Final = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """How a kind of file is read.

    blocks : path and time of receipt (Unix seconds, for formats that do not tell it) -> blocks, records numbered on
    from 1. Bad data are problems of their records; UnreadableDelivery is for a file that is none at all.
    beside : a file next to it without which it means nothing; it is digested with it.
    """

    suffixes: tuple[str, ...]
    blocks: Callable[[Path, int], Iterator[DecodedBlock]]
    beside: str = ""


DECODERS: Final[Mapping[FileKind, Decoder]] = {
    FileKind.FRAMES: Decoder(suffixes=(JSON_LINES,), blocks=frame_blocks),
    FileKind.SK_LINES: Decoder(suffixes=(JSON_LINES,), blocks=sk_line_blocks),
    FileKind.CT_CLOUD: Decoder(suffixes=(JSON_LINES,), blocks=ct_cloud_blocks),
    FileKind.GATEWAY_CLOUD: Decoder(suffixes=(JSON_LINES,), blocks=gateway_cloud_blocks),
    FileKind.TSO: Decoder(suffixes=(".zip", ".xml"), blocks=tso_blocks),
    FileKind.VENDOR: Decoder(suffixes=(".csv", ".parquet"), blocks=vendor_blocks, beside=MAPPING_NAME),
    FileKind.EVENTS: Decoder(suffixes=(JSON_LINES,), blocks=event_blocks),
}
