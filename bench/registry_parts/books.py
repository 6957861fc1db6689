"""Issues, cuts, transfers and retires a day of many homes through the real core and store; a process of its own.

Enters: how many homes, a folder; SANCHI_DATABASE_URL names the database, else SQLite in the folder. Leaves: one
JSON line of seconds and counts. Not here: readings, matching, money.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bench.registry_parts.day import DAY, N_BUYERS, drawn_allocation, plants_of
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.months import Month
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.operations import PLATFORM, OperationHead
from sanchi.core.certificates.retirement import retire_month
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.transfer import transfer_slice
from sanchi.start.opening import StartOpening

MARKET = MarketId("bench")
FIRST_REVISION = 1
TRANSFER_BATCH = 10_000  # as the research's scripts commit


class Watch:
    """Seconds by what was done in them, and CPU seconds: of this process and of the server's that works for it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_s: dict[str, float] = {}
        self.server: Path | None = None

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the seconds of the block."""
        before, cpu_before = time.perf_counter(), self._cpu_s()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - before
        self.cpu_s[name] = self.cpu_s.get(name, 0.0) + self._cpu_s() - cpu_before

    def _cpu_s(self) -> float:
        """Give the CPU seconds so far."""
        if self.server is None:
            return time.process_time()
        # The name of the program stands in parentheses; the 12th and 13th field behind it are ticks of the clock.
        fields = self.server.read_text().rpartition(")")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """A home folder with a market of many homes in it."""

    def __init__(self, folder: Path, n_homes: int) -> None:
        """Make the home, and the rows that certificates refer to."""
        StartOpening().create(folder)
        from sanchi.edge.store.opening import open_stores

        self.opened, self.n_homes, self.watch = open_stores(folder), n_homes, Watch()
        self.plants = plants_of(n_homes)
        self._save_market()

    def _save_market(self) -> None:
        """Store terms and parties."""
        from django.db import connection

        from sanchi.app.market import MarketTerms
        from sanchi.edge.store.sql import fetch_number, insert

        terms = MarketTerms(
            market_id=MARKET, name="Bench", name_ja="計測", grid_area="03", retailer_id=PartyId("R"),
            first_delivery_date=DAY, last_delivery_date=date(2021, 12, 31), tax_permille=100, finalise_day=25,
            waiting_days=20, data_credits="",
        )  # fmt: skip
        columns = ("market", "party_no", "party_id", "role", "name", "name_ja", "company", "district")
        numbers = range(1, self.n_homes + N_BUYERS + 1)
        rows = [(MARKET, no, f"P{no:07}", "home" if no <= self.n_homes else "buyer", "", "", "", "") for no in numbers]
        if connection.vendor == "postgresql":
            self.watch.server = Path("/proc") / str(fetch_number("SELECT pg_backend_pid()")) / "stat"
        with self.opened.transaction():
            self.opened.stores.market.save_terms(terms)
            insert("party", columns, rows)

    def add_day(self, delivery_date: date) -> None:
        """Store that a day was closed, without its energy."""
        from sanchi.edge.store.sql import insert

        run = {
            "market": MARKET, "delivery_date": delivery_date, "revision": FIRST_REVISION, "is_home_only": False,
            "result_digest": "", "used_row_count": 0, "superseded_row_count": 0, "set_aside_row_count": 0,
            "readings_digest": "", "readings_delivery_no_max": 0,
        }  # fmt: skip
        day = {
            "market": MARKET, "delivery_date": delivery_date, "revision_in_force": FIRST_REVISION,
            "is_finalised": False, "is_stale": False,
        }  # fmt: skip
        with self.opened.transaction():
            insert("day_run", tuple(run), [tuple(run.values())])
            insert("market_day", tuple(day), [tuple(day.values())])

    def issue(self, delivery_date: date, allocated: AllocatedEnergy) -> dict[str, int]:
        """Issue a day in one transaction, as close-day does."""
        certificates = self.opened.stores.certificates
        with self.watch.timed("issue"), self.opened.transaction():
            with self.watch.timed("issue: core"):
                issue = issue_day(
                    market_id=MARKET,
                    delivery_date=delivery_date,
                    revision=FIRST_REVISION,
                    allocated=allocated,
                    plants=self.plants,
                    recovered_wh={},
                )
            with self.watch.timed("issue: store"):
                certificates.add_issue(
                    MARKET, delivery_date, FIRST_REVISION, issue.certificates, issue.slices, issue.segments
                )
        return {"certificates": len(issue.certificates), "slices": len(issue.slices), "segments": allocated.row_count}

    def transfer(self, delivery_date: date, n_slices: int) -> int:
        """Give the upper part of slices to another holder: each is cut in two; committed in batches."""
        certificates = self.opened.stores.certificates
        pieces = [each for each in certificates.active_slices(MARKET, [delivery_date]) if each.energy_wh > 1]
        pieces = sorted(pieces, key=lambda each: (each.certificate_id, each.lo_wh))[:n_slices]
        for first in range(0, len(pieces), TRANSFER_BATCH):
            with self.watch.timed("transfer"):
                changes = [
                    transfer_slice(
                        each,
                        lo_wh=each.lo_wh + max(1, each.energy_wh // 3),
                        hi_wh=each.hi_wh,
                        new_holder_no=self.n_homes + 1 + (each.holder_no - self.n_homes) % N_BUYERS,
                    )
                    for each in pieces[first : first + TRANSFER_BATCH]
                ]
                with self.watch.timed("transfer: store"), self.opened.transaction():
                    certificates.apply_changes(MARKET, _head(Operation.TRANSFER, f"transfer/{first}"), changes)
        return len(pieces)

    def retire(self, n_slices: int) -> int:
        """Retire a month of one buyer with that many slices, as close-month does."""
        delivery_date, buyer_no = date(DAY.year + 1, 1, 1), self.n_homes + 1
        self.add_day(delivery_date)
        whole = drawn_allocation(n_slices // 2, seed=2)
        columns = {name: getattr(whole, name) for name in AllocatedEnergy.__slots__}
        columns["holder_no"] = whole.holder_no * 0 + buyer_no
        issue = issue_day(
            market_id=MARKET, delivery_date=delivery_date, revision=FIRST_REVISION,
            allocated=AllocatedEnergy(**columns), plants=self.plants, recovered_wh={},
        )  # fmt: skip
        store = self.opened.stores.certificates
        with self.opened.transaction():
            store.add_issue(MARKET, delivery_date, FIRST_REVISION, issue.certificates, issue.slices, issue.segments)
        with self.watch.timed("retire"), self.opened.transaction():
            with self.watch.timed("retire: load"):
                held = self.opened.stores.registry.active_of_days(MARKET, [delivery_date])
            with self.watch.timed("retire: core"):
                retirement = retire_month(
                    slices=[each.piece for each in held],
                    buyer_nos={buyer_no},
                    month=Month.of(delivery_date),
                    first_claim_no=store.next_claim_no(MARKET),
                    market_id=MARKET,
                    dates=[delivery_date],
                    date_of={each.piece.certificate_id: each.delivery_date for each in held},
                )
            with self.watch.timed("retire: store"):
                store.add_claims(MARKET, retirement.claims)
                store.apply_changes(MARKET, _head(Operation.RETIRE, "close-month"), retirement.changes)
        return len(retirement.changes)


def _head(operation: Operation, operation_id: str) -> OperationHead:
    """Ask for an operation."""
    return OperationHead(
        operation_id=operation_id, operation=operation, actor=PLATFORM, reason="bench", body_digest=operation_id
    )


def main() -> None:
    """Do all of it once and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--homes", type=int, required=True)
    parser.add_argument("--transfers", type=int, required=True)
    parser.add_argument("--retired", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("SANCHI_HOME", str(options.folder))
    bench = Bench(options.folder, options.homes)
    bench.add_day(DAY)
    counts = bench.issue(DAY, drawn_allocation(options.homes))
    counts["transfers"] = bench.transfer(DAY, options.transfers)
    counts["retired"] = bench.retire(options.retired)
    print(json.dumps({"seconds": bench.watch.seconds, "cpu_s": bench.watch.cpu_s, "counts": counts}))


if __name__ == "__main__":
    main()
