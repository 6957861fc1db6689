"""Lines of a Wi-SUN adapter of the BP35A1 and BP35C2 families, read one by one.

Enter: lines of text, in their order. Leave: what each says, or an SkFault. Not here: the frames inside (echonet_frames)
and any talk with an adapter. Adapters have to show data as hexadecimal text (WOPT 01).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

ECHONET_PORT: Final = 0x0E1A  # 3610
PANA_PORT: Final = 0x02CC  # 716: how adapter and meter make each other's acquaintance

EVENT_TEXTS: Final = {
    0x01: "neighbour solicitation received",
    0x02: "neighbour advertisement received",
    0x05: "echo request received",
    0x1F: "energy scan ended",
    0x20: "beacon received",
    0x21: "frame sent",
    0x22: "scan ended",
    0x24: "joining the meter failed",
    0x25: "joined the meter",
    0x26: "the meter asks to end the session",
    0x27: "session ended",
    0x28: "session ended without the meter's answer",
    0x29: "the session's lifetime is over",
    0x32: "sending is limited: too much sent in the hour",
    0x33: "sending is free again",
}
_SENT_TEXTS: Final = {0x00: "sent", 0x01: "failed", 0x02: "neighbour solicitation sent first"}
_SENT: Final = 0x21

_ADDRESS: Final = re.compile(r"[0-9A-Fa-f:]{2,39}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_PORT: Final = re.compile(r"[0-9A-Fa-f]{4}")
_BYTE: Final = re.compile(r"[0-9A-Fa-f]{1,2}")
_LINK_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{12,18}")
_FIELD: Final = re.compile(r" {1,4}([A-Za-z][A-Za-z ]*):([0-9A-Fa-f]+)")
_SCAN_FIELDS: Final = ("Channel", "Channel Page", "Pan ID", "Addr", "LQI", "Side", "PairID")
_SCAN_NEEDED: Final = frozenset({"Channel", "Pan ID", "Addr", "LQI"})
# The answer to a command, information that was asked for, and what was sent to the adapter itself.
_OTHER: Final = re.compile(
    r"(OK( .*)?|FAIL ER[0-9A-F]{2}|E(VER|INFO|ADDR|PORT|HANDLE|NEIGHBOR|REG|SREG|EDSCAN|PONG|STATUS|APPVER|RXTCP) ?.*"
    r"|(SK|WOPT|ROPT|WUART|RUART)[A-Z0-9]*( .*)?|FE80(:[0-9A-Fa-f]{4}){7})"
)
A1_TOKENS: Final = 9
C2_TOKENS: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class SkUdp:
    """A datagram that carries a frame; link_quality 0..255 is None where the adapter does not tell it."""

    source: str
    frame: bytes
    is_encrypted: bool
    link_quality: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkEvent:
    """Something that the adapter noticed; name = its meaning in clear."""

    event_code: int
    name: str
    source: str
    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkScan:
    """A meter that a scan found: the fields of an EPANDESC block, as written, and how many lines they took."""

    fields: Mapping[str, str]
    line_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkPassed:
    """A line that carries nothing to read; reason = which kind of line it is."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkFault:
    """A line that is not what it claims to be, and how many lines are lost with it."""

    detail: str
    line_count: int = 1


SkRecord: TypeAlias = SkUdp | SkEvent | SkScan | SkPassed | SkFault


class _Broken(ValueError):
    """A token is not what has to stand at its place."""


class SkReader:
    """Reads lines in their order: it keeps the open EPANDESC block, and nothing else."""

    def __init__(self) -> None:
        self._scan: dict[str, str] | None = None
        self._n_lines = 0

    def read(self, line: str) -> tuple[SkRecord, ...]:
        """Read the next line; () while a block is open, two records where a block broke off before this line."""
        line = line.rstrip("\r\n")
        if self._scan is not None:
            return self._read_inside(line)
        if line.strip() == "EPANDESC":
            self._scan, self._n_lines = {}, 1
            return ()
        return (_read_line(line),)

    def end(self) -> tuple[SkRecord, ...]:
        """Close: a block that is still open has lost its end."""
        if self._scan is None:
            return ()
        return (self._close("ends with the input"),)

    def _read_inside(self, line: str) -> tuple[SkRecord, ...]:
        """Read a field of the open block; the field PairID ends it, any other line ends it too."""
        assert self._scan is not None, "there is no open block"
        field = _FIELD.fullmatch(line)
        if field is None or field[1] not in _SCAN_FIELDS or field[1] in self._scan:
            ended = self._close(f"ends with {line[:40]!r}")
            return (ended, *self.read(line))
        self._scan[field[1]] = field[2].upper()
        self._n_lines += 1
        return (self._close("ends with PairID"),) if field[1] == "PairID" else ()

    def _close(self, how: str) -> SkRecord:
        """Give the block, or what is missing in it."""
        fields, n_lines = self._scan or {}, self._n_lines
        self._scan, self._n_lines = None, 0
        missing = sorted(_SCAN_NEEDED - set(fields))
        if missing:
            return SkFault(detail=f"EPANDESC {how} without {', '.join(missing)}", line_count=n_lines)
        return SkScan(fields=fields, line_count=n_lines)


