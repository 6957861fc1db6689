"""Withhold what homes owe from earlier days before a day is matched, or keep what a closed day withheld.

Enters: the certificate store, a Roster, a day's energy. Leaves: Withheld. Nothing is stored here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.app.day_energy import DayEnergy
from sanchi.app.ports import CertificateStore
from sanchi.app.roster import Roster
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.debts import Debt, DebtSettlement, keep_settlements, withhold


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Per kind int64 (n_homes, 48) [Wh], and the debts that it pays off."""

    withheld_wh: dict[CertificateKind, NDArray[np.int64]]
    settlements: tuple[DebtSettlement, ...]


def withhold_debts(certificates: CertificateStore, market_id: MarketId, roster: Roster, energy: DayEnergy) -> Withheld:
    """Withhold each home's oldest debts of earlier delivery dates from what it offers.

    Debts of homes that have no seat on the date wait for one that they have.
    """
    withheld_wh: dict[CertificateKind, NDArray[np.int64]] = {}
    settlements: list[DebtSettlement] = []
    for kind in CertificateKind:
        offered_wh = energy.offered_wh(kind)
        withheld_wh[kind] = np.zeros_like(offered_wh)
        debts = certificates.open_debts(market_id, kind, roster.delivery_date)
        row_of = {home.party_no: row for row, home in enumerate(roster.homes)}
        for home_no in sorted({debt.home_no for debt in debts} & row_of.keys()):
            row = row_of[home_no]
            own = [debt for debt in debts if debt.home_no == home_no]
            withheld_wh[kind][row], paid_off = withhold(offered_wh[row], own)
            settlements.extend(paid_off)
    return Withheld(withheld_wh=withheld_wh, settlements=tuple(settlements))


def keep_withheld(certificates: CertificateStore, market_id: MarketId, roster: Roster, energy: DayEnergy) -> Withheld:
    """Keep what the day's revision in force withheld, as far as the homes' offers still cover it.

    So debts that arose since the day was closed are left to days that are closed, or revised, after them.
    """
    debts = {debt.debt_no: debt for debt in certificates.debts(market_id)}
    settlements = certificates.settlements_of_day(market_id, roster.delivery_date)
    withheld_wh = {kind: np.zeros_like(energy.offered_wh(kind)) for kind in CertificateKind}
    standing: list[DebtSettlement] = []
    for row, home in enumerate(roster.homes):
        for kind in CertificateKind:
            own = [each for each in settlements if _is_of(debts[each.debt_no], home.party_no, kind)]
            if own:
                withheld_wh[kind][row], kept = keep_settlements(energy.offered_wh(kind)[row], own)
                standing.extend(kept)
    return Withheld(withheld_wh=withheld_wh, settlements=tuple(standing))


def _is_of(debt: Debt, home_no: int, kind: CertificateKind) -> bool:
    """Tell whether a debt is of a home and kind."""
    return debt.home_no == home_no and debt.kind is kind
