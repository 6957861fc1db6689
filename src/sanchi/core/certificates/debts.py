"""Debts of a device: watt-hours that were used up but never generated, paid off with its next ones.

Enter: open debts, a home's offer. Leave: what is withheld and which debts it settles. Not here: money.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """Watt-hours of a slot that lie in final slices of a holder, though a later reading denies them.

    The prices are those of the allocation that was taken back: what was paid for these watt-hours stands.
    """

    debt_no: int
    home_no: int
    kind: CertificateKind
    delivery_date: date
    slot_no: int
    holder_no: int
    debt_wh: int
    home_price_sen_per_kwh: int
    buyer_price_sen_per_kwh: int
    revision: int

    def __post_init__(self) -> None:
        """Refuse a debt of nothing."""
        assert self.debt_wh > 0, f"debt {self.debt_no} is {self.debt_wh} Wh"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtSettlement:
    """Watt-hours of a slot of the day being closed that pay a debt off."""

    debt_no: int
    slot_no: int
    settled_wh: int


def withhold(
    supply_wh: NDArray[np.int64], open_debts: Sequence[Debt]
) -> tuple[NDArray[np.int64], tuple[DebtSettlement, ...]]:
    """Withhold a home's watt-hours of a kind for its debts, earliest slots first, oldest debt first.

    supply_wh : int64 array of shape (48,), what the home offers [Wh]; open_debts : all of one home and kind,
    oldest first, each with what is still open as debt_wh.
    Returns: withheld_wh, int64 array of shape (48,), nowhere above supply_wh; and the settlements in the
    order of debts, then slots. Withheld watt-hours are neither matched, certified nor paid.
    """
    assert supply_wh.shape == (SLOTS_PER_DAY,), f"supply_wh has the shape {supply_wh.shape}"
    assert (supply_wh >= 0).all(), "a supply is negative"
    assert len({(debt.home_no, debt.kind) for debt in open_debts}) <= 1, "debts of several homes or kinds"
    left_wh = supply_wh.tolist()
    settlements: list[DebtSettlement] = []
    slot_index = 0
    for debt in open_debts:
        open_wh = debt.debt_wh
        while open_wh and slot_index < SLOTS_PER_DAY:
            settled_wh = min(open_wh, left_wh[slot_index])
            if settled_wh:
                settlements.append(DebtSettlement(debt_no=debt.debt_no, slot_no=slot_index + 1, settled_wh=settled_wh))
            open_wh -= settled_wh
            left_wh[slot_index] -= settled_wh
            slot_index += open_wh > 0
    withheld_wh = supply_wh - np.array(left_wh, dtype=np.int64)
    _check_settled(supply_wh, open_debts, withheld_wh, settlements)
    return withheld_wh, tuple(settlements)


def keep_settlements(
    supply_wh: NDArray[np.int64], settlements: Sequence[DebtSettlement]
) -> tuple[NDArray[np.int64], tuple[DebtSettlement, ...]]:
    """Keep of a finalised day's settlements what a corrected supply still covers; the rest is owed again.

    supply_wh : int64 array of shape (48,), the home's offer as corrected [Wh]; settlements : all of the
    revision in force of this home and kind, in the order of withholding: in a slot the first ones stay.
    Returns: withheld_wh, int64 array of shape (48,) [Wh], and the settlements of the new revision.
    """
    assert supply_wh.shape == (SLOTS_PER_DAY,), f"supply_wh has the shape {supply_wh.shape}"
    left_wh = supply_wh.tolist()
    kept: list[DebtSettlement] = []
    for settlement in settlements:
        settled_wh = min(settlement.settled_wh, left_wh[settlement.slot_no - 1])
        left_wh[settlement.slot_no - 1] -= settled_wh
        if settled_wh:
            kept.append(replace(settlement, settled_wh=settled_wh))
    withheld_wh = supply_wh - np.array(left_wh, dtype=np.int64)
    assert withheld_wh.sum() == sum(settlement.settled_wh for settlement in kept), "withheld energy got lost"
    return withheld_wh, tuple(kept)


def _check_settled(
    supply_wh: NDArray[np.int64],
    open_debts: Sequence[Debt],
    withheld_wh: NDArray[np.int64],
    settlements: Sequence[DebtSettlement],
) -> None:
    """Check that all that is withheld settles a debt, and that no less is withheld than can be."""
    settled_wh = sum(settlement.settled_wh for settlement in settlements)
    owed_wh = sum(debt.debt_wh for debt in open_debts)
    assert settled_wh == withheld_wh.sum(), "withheld energy settles no debt"
    assert settled_wh == min(owed_wh, supply_wh.sum()), "debts are open although there was supply"
    assert ((withheld_wh >= 0) & (withheld_wh <= supply_wh)).all(), "more is withheld than is offered"
