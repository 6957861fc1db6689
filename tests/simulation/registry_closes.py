"""Closes, closes anew, month ends and corrections of a registry, in the books and on paper.

Enter: drawn energies. Leave: steps on both sides. Not here: what people ask for (registry_play).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from sanchi.app import close_day, close_month, revise_day
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.slots import dates_between
from sanchi.core.certificates.correction import correction_between
from sanchi.core.certificates.debts import keep_settlements, withhold
from tests.simulation.registry_sides import BothSides
from tests.simulation.registry_world import KINDS, MARKET, allocated_of

SLOTS = (20, 21, 22, 23)
ENERGY_WH_MAX = 14
Day = dict[tuple[int, int, int, int], int]


@dataclass
class RegistryCloses(BothSides):
    """What closes and corrections do."""

    def __post_init__(self) -> None:
        """Begin without days."""
        super().__post_init__()
        self.offered: dict[date, Day] = {}
        self.allocated: dict[date, Day] = {}
        self.revisions: dict[date, int] = {}
        self.claim_count = 0
        self.live: list[str] = []

    def close(self, day: date) -> None:
        """Close a day, or close it anew with other energies."""
        offered = self._drawn_day()
        revision = self.revisions.get(day, 0) + 1
        allocated, settlements = self._withheld(day, offered)

        def in_books() -> None:
            # What certificates and debts refer to comes first, as in close_day.
            outcome: Any = SimpleNamespace(delivery_date=day, revision=revision, result_digest=f"{day} {revision}")
            if revision > 1:
                close_day._withdraw(self.installation.stores, MARKET, outcome)
            self.world.add_run(day, revision)
            self._add_settlements(day, revision, offered)
            self.world.issue(day, revision, allocated_of(allocated))

        def on_paper() -> None:
            self.paper.withdraw_day(day)
            self._issue_on_paper(day, revision, allocated)

        self.both(f"close {day}", in_books, on_paper, is_step_of_its_own=True)
        self.offered[day], self.allocated[day], self.revisions[day] = offered, allocated, revision
        self.settled[day] = settlements
        self.operations += len({key[:2] for key in allocated})
        self.look_at_debts()

    def finalise(self, month: Month, days: list[date]) -> None:
        """Retire what buyers hold and let the month be final, with days on which no roof gave anything."""
        stores = self.installation.stores
        idle = [day for day in dates_between(month.first_date, month.last_date) if day not in days]

        def in_books() -> None:
            close_month._retire(stores, stores.market.book(MARKET), month, days)
            for day in idle:
                self.world.add_run(day, 1)
            stores.days.mark_finalised(MARKET, [*days, *idle])

        def on_paper() -> None:
            self.paper.final_days |= {*days, *idle}
            self.claim_count += self.paper.retire_month(set(self.world.buyer_nos), self.claim_count + 1)

        self.both(f"finalise {month}", in_books, on_paper, is_step_of_its_own=True)
        self.operations += 1

    def correct(self, day: date) -> None:
        """Correct a final day: some homes generated more or less than was thought."""
        offered = self._corrected(self.offered[day])
        revision = self.revisions[day] + 1
        allocated, settlements = self._kept(day, offered)
        before, after = allocated_of(self.allocated[day]), allocated_of(allocated)
        correction = correction_between(before, after)
        if not correction.removals and not correction.increase.row_count:
            return

        def in_books() -> None:
            kept = self._settlements_kept(day, offered)
            self.world.add_run(day, revision)
            self.installation.stores.certificates.add_settlements(MARKET, day, revision, kept)
            outcome: Any = SimpleNamespace(delivery_date=day, revision=revision, result_digest=f"{day} {revision}")
            revise_day._take_back(self.installation.stores, MARKET, correction, outcome)
            self.world.issue(day, revision, correction.increase)

        def on_paper() -> None:
            for each in correction.removals:
                seat = (each.home_no, int(each.kind), day, each.slot_no, each.holder_no)
                owed_wh = self.paper.remove(seat, each.energy_wh)
                if owed_wh:
                    self.debts.append((len(self.debts) + 1, *seat, owed_wh))
            gained = {
                key: wh - self.allocated[day].get(key, 0)
                for key, wh in allocated.items()
                if wh > self.allocated[day].get(key, 0)
            }
            self._issue_on_paper(day, revision, gained)

        self.both(f"correct {day}", in_books, on_paper, is_step_of_its_own=True)
        self.offered[day], self.allocated[day], self.revisions[day] = offered, allocated, revision
        self.settled[day] = settlements
        self.operations += len(correction.removals) + len({key[:2] for key in allocated})
        self.look_at_debts()

    def _drawn_day(self) -> Day:
        """Draw energies by home, kind, slot and holder."""
        energies: Day = {}
        for home_no in range(1, self.n_homes + 1):
            for kind_no in KINDS:
                for slot_no in self.chance.sample(SLOTS, self.chance.randint(0, len(SLOTS))):
                    self._draw_slot(energies, home_no, kind_no, slot_no)
        return energies

    def _draw_slot(self, energies: Day, home_no: int, kind_no: int, slot_no: int) -> None:
        """Let one or two holders get what a slot gave."""
        possible = [*self.world.buyer_nos, self.world.retailer_no, home_no]
        if kind_no == CertificateKind.SELF_CONSUMPTION:
            # Homes keep much of it, so that batteries have something to charge.
            possible += [home_no] * 4
        for holder_no in self.chance.sample(possible, self.chance.randint(1, 2)):
            energies[home_no, kind_no, slot_no, holder_no] = self.chance.randint(1, ENERGY_WH_MAX)

    def _corrected(self, energies: Day) -> Day:
        """Change what some homes gave: more, less, nothing, or somewhere else."""
        corrected = dict(energies)
        for home_no in self.chance.sample(range(1, self.n_homes + 1), 2):
            for key in [key for key in energies if key[0] == home_no]:
                if self.chance.random() < 0.6:
                    wh = corrected[key]
                    corrected[key] = self.chance.choice([0, 0, 1, wh // 2, wh + 3, wh + 7])
            if self.chance.random() < 0.5:
                self._draw_slot(corrected, home_no, self.chance.choice(KINDS), self.chance.choice(SLOTS))
        return {key: wh for key, wh in corrected.items() if wh}

    def _issue_on_paper(self, day: date, revision: int, energies: Day) -> None:
        """Write one certificate a home and kind."""
        by_owner: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
        for (home_no, kind_no, slot_no, holder_no), wh in energies.items():
            by_owner.setdefault((home_no, kind_no), {})[holder_no, slot_no] = wh
        for (home_no, kind_no), energy_wh in by_owner.items():
            name = f"{MARKET}/H{home_no:02}-PV/{day}/{CertificateKind(kind_no).text}/{revision}"
            self.paper.issue(name, (home_no, kind_no, day, revision), energy_wh)
            self.live.append(name)

    def _withheld(self, day: date, offered: Day) -> tuple[Day, list[tuple[int, int, int]]]:
        """Withhold for debts of earlier days, oldest debt first, earliest slot first."""
        left, settlements = dict(offered), []
        paid: Counter[int] = Counter()
        for other, lines in self.settled.items():
            for debt_no, _, wh in lines:
                paid[debt_no] += wh if other != day else 0
        for debt_no, home_no, kind_no, debt_day, _, _, debt_wh in self.debts:
            open_wh = debt_wh - paid[debt_no] if debt_day < day else 0
            for slot_no in SLOTS:
                taken_wh = self._take(left, (home_no, kind_no, slot_no), open_wh)
                open_wh -= taken_wh
                if taken_wh:
                    settlements.append((debt_no, slot_no, taken_wh))
        return left, settlements

    def _kept(self, day: date, offered: Day) -> tuple[Day, list[tuple[int, int, int]]]:
        """Keep of what a final day withheld what it still has."""
        left, kept = dict(offered), []
        for debt_no, slot_no, wh in self.settled[day]:
            _, home_no, kind_no, *_ = self.debts[debt_no - 1]
            taken_wh = self._take(left, (home_no, kind_no, slot_no), wh)
            if taken_wh:
                kept.append((debt_no, slot_no, taken_wh))
        return left, kept

    @staticmethod
    def _take(energies: Day, place: tuple[int, int, int], wanted_wh: int) -> int:
        """Take watt-hours of a slot away, from the lowest holder on; returns how many there were."""
        taken_wh = 0
        for key in sorted(key for key in energies if key[:3] == place):
            wh = min(energies[key], wanted_wh - taken_wh)
            taken_wh += wh
            energies[key] -= wh
            if not energies[key]:
                del energies[key]
        return taken_wh

    def _add_settlements(self, day: date, revision: int, offered: Day) -> None:
        """Withhold in the books, by the rules of the core."""
        store = self.installation.stores.certificates
        for kind in CertificateKind:
            debts = store.open_debts(MARKET, kind, day)
            for home_no in sorted({debt.home_no for debt in debts}):
                own = [debt for debt in debts if debt.home_no == home_no]
                _, settlements = withhold(_supply_wh(offered, home_no, int(kind)), own)
                store.add_settlements(MARKET, day, revision, settlements)

    def _settlements_kept(self, day: date, offered: Day) -> list[Any]:
        """Keep withholdings in the books, by the rules of the core."""
        store = self.installation.stores.certificates
        debts = {debt.debt_no: debt for debt in store.debts(MARKET)}
        kept: list[Any] = []
        of_day = store.settlements_of_day(MARKET, day)
        for home_no, kind in sorted({(debts[each.debt_no].home_no, debts[each.debt_no].kind) for each in of_day}):
            own = [
                each for each in of_day if (debts[each.debt_no].home_no, debts[each.debt_no].kind) == (home_no, kind)
            ]
            kept += keep_settlements(_supply_wh(offered, home_no, int(kind)), own)[1]
        return kept


def _supply_wh(offered: Day, home_no: int, kind_no: int) -> np.ndarray:
    """Give a home's offer by slot."""
    supply_wh = np.zeros(48, dtype=np.int64)
    for (home, kind, slot_no, _), wh in offered.items():
        if (home, kind) == (home_no, kind_no):
            supply_wh[slot_no - 1] += wh
    return supply_wh
