"""What closing the waiting days again would change, without changing anything.

Enter: stores, a market. Leave: PendingChanges. Not here: closing them (close_day).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.close_day import seated_again
from sanchi.app.day_energy import DayEnergy, measure_and_balance
from sanchi.app.days import DayOutcome, MarketDay
from sanchi.app.roster import call_roster
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId

# What meters say of a home; what is offered follows from it.
METERED: Final = ("import_wh", "export_wh", "pv_wh", "charge_wh", "discharge_wh")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDay:
    """What closing one waiting day again would change [Wh].

    changed_wh : how far measured energies would move, all slots, meters and parties together, up or down.
    surplus_offered_wh, self_offered_wh : how much more (below zero: less) homes would offer.
    changed_party_count : homes and buyers whose measured energies would change.
    is_finalised : only the homes that changed are corrected; otherwise the whole day is matched anew.
    """

    delivery_date: date
    is_finalised: bool
    changed_party_count: int
    changed_wh: int
    surplus_offered_wh: int
    self_offered_wh: int

    @property
    def is_changed(self) -> bool:
        """Tell whether any measured energy would be another."""
        return self.changed_wh > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChanges:
    """All days that wait for another close, in order; days without a change only lose their mark."""

    days: tuple[PendingDay, ...]

    @property
    def changed_days(self) -> tuple[PendingDay, ...]:
        """Give the days whose energies would change."""
        return tuple(day for day in self.days if day.is_changed)

    @property
    def changed_wh(self) -> int:
        """Add up how far measured energies would move [Wh]."""
        return sum(day.changed_wh for day in self.days)


def stale_days(stores: Stores, market_id: MarketId) -> tuple[MarketDay, ...]:
    """List the closed days with newer readings, in order."""
    terms = stores.market.book(market_id).terms
    days = stores.days.market_days(market_id, terms.first_delivery_date, terms.last_delivery_date)
    return tuple(day for day in days if day.is_stale)


def list_pending_changes(stores: Stores, market_id: MarketId) -> PendingChanges:
    """Measure every waiting day from all readings there are now, and hold it against its revision in force."""
    book = stores.market.book(market_id)
    pending = []
    for day in stale_days(stores, market_id):
        before = stores.days.outcome(market_id, day.delivery_date)
        assert before is not None, f"{day.delivery_date} is closed without a revision"
        roster = call_roster(book, day.delivery_date, seated_again(stores, market_id, day))
        energy = measure_and_balance(stores.readings, market_id, roster)
        pending.append(_pending_day(day, before, energy))
    return PendingChanges(days=tuple(pending))


def _pending_day(day: MarketDay, before: DayOutcome, energy: DayEnergy) -> PendingDay:
    """Hold a day measured anew against the revision in force; the use of buyers of a final day stands."""
    old, new = before.slot_energy, energy.slot_energy
    moved_wh = [_moved_wh(old.home_no, getattr(old, name), new.home_no, getattr(new, name)) for name in METERED]
    if not day.is_finalised:
        used, use = before.buyer_use, energy.buyer_use
        moved_wh.append(_moved_wh(used.buyer_no, used.use_wh, use.buyer_no, use.use_wh))
    return PendingDay(
        delivery_date=day.delivery_date,
        is_finalised=day.is_finalised,
        changed_party_count=len(set().union(*moved_wh)),
        changed_wh=sum(wh for of_party in moved_wh for wh in of_party.values()),
        surplus_offered_wh=_total_wh(new.surplus_offered_wh) - _total_wh(old.surplus_offered_wh),
        self_offered_wh=_total_wh(new.self_offered_wh) - _total_wh(old.self_offered_wh),
    )


def _moved_wh(
    old_no: NDArray[np.int32], old_wh: NDArray[np.int64], new_no: NDArray[np.int32], new_wh: NDArray[np.int64]
) -> dict[int, int]:
    """Give, per party whose energies differ, how far they moved [Wh]; who is in one of them alone had 0 before."""
    rows: dict[int, NDArray[np.int64]] = {}
    for sign, numbers, energies_wh in ((-1, old_no, old_wh), (1, new_no, new_wh)):
        for party_no, energy_wh in zip(_numbers(numbers), energies_wh, strict=True):
            rows[party_no] = rows.get(party_no, np.zeros_like(energy_wh)) + sign * energy_wh
    moved_wh = {party_no: int(np.abs(row).sum()) for party_no, row in rows.items()}
    return {party_no: wh for party_no, wh in moved_wh.items() if wh}


def _numbers(party_no: NDArray[np.int32]) -> Iterable[int]:
    """Give party numbers as whole numbers of Python."""
    return (int(number) for number in party_no)


def _total_wh(energy_wh: NDArray[np.int64]) -> int:
    """Add a table up."""
    return int(energy_wh.sum())
