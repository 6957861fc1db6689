"""Cover use that no roof covered with certificates bought elsewhere: oldest first, each watt-hour of them once.

Enter: use and what roofs gave, lots with what is left of them. Leave: LotUses. Not here: reading or storing them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.months import MONTHS_PER_YEAR, Month


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLot:
    """A lot of one buyer: its watt-hours [used_wh, quantity_wh) are still there; generated between two days."""

    lot_no: int
    quantity_wh: int
    used_wh: int
    generated_from: date
    generated_until: date

    def __post_init__(self) -> None:
        """Refuse more use than the lot has."""
        assert 0 <= self.used_wh <= self.quantity_wh, f"lot {self.lot_no}: {self.used_wh} of {self.quantity_wh} Wh used"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUse:
    """The watt-hours [lo_wh, hi_wh) of a lot of quantity_wh."""

    lot_no: int
    lo_wh: int
    hi_wh: int
    quantity_wh: int

    def __post_init__(self) -> None:
        """Refuse watt-hours that the lot does not have."""
        assert 0 <= self.lo_wh < self.hi_wh <= self.quantity_wh, (
            f"lot {self.lot_no}: [{self.lo_wh}, {self.hi_wh}) does not lie in [0, {self.quantity_wh})"
        )

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours."""
        return self.hi_wh - self.lo_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """What of a need lots cover, and what stays uncovered [Wh]."""

    uses: tuple[LotUse, ...]
    uncovered_wh: int


def uncovered_wh(use_wh: NDArray[Any], received_wh: NDArray[Any]) -> NDArray[np.int64]:
    """Give what of each slot's use no roof covered, never below zero; integer arrays of one shape [Wh].

    What roofs gave beyond the use of a slot covers no other slot.
    """
    if use_wh.shape != received_wh.shape:
        raise WrongInput(f"use has the shape {use_wh.shape}, what was received {received_wh.shape}.")
    left_wh: NDArray[np.int64] = np.maximum(use_wh.astype(np.int64) - received_wh, 0)
    return left_wh


def is_of_vintage(lot: OpenLot, month: Month, vintage_months: int) -> bool:
    """Tell whether a lot may cover use of a month: its generation began by then and ended not too long before.

    vintage_months : how many months may lie between the end of generation and the month of use; 0 = generated until
    that month or later.
    """
    ended = Month.of(lot.generated_until)
    months_between = (month.year - ended.year) * MONTHS_PER_YEAR + month.month_no - ended.month_no
    return lot.generated_from <= month.last_date and months_between <= vintage_months


def top_up(lots: Sequence[OpenLot], need_wh: int, month: Month, vintage_months: int) -> TopUp:
    """Take a need from a buyer's lots that fit the month, the oldest generation first.

    need_wh : what is not covered yet, 0 or more [Wh]. A lot is used from its first watt-hour on, without a gap.
    """
    assert need_wh >= 0, f"a need of {need_wh} Wh"
    fitting = [lot for lot in lots if is_of_vintage(lot, month, vintage_months) and lot.used_wh < lot.quantity_wh]
    left_wh = need_wh
    uses = []
    for lot in sorted(fitting, key=_age):
        taken_wh = min(left_wh, lot.quantity_wh - lot.used_wh)
        if taken_wh:
            uses.append(
                LotUse(
                    lot_no=lot.lot_no,
                    lo_wh=lot.used_wh,
                    hi_wh=lot.used_wh + taken_wh,
                    quantity_wh=lot.quantity_wh,
                )
            )
        left_wh -= taken_wh
    assert sum(use.energy_wh for use in uses) + left_wh == need_wh, "a need went astray"
    return TopUp(uses=tuple(uses), uncovered_wh=left_wh)


def _age(lot: OpenLot) -> tuple[date, date, int]:
    """Give the order in which lots are used up: by the end of generation, then its beginning, then as registered."""
    return lot.generated_until, lot.generated_from, lot.lot_no
