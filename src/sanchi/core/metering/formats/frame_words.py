"""Frames and adapter lines in clear, as somebody reads them who looks for a fault of a gateway.

Enter: frames, lines. Leave: documents of names, texts, integers and lists, each with the raw bytes beside it. Not here:
readings (gateway_frames), and how a document is printed.
"""

from collections.abc import Mapping
from typing import Any, Final

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.formats.echonet_frames import (
    ASKING,
    ESV_TEXTS,
    REFUSING,
    TELLING,
    Frame,
    FrameFault,
    Property,
    read_frame,
)
from sanchi.core.metering.formats.echonet_properties import (
    CLASS_TEXTS,
    DISTRIBUTION_BOARD,
    INSTANCE_BITS,
    SMART_METER,
    read_property,
)
from sanchi.core.metering.formats.echonet_values import UNIT_MWH
from sanchi.core.metering.formats.sk_lines import SkEvent, SkFault, SkPassed, SkRecord, SkScan, SkUdp

Document = dict[str, Any]

MWH_PER_KWH: Final = 1_000_000
_COUNT_NAMES: Final = {
    "count": "kwh",
    "counts": "kwh",
    "import_count": "import_kwh",
    "export_count": "export_kwh",
    "import_counts": "import_kwh",
    "export_counts": "export_kwh",
}
_UNIT_CODES: Final = {SMART_METER: 0xE1, DISTRIBUTION_BOARD: 0xC2}
_COEFFICIENT_CODE: Final = 0xD3
# What a link quality of 0..255 means [1e-3 dBm], by the adapters' manual.
_RSSI_STEP: Final = 275
_RSSI_FLOOR: Final = 104_270


def exact_kwh_text(energy_mwh: int) -> str:
    """Write an energy in kWh with all its decimals and no more.

    >>> exact_kwh_text(9_335_100_000), exact_kwh_text(2_000_000)
    ('9335.1', '2')
    """
    whole, rest = divmod(energy_mwh, MWH_PER_KWH)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


class FrameWords:
    """Puts frames in words, in their order: it keeps what each object told of its unit and coefficient, no more."""

    def __init__(self) -> None:
        self._unit_mwh: dict[int, int] = {}
        self._coefficient: dict[int, int] = {}

    def of_frame(self, frame: bytes) -> Document:
        """Tell what a frame says; a "problem" stands beside what cannot be read."""
        read = read_frame(frame)
        if isinstance(read, FrameFault):
            return {
                "problem": ProblemCode.MALFORMED_FRAME.value,
                "detail": read.text,
                "raw": frame.hex().upper(),
            }
        self._learn(read)
        told: Document = {
            "from": f"{read.source_code:06X}",
            "from_class": CLASS_TEXTS.get(read.source_code >> INSTANCE_BITS, "not known"),
            "to": f"{read.destination_code:06X}",
            "service": ESV_TEXTS[read.esv],
            "transaction": f"{read.transaction_no:04X}",
        }
        if read.set_properties:
            told["set"] = [self._property(read, each, is_set=True) for each in read.set_properties]
        told["properties"] = [self._property(read, each, is_set=False) for each in read.properties]
        return told | {"raw": frame.hex().upper()}

    def of_record(self, record: SkRecord) -> Document:
        """Tell what a line of an adapter says."""
        match record:
            case SkUdp():
                link = {"from_address": record.source, "is_encrypted": record.is_encrypted}
                if record.link_quality is not None:
                    link["link_quality"] = record.link_quality
                    link["rssi_dbm"] = (_RSSI_STEP * record.link_quality - _RSSI_FLOOR) / 1000
                return {"kind": "frame", **link, **self.of_frame(record.frame)}
            case SkEvent():
                event = {"kind": "event", "event": f"{record.event_code:02X}", "name": record.name}
                return event | {"from_address": record.source, "parameter": record.parameter}
            case SkScan():
                return {"kind": "scan", **record.fields}
            case SkPassed():
                return {"kind": "passed over", "reason": record.reason}
            case SkFault():
                return {"problem": ProblemCode.MALFORMED_FRAME.value, "detail": record.detail}

    def _learn(self, read: Frame) -> None:
        """Keep what an object tells of its unit and coefficient; a meter that refuses its coefficient counts by 1."""
        class_code = read.source_code >> INSTANCE_BITS
        if read.esv not in TELLING or class_code not in _UNIT_CODES:
            return
        if class_code == DISTRIBUTION_BOARD:
            self._coefficient[read.source_code] = 1
        for each in read.properties:
            is_fit = not read_property(read.source_code, each.epc_code, each.edt).fault
            if each.epc_code == _UNIT_CODES[class_code] and is_fit:
                self._unit_mwh[read.source_code] = UNIT_MWH[each.edt[0]]
            if class_code == SMART_METER and each.epc_code == _COEFFICIENT_CODE:
                if not each.edt and read.esv in REFUSING:
                    self._coefficient[read.source_code] = 1
                elif is_fit:
                    self._coefficient[read.source_code] = int.from_bytes(each.edt)

    def _property(self, frame: Frame, each: Property, *, is_set: bool) -> Document:
        """Tell what a property says, or that it was asked for, set or refused."""
        object_code = frame.destination_code if frame.esv in ASKING else frame.source_code
        read = read_property(object_code, each.epc_code, each.edt)
        told: Document = {"epc": f"{each.epc_code:02X}", "name": read.name}
        # A refused Set comes back with its bytes, a refused Get without.
        is_of_set = is_set or frame.esv not in TELLING
        if each.epc_code in frame.refused_codes and bool(each.edt) == is_of_set:
            return told | {"is_refused": True, "raw": each.edt.hex().upper()}
        if not each.edt and is_of_set:
            return told
        if read.fault:
            told |= {"problem": ProblemCode.UNFIT_VALUE.value, "detail": read.fault}
        return told | dict(read.told) | self._kwh(object_code, read.told) | {"raw": each.edt.hex().upper()}

    def _kwh(self, object_code: int, told: Mapping[str, Any]) -> Document:
        """Give counts in kWh where the object told what a count is worth."""
        if object_code not in self._unit_mwh or object_code not in self._coefficient:
            return {}
        count_mwh = self._unit_mwh[object_code] * self._coefficient[object_code]
        return {
            _COUNT_NAMES[name]: _scaled(reading, count_mwh) for name, reading in told.items() if name in _COUNT_NAMES
        }


def _scaled(reading: Any, count_mwh: int) -> Any:
    """Turn a count, or a list of counts, into texts of kWh; None stays None."""
    if isinstance(reading, tuple):
        return [_scaled(each, count_mwh) for each in reading]
    return None if reading is None else exact_kwh_text(reading * count_mwh)


def has_problem(document: Document) -> bool:
    """Tell whether a document, or a property in it, could not be read."""
    parts = [*document.get("set", ()), *document.get("properties", ())]
    return "problem" in document or any("problem" in part for part in parts)
