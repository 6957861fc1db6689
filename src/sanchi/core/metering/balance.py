"""Balance each home: what the sun gave, what of it was exported, what the home used itself.

Enter: slot energy of homes. Leaves: HomeBalances, exact per home and day. Not here: measuring, matching.
Source: docs/decisions/0005-metering-and-balance.md.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE
from sanchi.core.metering.readings import Quality

IntArray = NDArray[np.int64]
QualityArray = NDArray[np.int8]

_QUALITIES: Final = ("export_quality", "pv_quality", "charge_quality", "discharge_quality")
_OF_HOMES: Final = ("has_battery", "battery_efficiency_permille")


class UnfitBalance(WrongInput):
    """An array of homes breaks its definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceInput:
    """Slot energy of the homes of one delivery date.

    *_wh : int64 arrays of shape (n_homes, 48) [Wh], not negative, 0 where a home has no such channel.
    *_quality : int8 arrays of the same shape, members of Quality; MISSING where a home has no such channel.
    has_battery : bool array of shape (n_homes,), whether charge and discharge have to be known.
    battery_efficiency_permille : int64 array of shape (n_homes,), out of the battery per unit into it.
    Raises: UnfitBalance.
    """

    import_wh: IntArray
    export_wh: IntArray
    pv_wh: IntArray
    charge_wh: IntArray
    discharge_wh: IntArray
    export_quality: QualityArray
    pv_quality: QualityArray
    charge_quality: QualityArray
    discharge_quality: QualityArray
    has_battery: NDArray[np.bool_]
    battery_efficiency_permille: IntArray

    def __post_init__(self) -> None:
        """Refuse arrays of another type or shape, and energies below zero."""
        n_homes = self.import_wh.shape[0]
        for field in fields(self):
            array = getattr(self, field.name)
            dtype = _dtype_of(field.name)
            shape = (n_homes,) if field.name in _OF_HOMES else (n_homes, SLOTS_PER_DAY)
            if array.dtype != dtype or array.shape != shape:
                expected = f"expected {np.dtype(dtype)} of {shape}"
                raise UnfitBalance(f"{field.name}: {array.dtype} of shape {array.shape}, {expected}.")
            if array.size and array.min() < 0:
                raise UnfitBalance(f"{field.name}: {array.min()} is below zero.")
        if n_homes and self.battery_efficiency_permille.max() > PERMILLE:
            raise UnfitBalance(
                f"battery_efficiency_permille: {self.battery_efficiency_permille.max()} is above {PERMILLE}.",
                hint="A battery does not give more than it takes.",
            )


def _dtype_of(field_name: str) -> type[np.generic]:
    """Give the type of the elements of an input."""
    if field_name == "has_battery":
        return np.bool_
    return np.int8 if field_name in _QUALITIES else np.int64


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBalances:
    """Where each home's energy came from and went to; int64 arrays of shape (n_homes, 48) [Wh].

    pv_wh : as measured, raised to what the export register proves where it was not measured.
    export_pv_wh, grid_export_wh : export of solar origin and the rest of it; together export_wh.
    charge_pv_wh : charged from the sun, part of self_wh; discharge_pv_wh : of that, what came out again.
    self_wh : solar energy that the home used or stored itself.
    surplus_offered_wh, self_offered_wh : the part of export_pv_wh and self_wh that may be certified.
    ct_meter_residual_wh : shape (n_homes,), what the register exported beyond what the CT saw generated.
    """

    import_wh: IntArray
    export_wh: IntArray
    pv_wh: IntArray
    charge_wh: IntArray
    discharge_wh: IntArray
    export_pv_wh: IntArray
    grid_export_wh: IntArray
    charge_pv_wh: IntArray
    discharge_pv_wh: IntArray
    self_wh: IntArray
    surplus_offered_wh: IntArray
    self_offered_wh: IntArray
    ct_meter_residual_wh: IntArray


