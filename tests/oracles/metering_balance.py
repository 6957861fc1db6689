"""Balance one home the slow and obvious way: one Wh-holder at a time, in exact fractions.

Enters: plain lists of 48 integers. Leaves: plain lists. Nothing is shared with the code under test.
"""

from dataclasses import dataclass, field
from fractions import Fraction

SLOTS = range(48)


@dataclass(kw_only=True)
class OracleHome:
    export_wh: list[int]
    pv_wh: list[int]
    charge_wh: list[int]
    discharge_wh: list[int]
    is_export_known: list[bool]
    is_pv_known: list[bool]
    is_battery_known: list[bool]
    battery_efficiency_permille: int


@dataclass(kw_only=True)
class OracleBalance:
    pv_wh: list[int] = field(default_factory=list)
    export_pv_wh: list[int] = field(default_factory=list)
    grid_export_wh: list[int] = field(default_factory=list)
    charge_pv_wh: list[int] = field(default_factory=list)
    discharge_pv_wh: list[int] = field(default_factory=list)
    self_wh: list[int] = field(default_factory=list)
    surplus_offered_wh: list[int] = field(default_factory=list)
    self_offered_wh: list[int] = field(default_factory=list)
    ct_meter_residual_wh: int = 0


def balance(home: OracleHome) -> OracleBalance:
    done = OracleBalance()
    tank_wh = Fraction(0)  # what the sun charged today, as it will come out
    from_tank_to_grid_wh = 0
    owed_wh = 0
    for slot in SLOTS:
        charge_pv = min(home.charge_wh[slot], home.pv_wh[slot])
        discharge_pv = min(home.discharge_wh[slot], int(tank_wh))
        tank_wh += Fraction(charge_pv * home.battery_efficiency_permille, 1000) - discharge_pv

        # Direct sun explains export first, then stored sun, then other battery energy, then sun unseen.
        unexplained = home.export_wh[slot]
        unexplained -= min(unexplained, home.pv_wh[slot] - charge_pv)
        stored = min(unexplained, discharge_pv)
        unexplained -= stored
        grid_export = min(unexplained, home.discharge_wh[slot] - discharge_pv)
        export_pv = home.export_wh[slot] - grid_export
        from_tank_to_grid_wh += stored

        pv = home.pv_wh[slot]
        if not home.is_pv_known[slot]:
            pv = max(pv, export_pv - stored)
        kept = pv - export_pv - owed_wh
        self_used, owed_wh = (kept, 0) if kept > 0 else (0, -kept)

        done.pv_wh.append(pv)
        done.export_pv_wh.append(export_pv)
        done.grid_export_wh.append(grid_export)
        done.charge_pv_wh.append(charge_pv)
        done.discharge_pv_wh.append(discharge_pv)
        done.self_wh.append(self_used)

    # Wh by Wh would be the same: the latest charge gives back what the battery sent to the grid.
    back_wh = min(owed_wh, from_tank_to_grid_wh)
    for slot in reversed(SLOTS):
        given = min(back_wh, done.self_wh[slot], done.charge_pv_wh[slot])
        done.self_wh[slot] -= given
        back_wh -= given
        owed_wh -= given
    done.ct_meter_residual_wh = owed_wh
    for slot in SLOTS:
        may_offer = home.is_export_known[slot]
        surplus = done.export_pv_wh[slot]
        if not home.is_battery_known[slot]:
            surplus = min(surplus, home.pv_wh[slot] if home.is_pv_known[slot] else 0)
        done.surplus_offered_wh.append(surplus if may_offer else 0)
        done.self_offered_wh.append(done.self_wh[slot] if may_offer and home.is_pv_known[slot] else 0)
    return done
