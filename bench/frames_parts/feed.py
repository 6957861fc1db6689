"""Runs momonga or broute-j11 on frames and prints what it cost, as JSON; runs in the environment of the oracles.

Usage: python -m bench.frames_parts.feed PEER N_FRAMES RUNS. Each frame is read whole, then each property of
it is turned into its value, as their own clients do.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from bench.frames_parts.material import LAYOUTS, frames_of

UNIT = 0.1


def main() -> None:
    """Measure the CPU seconds of each layout: medians of warm runs."""
    peer, n_frames, n_runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    decode = {"momonga": momonga, "broute-j11": broute}[peer]()
    cpu_s = {}
    for layout in LAYOUTS:
        frames = frames_of(layout, n_frames)
        runs = []
        for _ in range(n_runs + 1):
            before = time.process_time()
            for frame in frames:
                decode(frame)
            runs.append(time.process_time() - before)
        cpu_s[layout] = statistics.median(runs[1:])
    print(json.dumps(cpu_s))


def momonga() -> Callable[[bytes], list[object]]:
    """Read with momonga: it wants to know which properties were asked for, so it is told."""
    from momonga.momonga import Momonga
    from momonga.momonga_echonet_data import EchonetDataParser, EchonetProperty

    asked = {
        0x73EA: [EchonetProperty(0xEA), EchonetProperty(0xEB)],
        0x72E7: [EchonetProperty(0xE7), EchonetProperty(0xE8)],
        0x72E0: [EchonetProperty(0xE0), EchonetProperty(0xE3)],
    }
    plain = {
        0xE7: EchonetDataParser.parse_instantaneous_power,
        0xE8: EchonetDataParser.parse_instantaneous_current,
    }
    scaled = {
        0xE0: EchonetDataParser.parse_measured_cumulative_energy,
        0xE3: EchonetDataParser.parse_measured_cumulative_energy,
        0xEA: EchonetDataParser.parse_cumulative_energy_measured_at_fixed_time,
        0xEB: EchonetDataParser.parse_cumulative_energy_measured_at_fixed_time,
    }

    def decode(frame: bytes) -> list[object]:
        number = int.from_bytes(frame[2:4], "big")
        properties = Momonga._extract_response_payload(frame, number, asked[frame[10] << 8 | frame[12]])  # noqa: SLF001
        return [
            plain[each.epc](each.edt) if each.epc in plain else scaled[each.epc](each.edt, UNIT, 1)
            for each in properties
        ]

    return decode


def broute() -> Callable[[bytes], list[object]]:
    """Read with broute-j11."""
    from broute_j11 import echonet

    profile = echonet.MeterProfile(coefficient=1, unit=Decimal("0.1"))
    plain = {0xE7: echonet.decode_instantaneous_power, 0xE8: echonet.decode_instantaneous_current}
    scaled = {
        0xE0: echonet.decode_cumulative_energy,
        0xE3: echonet.decode_cumulative_energy,
        0xEA: echonet.decode_scheduled_energy,
        0xEB: echonet.decode_scheduled_energy,
    }

    def decode(frame: bytes) -> list[object]:
        properties = echonet.EchonetLiteFrame.decode(frame).property_map()
        return [plain[epc](edt) if epc in plain else scaled[epc](edt, profile) for epc, edt in properties.items()]

    return decode


if __name__ == "__main__":
    main()
