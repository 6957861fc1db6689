"""Minute powers of a half hour that add up to its energy exactly.

Enter: energies [Wh] of half hours. Leave: whole watts of their minutes. Not here: faults.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.edge.sandbox.chance import noise

MINUTES: Final = 30
MINUTES_PER_HOUR: Final = 60
STEPS: Final = 6  # a half hour has so many stretches of like weather and like use


def spread(energy_wh: NDArray[np.int64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut each energy over its minutes by weight; the watts of a half hour add up to 60 x its Wh.

    energy_wh : shape (n,). weight : shape (n, 30), not all zero in a row whose energy is not.
    """
    total = energy_wh * MINUTES_PER_HOUR
    row_weight = np.maximum(weight.sum(axis=1), 1)
    power_w, rest = np.divmod(weight * total[:, None], row_weight[:, None])
    left = total - power_w.sum(axis=1)
    place = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    return power_w + (place < left[:, None])


def minute_powers(
    import_wh: NDArray[np.int64], export_wh: NDArray[np.int64], pv_wh: NDArray[np.int64], seed_no: int, home: str
) -> Mapping[str, NDArray[np.int64]]:
    """Give what a CT device measures each minute: pv, load, grid (positive = import), each of shape (n, 30).

    load = pv + grid, so a battery's charge counts as load and its discharge takes off from it; it is never below
    zero, since export_wh <= pv_wh and no half hour has both directions.
    """
    n_slots = pv_wh.size

    def shape(name: str, calm: int) -> NDArray[np.int64]:
        slow = np.repeat(noise(seed_no, f"{home}|{name}", (n_slots, STEPS), 100), MINUTES // STEPS, axis=1)
        return calm + slow * slow // 50 + noise(seed_no, f"{home}|{name}|minute", (n_slots, MINUTES), 40)

    pv_w = spread(pv_wh, shape("pv", 150))
    grid_w = spread(import_wh, shape("load", 60)) - spread(export_wh, pv_w)
    return {"pv": pv_w, "load": pv_w + grid_w, "grid": grid_w}
