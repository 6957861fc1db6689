"""A battery that keeps the home's own surplus for its own evening: plain self-consumption mode.

Enters: load and generation; leaves: charge and discharge, half-hour energies [Wh]. Not here: tariffs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tools.sample.period import IntArray

EFFICIENCY_PERMILLE: Final = 900  # there and back; the loss is booked when charging


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A nameplate; capacity 0 = none."""

    capacity_wh: int
    power_w: int


def dispatch(battery: Battery, load_wh: IntArray, pv_wh: IntArray) -> tuple[IntArray, IntArray]:
    """Charge from surplus only, discharge into load only; starts empty.

    load_wh, pv_wh : int64 arrays of shape (n_slots,) [Wh]. Returns: charge_wh, discharge_wh, same shape.
    """
    charge_wh, discharge_wh = np.zeros_like(load_wh), np.zeros_like(load_wh)
    slot_wh_max = battery.power_w // 2
    stored_mwh = 0  # thousandths of a Wh, so that the efficiency needs no rounding
    for slot, surplus_wh in enumerate((pv_wh - load_wh).tolist()):
        if surplus_wh > 0:
            room_wh = (battery.capacity_wh * 1000 - stored_mwh) // EFFICIENCY_PERMILLE
            taken_wh = min(surplus_wh, slot_wh_max, room_wh)
            charge_wh[slot] = taken_wh
            stored_mwh += taken_wh * EFFICIENCY_PERMILLE
        else:
            given_wh = min(-surplus_wh, slot_wh_max, stored_mwh // 1000)
            discharge_wh[slot] = given_wh
            stored_mwh -= given_wh * 1000
    return charge_wh, discharge_wh
