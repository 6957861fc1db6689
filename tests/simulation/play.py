"""Plays a seed: makes its market, deliveries and schedule, runs every operation, and checks what must hold.

Enters: a seed and an empty home. Leaves: Play, or an error that names the operation. Not here: the model.
"""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sanchi.app.roster import call_roster
from sanchi.app.stores import Installation
from sanchi.core.base.errors import RefusalRule, Refused, SanchiError, UnknownRecord, UnreadableDelivery
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import closed_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from sanchi.edge.store.books import open_books
from sanchi.edge.store.sql import fetch
from tests.simulation.budget_model import BudgetModel
from tests.simulation.deliveries import Deliveries, Piece, write_piece, write_terms
from tests.simulation.energy_model import energy_faults
from tests.simulation.market import SimulatedMarket, draw_market
from tests.simulation.model import Model
from tests.simulation.moments import posting_faults, retiring_faults, withholding_faults
from tests.simulation.schedule import Operation, draw_schedule
from tests.start.homes import Home, Rows

MARKET_ID = "sim"
REFUSED_MONTHS = {RefusalRule.MONTH_NOT_OVER, RefusalRule.MONTH_OUT_OF_ORDER, RefusalRule.DAY_NOT_CLOSED}
RUNS = """
    SELECT delivery_date, revision, result_digest, used_row_count, superseded_row_count, set_aside_row_count
    FROM day_run WHERE market = %s
"""
FILES_IN_FORCE = """
    SELECT lake_file.delivery_date, table_name, path FROM lake_file JOIN market_day
    ON market_day.market = lake_file.market AND market_day.delivery_date = lake_file.delivery_date
    AND revision_in_force = revision WHERE lake_file.market = %s AND table_name <> 'segments' ORDER BY 1, 2, 3
"""
ACCRUED = """
    SELECT delivery_date, payer_no, payee_no, home_no, holder_no, kind_no, price_sen_per_kwh, sum(energy_wh)
    FROM accrual WHERE market = %s GROUP BY delivery_date, payer_no, payee_no, home_no, holder_no, kind_no,
    price_sen_per_kwh HAVING sum(energy_wh) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
AUDIT_CHANCE = 0.02
REPEAT_CHANCE = 0.03


class Broken(AssertionError):
    """Something that must hold does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that follows from a seed before anything is run."""

    seed: int
    market: SimulatedMarket
    pieces: list[Piece]
    operations: list[Operation]

    @classmethod
    def of(cls, seed: int, market_id: str = MARKET_ID) -> "Plan":
        """Draw a plan."""
        chance = random.Random(seed)
        market = draw_market(chance, market_id)
        pieces = Deliveries(chance, market).draw()
        return cls(seed=seed, market=market, pieces=pieces, operations=draw_schedule(chance, market, pieces))


@dataclass(slots=True, kw_only=True)
class Play:
    """A plan on a home; outcomes counts what happened."""

    plan: Plan
    home: Home
    installation: Installation
    folder: Path
    audit_chance: float = AUDIT_CHANCE
    outcomes: Counter[str] = field(default_factory=Counter)
    taken: list[int] = field(default_factory=list)
    chance: random.Random = field(init=False)
    budgets: BudgetModel = field(init=False)

    def __post_init__(self) -> None:
        """Draw the moments of further checks apart from the plan."""
        self.budgets = BudgetModel(stores=self.installation.stores, market_id=self.market_id)
        self.folder.mkdir(exist_ok=True)
        self.chance = random.Random(self.plan.seed)

    @property
    def market_id(self) -> MarketId:
        """Name the market."""
        return MarketId(self.plan.market.market_id)

    def run(self, operations: Sequence[Operation]) -> None:
        """Run operations, with checks after each."""
        for number, operation in enumerate([Operation("terms"), *operations]):
            try:
                self.outcomes[self._outcome(operation)] += 1
                self._raise(posting_faults(self.market_id, self.next_month()))
                if self.chance.random() < REPEAT_CHANCE and operation.verb in {"ingest", "close", "stale"}:
                    self._check_repetition(operation)
                if self.chance.random() < self.audit_chance:
                    self.check_laws()
            except Exception as error:
                error.add_note(f"seed {self.plan.seed}, operation {number}: {operation}")
                raise

    def check_laws(self) -> None:
        """Let the audit judge."""
        laws = self.installation.auditor.laws(self.market_id)
        self._raise([f"{law.law} {law.broken_count}x: {law.broken_examples[0]}" for law in laws if not law.holds])

    def check_end(self) -> None:
        """Let the audit and the model judge, and close every fresh day again, which must change nothing."""
        self.check_laws()
        taken = [self.plan.pieces[number] for number in self.taken]
        with open_books(self.market_id, self.home.folder / "lake") as books:
            model = Model(books)
            self._raise([*energy_faults(self.plan.market, taken, books), *model.faults()])
        market = self.plan.market
        book = self.installation.stores.market.book(self.market_id)
        for day in model.days:
            # Who joined without a plant keeps every day from being closed again, and says so.
            with suppress(UnknownRecord):
                self._raise([*model.lists.faults(call_roster(book, day))])
        self.outcomes += self.budgets.outcomes
        days = self.installation.stores.days.market_days(self.market_id, market.first_date, market.last_date)
        before = self.tables()
        self.outcomes.update({f"{name} rows": len(before[name]) for name in ("debt", "debt_settlement", "statement")})
        for day in days:
            if not day.is_stale:
                outcome = self._outcome(Operation("close", (day.delivery_date - market.first_date).days))
                if outcome not in {"close unchanged", "close refused"}:
                    raise Broken(f"{day.delivery_date} was fresh, but closing it again is: {outcome}")
        self._raise_changed(before)

    def tables(self) -> dict[str, Rows]:
        """Read all that the database holds of the market.

        Which delivery a close saw last is no result of it, and files are numbered over all markets.
        """
        every = self.home.tables()
        rows = {name: [row for row in every[name] if self.market_id in row] for name in every}
        files = sorted((row[1:] for row in rows["lake_file"]), key=repr)
        return {**rows, "day_run": sorted(fetch(RUNS, [self.market_id])), "lake_file": files}

    def days_in_force(self) -> Rows:
        """Give what days ended as, without the way there: their half hours by digest, and what they earned."""
        return [*fetch(FILES_IN_FORCE, [self.market_id]), *fetch(ACCRUED, [self.market_id])]

    def next_month(self) -> Month:
        """Name the month that is to be closed next."""
        latest = self.installation.stores.ledger.latest_closed_month(self.market_id)
        return Month.of(self.plan.market.first_date) if latest is None else latest.next_month

    def _outcome(self, operation: Operation) -> str:
        """Run an operation; only refusals that its request deserves pass."""
        try:
            return self._run(operation)
        except UnreadableDelivery as error:
            is_deserved = operation.verb == "ingest" and bool(self.plan.pieces[operation.number].records)
            return self._refusal(operation, error, is_deserved=is_deserved)
        except UnknownRecord as error:
            return self._refusal(operation, error, is_deserved=operation.verb in {"close", "stale"})
        except Refused as error:
            is_deserved = operation.verb in {"month", "skip-month"} and error.rule in REFUSED_MONTHS
            return self._refusal(operation, error, is_deserved=is_deserved)

    def _refusal(self, operation: Operation, error: SanchiError, *, is_deserved: bool) -> str:
        """Count a refusal that says what to do; others are faults."""
        if not is_deserved or not error.hint:
            raise Broken(f"{type(error).__name__} without cause or hint: {error}") from error
        return f"{operation.verb} refused"

    def _run(self, operation: Operation) -> str:
        """Run an operation through the same functions as the command line."""
        market, number = self.plan.market, operation.number
        match operation.verb:
            case "terms":
                ingest_path(self.installation, write_terms(self.folder, market), None)
                return "terms"
            case "ingest":
                path = write_piece(self.folder, number, self.plan.pieces[number], market)
                ingest_path(self.installation, path, self.market_id)
                if number not in self.taken:
                    self.taken.append(number)
                return "ingest"
            case "close":
                return self._closed("close", f"{market.date_of(number)}")
            case "stale":
                return self._closed("stale", "stale")
            case _:
                return self._closed_month(number, n_skipped=number if operation.verb == "skip-month" else 0)

    def _closed(self, verb: str, dates_text: str) -> str:
        """Close days; check right after each what was withheld for debts and what budgets allowed."""
        outcomes = set()
        for report in closed_days(self.installation, self.market_id, dates_text):
            outcomes.add(str(report.outcome))
            self._raise([*self.budgets.faults(report)])
            if report.outcome in {"closed", "revised"}:
                self._raise(withholding_faults(self.market_id, report.delivery_date))
        return " ".join([verb, *sorted(outcomes)])

    def _closed_month(self, n_days: int, n_skipped: int) -> str:
        """Close the next month some days after its end, or ask for a later one."""
        month = self.next_month()
        for _ in range(n_skipped):
            month = month.next_month
        on_date = month.last_date + timedelta(days=n_days + 1)
        report = close_one_month(self.installation, self.market_id, month, on_date, leaves_unclosed=True)
        self._raise(retiring_faults(self.market_id))
        return "month with waiting days" if report.days_not_finalised else "month"

    def _check_repetition(self, operation: Operation) -> None:
        """Run an operation once more, which must change nothing."""
        before = self.tables()
        self._outcome(operation)
        self._raise_changed(before)

    def _raise_changed(self, before: dict[str, Rows]) -> None:
        """Refuse any change of the database."""
        after = self.tables()
        self._raise([f"table {name} changed by a repetition" for name in after if after[name] != before[name]])

    @staticmethod
    def _raise(faults: Sequence[str]) -> None:
        """Raise when there are faults, with the first ones."""
        if faults:
            raise Broken("; ".join(faults[:4]))
