"""A device's certificates through closes, corrections and finalised days, beside their watt-hour model.

Enter: events of one home and kind. Leave: slices, debts, settlements, the oracle. Not here: checks.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import SegmentRows
from sanchi.core.certificates.correction import correction_between
from sanchi.core.certificates.debts import keep_settlements, withhold
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.retirement import retire_month
from sanchi.core.certificates.withdrawal import withdraw_all, withdraw_excess
from tests.core.certificates.market_days import CAFE, MARKET, OFFICE, RETAILER, SURPLUS, allocated, plant
from tests.core.certificates.watt_hour_oracle import WattHours

HOME = 101
BUYERS = {CAFE, OFFICE}
SLOTS = (20, 21, 22)


@dataclass
class Day:
    """What is in force of a delivery date."""

    revision: int = 0
    is_finalised: bool = False
    offered_wh: np.ndarray = field(default_factory=lambda: np.zeros(48, dtype=np.int64))
    allocated: object = field(default_factory=allocated)
    settlements: tuple = ()
    certificates: tuple = ()


@dataclass
class Device:
    """One home's one kind; events change it as the use cases do."""

    days: dict = field(default_factory=dict)
    slices: list = field(default_factory=list)
    segments: SegmentRows = field(default_factory=lambda: SegmentRows.joined([]))
    debts: list = field(default_factory=list)
    claim_count: int = 0
    oracle_debt_wh: int = 0
    oracle: WattHours = field(default_factory=WattHours)

    def close(self, day_date: date, offered, cuts):
        """Close a day anew, or correct it where it is finalised; cuts = most Wh to each buyer, by slot."""
        day = self.days.setdefault(day_date, Day())
        day.revision += 1
        day.offered_wh = np.zeros(48, dtype=np.int64)
        day.offered_wh[np.array(SLOTS) - 1] = offered
        if day.is_finalised:
            self._correct(day_date, day, cuts)
        else:
            self._close_anew(day_date, day, cuts)

    def finalise(self, day_date: date):
        """Retire what buyers hold of a day."""
        day = self.days[day_date]
        names = {certificate.certificate_id for certificate in day.certificates}
        retirement = retire_month(
            slices=[piece for piece in self.slices if piece.certificate_id in names],
            buyer_nos=BUYERS,
            month=Month.of(day_date),
            first_claim_no=self.claim_count + 1,
        )
        self.claim_count += len(retirement.claims)
        self._apply(retirement.changes)
        day.is_finalised = True
        self.oracle.retire_day(day_date, BUYERS)

    def open_debts(self, day_date: date):
        """Give debts of earlier dates with what is open without the date's own settlements."""
        paid: Counter[int] = Counter()
        for other_date, other in self.days.items():
            if other_date != day_date:
                for each in other.settlements:
                    paid[each.debt_no] += each.settled_wh
        still_open = [(debt, debt.debt_wh - paid[debt.debt_no]) for debt in self.debts]
        return [replace(debt, debt_wh=wh) for debt, wh in still_open if wh and debt.delivery_date < day_date]

    def _close_anew(self, day_date, day, cuts):
        names = {certificate.certificate_id for certificate in day.certificates}
        of_day = [piece for piece in self.slices if piece.certificate_id in names]
        self._apply(withdraw_all([piece for piece in of_day if piece.state.text != "withdrawn"]))
        self.oracle.withdraw_day(day_date)
        withheld_wh, day.settlements = withhold(day.offered_wh, self.open_debts(day_date))
        day.allocated = _allocation(day.offered_wh - withheld_wh, cuts)
        self._issue(day_date, day, day.allocated)

    def _correct(self, day_date, day, cuts):
        withheld_wh, day.settlements = keep_settlements(day.offered_wh, day.settlements)
        before, day.allocated = day.allocated, _allocation(day.offered_wh - withheld_wh, cuts)
        correction = correction_between(before, day.allocated)
        if correction.removals:
            withdrawal = withdraw_excess(
                certificates=day.certificates,
                slices=self.slices,
                segments=self.segments,
                removals=correction.removals,
                revision=day.revision,
                first_debt_no=len(self.debts) + 1,
            )
            self._apply(withdrawal.changes)
            self.debts.extend(withdrawal.debts)
        self._remove_from_oracle(day_date, correction.removals)
        self._issue(day_date, day, correction.increase)

    def _remove_from_oracle(self, day_date, removals):
        """Take each watt-hour back one by one; what is final is owed."""
        for each in removals:
            for _ in range(each.energy_wh):
                was_active = self.oracle.remove(day_date, each.slot_no, each.holder_no)
                self.oracle_debt_wh += not was_active

    def _issue(self, day_date, day, rows):
        issue = issue_day(
            market_id=MARKET,
            delivery_date=day_date,
            revision=day.revision,
            allocated=rows,
            plants=[plant(HOME)],
            recovered_wh={},
        )
        day.certificates += issue.certificates
        self.slices.extend(issue.slices)
        self.segments = SegmentRows.joined([self.segments, issue.segments])
        for certificate in issue.certificates:
            energy_wh = rows.totals_by("slot_no", "holder_no")
            self.oracle.issue(certificate.certificate_id, day.revision, day_date, energy_wh)

    def _apply(self, changes):
        """Replace slices; each has to be there exactly once."""
        for change in changes:
            self.slices.remove(change.before)
            self.slices.extend(change.after)


def _allocation(supply_wh, cuts):
    """Share each slot's supply: at most the cuts to the buyers, the rest to the retailer."""
    rows = []
    for slot_no, (cafe_cut, office_cut) in zip(SLOTS, cuts, strict=True):
        left_wh = int(supply_wh[slot_no - 1])
        for holder_no, cut in ((CAFE, cafe_cut), (OFFICE, office_cut), (RETAILER, left_wh)):
            part_wh = min(left_wh, cut)
            left_wh -= part_wh
            if part_wh:
                rows.append((SURPLUS, HOME, slot_no, holder_no, part_wh))
    return allocated(*rows)
