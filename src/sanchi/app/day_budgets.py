"""What each buyer may still take of a kind over a day: the smaller of its day's cap and what its month has left.

Enter: stores, a Roster. Leaves: DayBudgets. Not here: how a budget is spent over the slots (core.matching.budget).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.app.days import ClosingTable
from sanchi.app.roster import Roster
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.budget import NO_BUDGET_WH
from sanchi.core.matching.capacity import NO_CAP_WH


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBudgets:
    """Per kind: budget_wh int64 (n_buyers,), NO_BUDGET_WH = none; capacity_wh_max int64 (48, n_buyers), NO_CAP_WH."""

    budget_wh: dict[CertificateKind, NDArray[np.int64]]
    capacity_wh_max: dict[CertificateKind, NDArray[np.int64]]


def read_budgets(stores: Stores, market_id: MarketId, roster: Roster) -> DayBudgets:
    """Work the budgets out from the caps in force and from what the month's other closed days gave."""
    unbounded = np.full((SLOTS_PER_DAY, len(roster.buyers)), NO_CAP_WH, dtype=np.int64)
    got_wh = _got_on_other_days(stores, market_id, roster) if _has_month_caps(roster) else {}
    return DayBudgets(
        budget_wh={
            kind: np.array(
                [_budget_wh(roster, kind, buyer.party_no, got_wh) for buyer in roster.buyers], dtype=np.int64
            )
            for kind in CertificateKind
        },
        capacity_wh_max=dict.fromkeys(CertificateKind, unbounded),
    )


def keep_budgets(stores: Stores, market_id: MarketId, roster: Roster) -> DayBudgets:
    """Keep, for buyers with a budget, the capacities that the revision in force published.

    So what other days took since then does not change a day that is closed again without newer readings.
    """
    unbounded = np.full(len(roster.buyers), NO_BUDGET_WH, dtype=np.int64)
    kept = {kind: np.full((SLOTS_PER_DAY, len(roster.buyers)), NO_CAP_WH, dtype=np.int64) for kind in CertificateKind}
    if any(_is_capped(roster, kind, buyer.party_no) for kind in CertificateKind for buyer in roster.buyers):
        before = stores.days.outcome(market_id, roster.delivery_date)
        assert before is not None, f"{roster.delivery_date} is closed without a revision"
        kept = {kind: _published_wh(roster, before.closing, kind) for kind in CertificateKind}
    return DayBudgets(budget_wh=dict.fromkeys(CertificateKind, unbounded), capacity_wh_max=kept)


def _published_wh(roster: Roster, closing: ClosingTable, kind: CertificateKind) -> NDArray[np.int64]:
    """Lay published capacities of buyers with a budget out, int64 (48, n_buyers); the others are not bounded."""
    capacity_wh = np.full((SLOTS_PER_DAY, len(roster.buyers)), NO_CAP_WH, dtype=np.int64)
    for position, buyer in enumerate(roster.buyers):
        if _is_capped(roster, kind, buyer.party_no):
            own = (closing.kind_no == kind) & (closing.buyer_no == buyer.party_no)
            capacity_wh[closing.slot_no[own] - 1, position] = closing.capacity_wh[own]
    return capacity_wh


def _is_capped(roster: Roster, kind: CertificateKind, buyer_no: int) -> bool:
    """Tell whether a buyer has a budget of a kind."""
    offer = roster.offers[kind].get(buyer_no)
    return offer is not None and (offer.cap_wh_per_day, offer.cap_wh_per_month) != (None, None)


def _has_month_caps(roster: Roster) -> bool:
    """Tell whether any offer in force bounds a month."""
    return any(offer.cap_wh_per_month is not None for offers in roster.offers.values() for offer in offers.values())


def _budget_wh(roster: Roster, kind: CertificateKind, buyer_no: int, got_wh: dict[tuple[int, int], int]) -> int:
    """Give a buyer's budget of a kind [Wh], never below 0."""
    offer = roster.offers[kind].get(buyer_no)
    if offer is None:
        return NO_BUDGET_WH
    bounds_wh = [NO_BUDGET_WH]
    if offer.cap_wh_per_day is not None:
        bounds_wh.append(offer.cap_wh_per_day)
    if offer.cap_wh_per_month is not None:
        bounds_wh.append(offer.cap_wh_per_month - got_wh.get((int(kind), buyer_no), 0))
    return max(min(bounds_wh), 0)


def _got_on_other_days(stores: Stores, market_id: MarketId, roster: Roster) -> dict[tuple[int, int], int]:
    """Add up by (kind_no, buyer_no) what the month's other closed days gave: revisions in force, and all debts.

    A debt stays with its buyer even when its home has paid it off: the buyer has used its watt-hours up.
    """
    month = Month.of(roster.delivery_date)
    by_day = stores.days.bought_wh(market_id, month.first_date, month.last_date)
    debts = (
        ((int(debt.kind), debt.holder_no), debt.debt_wh)
        for debt in stores.certificates.debts(market_id)
        if Month.of(debt.delivery_date) == month and debt.delivery_date != roster.delivery_date
    )
    others = (bought for day, bought in by_day.items() if day != roster.delivery_date)
    return _summed([*(item for bought in others for item in bought.items()), *debts])


def _summed(items: Iterable[tuple[tuple[int, int], int]]) -> dict[tuple[int, int], int]:
    """Add up what has the same key."""
    sums_wh: dict[tuple[int, int], int] = {}
    for key, energy_wh in items:
        sums_wh[key] = sums_wh.get(key, 0) + energy_wh
    return sums_wh
