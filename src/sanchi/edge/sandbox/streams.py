"""What one device sends of one thing, row by row, before and after faults are laid over it.

Enter: a home's part and its energies. Leave: clean streams. Not here: faults (effects), bytes (frames, clouds).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.edge.sandbox.cast import REGISTER_TURN, SOLAR_TURN, Connector, Device, HomeCast
from sanchi.edge.sandbox.chance import noise
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.minutes import minute_powers
from sanchi.edge.sandbox.period import DAY_S, SLOT_S, Period
from sanchi.edge.sandbox.truth import UNIT_WH, Energies

# Stands for a number that is not there; far below any that is.
NONE: Final = -(2**40)
INFO_AFTER_S: Final = 600


class Thing(StrEnum):
    """What a row is; the first four are frames."""

    METER = "028801"  # counts of both registers at a half hour
    SOLAR = "027901"
    BATTERY = "027D01"
    INFO = "info"  # unit, coefficient and digits of the meter
    READING = "reading"  # counts in the B-route cloud
    BLOCK = "block"  # the minutes of a half hour in the CT cloud


@dataclass(slots=True, kw_only=True)
class Stream:
    """Rows of one device and thing; equal-length arrays in the order of about_s.

    about_s : the stamp of a count, or the first instant of a block. arrival_s : when it reaches broker or cloud.
    fault_no : the fault that touched the row, -1 = none. numbers : what is sent, by series, of shape (n,) or (n, 30).
    held : what the meter itself holds of them, for histories. short_bytes : how much is cut off a frame.
    ahead_s : how far the device's clock is ahead. again_rows, again_s : rows that arrive another time, and when.
    """

    device: Device
    thing: Thing
    about_s: NDArray[np.int64]
    arrival_s: NDArray[np.int64]
    is_sent: NDArray[np.bool_]
    fault_no: NDArray[np.int32]
    numbers: dict[str, NDArray[np.int64]]
    held: dict[str, NDArray[np.int64]]
    short_bytes: NDArray[np.int32]
    ahead_s: NDArray[np.int32]
    again_rows: list[int] = field(default_factory=list)
    again_s: list[int] = field(default_factory=list)

    def rows_in(self, fault: Fault) -> NDArray[np.intp]:
        """Give the rows that a fault covers."""
        return np.flatnonzero((fault.from_s <= self.about_s) & (self.about_s < fault.to_s))

    def rows_from(self, fault: Fault) -> NDArray[np.intp]:
        """Give the rows from the beginning of a fault on."""
        return np.flatnonzero(fault.from_s <= self.about_s)

    def reading_counts(self) -> NDArray[np.int64]:
        """Count the numbers of each row that are there; a cut frame has none."""
        counts = np.zeros(self.about_s.size, dtype=np.int64)
        for number in self.numbers.values():
            is_there = number != NONE
            counts += is_there if is_there.ndim == 1 else is_there.sum(axis=1)
        return np.where(self.short_bytes > 0, 0, counts)


def counts_at_boundaries(
    energy_wh: NDArray[np.int64], first_count: int, *, unit_wh: int, turn: int, rest_wh: int = 0
) -> NDArray[np.int64]:
    """Give what a register shows at every boundary: whole steps of the exact running sum.

    energy_wh : shape (n,). Returns shape (n + 1,).
    """
    total_wh = first_count * unit_wh + rest_wh + np.concatenate(([0], np.cumsum(energy_wh)))
    return total_wh // unit_wh % turn


def clean_streams(cast: HomeCast, energies: Energies, period: Period, seed_no: int) -> list[Stream]:
    """Make what the devices of a home send when nothing goes wrong."""
    boundaries_s = period.first_s + np.arange(period.n_slots + 1, dtype=np.int64) * SLOT_S
    device = cast.meter_device
    meter = _meter_counts(cast, energies)
    if device.connector is Connector.BR_CLOUD:
        ct = cast.devices[1]
        return [
            _stream(device, Thing.READING, boundaries_s, 20 + _jitter(seed_no, device, 70, boundaries_s), meter),
            _block_stream(ct, energies, boundaries_s[:-1], seed_no),
        ]
    streams = [_stream(device, Thing.METER, boundaries_s, 3 + _jitter(seed_no, device, 7, boundaries_s), meter)]
    solar = {"pv": counts_at_boundaries(energies["pv"], cast.solar_count, unit_wh=1, turn=SOLAR_TURN)}
    streams.append(_stream(device, Thing.SOLAR, boundaries_s, np.ones_like(boundaries_s), solar))
    if cast.has_battery:
        battery = {
            "charge": counts_at_boundaries(energies["charge"], cast.charge_count, unit_wh=1, turn=SOLAR_TURN),
            "discharge": counts_at_boundaries(energies["discharge"], cast.discharge_count, unit_wh=1, turn=SOLAR_TURN),
        }
        streams.append(_stream(device, Thing.BATTERY, boundaries_s, np.full_like(boundaries_s, 2), battery))
    days_s = period.first_s + np.arange(period.n_days, dtype=np.int64) * DAY_S + INFO_AFTER_S
    streams.append(_stream(device, Thing.INFO, days_s, np.ones_like(days_s), {}))
    return streams


def _meter_counts(cast: HomeCast, energies: Energies) -> dict[str, NDArray[np.int64]]:
    """Give the counts of the smart meter."""
    first = {"import": cast.import_count, "export": cast.export_count}
    return {
        name: counts_at_boundaries(
            energies[name], first[name], unit_wh=UNIT_WH, turn=REGISTER_TURN, rest_wh=cast.rest_wh[n]
        )
        for n, name in enumerate(first)
    }


def _jitter(seed_no: int, device: Device, below: int, like: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw how many seconds the way of each row takes."""
    return noise(seed_no, f"{device.device_id}|way", like.shape, below)


def _block_stream(device: Device, energies: Energies, starts_s: NDArray[np.int64], seed_no: int) -> Stream:
    """Make the blocks of a CT device; each is sent once its half hour is over."""
    minutes = minute_powers(energies["import"], energies["export"], energies["pv"], seed_no, device.home)
    way_s = SLOT_S + 20 + _jitter(seed_no, device, 70, starts_s)
    return _stream(device, Thing.BLOCK, starts_s, way_s, minutes)


def _stream(
    device: Device,
    thing: Thing,
    about_s: NDArray[np.int64],
    way_s: NDArray[np.int64],
    numbers: Mapping[str, NDArray[np.int64]],
) -> Stream:
    """Make a stream without faults."""
    n_rows = about_s.size
    return Stream(
        device=device,
        thing=thing,
        about_s=about_s,
        arrival_s=about_s + way_s,
        is_sent=np.ones(n_rows, dtype=np.bool_),
        fault_no=np.full(n_rows, -1, dtype=np.int32),
        numbers={name: number.copy() for name, number in numbers.items()},
        held={name: number.copy() for name, number in numbers.items() if number.ndim == 1},
        short_bytes=np.zeros(n_rows, dtype=np.int32),
        ahead_s=np.zeros(n_rows, dtype=np.int32),
    )
