"""Keeps market-days: where each stands and its revisions in the database, half hours in the lake.

Enter: a DayOutcome. Leave: MarketDay, DayOutcome. Not here: certificates and money.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final

from sanchi.app.days import DayOutcome, DayProblem, MarketDay, PassedOnTable, RowCounts, SlotValueTable, in_order
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.day_tables import (
    HOME_DAY,
    allocations_table,
    buyer_use_table,
    closing_times_table,
    home_day_rows,
    passed_on_table,
    read_allocations,
    read_buyer_use,
    read_closing_times,
    read_passed_on,
    read_slot_energy,
    read_slot_values,
    slot_energy_table,
    slot_values_table,
)
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import LakeEntry, add_entries, day_paths
from sanchi.edge.store.lake_schemas import ALLOCATIONS, BUYER_USE, CLOSING_TIMES, PASSED_ON, SLOT_ENERGY, SLOT_VALUES
from sanchi.edge.store.problems import add_day_problems, day_problems, replace_day_problems
from sanchi.edge.store.sql import execute, fetch, fetch_number, in_batches, insert, placeholders, take_turn

_ROW_COUNTS: Final = ("used_row_count", "superseded_row_count", "set_aside_row_count", "readings_digest")
_DAY_RUN: Final = (
    "market", "delivery_date", "revision", "is_home_only", "result_digest", *_ROW_COUNTS, "readings_delivery_no_max",
)  # fmt: skip
_RUN_IN_FORCE: Final = (
    "market_day JOIN day_run ON day_run.market = market_day.market "
    "AND day_run.delivery_date = market_day.delivery_date AND day_run.revision = market_day.revision_in_force"
)


class LakeDayStore:
    """Fulfils app.ports.DayStore."""

    def __init__(self, lake: Lake) -> None:
        """Keep the lake that half hours go to."""
        self._lake = lake

    def market_days(self, market_id: MarketId, first_date: date, last_date: date) -> tuple[MarketDay, ...]:
        """List the closed days in order."""
        rows = fetch(
            "SELECT market_day.delivery_date, revision_in_force, is_finalised, is_stale, result_digest "
            f"FROM {_RUN_IN_FORCE} WHERE market_day.market = %s AND market_day.delivery_date BETWEEN %s AND %s "
            "ORDER BY market_day.delivery_date",
            [market_id, first_date, last_date],
        )
        return tuple(
            MarketDay(
                delivery_date=delivery_date,
                revision_in_force=revision,
                is_finalised=is_finalised,
                is_stale=is_stale,
                result_digest=result_digest,
            )
            for delivery_date, revision, is_finalised, is_stale, result_digest in rows
        )

    def outcome(self, market_id: MarketId, delivery_date: date, revision: int | None = None) -> DayOutcome | None:
        """Load a revision, by default the one in force; None when there is no such one."""
        place = [market_id, delivery_date]
        run = f"{_RUN_IN_FORCE} WHERE market_day.market = %s AND market_day.delivery_date = %s"
        if revision is not None:
            run, place = "day_run WHERE market = %s AND delivery_date = %s AND revision = %s", [*place, revision]
        found = fetch(f"SELECT revision, is_home_only, result_digest, {', '.join(_ROW_COUNTS)} FROM {run}", place)
        if not found:
            return None
        revision, is_home_only, result_digest, *row_counts = found[0]
        residuals_wh = fetch(
            "SELECT home_no, ct_meter_residual_wh FROM home_day "
            "WHERE market = %s AND delivery_date = %s AND revision = %s",
            [market_id, delivery_date, revision],
        )
        paths = day_paths(market_id, delivery_date, revision)
        return DayOutcome(
            delivery_date=delivery_date,
            revision=revision,
            is_home_only=is_home_only,
            result_digest=result_digest,
            row_counts=RowCounts(**dict(zip(_ROW_COUNTS, row_counts, strict=True))),
            slot_energy=read_slot_energy(self._lake.read(paths[SLOT_ENERGY]), dict(residuals_wh)),
            buyer_use=read_buyer_use(self._lake.read(paths[BUYER_USE])),
            allocated=read_allocations(self._lake.read(paths[ALLOCATIONS])),
            closing=read_closing_times(self._lake.read(paths[CLOSING_TIMES])),
            problems=day_problems(market_id, delivery_date, revision),
            passed_on=read_passed_on(self._lake.read(paths[PASSED_ON]))
            if PASSED_ON in paths
            else PassedOnTable.empty(),
            # A revision from before slot values were kept has none.
            slot_values=read_slot_values(self._lake.read(paths[SLOT_VALUES]))
            if SLOT_VALUES in paths
            else SlotValueTable.empty(),
        )

    def save_outcome(self, market_id: MarketId, outcome: DayOutcome) -> None:
        """Write a new revision (lake files, home_day rows, problems) and put it in force; clears is_stale."""
        day = (market_id, outcome.delivery_date, outcome.revision)
        take_turn(market_id)
        delivery_no_max = fetch_number("SELECT max(delivery_no) FROM delivery WHERE market = %s", [market_id])
        row_counts = asdict(outcome.row_counts)
        run = (*day, outcome.is_home_only, outcome.result_digest, *(row_counts[name] for name in _ROW_COUNTS))
        insert("day_run", _DAY_RUN, [(*run, delivery_no_max)])
        insert("home_day", HOME_DAY, home_day_rows(*day, outcome.slot_energy))
        add_entries(market_id, self._write_tables(outcome))
        add_day_problems(*day, outcome.problems)
        _put_in_force(*day)

    def mark_stale(self, market_id: MarketId, dates: Collection[date]) -> int:
        """Mark closed days as waiting for another close; returns how many were newly marked."""
        return sum(
            execute(
                "UPDATE market_day SET is_stale = %s WHERE market = %s AND NOT is_stale "
                f"AND delivery_date IN ({placeholders(len(batch))})",
                [True, market_id, *batch],
            )
            for batch in in_batches(sorted(dates))
        )

    def mark_fresh(
        self,
        market_id: MarketId,
        delivery_date: date,
        row_counts: RowCounts,
        problems: Sequence[DayProblem],
        slot_values: SlotValueTable,
    ) -> None:
        """Take the mark away, and let row counts, findings and slot values of the revision in force be these."""
        place = [market_id, delivery_date]
        counts = asdict(row_counts)
        execute(
            f"UPDATE day_run SET {', '.join(f'{name} = %s' for name in _ROW_COUNTS)}, readings_delivery_no_max = "
            "(SELECT coalesce(max(delivery_no), 0) FROM delivery WHERE delivery.market = day_run.market) "
            "WHERE market = %s AND delivery_date = %s AND revision = "
            "(SELECT revision_in_force FROM market_day WHERE market = %s AND delivery_date = %s)",
            [*(counts[name] for name in _ROW_COUNTS), *place, *place],
        )
        execute("UPDATE market_day SET is_stale = %s WHERE market = %s AND delivery_date = %s", [False, *place])
        (day,) = self.market_days(market_id, delivery_date, delivery_date)
        replace_day_problems(market_id, delivery_date, day.revision_in_force, problems)
        info = self._lake.write(SLOT_VALUES, slot_values_table(slot_values))
        if day_paths(market_id, delivery_date, day.revision_in_force).get(SLOT_VALUES) != info.path:
            # Of two files of a revision's table the one that was noted later is the one that counts.
            entry = LakeEntry(
                table_name=SLOT_VALUES, info=info, delivery_date=delivery_date, revision=day.revision_in_force
            )
            add_entries(market_id, [entry])

    def add_findings(self, market_id: MarketId, delivery_date: date, problems: Sequence[DayProblem]) -> None:
        """Add findings to the revision in force of a closed day; those it has already, and other days, stay as is."""
        for day in self.market_days(market_id, delivery_date, delivery_date):
            known = day_problems(market_id, delivery_date, day.revision_in_force)
            added = [each for each in problems if each not in known]
            replace_day_problems(market_id, delivery_date, day.revision_in_force, in_order((*known, *added)))

    def bought_wh(
        self, market_id: MarketId, first_date: date, last_date: date
    ) -> dict[date, dict[tuple[int, int], int]]:
        """Sum, per closed day, what buyers got by (kind_no, buyer_no) [Wh], revisions in force, debts left out.

        Until the transaction ends, nobody else closes a day of the market: a budget is read from one state.
        """
        take_turn(market_id)
        return {
            day.delivery_date: read_allocations(
                self._lake.read(day_paths(market_id, day.delivery_date, day.revision_in_force)[ALLOCATIONS])
            ).bought_by_buyer_wh()
            for day in self.market_days(market_id, first_date, last_date)
        }

    def residuals_wh(self, market_id: MarketId, first_date: date, last_date: date) -> dict[int, tuple[int, int]]:
        """Sum ct_meter_residual_wh and export_pv_wh per home_no over closed days, revisions in force."""
        rows = fetch(
            "SELECT home_no, sum(ct_meter_residual_wh), sum(export_pv_wh) FROM market_day "
            "JOIN home_day ON home_day.market = market_day.market "
            "AND home_day.delivery_date = market_day.delivery_date AND home_day.revision = revision_in_force "
            "WHERE home_day.market = %s AND home_day.delivery_date BETWEEN %s AND %s "
            "GROUP BY home_no ORDER BY home_no",
            [market_id, first_date, last_date],
        )
        return {home_no: (int(residual_wh), int(exported_wh)) for home_no, residual_wh, exported_wh in rows}

    def mark_finalised(self, market_id: MarketId, dates: Collection[date]) -> None:
        """Finalise days: from now on only home-only revisions."""
        for batch in in_batches(sorted(dates)):
            execute(
                "UPDATE market_day SET is_finalised = %s WHERE market = %s "
                f"AND delivery_date IN ({placeholders(len(batch))})",
                [True, market_id, *batch],
            )

    def _write_tables(self, outcome: DayOutcome) -> list[LakeEntry]:
        """Write the half hours of a revision; of the second level only where there is one."""
        tables = {
            SLOT_ENERGY: slot_energy_table(outcome.slot_energy),
            BUYER_USE: buyer_use_table(outcome.buyer_use),
            ALLOCATIONS: allocations_table(outcome.allocated),
            CLOSING_TIMES: closing_times_table(outcome.closing),
            SLOT_VALUES: slot_values_table(outcome.slot_values),
        }
        if outcome.passed_on.row_count:
            tables[PASSED_ON] = passed_on_table(outcome.passed_on)
        return [
            LakeEntry(
                table_name=table_name,
                info=self._lake.write(table_name, table),
                delivery_date=outcome.delivery_date,
                revision=outcome.revision,
            )
            for table_name, table in tables.items()
        ]


def _put_in_force(market_id: MarketId, delivery_date: date, revision: int) -> None:
    """Let a revision be the one that counts; a finalised day stays finalised."""
    execute(
        "INSERT INTO market_day (market, delivery_date, revision_in_force, is_finalised, is_stale) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (market, delivery_date) DO UPDATE "
        "SET revision_in_force = excluded.revision_in_force, is_stale = excluded.is_stale",
        [market_id, delivery_date, revision, False, False],
    )
