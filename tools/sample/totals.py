"""What the sample adds up to: energies of the homes, and how much of the surplus could find a buyer.

Enters: homes and uses; leaves: sums [kWh] and shares. Not here: matching itself, which the package does.
"""

from dataclasses import dataclass

import numpy as np

from tools.sample.buyer_uses import USE_METERS
from tools.sample.cast import OUTSIDE_HOMES, SELF_CONSUMPTION_HOMES, SILENT_HOME
from tools.sample.homes import Home
from tools.sample.offers import SURPLUS_BUYERS, offer_rows
from tools.sample.period import IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """True energies of the period, before any fault [kWh]."""

    load_kwh: int
    pv_kwh: int
    self_kwh: int
    export_kwh: int
    import_kwh: int
    charge_kwh: int
    discharge_kwh: int
    ranked_kwh: int  # surplus of homes that rank a buyer and deliver readings
    matchable_kwh: int  # of it, what buyers could take in the same half hours if every home ranked all


def add_up(homes: list[Home], uses: dict[str, IntArray]) -> Totals:
    """Add the homes up, and the half hours in which surplus and use meet."""
    ranked_wh = sum((home.export_wh for home in homes if ranks_buyers(home)), start=np.zeros(1, np.int64))
    matchable_wh = np.minimum(ranked_wh, capacity_wh(uses))
    return Totals(
        load_kwh=kwh([home.load_wh for home in homes]),
        pv_kwh=kwh([home.pv_wh for home in homes]),
        self_kwh=kwh([home.pv_wh - home.export_wh for home in homes]),
        export_kwh=kwh([home.export_wh for home in homes]),
        import_kwh=kwh([home.import_wh for home in homes]),
        charge_kwh=kwh([home.charge_wh for home in homes]),
        discharge_kwh=kwh([home.discharge_wh for home in homes]),
        ranked_kwh=kwh([ranked_wh]),
        matchable_kwh=kwh([matchable_wh]),
    )


def ranks_buyers(home: Home) -> bool:
    """Tell whether a home's surplus looks for a buyer."""
    return home.number not in (SILENT_HOME, *SELF_CONSUMPTION_HOMES, *OUTSIDE_HOMES)


def capacity_wh(uses: dict[str, IntArray]) -> IntArray:
    """Add up what the buyers of surplus can take in each half hour: their use, cut at an agreed cap."""
    caps_wh = {str(row["buyer_id"]): row["cap_wh_per_slot"] for row in offer_rows()}
    taken_wh = []
    for buyer_id in SURPLUS_BUYERS:
        use_wh = np.sum([uses[meter.meter_id] for meter in USE_METERS if meter.buyer_id == buyer_id], axis=0)
        cap_wh = caps_wh[buyer_id]
        taken_wh.append(np.minimum(use_wh, cap_wh) if isinstance(cap_wh, int) else use_wh)
    return np.sum(taken_wh, axis=0)


def kwh(parts_wh: list[IntArray]) -> int:
    """Add energies up in whole kWh."""
    return round(sum(int(part_wh.sum()) for part_wh in parts_wh) / 1000)
