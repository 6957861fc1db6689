"""The books and the paper of one registry side by side: every step on both, crashes in between, then compared.

Enter: a seed, an installation. Leave: counts, or Different with the step. Not here: what is done (registry_play).
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from sanchi.app.stores import Installation
from sanchi.core.base.errors import Refused, UnknownRecord
from sanchi.edge.store.sql import fetch
from tests.oracles.registry_model import RETIRED, Forbidden, RegistryModel
from tests.oracles.registry_replay import slices_by_watt_hour
from tests.simulation.registry_world import MARKET, RegistryWorld

N_BUYERS = 4
CRASH_SHARE, AGAIN_SHARE = 0.06, 0.05
STATEMENTS_MAX = 14
WHOLE_LOOK_STEPS = 25


class Different(AssertionError):
    """Books and paper do not say the same."""


class Crash(Exception):
    """The process stops in the middle of a step."""


@dataclass
class BothSides:
    """A registry in the books and on paper; operations counts what was asked one by one.

    kill_share : how many of the steps that have an id are begun by a process that is killed in the middle.
    """

    seed: int
    installation: Installation
    lake: Path
    n_homes: int = 12
    kill_share: float = 0.0
    operations: int = 0
    step_no: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin with an empty registry."""
        self.chance = random.Random(self.seed)
        self.world = RegistryWorld.made(self.installation, self.n_homes, N_BUYERS)
        self.paper = RegistryModel()
        self.settled: dict[date, list[tuple[int, int, int]]] = {}
        self.debts: list[tuple[int, int, int, date, int, int, int]] = []

    def both(
        self,
        what: str,
        in_books: Callable[[], Any],
        on_paper: Callable[[], None],
        *,
        is_step_of_its_own: bool = False,
        names: Collection[str] = (),
    ) -> None:
        """Do something in the books and on paper, perhaps after a crash in the middle of it, and compare.

        names : the certificates that are looked at, () = all; all are looked at every WHOLE_LOOK_STEPS steps.
        """
        self.step_no += 1
        step = (lambda: self._step(in_books)) if is_step_of_its_own else in_books
        if not is_step_of_its_own and self.chance.random() < self.kill_share:
            # Done or not, the same id again leaves it done once; a crash besides could no longer tell what was before.
            self._kill(step)
            is_done = False
        else:
            is_done = self.chance.random() < CRASH_SHARE and self._crashed(step)
        refused = set() if is_done else self._refused(step)
        try:
            on_paper()
            forbidden: set[str] = set()
        except Forbidden as error:
            forbidden = error.rules
        if bool(refused) != bool(forbidden) or not refused <= forbidden:
            raise Different(f"step {self.step_no}, {what}: books refuse by {refused}, paper forbids by {forbidden}")
        if not refused and not is_step_of_its_own and self.chance.random() < AGAIN_SHARE:
            in_books()
        self.ends[f"{what.split(' ', maxsplit=1)[0]}: {', '.join(sorted(refused)) or 'done'}"] += 1
        if self.step_no % WHOLE_LOOK_STEPS == 0:
            names = ()
        self.look_at(names)

    def _step(self, in_books: Callable[[], Any]) -> Any:
        """Run a step in its transaction."""
        return self.installation.run_step(MARKET, "play", str(self.step_no), in_books)

    @staticmethod
    def _refused(step: Callable[[], Any]) -> set[str]:
        """Run a step and give the rule that refused it."""
        try:
            step()
        except Refused as refusal:
            return {str(refusal.rule)}
        except UnknownRecord:
            return {"UNKNOWN"}
        return set()

    def _crashed(self, step: Callable[[], Any]) -> bool:
        """Let a step crash before one of its statements; True where it was done before it came to that."""
        try:
            with stopping_at(self.chance.randint(1, STATEMENTS_MAX), crash):
                step()
        except Crash:
            self.ends["crash"] += 1
            self.look_at()
            return False
        except (Refused, UnknownRecord):
            return False
        return True

    def _kill(self, step: Callable[[], Any]) -> None:
        """Let a process of its own begin a step and kill it before one of the statements."""
        statement_no = self.chance.randint(1, STATEMENTS_MAX)
        connection.close()
        child = os.fork()
        if not child:
            with stopping_at(statement_no, lambda: os.kill(os.getpid(), signal.SIGKILL)), suppress(BaseException):
                step()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        self.ends["killed" if os.WIFSIGNALED(status) else "not killed in time"] += 1

    def look_at(self, names: Collection[str] = ()) -> None:
        """Compare every watt-hour of some certificates, () = of all. Raises: Different."""
        found, faults = slices_by_watt_hour(fetch, names)
        for name in names or {*found, *self.paper.papers}:
            paper = self.paper.papers.get(name)
            lines = None if paper is None else paper.lines
            if found.get(name) != lines:
                faults.append(f"{name}: books {found.get(name)}, paper {lines}")
        if faults:
            raise Different(f"seed {self.seed}, step {self.step_no}: {faults[0]} (and {len(faults) - 1} more)")

    def look_at_debts(self) -> None:
        """Compare debts and what of them is paid off. Raises: Different."""
        columns = "debt_no, home_no, kind_no, delivery_date, slot_no, holder_no, debt_wh"
        debts = [tuple(row) for row in fetch(f"SELECT {columns} FROM debt ORDER BY debt_no")]
        if debts != self.debts:
            raise Different(f"seed {self.seed}, step {self.step_no}: debts {debts}, on paper {self.debts}")
        for day, lines in self.settled.items():
            store = self.installation.stores.certificates
            stored = [(each.debt_no, each.slot_no, each.settled_wh) for each in store.settlements_of_day(MARKET, day)]
            if sorted(stored) != sorted(lines):
                raise Different(f"seed {self.seed}, step {self.step_no}, {day}: settled {stored}, on paper {lines}")

    def look_at_lots_and_claims(self) -> None:
        """Compare what left, what was carried, and what each claim used up. Raises: Different."""
        lots = fetch("SELECT lot_no, unit_count, carry_out_wh FROM export_lot ORDER BY lot_no")
        on_paper = [(number, lot.unit_count, lot.carry_out_wh) for number, lot in enumerate(self.paper.lots, start=1)]
        if lots != on_paper:
            raise Different(f"seed {self.seed}, step {self.step_no}: lots {lots}, on paper {on_paper}")
        claims = fetch("SELECT claim_no, beneficiary_no, energy_wh FROM claim ORDER BY claim_no")
        used_wh: Counter[tuple[int, int]] = Counter()
        for paper in self.paper.papers.values():
            used_wh.update((number, holder) for holder, state, number in paper.lines if state == RETIRED)
        used = sorted((*key, wh) for key, wh in used_wh.items())
        if claims != used:
            raise Different(f"seed {self.seed}, step {self.step_no}: claims {claims}, on paper {used}")


def crash() -> None:
    """Stop a step."""
    raise Crash


@contextmanager
def stopping_at(statement_no: int, stop: Callable[[], None]) -> Iterator[None]:
    """Stop before the n-th statement of the block; those on the lock's rows stand outside the transaction."""
    count = 0

    def execute(run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal count
        if "step_lock" not in sql:
            count += 1
            if count == statement_no:
                stop()
        return run(sql, *arguments)

    with connection.execute_wrapper(execute):
        yield
