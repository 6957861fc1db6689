"""ECHONET Lite frames as gateways pass them on, written from the tables of the classes 0x0288, 0x0279 and 0x027D.

Enter: counts and instants. Leave: bytes. Not here: when they are sent. Shares no code with what decodes frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sanchi.edge.sandbox.cast import REGISTER_TURN
from sanchi.edge.sandbox.period import instant_of
from sanchi.edge.sandbox.streams import NONE

HEADER: Final = b"\x10\x81"
METER_CODE: Final = bytes.fromhex("028801")
SOLAR_CODE: Final = bytes.fromhex("027901")
BATTERY_CODE: Final = bytes.fromhex("027D01")
CONTROLLER_CODE: Final = bytes.fromhex("05FF01")
SETC, GET, SET_RES, GET_RES, INF = 0x61, 0x62, 0x71, 0x72, 0x73
SETC_SNA, GET_SNA = 0x51, 0x52
NO_COUNT: Final = bytes.fromhex("FFFFFFFE")
DAY_UNSET: Final = 0xFF
HISTORY_DAYS_MAX: Final = 99
HEAD_BYTES: Final = 12
DIGITS: Final = len(str(REGISTER_TURN)) - 1
UNIT: Final = b"\x01"  # 0.1 kWh

Property = tuple[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A frame that asks: its transaction, who asks whom, the service, the properties with what is to be set."""

    transaction: bytes
    asker_code: bytes
    asked_code: bytes
    service: int
    properties: tuple[Property, ...]


def frame(transaction_no: int, source: bytes, service: int, properties: Sequence[Property]) -> bytes:
    """Write a frame to the controller."""
    number = (transaction_no % 2**16).to_bytes(2, "big")
    return answer_frame(number, source, CONTROLLER_CODE, service, properties)


def answer_frame(
    transaction: bytes, source: bytes, destination: bytes, service: int, properties: Sequence[Property]
) -> bytes:
    """Write a frame."""
    body = b"".join(bytes([code, len(data)]) + data for code, data in properties)
    return HEADER + transaction + source + destination + bytes([service, len(properties)]) + body


def fixed_count(at_s: int, count: int) -> bytes:
    """Write a stamp and a count, as EA and EB have them."""
    at = instant_of(at_s)
    return at.year.to_bytes(2, "big") + bytes([at.month, at.day, at.hour, at.minute, at.second]) + counted(count)


def counted(count: int) -> bytes:
    """Write a count, or that there is none."""
    return NO_COUNT if count == NONE else count.to_bytes(4, "big")


def meter_frame(transaction_no: int, at_s: int, import_count: int, export_count: int) -> bytes:
    """Write what a smart meter announces at each half hour."""
    properties = [(0xEA, fixed_count(at_s, import_count)), (0xEB, fixed_count(at_s, export_count))]
    return frame(transaction_no, METER_CODE, INF, properties)


def info_frame(transaction_no: int, *, is_old: bool) -> bytes:
    """Write coefficient, digits and unit; an old meter answers without a unit."""
    known = [(0xD3, (1).to_bytes(4, "big")), (0xD7, bytes([DIGITS]))]
    unit = b"" if is_old else UNIT
    return frame(transaction_no, METER_CODE, GET_SNA if is_old else GET_RES, [*known, (0xE1, unit)])


def solar_frame(transaction_no: int, count: int) -> bytes:
    """Write the register of solar panels."""
    return frame(transaction_no, SOLAR_CODE, INF, [(0xE1, counted(count))])


def battery_frame(transaction_no: int, charge_count: int, discharge_count: int) -> bytes:
    """Write both registers of a battery."""
    return frame(transaction_no, BATTERY_CODE, INF, [(0xA8, counted(charge_count)), (0xA9, counted(discharge_count))])


def parse_request(content: bytes) -> Request | None:
    """Read a frame that asks; None for anything else, as a gateway passes over what it does not understand."""
    if len(content) < HEAD_BYTES or content[:2] != HEADER or content[11] == 0:
        return None
    properties, place = [], HEAD_BYTES
    for _ in range(content[11]):
        if place + 2 > len(content) or place + 2 + content[place + 1] > len(content):
            return None
        end = place + 2 + content[place + 1]
        properties.append((content[place], content[place + 2 : end]))
        place = end
    if place != len(content):
        return None
    return Request(
        transaction=content[2:4],
        asker_code=content[4:7],
        asked_code=content[7:10],
        service=content[10],
        properties=tuple(properties),
    )