def _read_line(line: str) -> SkRecord:
    """Read a line that stands for itself."""
    tokens = line.split()
    if not tokens:
        return SkPassed(reason="empty lines")
    reader = _READERS.get(tokens[0])
    if reader is not None:
        try:
            return reader(tokens)
        except _Broken as broken:
            return SkFault(detail=f"{tokens[0]}: {broken}")
    if _OTHER.fullmatch(line.strip()):
        return SkPassed(reason="commands and answers")
    return SkFault(detail=f"no line of an adapter begins like {line[:20]!r}")


def _erxudp(tokens: list[str]) -> SkRecord:
    """Read a datagram: 9 tokens from a BP35A1, 11 with link quality and side from a BP35C2."""
    if len(tokens) not in {A1_TOKENS, C2_TOKENS}:
        hint = "; data that are no hexadecimal text come of WOPT 00" if len(tokens) > A1_TOKENS else ""
        raise _Broken(f"{len(tokens)} words, expected {A1_TOKENS} or {C2_TOKENS}{hint}")
    is_c2 = len(tokens) == C2_TOKENS
    source = _as(tokens[1], _ADDRESS, "source address")
    _as(tokens[2], _ADDRESS, "destination address")
    _as(tokens[3], _PORT, "source port")
    port = int(_as(tokens[4], _PORT, "destination port"), 16)
    if port != ECHONET_PORT:
        return SkPassed(reason="PANA" if port == PANA_PORT else "datagrams for other ports")
    _as(tokens[5], _LINK_ADDRESS, "link address")
    link_quality = int(_as(tokens[6], _BYTE, "link quality"), 16) if is_c2 else None
    security = int(_as(tokens[7 if is_c2 else 6], _BYTE, "security"), 16)
    if is_c2:
        _as(tokens[8], _BYTE, "side")
    n_bytes = int(_as(tokens[-2], _PORT, "length"), 16)
    frame = bytes.fromhex(_as(tokens[-1], _HEX, "data"))
    if len(frame) != n_bytes:
        raise _Broken(f"{len(frame)} bytes of data, the line tells {n_bytes}")
    return SkUdp(source=source, frame=frame, is_encrypted=security != 0, link_quality=link_quality)


def _event(tokens: list[str]) -> SkRecord:
    """Read an event: EVENT number address, then perhaps the side (BP35C2), then perhaps a parameter."""
    if not 3 <= len(tokens) <= 5:  # noqa: PLR2004 - as said above
        raise _Broken(f"{len(tokens)} words, expected 3 to 5")
    number = int(_as(tokens[1], _BYTE, "number"), 16)
    source = _as(tokens[2], _ADDRESS, "address")
    for token in tokens[3:]:
        _as(token, _BYTE, "side or parameter")
    if number not in EVENT_TEXTS:
        raise _Broken(f"number {number:02X} is not known")
    parameter = _parameter(tokens)
    name = EVENT_TEXTS[number]
    if number == _SENT:
        name = f"{name}: {_SENT_TEXTS.get(int(parameter or '0', 16), parameter)}"
    return SkEvent(event_code=number, name=name, source=source, parameter=parameter)


def _parameter(tokens: list[str]) -> str:
    """Give the parameter: a side is written with one digit, a parameter with two."""
    last = tokens[-1].upper()
    return last if len(tokens) > 3 and len(last) == 2 else ""  # noqa: PLR2004 - as said above


def _as(token: str, form: re.Pattern[str], name: str) -> str:
    """Give a token that has its form."""
    if form.fullmatch(token) is None:
        raise _Broken(f"{name} {token[:40]!r} cannot be read")
    return token


_READERS: Final[Mapping[str, Callable[[list[str]], SkRecord]]] = {"ERXUDP": _erxudp, "EVENT": _event}
