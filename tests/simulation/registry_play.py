"""Months of a registry: closes, corrections, and everything that people ask for, right and wrong.

Enter: a seed, an installation. Leave: counts, or Different with the step. Not here: meters and matching (play).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.edge.store.sql import fetch
from tests.oracles.registry_model import ACTIVE, RESERVED, Range
from tests.oracles.registry_replay import broken_certificates
from tests.simulation.registry_asks import Asks, is_expired
from tests.simulation.registry_sides import Different
from tests.simulation.registry_storage import RegistryStorage
from tests.simulation.registry_world import KINDS, MARKET

MONTHS = tuple(Month(year=year, month_no=month_no) for year, month_no in ((2020, 11), (2020, 12), (2021, 1), (2021, 2)))
DAYS_OF_MONTH = 6
N_ASKS = 16
BULKS_MAX = (10, 150, 400)
WRONG_SHARE = 0.12
VALIDITY_MONTHS = {CertificateKind.SURPLUS: 1, CertificateKind.SELF_CONSUMPTION: 2}


@dataclass
class RegistryPlay(RegistryStorage):
    """One market through its months."""

    n_asks: int = N_ASKS

    def __post_init__(self) -> None:
        """Begin with nobody asking."""
        super().__post_init__()
        self.asks = Asks(self.installation)
        self.promise_ids: dict[int, str] = {}
        self.holders = [*self.world.buyer_nos, self.world.retailer_no, *range(1, self.n_homes + 1)]

    def run(self) -> None:
        """Play all months. Raises: Different."""
        for month in MONTHS:
            days = [month.first_date + timedelta(days=2 * number) for number in range(DAYS_OF_MONTH)]
            for day in days:
                self.close(day)
                if self.chance.random() < 0.4:
                    self.close(self.chance.choice(days[: days.index(day) + 1]))
                self.ask(self.n_asks, day)
            if self.paper.final_days:
                self.store()
            self.finalise(month, days)
            for _ in range(4):
                self.correct(self.chance.choice(self._correctable()))
                self.store()
                self.ask(self.n_asks, month.last_date)
                self.store()
            self.look_at()
            self.look_at_lots_and_claims()
        for fault in broken_certificates(fetch, self.lake):
            raise Different(f"step {self.step_no}: {fault}")

    def _correctable(self) -> list[date]:
        """List final days on which roofs gave something; days into whose evenings batteries gave stand there again."""
        stored = [paper.day for paper in self.paper.papers.values() if paper.storage_no and paper.day in self.offered]
        return [*sorted(self.paper.final_days & self.offered.keys()), *stored]

    def ask(self, n_asks: int, today: date) -> None:
        """Ask for things in bulk, now and then for something that cannot be."""
        asks = (self.transfer, self.transfer, self.reserve, self.settle_promise, self.claim, self.leave)
        for _ in range(n_asks):
            self.chance.choice(asks)(today)

    def transfer(self, today: date) -> None:
        """Give ranges away."""
        items = [(where, giver, self._other(giver)) for where, giver in self._ranges(ACTIVE)]
        operation_id = self._next_id()
        self.both(
            "transfer",
            lambda: self.asks.transfer(operation_id, items),
            lambda: self.paper.transfer(items),
            names=[where[0] for where, _, _ in items],
        )
        self._count(items)

    def reserve(self, today: date) -> None:
        """Promise ranges."""
        items, operation_id = self._ranges(ACTIVE), self._next_id()
        number, party_no = len(self.paper.promised_to) + 1, self.chance.choice(self.holders)
        lapses_on = today + timedelta(days=self.chance.randint(1, 40))
        self.both(
            "reserve",
            lambda: self.asks.reserve(operation_id, items, party_no, lapses_on, today),
            lambda: self.paper.reserve(items, number, party_no, lapses_on),
            names=[where[0] for where, _ in items],
        )
        if number in self.paper.promised_to:
            self.promise_ids[number] = operation_id
        self._count(items)

    def settle_promise(self, today: date) -> None:
        """Give a promise up, use all of it, or let those lapse whose day has come."""
        operation_id, claim_no = self._next_id(), self.claim_count + 1
        number = self.chance.choice(sorted(self.paper.promised_to) or [0])
        what = self.chance.choice(["release", "claim", "lapse"])
        if what == "lapse" or not number:
            self.both("lapse", lambda: self.asks.expire(operation_id, today, {}), lambda: self.paper.lapse(today))
        elif what == "release":
            self.both(
                what,
                lambda: self.asks.release(operation_id, self.promise_ids[number]),
                lambda: self.paper.release(number),
            )
        else:
            first, last = MONTHS[0].first_date, MONTHS[-1].last_date
            party_no = self.paper.promised_to[number]
            self.both(
                "claim a promise",
                lambda: self.asks.claim_promise(operation_id, self.promise_ids[number], party_no, first, last, today),
                lambda: self._claimed(lambda: self.paper.claim_promise(number, claim_no, first, last, today)),
            )
        self.operations += 1

    def claim(self, today: date) -> None:
        """Use ranges up that one party holds."""
        beneficiary_no, claim_no, operation_id = self.chance.choice(self.holders), self.claim_count + 1, self._next_id()
        ranges = [where for where, _ in self._ranges(ACTIVE, beneficiary_no, is_final=True)][:20]
        first, last = MONTHS[0].first_date, MONTHS[-1].last_date
        if not ranges:
            return
        self.both(
            "claim",
            lambda: self.asks.claim(operation_id, ranges, beneficiary_no, first, last, today),
            lambda: self._claimed(lambda: self.paper.claim(ranges, beneficiary_no, claim_no, first, last, today)),
            names=[name for name, _, _ in ranges],
        )
        self._count(ranges)

    def leave(self, today: date) -> None:
        """Rarely, let a holder's month go to another scheme, or let what is old expire."""
        if self.chance.random() > 0.1:
            return
        operation_id = self._next_id()
        if self.chance.random() < 0.5:
            too_old = {
                int(kind): {day for day in self.paper.final_days if is_expired(day, today, n_months)}
                for kind, n_months in VALIDITY_MONTHS.items()
            }
            self.both(
                "expire",
                lambda: self.asks.expire(operation_id, today, VALIDITY_MONTHS),
                lambda: self.paper.expire(today, too_old),
            )
        else:
            holder_no, kind_no = self.chance.choice(self.holders), self.chance.choice(KINDS)
            month, scheme = self.chance.choice(MONTHS), self.chance.choice(["nonfossil", "green"])
            self.both(
                "export",
                lambda: self.asks.export(operation_id, scheme, holder_no, kind_no, month),
                lambda: self.paper.export(scheme, holder_no, kind_no, month.first_date, 1_000),
            )
        self.operations += 1

    def _claimed(self, on_paper: Callable[[], None]) -> None:
        """Number a claim that is made."""
        on_paper()
        self.claim_count += 1

    def _ranges(self, state: int, holder_no: int | None = None, *, is_final: bool = False) -> list[tuple[Range, int]]:
        """Draw ranges that somebody holds in a state, each with the holder; sometimes spoil one of them."""
        found: dict[str, tuple[Range, int]] = {}
        for _ in range(self.chance.randint(1, self.chance.choice(BULKS_MAX))):
            name = self.chance.choice(self.live)
            paper = self.paper.papers[name]
            if name in found or (is_final and paper.day not in self.paper.final_days):
                continue
            fit = [n for n, line in enumerate(paper.lines) if line[1] == state and holder_no in {None, line[0]}]
            if fit:
                lo = hi = self.chance.choice(fit)
                while hi < len(paper.lines) and hi - lo < 6 and paper.lines[hi][:2] == paper.lines[lo][:2]:
                    hi += 1
                found[name] = (name, lo, hi), paper.lines[lo][0]
            elif all(line[1] not in {ACTIVE, RESERVED} for line in paper.lines):
                self.live.remove(name)
        items = list(found.values())
        if items and self.chance.random() < WRONG_SHARE:
            self._spoil(items)
        return items or [((f"{MARKET}/nowhere", 0, 1), 1)]

    def _spoil(self, items: list[tuple[Range, int]]) -> None:
        """Let one item be wrong."""
        place = self.chance.randrange(len(items))
        (name, lo, hi), holder_no = items[place]
        items[place] = self.chance.choice(
            [
                ((name, lo, len(self.paper.papers[name].lines) + 1), holder_no),
                ((name, lo, hi), self._other(holder_no)),
                ((f"{name}0", lo, hi), holder_no),
                ((name, 0, len(self.paper.papers[name].lines)), holder_no),
            ]
        )
        if self.chance.random() < 0.3:
            items.append(items[0])

    def _other(self, holder_no: int) -> int:
        """Draw somebody else."""
        return self.chance.choice([each for each in self.holders if each != holder_no])

    def _next_id(self) -> str:
        """Name the next operation."""
        return f"ask/{self.seed}/{self.step_no}"

    def _count(self, items: list[Any]) -> None:
        """Count what was asked."""
        self.operations += len(items)
