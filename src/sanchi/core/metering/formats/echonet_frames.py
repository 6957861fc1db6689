"""ECHONET Lite frames of format 1: bytes to frames and back, strictly.

Enters: the bytes of one frame. Leaves: a Frame, or a FrameFault that says where it breaks. Not here: what the
bytes of a property mean (echonet_properties).

Source: ECHONET Lite specification, part 2, chapter 3: EHD 2 | TID 2 | SEOJ 3 | DEOJ 3 | ESV 1 | OPC 1 | properties.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sanchi.core.base.errors import WrongInput

EHD: Final = b"\x10\x81"
HEADER_BYTES: Final = 12
ESV_POSITION: Final = 10
# An OPC and a PDC are one byte each.
PROPERTY_COUNT_MAX: Final = 255
EDT_BYTES_MAX: Final = 255
TRANSACTION_NO_MAX: Final = 0xFFFF

CONTROLLER_CODE: Final = 0x05FF01
METER_CODE: Final = 0x028801


class Esv(IntEnum):
    """What a frame asks or answers; SNA = the answer that not all was possible."""

    SET_I_SNA = 0x50
    SET_C_SNA = 0x51
    GET_SNA = 0x52
    INF_SNA = 0x53
    SET_GET_SNA = 0x5E
    SET_I = 0x60
    SET_C = 0x61
    GET = 0x62
    INF_REQ = 0x63
    SET_GET = 0x6E
    SET_RES = 0x71
    GET_RES = 0x72
    INF = 0x73
    INFC = 0x74
    INFC_RES = 0x7A
    SET_GET_RES = 0x7E


ESV_TEXTS: Final = {
    Esv.SET_I_SNA: "SetI_SNA",
    Esv.SET_C_SNA: "SetC_SNA",
    Esv.GET_SNA: "Get_SNA",
    Esv.INF_SNA: "INF_SNA",
    Esv.SET_GET_SNA: "SetGet_SNA",
    Esv.SET_I: "SetI",
    Esv.SET_C: "SetC",
    Esv.GET: "Get",
    Esv.INF_REQ: "INF_REQ",
    Esv.SET_GET: "SetGet",
    Esv.SET_RES: "Set_Res",
    Esv.GET_RES: "Get_Res",
    Esv.INF: "INF",
    Esv.INFC: "INFC",
    Esv.INFC_RES: "INFC_Res",
    Esv.SET_GET_RES: "SetGet_Res",
}
# Frames with a second list: what was set, then what was got.
_TWO_LISTS: Final = frozenset({Esv.SET_GET, Esv.SET_GET_RES, Esv.SET_GET_SNA})
# Frames whose last list carries values that somebody measured.
TELLING: Final = frozenset({Esv.GET_RES, Esv.INF, Esv.INFC, Esv.GET_SNA, Esv.INF_SNA, Esv.SET_GET_RES, Esv.SET_GET_SNA})
REFUSING: Final = frozenset({Esv.SET_I_SNA, Esv.SET_C_SNA, Esv.GET_SNA, Esv.INF_SNA, Esv.SET_GET_SNA})
ASKING: Final = frozenset({Esv.SET_I, Esv.SET_C, Esv.GET, Esv.INF_REQ, Esv.SET_GET})
_ESV_BY_CODE: Final = {int(esv): esv for esv in Esv}


class UnfitRequest(WrongInput):
    """A frame is to be written that the standard does not know."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property's code and its bytes; empty in a request, and where a Get failed or a Set was done."""

    epc_code: int
    edt: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A whole frame.

    source_code, destination_code : class and instance, 0x028801 = the first low-voltage smart meter.
    properties : of the only list, or of the second one (what was got) where there are two.
    set_properties : of the first of two lists, else empty.
    """

    transaction_no: int
    source_code: int
    destination_code: int
    esv: Esv
    properties: tuple[Property, ...]
    set_properties: tuple[Property, ...] = ()

    @property
    def refused_codes(self) -> tuple[int, ...]:
        """Name the properties that the device could not give or set.

        A failed Get comes back empty, a failed Set with its value (part 2, 4.2.3).
        """
        if self.esv not in REFUSING:
            return ()
        if self.esv in {Esv.SET_I_SNA, Esv.SET_C_SNA}:
            return tuple(each.epc_code for each in self.properties if each.edt)
        failed = [each.epc_code for each in self.set_properties if each.edt]
        return (*failed, *(each.epc_code for each in self.properties if not each.edt))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFault:
    """Where the bytes stop being a frame (offset from 0), and what should stand there."""

    offset_bytes: int
    expected: str
    found: str

    @property
    def text(self) -> str:
        """Say it in one sentence.

        >>> FrameFault(offset_bytes=0, expected="EHD 1081", found="1082").text
        'byte 0: expected EHD 1081, found 1082'
        """
        return f"byte {self.offset_bytes}: expected {self.expected}, found {self.found}"


def read_frame(frame: bytes) -> Frame | FrameFault:
    """Read the bytes of one frame; nothing may be missing, nothing left over.

    >>> read_frame(bytes.fromhex("1081000102880105FF017301E704000003E8")).properties[0].edt.hex()
    '000003e8'
    """
    if frame[:2] != EHD:
        return FrameFault(offset_bytes=0, expected="EHD 1081", found=frame[:2].hex().upper() or "the end")
    if len(frame) < HEADER_BYTES:
        expected = f"a header of {HEADER_BYTES} bytes"
        return FrameFault(offset_bytes=len(frame), expected=expected, found="the end")
    esv = _ESV_BY_CODE.get(frame[ESV_POSITION])
    if esv is None:
        found = f"{frame[ESV_POSITION]:02X}"
        return FrameFault(offset_bytes=ESV_POSITION, expected="a known ESV", found=found)
    lists: list[tuple[Property, ...]] = []
    position = ESV_POSITION + 1
    for list_name in ("OPCSet", "OPCGet") if esv in _TWO_LISTS else ("OPC",):
        read = _read_list(frame, position, list_name)
        if isinstance(read, FrameFault):
            return read
        properties, position = read
        lists.append(properties)
    if position != len(frame):
        found = f"{len(frame) - position} more bytes"
        return FrameFault(offset_bytes=position, expected="the end of the frame", found=found)
    return Frame(
        transaction_no=int.from_bytes(frame[2:4]),
        source_code=int.from_bytes(frame[4:7]),
        destination_code=int.from_bytes(frame[7:10]),
        esv=esv,
        properties=lists[-1],
        set_properties=lists[0] if len(lists) > 1 else (),
    )


def _read_list(frame: bytes, position: int, list_name: str) -> tuple[tuple[Property, ...], int] | FrameFault:
    """Read a count and so many properties; give them and the position behind them."""
    n_bytes = len(frame)
    if position >= n_bytes:
        return FrameFault(offset_bytes=n_bytes, expected=list_name, found="the end")
    n_properties = frame[position]
    if n_properties == 0:
        return FrameFault(offset_bytes=position, expected=f"{list_name} of 1 or more", found="0")
    position += 1
    properties = []
    for property_no in range(1, n_properties + 1):
        if position + 2 > n_bytes:
            expected = f"EPC and PDC of property {property_no} of {n_properties}"
            return FrameFault(offset_bytes=n_bytes, expected=expected, found="the end")
        end = position + 2 + frame[position + 1]
        if end > n_bytes:
            expected = f"{frame[position + 1]} bytes of property {frame[position]:02X}"
            found = f"the end after {n_bytes - position - 2}"
            return FrameFault(offset_bytes=n_bytes, expected=expected, found=found)
        properties.append(Property(frame[position], frame[position + 2 : end]))
        position = end
    return tuple(properties), position


def write_frame(frame: Frame) -> bytes:
    """Write a frame; what read_frame reads comes out as the same bytes.

    Raises: UnfitRequest, where a count or a property does not fit.
    """
    if not 0 <= frame.transaction_no <= TRANSACTION_NO_MAX:
        raise UnfitRequest(f"transaction_no {frame.transaction_no} leaves 0..{TRANSACTION_NO_MAX}.")
    if (frame.esv in _TWO_LISTS) != bool(frame.set_properties):
        raise UnfitRequest(f"{ESV_TEXTS[frame.esv]} with {len(frame.set_properties)} properties to set.")
    lists = (frame.set_properties, frame.properties) if frame.esv in _TWO_LISTS else (frame.properties,)
    head = (
        EHD
        + frame.transaction_no.to_bytes(2)
        + frame.source_code.to_bytes(3)
        + frame.destination_code.to_bytes(3)
        + bytes([frame.esv])
    )
    return head + b"".join(_written_list(properties) for properties in lists)


def _written_list(properties: tuple[Property, ...]) -> bytes:
    """Write a count and the properties."""
    if not 1 <= len(properties) <= PROPERTY_COUNT_MAX:
        raise UnfitRequest(f"a list of {len(properties)} properties, 1..{PROPERTY_COUNT_MAX} are possible.")
    for each in properties:
        if len(each.edt) > EDT_BYTES_MAX:
            raise UnfitRequest(f"property {each.epc_code:02X} with {len(each.edt)} bytes, at most {EDT_BYTES_MAX} fit.")
    written = (bytes([each.epc_code, len(each.edt)]) + each.edt for each in properties)
    return bytes([len(properties)]) + b"".join(written)


def get_request(epc_codes: Iterable[int], *, transaction_no: int, destination_code: int = METER_CODE) -> bytes:
    """Ask an object for properties.

    >>> get_request([0xEA, 0xEB], transaction_no=1).hex().upper()
    '1081000105FF010288016202EA00EB00'
    """
    return write_frame(
        Frame(
            transaction_no=transaction_no,
            source_code=CONTROLLER_CODE,
            destination_code=destination_code,
            esv=Esv.GET,
            properties=tuple(Property(epc_code) for epc_code in epc_codes),
        )
    )


def set_request(properties: Iterable[Property], *, transaction_no: int, destination_code: int = METER_CODE) -> bytes:
    """Ask an object to set properties, and to answer (SetC)."""
    return write_frame(
        Frame(
            transaction_no=transaction_no,
            source_code=CONTROLLER_CODE,
            destination_code=destination_code,
            esv=Esv.SET_C,
            properties=tuple(properties),
        )
    )
