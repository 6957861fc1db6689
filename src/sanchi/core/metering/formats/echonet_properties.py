"""What the properties of the classes that sanchi reads are called and how their bytes are read.

Enter: codes of a class and a property, bytes. Leaves: a ReadProperty with its name in clear, or what was wrong. Not
here: which properties become readings (gateway_rows).

Source: ECHONET device objects, MRA 1.3.1 (Release R), classes 0x0279, 0x027D, 0x0287, 0x0288 and the super class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sanchi.core.metering.formats.echonet_boards import BOARD
from sanchi.core.metering.formats.echonet_values import (
    COEFFICIENT_MAX,
    Reader,
    UnfitEdt,
    ValueMap,
    chosen_history,
    coded,
    count,
    currents,
    day_choice,
    day_history,
    energy_unit,
    history_choice,
    raw,
    require,
    signed,
    stamped_count,
    stamped_pair,
    text,
    unsigned,
)

SOLAR: Final = 0x0279
BATTERY: Final = 0x027D
DISTRIBUTION_BOARD: Final = 0x0287
SMART_METER: Final = 0x0288
INSTANCE_BITS: Final = 8

CLASS_TEXTS: Final = {
    SOLAR: "household solar power",
    BATTERY: "storage battery",
    DISTRIBUTION_BOARD: "distribution board",
    SMART_METER: "low-voltage smart meter",
    0x05FF: "controller",
    0x0EF0: "node profile",
}
GENERATED_WH_MAX: Final = 999_999_999

Table = dict[int, tuple[str, Reader]]


def _digits(edt: bytes) -> ValueMap:
    """Read how many digits of a register count."""
    digits = require(edt, 1)[0]
    if not 1 <= digits <= 8:  # noqa: PLR2004 - as the standard has it
        raise UnfitEdt(f"{digits} digits, 1..8 are possible")
    return {"effective_digits": digits}


def _b_route_id(edt: bytes) -> ValueMap:
    """Read the maker and the free part of a B-route number."""
    require(edt, 16)
    return {"maker": edt[1:4].hex().upper(), "free_part": edt[4:].hex().upper()}


def _clock(edt: bytes) -> ValueMap:
    """Read hours and minutes."""
    hours, minutes = require(edt, 2)
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - as clocks have it
        raise UnfitEdt(f"{hours}:{minutes:02d} is no time")
    return {"time": f"{hours:02d}:{minutes:02d}"}


def _date(edt: bytes) -> ValueMap:
    """Read a date."""
    require(edt, 4)
    year, month, day = int.from_bytes(edt[:2]), edt[2], edt[3]
    if not (1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004 - as calendars have it
        raise UnfitEdt(f"{year}-{month:02d}-{day:02d} is no date")
    return {"date": f"{year:04d}-{month:02d}-{day:02d}"}


def _property_map(edt: bytes) -> ValueMap:
    """Read which properties there are: listed one by one up to 15, as bits from 16 on."""
    n_properties = edt[0] if edt else 0
    listed = 16
    require(edt, 1 + min(n_properties, listed))
    if n_properties < listed:
        codes = sorted(edt[1:])
    else:
        codes = sorted(
            ((bit + 8) << 4) + place for place, byte in enumerate(edt[1:]) for bit in range(8) if byte >> bit & 1
        )
    if len(codes) != n_properties:
        raise UnfitEdt(f"{len(codes)} properties, {n_properties} told")
    return {"epcs": tuple(f"{code:02X}" for code in codes)}


_SUPER: Final[Table] = {
    0x80: ("operation status", coded("status", {0x30: "on", 0x31: "off"})),
    0x81: ("installation location", raw("location")),
    0x82: ("version of the standard", raw("version", 4)),
    0x83: ("identification number", raw("identification", 17)),
    0x88: ("fault status", coded("status", {0x41: "fault", 0x42: "no fault"})),
    0x8A: ("maker", raw("maker", 3)),
    0x8C: ("product code", text("product", 12)),
    0x8D: ("serial number", text("serial", 12)),
    0x97: ("time of the device", _clock),
    0x98: ("date of the device", _date),
    0x9D: ("properties that announce changes", _property_map),
    0x9E: ("properties that can be set", _property_map),
    0x9F: ("properties that can be got", _property_map),
}
_METER: Final[Table] = {
    0xC0: ("B-route identification number", _b_route_id),
    0xD0: ("one-minute cumulative energy, import and export", stamped_pair),
    0xD3: ("coefficient", unsigned("coefficient", 4, COEFFICIENT_MAX)),
    0xD7: ("effective digits of the registers", _digits),
    0xE0: ("cumulative energy now, import", count()),
    0xE1: ("unit of the registers", energy_unit),
    0xE2: ("history of a day, import", day_history),
    0xE3: ("cumulative energy now, export", count()),
    0xE4: ("history of a day, export", day_history),
    0xE5: ("day chosen for the history of a day", day_choice),
    0xE7: ("instantaneous power, export below zero", signed("power_w", 4)),
    0xE8: ("instantaneous currents", currents),
    0xEA: ("cumulative energy at the half hour, import", stamped_count),
    0xEB: ("cumulative energy at the half hour, export", stamped_count),
    0xEC: ("history of half hours, import and export", chosen_history(12, 30)),
    0xED: ("half hours chosen for the history", history_choice(12, 30)),
    0xEE: ("history of minutes, import and export", chosen_history(10, 1)),
    0xEF: ("minutes chosen for the history", history_choice(10, 1)),
}
_YES_NO: Final = {0x41: "yes", 0x42: "no", 0x43: "undefined"}
_SOLAR: Final[Table] = {
    0xA0: ("output limit", unsigned("limit_percent", 1, 100)),
    0xA1: ("output limit", unsigned("limit_w", 2, 0xFFFD)),
    0xA2: ("control of surplus purchase", coded("control", {0x41: "enabled", 0x42: "disabled"})),
    0xB0: ("output control schedule", raw("schedule")),
    0xC1: ("feed-in tariff contract", coded("contract", {0x41: "FIT", 0x42: "non-FIT", 0x43: "undefined"})),
    0xC2: ("self-consumption", coded("self_consumption", _YES_NO)),
    0xC3: ("certified capacity", unsigned("capacity_w", 2, 0xFFFD, no_data_code=0xFFFF)),
    0xC4: ("conversion coefficient", unsigned("coefficient_percent", 1, 100)),
    0xD0: (
        "grid connection",
        coded(
            "connection",
            {0: "connected, export possible", 1: "independent", 2: "connected, no export", 3: "unknown"},
        ),
    ),
    0xD1: (
        "output control now",
        coded(
            "control",
            {
                0x41: "controlled by output control",
                0x42: "controlled otherwise",
                0x43: "controlled, reason unknown",
                0x44: "not controlled",
                0x45: "unknown",
            },
        ),
    ),
    0xE0: ("instantaneous generation", unsigned("power_w", 2, 0xFFFD, no_data_code=0xFFFE)),
    0xE1: ("cumulative energy generated", count("generated_wh", GENERATED_WH_MAX)),
    0xE3: ("cumulative energy sold", count("sold_wh", GENERATED_WH_MAX)),
    0xE8: ("rated power", unsigned("rated_w", 2, 0xFFFD)),
}
_BATTERY_MODES: Final = {
    0x40: "other",
    0x41: "rapid charging",
    0x42: "charging",
    0x43: "discharging",
    0x44: "standby",
    0x45: "test",
    0x46: "automatic",
    0x48: "restart",
    0x49: "recalculating its capacity",
}
_BATTERY_TYPES: Final = {0: "unknown", 1: "lead", 2: "Ni-MH", 3: "Ni-Cd", 4: "Li-ion", 5: "zinc", 6: "alkaline"}
_BATTERY: Final[Table] = {
    0xA0: ("AC effective capacity, charging", unsigned("capacity_wh", 4, GENERATED_WH_MAX)),
    0xA1: ("AC effective capacity, discharging", unsigned("capacity_wh", 4, GENERATED_WH_MAX)),
    0xA2: ("AC chargeable capacity", unsigned("capacity_wh", 4, GENERATED_WH_MAX)),
    0xA3: ("AC dischargeable capacity", unsigned("capacity_wh", 4, GENERATED_WH_MAX)),
    0xA4: ("AC energy that can be charged", unsigned("energy_wh", 4, GENERATED_WH_MAX)),
    0xA5: ("AC energy that can be discharged", unsigned("energy_wh", 4, GENERATED_WH_MAX)),
    0xA8: ("AC cumulative energy charged", count("charged_wh", GENERATED_WH_MAX)),
    0xA9: ("AC cumulative energy discharged", count("discharged_wh", GENERATED_WH_MAX)),
    0xCF: ("what the battery does", coded("mode", _BATTERY_MODES)),
    0xD3: ("instantaneous power, discharging below zero", signed("power_w", 4)),
    0xD6: ("cumulative energy discharged", count("discharged_wh", GENERATED_WH_MAX)),
    0xD8: ("cumulative energy charged", count("charged_wh", GENERATED_WH_MAX)),
    0xDA: ("what the battery is set to do", coded("mode", _BATTERY_MODES)),
    0xE2: ("energy left", unsigned("energy_wh", 4, GENERATED_WH_MAX)),
    0xE4: ("state of charge", unsigned("charge_percent", 1, 100)),
    0xE5: ("state of health", unsigned("health_percent", 1, 100)),
    0xE6: ("battery type", coded("type", _BATTERY_TYPES)),
}
TABLES: Final[Mapping[int, Table]] = {
    SOLAR: _SUPER | _SOLAR,
    BATTERY: _SUPER | _BATTERY,
    DISTRIBUTION_BOARD: _SUPER | BOARD,
    SMART_METER: _SUPER | _METER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProperty:
    """A property in clear; told is empty where nothing can be read.

    fault : what is wrong with its bytes, else empty.
    """

    epc_code: int
    name: str
    edt: bytes
    told: ValueMap
    fault: str = ""


def read_property(source_code: int, epc_code: int, edt: bytes) -> ReadProperty:
    """Read a property of an object; one that no table knows keeps its bytes and is called "not known".

    >>> dict(read_property(0x028801, 0xE7, bytes.fromhex("0000029C")).told)
    {'power_w': 668}
    """
    table = TABLES.get(source_code >> INSTANCE_BITS, _SUPER)
    if epc_code not in table:
        return ReadProperty(epc_code=epc_code, name="not known", edt=edt, told={})
    name, reader = table[epc_code]
    try:
        return ReadProperty(epc_code=epc_code, name=name, edt=edt, told=reader(edt))
    except UnfitEdt as unfit:
        return ReadProperty(epc_code=epc_code, name=name, edt=edt, told={}, fault=str(unfit))
