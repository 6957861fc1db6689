"""What every meter of the sample would deliver if nothing ever went wrong.

Enters: homes and buyers' uses; leaves: one Series per meter and channel. Not here: faults (faults).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tools.sample.cast import EXCHANGES, ROLLOVER_HOME, SILENT_HOME
from tools.sample.homes import Home
from tools.sample.period import IntArray, chance, instant_s, stamps_s

REGISTER_UNIT_WH: Final = 100
REGISTER_DIGITS: Final = 6
TURN_COUNT: Final = 10**REGISTER_DIGITS
# Readings are fetched four hours after their stamp, each meter in its own seconds.
FETCH_DELAY_S: Final = 4 * 3600
FETCH_SECONDS_MAX: Final = 600
ROLLOVER_START_COUNT: Final = 978_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One channel of one meter: readings (register counts or Wh) at their stamps [Unix s]."""

    meter_id: str
    channel: str
    stamp_s: IntArray
    reading: IntArray
    fetch_delay_s: int

    @property
    def is_register(self) -> bool:
        """Tell whether the readings are cumulative counts."""
        return self.channel in {"import", "export"}


def home_series(homes: list[Home]) -> list[Series]:
    """List the series of all homes in the order of their meters; the silent home delivers nothing."""
    rng = chance("meters")
    by_home = {home.number: one_home_series(home, rng) for home in homes}
    return [series for number, listed in by_home.items() if number != SILENT_HOME for series in listed]


def one_home_series(home: Home, rng: np.random.Generator) -> list[Series]:
    """List the series of one home: its grid meter or meters, its generation, its battery if it has one."""
    delay_s = FETCH_DELAY_S + int(rng.integers(FETCH_SECONDS_MAX))
    start_wh = {
        "import": int(rng.integers(8_000_000, 60_000_000)),
        "export": int(rng.integers(5_000_000, 25_000_000)),
    }
    if home.number == ROLLOVER_HOME:
        start_wh["import"] = ROLLOVER_START_COUNT * REGISTER_UNIT_WH
    listed = []
    for channel, energy_wh in (("import", home.import_wh), ("export", home.export_wh)):
        listed += registers(home, channel, running_wh(start_wh[channel], energy_wh), delay_s)
    listed.append(intervals(f"{home.home_id}-pv", "pv", home.pv_wh, delay_s))
    if home.battery.capacity_wh:
        listed.append(intervals(f"{home.home_id}-battery", "charge", home.charge_wh, delay_s))
        listed.append(intervals(f"{home.home_id}-battery", "discharge", home.discharge_wh, delay_s))
    return listed


def buyer_series(uses: dict[str, IntArray]) -> list[Series]:
    """List the series of the buyers' sub-meters."""
    return [intervals(meter_id, "use", use_wh, FETCH_DELAY_S) for meter_id, use_wh in uses.items()]


def running_wh(start_wh: int, energy_wh: IntArray) -> IntArray:
    """Give the exact running energy at all boundaries of the period, the opening one included."""
    return start_wh + np.concatenate([[0], np.cumsum(energy_wh)])


def registers(home: Home, channel: str, running: IntArray, delay_s: int) -> list[Series]:
    """Read the running energy as a register does: units of 0.1 kWh, from 0 again after the last digit."""
    meter_id, stamps = f"{home.home_id}-grid", stamps_s()
    whole = Series(meter_id=meter_id, channel=channel, stamp_s=stamps, reading=counts(running), fetch_delay_s=delay_s)
    if home.number not in EXCHANGES:
        return [whole]
    # Both meters are read at the instant of the exchange; the new one starts at nought.
    at = int(np.searchsorted(stamps, instant_s(EXCHANGES[home.number])))
    return [
        Series(
            meter_id=meter_id,
            channel=channel,
            stamp_s=stamps[: at + 1],
            reading=counts(running[: at + 1]),
            fetch_delay_s=delay_s,
        ),
        Series(
            meter_id=f"{meter_id}-2",
            channel=channel,
            stamp_s=stamps[at:],
            reading=counts(running[at:] - running[at]),
            fetch_delay_s=delay_s,
        ),
    ]


def counts(running: IntArray) -> IntArray:
    """Show a running energy [Wh] in the digits of a register."""
    return running // REGISTER_UNIT_WH % TURN_COUNT


def intervals(meter_id: str, channel: str, energy_wh: IntArray, delay_s: int) -> Series:
    """Deliver half-hour energies at the ends of their slots."""
    return Series(meter_id=meter_id, channel=channel, stamp_s=stamps_s()[1:], reading=energy_wh, fetch_delay_s=delay_s)
