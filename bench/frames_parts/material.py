"""Frames as smart meters answer them most: the same for ours and for the peers, in any environment.

Enters: how many. Leaves: bytes. Not here: any decoder.
"""

import struct

METER, CONTROLLER = bytes.fromhex("028801"), bytes.fromhex("05FF01")
STAMP = bytes.fromhex("07E606150F1E00")
# 2022-06-21 15:30:00 JST, when STAMP is told.
BOUNDARY_S = 1_655_793_000
HALF_HOURS, POWERS, REGISTERS = "EA+EB", "E7+E8", "E0+E3"
LAYOUTS = (HALF_HOURS, POWERS, REGISTERS)


def frames_of(layout: str, n_frames: int) -> list[bytes]:
    """Make frames of one layout whose numbers all differ."""
    return [_frame(layout, at) for at in range(n_frames)]


def mixed(n_frames: int) -> list[bytes]:
    """Make frames of all layouts in turn."""
    return [_frame(LAYOUTS[at % len(LAYOUTS)], at) for at in range(n_frames)]


def day_history(at: int) -> bytes:
    """Make the 48 counts of yesterday."""
    counts = struct.pack(">H48I", 1, *(at % 1_000_000 + n for n in range(48)))
    return _with(at, 0x72, ((0xE2, counts),))


def _frame(layout: str, at: int) -> bytes:
    """Make a frame of a layout."""
    one, other = 1_000 + at % 90_000_000, at % 7_777_777
    if layout == HALF_HOURS:
        properties = ((0xEA, STAMP + struct.pack(">I", one)), (0xEB, STAMP + struct.pack(">I", other)))
        return _with(at, 0x73, properties)
    if layout == POWERS:
        properties = ((0xE7, struct.pack(">i", at % 9_000 - 4_000)), (0xE8, struct.pack(">hh", at % 300, at % 200)))
        return _with(at, 0x72, properties)
    return _with(at, 0x72, ((0xE0, struct.pack(">I", one)), (0xE3, struct.pack(">I", other))))


def _with(at: int, esv: int, properties: tuple[tuple[int, bytes], ...]) -> bytes:
    """Put properties into a frame."""
    told = b"".join(bytes((epc, len(edt))) + edt for epc, edt in properties)
    return b"\x10\x81" + struct.pack(">H", at % 65_536) + METER + CONTROLLER + bytes((esv, len(properties))) + told
