"""Asks momonga, broute-j11 and pychonet what they make of bytes; runs in their own environment, never in ours.

Enters: a JSON list of [library, what, hex, ...] on stdin. Leaves: a JSON list of answers, {"error": ...} where a
library refuses. Not here: what is right.
"""

import datetime as dt
import json
import sys
from decimal import Decimal
from importlib import import_module

MOMONGA = {
    0xD0: ("parse_one_minute_measured_cumulative_energy", True),
    0xD3: ("parse_coefficient_for_cumulative_energy", False),
    0xD7: ("parse_number_of_effective_digits_for_cumulative_energy", False),
    0xE0: ("parse_measured_cumulative_energy", True),
    0xE1: ("parse_unit_for_cumulative_energy", False),
    0xE2: ("parse_historical_cumulative_energy_1", True),
    0xE7: ("parse_instantaneous_power", False),
    0xE8: ("parse_instantaneous_current", False),
    0xEA: ("parse_cumulative_energy_measured_at_fixed_time", True),
    0xEC: ("parse_historical_cumulative_energy_2", True),
    0xEE: ("parse_historical_cumulative_energy_3", True),
}
PYCHONET = {0x0279: "HomeSolarPower", 0x027D: "StorageBattery", 0x0287: "DistributionPanelMeter"}


def momonga_property(edt, epc):
    """Read a property; counts stay counts, since one is worth 1 kWh here."""
    name, is_scaled = MOMONGA[epc]
    parse = getattr(import_module("momonga.momonga_echonet_data").EchonetDataParser, name)
    return parse(edt, 1, 1) if is_scaled else parse(edt)


def momonga_line(line, kind):
    """Read a line of an adapter."""
    momonga_device = import_module("momonga.momonga_device")
    read = momonga_device.parse_sk_line(line.decode(), getattr(momonga_device, f"{kind}Strategy")())
    if read is None:
        return None
    return read.data.hex() if hasattr(read, "data") else [read.num, read.param]


def broute_frame(frame):
    """Read a frame into [ESV, [EPC, bytes]...]."""
    read = import_module("broute_j11.echonet").EchonetLiteFrame.decode(frame)
    return [int(read.esv), [[each.epc, each.edt.hex()] for each in read.properties]]


def broute_property(edt, epc):
    """Read a property with one count worth 0.1 kWh."""
    echonet = import_module("broute_j11.echonet")
    profile = echonet.MeterProfile(coefficient=1, unit=Decimal("0.1"))
    if epc in {0xEA, 0xEB}:
        read = echonet.decode_scheduled_energy(edt, profile)
        return [read.measured_at, read.energy]
    if epc in {0xE0, 0xE3}:
        return echonet.decode_cumulative_energy(edt, profile)
    if epc == 0xE8:
        read = echonet.decode_instantaneous_current(edt)
        return [read.r_phase, read.t_phase]
    names = {
        0xD3: "decode_coefficient",
        0xD7: "decode_cumulative_digits",
        0xE1: "unit_multiplier",
        0xE7: "decode_instantaneous_power",
    }
    return getattr(echonet, names[epc])(edt)


def pychonet_frame(frame):
    """Read a frame into [ESV, [EPC, bytes]...]."""
    read = import_module("pychonet.lib.functions").decodeEchonetMsg(frame)
    return [read["ESV"], [[each["EPC"], each["EDT"].hex()] for each in read["OPC"]]]


def pychonet_property(edt, class_code, epc):
    """Read a property of a class."""
    name = PYCHONET[class_code]
    reader = getattr(import_module(f"pychonet.{name}"), name).EPC_FUNCTIONS[epc]
    if isinstance(reader, list):
        return reader[0](edt, reader[1])
    return reader(edt)


def main():
    """Answer question by question."""
    answers = []
    for name, content, *more in json.load(sys.stdin):
        try:
            answers.append(globals()[name](bytes.fromhex(content), *more))
        except Exception as refused:  # noqa: BLE001 - whatever a library raises is its answer
            answers.append({"error": f"{type(refused).__name__}: {refused}"})
    json.dump(answers, sys.stdout, default=written)


def written(told):
    """Write stamps and Decimals as text."""
    return told.isoformat() if isinstance(told, dt.datetime) else str(told)


if __name__ == "__main__":
    main()