def balance_homes(homes: BalanceInput) -> HomeBalances:
    """Balance the homes of a delivery date; the export register is the legal value and stays as it is.

    Law, per home and day: sum(pv_wh) + ct_meter_residual_wh = sum(self_wh) + sum(export_pv_wh).
    """
    charge_pv_wh = np.minimum(homes.charge_wh, homes.pv_wh)
    discharge_pv_wh = _solar_discharge(charge_pv_wh, homes.discharge_wh, homes.battery_efficiency_permille)
    direct_wh = homes.pv_wh - charge_pv_wh
    beyond_solar_wh = np.maximum(homes.export_wh - direct_wh - discharge_pv_wh, 0)
    grid_export_wh = np.minimum(homes.discharge_wh - discharge_pv_wh, beyond_solar_wh)
    export_pv_wh = homes.export_wh - grid_export_wh
    # What the battery had taken from the sun and now gave to the grid; its PV was counted as it was charged.
    stored_export_wh = np.minimum(discharge_pv_wh, np.maximum(export_pv_wh - direct_wh, 0))
    is_known = homes.pv_quality >= Quality.RECOVERED
    proven_wh = np.maximum(homes.pv_wh, export_pv_wh - stored_export_wh)
    pv_wh = np.where(is_known, homes.pv_wh, proven_wh)

    self_wh, residual_wh = _carry(pv_wh - export_pv_wh)
    _take_back(self_wh, residual_wh, charge_pv_wh, stored_export_wh.sum(axis=1))
    lawful_wh = self_wh.sum(axis=1) + export_pv_wh.sum(axis=1)
    assert np.array_equal(pv_wh.sum(axis=1) + residual_wh, lawful_wh), "a home's solar energy does not add up"
    has_export = homes.export_quality >= Quality.RECOVERED
    return HomeBalances(
        import_wh=homes.import_wh,
        export_wh=homes.export_wh,
        pv_wh=pv_wh,
        charge_wh=homes.charge_wh,
        discharge_wh=homes.discharge_wh,
        export_pv_wh=export_pv_wh,
        grid_export_wh=grid_export_wh,
        charge_pv_wh=charge_pv_wh,
        discharge_pv_wh=discharge_pv_wh,
        self_wh=self_wh,
        surplus_offered_wh=np.where(has_export, _proven_surplus(homes, export_pv_wh), 0),
        self_offered_wh=np.where(has_export & is_known, self_wh, 0),
        ct_meter_residual_wh=residual_wh,
    )


def _proven_surplus(homes: BalanceInput, export_pv_wh: IntArray) -> IntArray:
    """Keep of the export what is proven to be solar, int64 (n_homes, 48) [Wh].

    Where a home's battery is not known, any export may have come out of it; known PV of the slot bounds it.
    """
    is_battery_known = np.minimum(homes.charge_quality, homes.discharge_quality) >= Quality.RECOVERED
    generated_wh = np.where(homes.pv_quality >= Quality.RECOVERED, homes.pv_wh, 0)
    is_known = is_battery_known | ~homes.has_battery[:, None]
    proven_wh: IntArray = np.where(is_known, export_pv_wh, np.minimum(export_pv_wh, generated_wh))
    return proven_wh


def _solar_discharge(charge_pv_wh: IntArray, discharge_wh: IntArray, efficiency_permille: IntArray) -> IntArray:
    """Tell how much of each discharge the sun had charged since midnight; solar energy comes out first.

    The tank is kept in thousandths of a Wh at the battery's output: charge x efficiency goes in, 1000 a Wh
    come out, so nothing is rounded. What a slot charges comes out in later slots only: readings do not tell
    the order within a half hour.
    """
    tank_mwh = np.zeros(charge_pv_wh.shape[0], dtype=np.int64)
    solar_wh = np.zeros_like(discharge_wh)
    for slot_index in range(SLOTS_PER_DAY):
        solar_wh[:, slot_index] = np.minimum(discharge_wh[:, slot_index], tank_mwh // PERMILLE)
        tank_mwh += charge_pv_wh[:, slot_index] * efficiency_permille - solar_wh[:, slot_index] * PERMILLE
    return solar_wh


def _carry(rest_wh: IntArray) -> tuple[IntArray, IntArray]:
    """Keep what PV leaves beside export as self-consumption; carry what is below zero into the next slots.

    Registers step in 100 Wh where CTs count single Wh, so export runs ahead of PV in some slots and behind in
    others. Returns: self_wh, and what could not be carried to any slot of the day, shape (n_homes,).
    """
    self_wh = np.empty_like(rest_wh)
    owed_wh = np.zeros(rest_wh.shape[0], dtype=np.int64)
    for slot_index in range(SLOTS_PER_DAY):
        left_wh = rest_wh[:, slot_index] - owed_wh
        self_wh[:, slot_index] = np.maximum(left_wh, 0)
        owed_wh = np.maximum(-left_wh, 0)
    return self_wh, owed_wh


def _take_back(self_wh: IntArray, residual_wh: IntArray, charge_pv_wh: IntArray, stored_export_wh: IntArray) -> None:
    """Take exported battery energy out of the self-consumption that its charge was counted as, in place.

    Without it the same Wh would count twice, as self when charged and as surplus when exported. Latest slots
    first, at most what was charged there, at most the home's residual.
    """
    owed_wh = np.minimum(residual_wh, stored_export_wh)
    for slot_index in reversed(range(SLOTS_PER_DAY)):
        if not owed_wh.any():
            return
        taken_wh = np.minimum(owed_wh, np.minimum(self_wh[:, slot_index], charge_pv_wh[:, slot_index]))
        self_wh[:, slot_index] -= taken_wh
        owed_wh -= taken_wh
        residual_wh -= taken_wh
