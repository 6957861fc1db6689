"""Energies of intervals that fit into a slot, as columns, and how a power or an energy becomes watt-seconds.

Enters: arrays. Leave: PartRows checked at construction. Not here: adding up (see adding).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import MINUTES_PER_SLOT
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.readings import UnfitReadings

SLOT_S: Final = MINUTES_PER_SLOT * 60
WS_PER_WH: Final = 3_600
# The lengths that meters and gateways deliver. Each divides the next, so two intervals on the grid of their own
# lengths either lie apart or one inside the other.
INTERVALS_S: Final = (60, 300, 900, 1_800)
# 277 MWh in one interval: far above any connection, and slots of it stay far inside int64.
ENERGY_WS_MAX: Final = 10**12

# 1 mWh = 3.6 Ws = 18 / 5 Ws.
_WS_PER_MWH_UPPER: Final = 18
_WS_PER_MWH_LOWER: Final = 5

_DTYPES: Final = (
    ("series_key", np.int64), ("stamp_s", np.int64), ("interval_s", np.int32), ("energy_ws", np.int64),
    ("received_s", np.int64), ("delivery_no", np.int32), ("row_no", np.int32),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRows:
    """Energies of intervals in any order, every version of each; equal-length arrays that become read-only.

    series_key : one meter's one channel, as ReadingRows.series_key numbers it.
    stamp_s : Unix seconds, the END of the interval; interval_s : one of INTERVALS_S.
    energy_ws : watt-seconds, never below zero: a grid power of two directions is two series.
    received_s : Unix seconds; orders versions, then delivery_no, then row_no.
    Raises: UnfitReadings.
    """

    series_key: NDArray[np.int64]
    stamp_s: NDArray[np.int64]
    interval_s: NDArray[np.int32]
    energy_ws: NDArray[np.int64]
    received_s: NDArray[np.int64]
    delivery_no: NDArray[np.int32]
    row_no: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Check types, lengths and ranges; then freeze."""
        for name, dtype in _DTYPES:
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (self.row_count,):
                expected = f"expected {np.dtype(dtype)} of shape ({self.row_count},)"
                raise UnfitReadings(f"{name}: {array.dtype} of shape {array.shape}, {expected}.")
            array.setflags(write=False)
        foreign_s = np.setdiff1d(self.interval_s, INTERVALS_S)
        if foreign_s.size:
            raise UnfitReadings(
                f"interval_s: {foreign_s[0]} is none of {', '.join(map(str, INTERVALS_S))}.",
                hint="An interval that does not tile the half hour cannot be added up to it.",
            )
        if self.row_count and not 0 <= self.energy_ws.min() <= self.energy_ws.max() <= ENERGY_WS_MAX:
            raise UnfitReadings(
                f"energy_ws: {self.energy_ws.min()}..{self.energy_ws.max()} leaves 0..{ENERGY_WS_MAX}.",
                hint="Such rows are rejected when files are taken in; import and export are two series.",
            )

    @classmethod
    def joined(cls, pieces: Sequence["PartRows"]) -> "PartRows":
        """Put several values one behind the other: minutes of one slot may come in several deliveries."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, dtype), *(getattr(piece, name) for piece in pieces)])
            for name, dtype in _DTYPES
        }
        return cls(**columns)

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.series_key.shape[0])

    def take(self, row_index: NDArray[np.intp] | NDArray[np.bool_]) -> "PartRows":
        """Take rows by position or by mask of shape (row_count,)."""
        columns: dict[str, Any] = {name: getattr(self, name)[row_index] for name, _ in _DTYPES}
        return PartRows(**columns)


def energy_ws_of(
    reading: NDArray[np.int64],
    measure_no: NDArray[np.int8],
    interval_s: NDArray[np.int32],
    unit_mwh: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Give decoded powers and energies in watt-seconds: 1 W over a minute is 60 Ws, 1 Wh is 3,600 Ws.

    Raises: UnfitReadings for counts, and for units that are no whole number of watt-seconds.

    >>> energy_ws_of(np.array([2, 2]), np.array([3, 2], np.int8), np.array([60, 60], np.int32), np.array([0, 1_000]))
    array([ 120, 7200])
    """
    is_power = measure_no == Measure.POWER
    if np.any(~is_power & (measure_no != Measure.ENERGY)):
        raise UnfitReadings("A count of a register is no energy of an interval.")
    uneven = ~is_power & (unit_mwh * _WS_PER_MWH_UPPER % _WS_PER_MWH_LOWER != 0)
    if np.any(uneven):
        raise UnfitReadings(
            f"unit_mwh: {unit_mwh[uneven][0]} is no whole number of watt-seconds.",
            hint="Units of 5 mWh and its multiples are.",
        )
    energy_ws: NDArray[np.int64] = np.where(
        is_power, reading * interval_s, reading * (unit_mwh * _WS_PER_MWH_UPPER // _WS_PER_MWH_LOWER)
    )
    return energy_ws


def grid_directions(grid_w: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part a grid power, positive for import, into import [W] and export [W], each interval by itself.

    >>> grid_directions(np.array([120, -30]))
    (array([120,   0]), array([ 0, 30]))
    """
    return np.maximum(grid_w, 0), np.maximum(-grid_w, 0)
