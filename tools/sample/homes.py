"""The 52 homes of the sample: who has which roof and battery, and what each half hour brought.

Enters: source homes and the sky; leaves: homes with exact half-hour energies [Wh]. Not here: contracts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tools.sample.batteries import Battery, dispatch
from tools.sample.home_loads import SourceHome
from tools.sample.period import IntArray, chance
from tools.sample.roofs import Roof, Sky, roof_energy_wh

N_MODELLED_ROOFS: Final = 40
CAPACITIES_W: Final = (1800, 2100, 2400, 2700, 3000, 3200, 3500, 3800, 4000, 4400, 4800, 5300, 5900)
CAPACITY_SHARES: Final = (6, 8, 10, 12, 13, 11, 10, 9, 8, 5, 4, 2, 2)
TILTS_DEG: Final = (17, 22, 24, 27, 31)  # Japanese roofs rise 3 to 6 in 10
AZIMUTHS_DEG: Final = (90, 135, 155, 180, 200, 225, 270)
AZIMUTH_SHARES: Final = (8, 14, 14, 32, 14, 12, 6)
LOSS_PERMILLE_RANGE: Final = (140, 240)  # wiring, dirt and ten years of age; the upper end has some shade
N_MODELLED_BATTERIES: Final = 12
BATTERIES: Final = (
    Battery(capacity_wh=4000, power_w=2000),
    Battery(capacity_wh=5600, power_w=2500),
    Battery(capacity_wh=6500, power_w=3000),
    Battery(capacity_wh=9800, power_w=4000),
)
NO_BATTERY: Final = Battery(capacity_wh=0, power_w=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home in the period; energies are int64 arrays of shape (N_SLOTS,) [Wh]."""

    number: int  # 1..52
    source: SourceHome
    roof: Roof | None  # None where generation was measured
    capacity_w: int
    battery: Battery
    load_wh: IntArray
    pv_wh: IntArray
    charge_wh: IntArray
    discharge_wh: IntArray

    @property
    def home_id(self) -> str:
        """Give the party id."""
        return f"H{self.number:02d}"

    @property
    def net_wh(self) -> IntArray:
        """Balance the half hour: what the grid gives (positive) or takes (negative)."""
        return self.load_wh + self.charge_wh - self.pv_wh - self.discharge_wh

    @property
    def import_wh(self) -> IntArray:
        """Give what the meter counts as taken; half hours are netted, so none imports and exports."""
        return np.maximum(self.net_wh, 0)

    @property
    def export_wh(self) -> IntArray:
        """Give what the meter counts as fed in."""
        return np.maximum(-self.net_wh, 0)


def build_homes(sources: list[SourceHome], sky: Sky) -> list[Home]:
    """Give every source home its roof and battery and run its half hours."""
    roofs, batteries = draw_roofs(), draw_batteries()
    return [
        build_home(number, source, roofs.get(number), batteries.get(number), sky)
        for number, source in enumerate(sources, start=1)
    ]


def build_home(number: int, source: SourceHome, roof: Roof | None, drawn: Battery | None, sky: Sky) -> Home:
    """Run one home: measured generation where the source has it, else its modelled roof."""
    if roof is not None:
        pv_wh, capacity_w, battery = roof_energy_wh(roof, sky), roof.capacity_w, drawn or NO_BATTERY
    else:
        assert source.pv is not None, f"home {number} has neither a modelled roof nor measured generation"
        pv_wh, capacity_w = source.pv.energy_wh, source.capacity_w
        battery = Battery(capacity_wh=source.battery_capacity_wh, power_w=source.battery_power_w)
    charge_wh, discharge_wh = dispatch(battery, source.load.energy_wh, pv_wh)
    return Home(
        number=number,
        source=source,
        roof=roof,
        capacity_w=capacity_w,
        battery=battery,
        load_wh=source.load.energy_wh,
        pv_wh=pv_wh,
        charge_wh=charge_wh,
        discharge_wh=discharge_wh,
    )


def draw_roofs() -> dict[int, Roof]:
    """Draw the modelled roofs, home number -> roof."""
    rng = chance("roofs")
    roofs = {}
    for number in range(1, N_MODELLED_ROOFS + 1):
        capacity_w = int(rng.choice(CAPACITIES_W, p=shares(CAPACITY_SHARES)))
        roofs[number] = Roof(
            capacity_w=capacity_w,
            tilt_deg=int(rng.choice(TILTS_DEG)),
            azimuth_deg=int(rng.choice(AZIMUTHS_DEG, p=shares(AZIMUTH_SHARES))),
            loss_permille=int(rng.integers(*LOSS_PERMILLE_RANGE)),
            inverter_w=min(capacity_w, 5500),
        )
    return roofs


def draw_batteries() -> dict[int, Battery]:
    """Draw which of the modelled roofs have a battery, home number -> battery."""
    rng = chance("batteries")
    numbers = rng.choice(np.arange(1, N_MODELLED_ROOFS + 1), size=N_MODELLED_BATTERIES, replace=False)
    return {int(number): BATTERIES[int(rng.integers(len(BATTERIES)))] for number in np.sort(numbers)}


def shares(weights: tuple[int, ...]) -> np.ndarray:
    """Turn weights into probabilities."""
    return np.array(weights) / sum(weights)
