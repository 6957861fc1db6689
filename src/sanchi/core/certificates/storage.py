"""Keep the origin of solar energy through a battery: what went in certified, and what of it the home used later.

Enter: a battery's slots over some days, what was in it before. Leaves: StoredEnergy. Not here: which serials
are charged (charging), measuring.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySlots:
    """A battery's slots over days that follow each other; int64 arrays of shape (n_days, 48) [Wh], not negative.

    charged_wh : certified watt-hours that went in. used_wh : what came out for the home itself; exported_wh : what
    came out to the grid without having been certified on its day. Raises: WrongInput.
    """

    charged_wh: IntArray
    used_wh: IntArray
    exported_wh: IntArray

    def __post_init__(self) -> None:
        """Refuse other shapes, and energies below zero."""
        shape = (self.charged_wh.shape[0], SLOTS_PER_DAY)
        for name in ("charged_wh", "used_wh", "exported_wh"):
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.int64:
                raise WrongInput(f"{name}: {array.dtype} of shape {array.shape}, expected int64 of {shape}.")
            if array.size and array.min() < 0:
                raise WrongInput(f"{name}: {array.min()} is below zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEnergy:
    """carry_in_wh + charged_wh = discharged_wh + loss_wh + carry_out_wh; all but discharged_wh as they went in.

    used_wh : int64 (n_days, 48), what came out for the home in each slot; its sum is discharged_wh.
    """

    used_wh: IntArray
    carry_in_wh: int
    charged_wh: int
    discharged_wh: int
    loss_wh: int
    carry_out_wh: int

    def __post_init__(self) -> None:
        """Refuse to lose, gain or invent a watt-hour."""
        came_in_wh = self.carry_in_wh + self.charged_wh
        went_wh = self.discharged_wh + self.loss_wh + self.carry_out_wh
        assert came_in_wh == went_wh, f"{came_in_wh} Wh came in, {went_wh} Wh are accounted for"
        assert min(self.discharged_wh, self.loss_wh, self.carry_out_wh) >= 0, "an account below zero"
        assert int(self.used_wh.sum()) == self.discharged_wh, "slots differ from their account"


def run_battery(slots: BatterySlots, *, carry_in_wh: int, efficiency_permille: int, capacity_wh: int) -> StoredEnergy:
    """Let certified solar energy come out again before any other, first in, first out, with its share of the losses.

    carry_in_wh : what was still inside at the end of the period before, as it went in [Wh]; efficiency_permille : out
    of the battery per unit into it; capacity_wh : more than this, at the output, cannot be inside: the rest is lost.
    What a slot charges comes out in later slots only, across midnight too. Of a slot the home takes first; what the
    grid took has left uncertified and counts as lost. All counts at the output are exact: of c Wh that went in,
    floor(c x efficiency) can come out altogether, and n Wh out took the fewest whole Wh in that give them.
    """
    assert 1 <= efficiency_permille <= PERMILLE, f"an efficiency of {efficiency_permille} permille"
    used_wh = np.zeros_like(slots.used_wh)
    came_in_wh, left_wh = carry_in_wh, 0
    for day in range(slots.used_wh.shape[0]):
        for slot in range(SLOTS_PER_DAY):
            inside_wh = came_in_wh * efficiency_permille // PERMILLE - left_wh
            own_wh = min(int(slots.used_wh[day, slot]), inside_wh)
            away_wh = min(int(slots.exported_wh[day, slot]), inside_wh - own_wh)
            used_wh[day, slot] = own_wh
            left_wh += own_wh + away_wh
            came_in_wh += int(slots.charged_wh[day, slot])
            inside_wh = came_in_wh * efficiency_permille // PERMILLE - left_wh
            left_wh += max(inside_wh - capacity_wh, 0)
    discharged_wh = int(used_wh.sum())
    consumed_wh = -(-left_wh * PERMILLE // efficiency_permille)
    return StoredEnergy(
        used_wh=used_wh,
        carry_in_wh=carry_in_wh,
        charged_wh=came_in_wh - carry_in_wh,
        discharged_wh=discharged_wh,
        loss_wh=consumed_wh - discharged_wh,
        carry_out_wh=came_in_wh - consumed_wh,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryFlows:
    """What a home-day's balance says of its battery; int64 arrays of shape (48,) [Wh].

    chargeable_wh : solar energy that went in and was not certified again as surplus of the same day.
    used_wh, exported_wh : as of BatterySlots.
    """

    chargeable_wh: IntArray
    used_wh: IntArray
    exported_wh: IntArray


def battery_flows(
    *,
    pv_wh: IntArray,
    charge_pv_wh: IntArray,
    discharge_wh: IntArray,
    export_pv_wh: IntArray,
    grid_export_wh: IntArray,
) -> BatteryFlows:
    """Tell a home-day's battery flows apart, each input int64 of shape (48,) [Wh] from its balance.

    Export beyond what the roof gave directly came out of the battery. As far as the balance called it solar it is
    certified as surplus, and its charge was taken back from self-consumption, latest slot first: so it neither
    charges nor discharges here. Where in doubt less is chargeable and less came out for the home.
    """
    direct_wh = pv_wh - charge_pv_wh
    solar_export_wh = np.minimum(discharge_wh - grid_export_wh, np.maximum(export_pv_wh - direct_wh, 0))
    chargeable_wh = charge_pv_wh.copy()
    owed_wh = int(solar_export_wh.sum())
    for slot in reversed(range(SLOTS_PER_DAY)):
        taken_wh = min(owed_wh, int(chargeable_wh[slot]))
        chargeable_wh[slot] -= taken_wh
        owed_wh -= taken_wh
    return BatteryFlows(
        chargeable_wh=chargeable_wh,
        used_wh=discharge_wh - grid_export_wh - solar_export_wh,
        exported_wh=grid_export_wh.copy(),
    )
