"""Lets energy flow through the meters of a simulated market, and lets them show it.

Enters: a market and a chance. Leaves: Truth: what flows through each series, and the Rows that tell it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.simulation.market import PLAUSIBLE_WH, SLOTS, Home, Meter, SimulatedMarket

RECEIVED_AFTER_MIN = 240


class Row(NamedTuple):
    """A delivered reading; received in minutes from the first midnight. A broken row holds texts or fractions."""

    meter_id: str
    channel: str
    boundary: float
    reading: object
    received_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One channel of one meter."""

    meter: Meter
    channel: str

    @property
    def is_register(self) -> bool:
        """Tell a register from a meter of half hours."""
        return self.meter.digits > 0


class Truth:
    """Energy of every slot through every series [Wh]; a correction changes it."""

    def __init__(self, chance: random.Random, market: SimulatedMarket) -> None:
        """Let the sun shine and people live."""
        self.n_slots = (market.day_indexes[-1] + 1) * SLOTS
        self._market = market
        rng = np.random.default_rng(chance.getrandbits(32))
        flows = {home.home_id: _home_flows(rng, home, self.n_slots) for home in market.homes}
        flows |= {
            buyer_id: {"use": rng.integers(0, chance.choice((2, 300, 1_500)), self.n_slots)}
            for buyer_id in (*market.buyer_ids, "B9")
        }
        self.energy_wh: dict[Series, np.ndarray] = {
            Series(meter=meter, channel=channel): self._through(meter, flows[meter.party_id][channel])
            for meter in market.meters
            for channel in meter.channels
        }

    def _through(self, meter: Meter, flow_wh: np.ndarray) -> np.ndarray:
        """Cut a flow to the meter's service and share; meters of half hours count whole units."""
        slot = np.arange(self.n_slots)
        is_serving = (slot >= meter.installed) & (slot < (self.n_slots if meter.removed is None else meter.removed))
        return np.where(is_serving, flow_wh * meter.share_permille // 1_000, 0)

    def shown(self, series: Series) -> np.ndarray:
        """Give what the meter shows at each boundary 0..n_slots."""
        meter = series.meter
        if not series.is_register:
            return np.concatenate([[0], self.energy_wh[series] // meter.unit_wh])
        counted = np.concatenate([[0], np.cumsum(self.energy_wh[series])]) // meter.unit_wh
        return (meter.opening_count + counted) % 10**meter.digits

    def told(self, series: Series) -> list[Row]:
        """List the rows that the series delivers on time."""
        shown = self.shown(series)
        return [
            Row(
                series.meter.meter_id,
                series.channel,
                boundary,
                int(shown[boundary]),
                30 * boundary + RECEIVED_AFTER_MIN,
            )
            for boundary in self._boundaries(series)
        ]

    def _boundaries(self, series: Series) -> Iterator[int]:
        """Give the boundaries of the days that are read; a register also shows the beginning."""
        days = set(self._market.day_indexes)
        last = self.n_slots if series.meter.removed is None else min(series.meter.removed, self.n_slots)
        for boundary in range(series.meter.installed, last + 1):
            closes = boundary > series.meter.installed and (boundary - 1) // SLOTS in days
            opens = series.is_register and boundary // SLOTS in days and boundary < self.n_slots
            if closes or (opens and (boundary % SLOTS == 0 or boundary == series.meter.installed)):
                yield boundary


def _home_flows(rng: np.random.Generator, home: Home, n_slots: int) -> dict[str, np.ndarray]:
    """Let a roof generate, a household use and a battery shift."""
    hump = np.maximum(0, 1 - ((np.arange(n_slots) % SLOTS - 24) / 9) ** 2)
    pv = (home.peak_wh * hump * rng.uniform(0.3, 1.0, n_slots)).astype(np.int64)
    use = rng.integers(20, 420, n_slots)
    charge, discharge = np.zeros(n_slots, dtype=np.int64), np.zeros(n_slots, dtype=np.int64)
    if home.has_battery:
        # Some of it from the grid at night, so that not all that comes out is the sun's.
        charge = np.where(rng.random(n_slots) < 0.4, rng.integers(0, 500, n_slots), 0)
        discharge = np.where(rng.random(n_slots) < 0.3, rng.integers(0, 600, n_slots), 0)
    net = pv + discharge - use - charge
    return {
        "import": np.clip(-net, 0, PLAUSIBLE_WH),
        "export": np.clip(net, 0, PLAUSIBLE_WH),
        "pv": pv * home.ct_error_permille // 1_000,
        "charge": charge,
        "discharge": discharge,
    }
