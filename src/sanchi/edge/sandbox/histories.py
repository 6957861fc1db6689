"""What a smart meter answers when its gateway passes a request on: values of now, and histories.

Enter: a request's frame and an instant. Leaves: the answer's frame. Not here: MQTT (gateways).
"""

import json
from pathlib import Path
from typing import Final

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Device
from sanchi.edge.sandbox.contacts import fault_at
from sanchi.edge.sandbox.frames import (
    DAY_UNSET,
    DIGITS,
    GET,
    GET_RES,
    GET_SNA,
    HISTORY_DAYS_MAX,
    METER_CODE,
    SET_RES,
    SETC,
    SETC_SNA,
    UNIT,
    Property,
    Request,
    answer_frame,
    counted,
    fixed_count,
    parse_request,
)
from sanchi.edge.sandbox.period import DAY_S, SLOT_S, midnight_s
from sanchi.edge.sandbox.period import date_of as day_of
from sanchi.edge.sandbox.streams import NONE, Stream, Thing
from sanchi.edge.sandbox.world import World

HISTORY_CODES: Final = {0xE2: "import", 0xE4: "export"}
NOW_CODES: Final = {0xE0: "import", 0xE3: "export"}
FIXED_CODES: Final = {0xEA: "import", 0xEB: "export"}


class Histories:
    """The smart meters behind gateways; the day that was last asked for is kept in a file, as a meter keeps it."""

    def __init__(self, world: World, path: Path) -> None:
        """Find each gateway's meter."""
        self._world = world
        self._path = path
        self._days: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self._meters = {s.device.device_id: s for s in world.streams if s.thing is Thing.METER}

    def answer(self, device: Device, content: bytes, now_s: int) -> tuple[bytes, int] | None:
        """Answer a frame, and count the readings of the answer; None for what no meter answers."""
        request = parse_request(content)
        if request is None or request.asked_code != METER_CODE or request.service not in {SETC, GET}:
            return None
        is_lost = fault_at(self._world.faults_of(device, FaultKind.METER_OUTAGE), now_s) is not None
        if request.service == SETC:
            return self._set(device, request, is_lost=is_lost), 0
        return self._get(device, request, now_s, is_lost=is_lost)

    def _set(self, device: Device, request: Request, *, is_lost: bool) -> bytes:
        """Choose the day of the histories; what is refused comes back as it was asked for."""
        done = []
        for code, data in request.properties:
            is_fit = code == 0xE5 and len(data) == 1 and data[0] <= HISTORY_DAYS_MAX and not is_lost  # noqa: PLR2004
            if is_fit:
                self._days[device.device_id] = data[0]
                self._path.write_text(json.dumps(self._days) + "\n", encoding="utf-8")
            done.append((code, b"" if is_fit else data))
        is_whole = all(not data for _, data in done)
        return _answer(request, SET_RES if is_whole else SETC_SNA, done)

    def _get(self, device: Device, request: Request, now_s: int, *, is_lost: bool) -> tuple[bytes, int]:
        """Give what is asked for; what there is not comes back empty."""
        stream = self._meters[device.device_id]
        told = [(code, b"" if is_lost else self._value(stream, code, now_s)) for code, _ in request.properties]
        is_whole = all(data for _, data in told)
        n_readings = sum(self._n_readings(stream, code, now_s) for code, data in told if data)
        return _answer(request, GET_RES if is_whole else GET_SNA, told), n_readings

    def _value(self, stream: Stream, code: int, now_s: int) -> bytes:
        """Write the value of one property, empty where the meter does not know it."""
        last_s = now_s // SLOT_S * SLOT_S
        if code in HISTORY_CODES:
            day = self._days.get(stream.device.device_id, DAY_UNSET)
            counts = self._day_counts(stream, HISTORY_CODES[code], now_s)
            return day.to_bytes(2, "big") + b"".join(map(counted, counts))
        if code in NOW_CODES:
            return counted(self._count_at(stream, NOW_CODES[code], last_s, now_s))
        if code in FIXED_CODES:
            return fixed_count(last_s, self._count_at(stream, FIXED_CODES[code], last_s, now_s))
        known = {0xD3: (1).to_bytes(4, "big"), 0xD7: bytes([DIGITS]), 0xE1: UNIT}
        known[0xE5] = bytes([self._days.get(stream.device.device_id, DAY_UNSET)])
        return known.get(code, b"")

    def _n_readings(self, stream: Stream, code: int, now_s: int) -> int:
        """Count the counts that an answer has."""
        if code in HISTORY_CODES:
            return sum(count != NONE for count in self._day_counts(stream, HISTORY_CODES[code], now_s))
        return int(code in NOW_CODES or code in FIXED_CODES)

    def _day_counts(self, stream: Stream, series: str, now_s: int) -> list[int]:
        """Give the counts at 00:00, 00:30, ... 23:30 of the chosen day; NONE for what is to come or not kept."""
        day = self._days.get(stream.device.device_id, DAY_UNSET)
        if day > HISTORY_DAYS_MAX:
            return [NONE] * SLOTS_PER_DAY
        first_s = midnight_s(day_of(now_s)) - day * DAY_S
        return [self._count_at(stream, series, first_s + n * SLOT_S, now_s) for n in range(SLOTS_PER_DAY)]

    def _count_at(self, stream: Stream, series: str, at_s: int, now_s: int) -> int:
        """Give what the meter in service kept of an instant; a meter knows nothing of the one before it."""
        exchanges = self._world.faults_of(stream.device, FaultKind.EXCHANGE)
        is_before = any(at_s < fault.from_s <= now_s for fault in exchanges)
        row = (at_s - self._world.period.first_s) // SLOT_S
        is_known = 0 <= row < stream.about_s.size and at_s <= now_s and not is_before
        return int(stream.held[series][row]) if is_known else NONE


def _answer(request: Request, service: int, properties: list[Property]) -> bytes:
    """Write the frame that answers a request."""
    return answer_frame(request.transaction, request.asked_code, request.asker_code, service, properties)
