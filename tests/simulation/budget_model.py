"""Whether each close spends what its buyers may still take, told by a count of its own over all closes before.

Enter: stores, reports of closes in their order. Leave: sentences, one a fault. Not here: who is in whose list.
Source: docs/decisions/0007.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.app.close_day import CloseReport
from sanchi.app.days import DayOutcome
from sanchi.app.market import CapacityRule, Offer
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.sql import fetch, fetch_number

UNLIMITED_WH = 2**46 - 1
SLOTS = 48
MATCHED = {"closed", "revised"}
DEBTS = "SELECT delivery_date, kind_no, holder_no, sum(debt_wh) FROM debt WHERE market = %s GROUP BY 1, 2, 3"
IN_FORCE = "SELECT delivery_date, revision_in_force FROM market_day WHERE market = %s"
RETIRED = """
    SELECT sum(hi_wh - lo_wh) FROM slice JOIN certificate ON certificate.certificate_id = slice.certificate_id
    WHERE certificate.market = %s AND delivery_date = %s AND kind_no = %s AND holder_no = %s AND claim_no IS NOT NULL
"""

Seat = tuple[int, int]  # kind_no, buyer_no


@dataclass(slots=True, kw_only=True)
class BudgetModel:
    """What buyers were given on each day, debts included, as of the latest close of it."""

    stores: Stores
    market_id: MarketId
    taken_wh: dict[date, Counter[Seat]] = field(default_factory=dict)
    revisions: dict[date, int] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)

    def faults(self, report: CloseReport) -> Iterator[str]:
        """Judge a day that was closed just now."""
        day = report.delivery_date
        yield from self._reopened(day, report.revision)
        outcome = self.stores.days.outcome(self.market_id, day)
        assert outcome is not None, f"{day} was closed but has no outcome"
        before, after = self.taken_wh.get(day, Counter()), self._taken(outcome)
        if report.outcome == "unchanged" and before != after:
            yield f"{day} is unchanged, but buyers have {after} instead of {before}"
        used_wh, received_wh = self._used_wh(outcome), _by_slot(outcome, 1)
        for seat, offer in self._offers(day).items():
            budget_wh = self._budget_wh(seat, offer, day)
            where = f"{day} kind {seat[0]} buyer {seat[1]}, budget {budget_wh} Wh"
            if report.outcome in MATCHED:
                self.outcomes["closes within a budget that binds"] += after[seat] == budget_wh < UNLIMITED_WH
                open_wh = used_wh.get(seat[1], np.zeros(SLOTS, dtype=np.int64))
                if seat[0] != 1:
                    open_wh = np.maximum(open_wh - received_wh.get(seat[1], 0), 0)
                yield from _published_faults(where, outcome, seat, _capacity_wh(offer, open_wh), budget_wh)
                if after[seat] > budget_wh:
                    yield f"{where}: {after[seat]} Wh given"
            elif report.outcome == "corrected":
                self.outcomes["corrections up to a budget"] += before[seat] < after[seat] == budget_wh
                if after[seat] > max(before[seat], budget_wh):
                    yield f"{where}: {after[seat]} Wh after a correction, {before[seat]} Wh before"
                # What an earlier correction gave is taken back as long as it is not retired.
                if after[seat] < min(before[seat], self._retired_wh(seat, day)):
                    yield f"{where}: a correction took {before[seat] - after[seat]} Wh back that were used up"
        self.taken_wh[day] = after

    def _reopened(self, day: date, revision: int) -> Iterator[str]:
        """Days other than the one that was closed have the revision that they had."""
        now: dict[date, int] = dict(fetch(IN_FORCE, [self.market_id]))
        for other in sorted({*now, *self.revisions} - {day}):
            if now.get(other) != self.revisions.get(other):
                yield f"closing {day} changed {other} from revision {self.revisions.get(other)} to {now.get(other)}"
        if now.get(day) != revision:
            yield f"{day} reports revision {revision}, in force is {now.get(day)}"
        self.revisions = now

    def _taken(self, outcome: DayOutcome) -> Counter[Seat]:
        """Add up what buyers got on a day; what became a debt stays with them."""
        taken: Counter[Seat] = Counter()
        rows = outcome.allocated
        columns = (rows.kind_no, rows.holder_no, rows.choice_no, rows.energy_wh)
        for kind_no, holder_no, choice_no, wh in zip(*(column.tolist() for column in columns), strict=True):
            taken[kind_no, holder_no] += wh if choice_no else 0
        for delivery_date, kind_no, holder_no, wh in fetch(DEBTS, [self.market_id]):
            taken[kind_no, holder_no] += int(wh) if delivery_date == outcome.delivery_date else 0
        return +taken

    def _retired_wh(self, seat: Seat, day: date) -> int:
        """Add up what is retired for a buyer of a day."""
        return fetch_number(RETIRED, [self.market_id, day, *seat])

    def _offers(self, day: date) -> dict[Seat, Offer]:
        """Give the offers in force."""
        book = self.stores.market.book(self.market_id)
        nos = {party.party_id: party.party_no for party in book.parties}
        return {
            (int(offer.kind), nos[offer.buyer_id]): offer
            for offer in book.offers
            if offer.valid_from <= day and (offer.valid_until is None or day < offer.valid_until)
        }

    def _budget_wh(self, seat: Seat, offer: Offer, day: date) -> int:
        """Give what a buyer may take on a day by its caps and by all other days of the month."""
        others_wh = sum(
            taken[seat]
            for other, taken in self.taken_wh.items()
            if other != day and (other.year, other.month) == (day.year, day.month)
        )
        day_wh = UNLIMITED_WH if offer.cap_wh_per_day is None else offer.cap_wh_per_day
        month_wh = UNLIMITED_WH if offer.cap_wh_per_month is None else max(0, offer.cap_wh_per_month - others_wh)
        return min(day_wh, month_wh)

    def _used_wh(self, outcome: DayOutcome) -> dict[int, NDArray[np.int64]]:
        """Give what buyers used by slot."""
        return dict(zip(outcome.buyer_use.buyer_no.tolist(), outcome.buyer_use.use_wh, strict=True))


def _by_slot(outcome: DayOutcome, kind: int) -> dict[int, NDArray[np.int64]]:
    """Add up what buyers got of a kind by slot."""
    rows = outcome.allocated
    got_wh: dict[int, NDArray[np.int64]] = {}
    for row in np.flatnonzero((rows.kind_no == kind) & (rows.choice_no > 0)).tolist():
        by_slot = got_wh.setdefault(int(rows.holder_no[row]), np.zeros(SLOTS, dtype=np.int64))
        by_slot[rows.slot_no[row] - 1] += rows.energy_wh[row]
    return got_wh


def _capacity_wh(offer: Offer, open_wh: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give what a buyer could take in each slot if no day or month bounded it."""
    cap_wh = UNLIMITED_WH if offer.cap_wh_per_slot is None else offer.cap_wh_per_slot
    if offer.capacity_rule is CapacityRule.CAP_ONLY:
        return np.full(SLOTS, cap_wh, dtype=np.int64)
    return np.minimum(open_wh, cap_wh)


def _published_faults(
    where: str, outcome: DayOutcome, seat: Seat, agreed_wh: NDArray[np.int64], budget_wh: int
) -> Iterator[str]:
    """Published are the agreed capacities, or a budget shared over the slots, no Wh of it lost."""
    closing = outcome.closing
    own = (closing.kind_no == seat[0]) & (closing.buyer_no == seat[1])
    published_wh = closing.capacity_wh[own][np.argsort(closing.slot_no[own])]
    if published_wh.size != SLOTS:
        yield f"{where}: {published_wh.size} capacities are published"
    elif (published_wh > agreed_wh).any():
        yield f"{where}: published {published_wh.tolist()}, agreed {agreed_wh.tolist()}"
    elif (published_wh != agreed_wh).any() and published_wh.sum() != budget_wh:
        yield f"{where}: published {published_wh.sum()} Wh in all, agreed {agreed_wh.sum()} Wh"
