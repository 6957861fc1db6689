"""Market-days in memory, under the contract of app.ports.DayStore.

Enter and leave: DayOutcome, MarketDay. Not here: persistence.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sanchi.app.days import DayOutcome, DayProblem, MarketDay, RowCounts, SlotValueTable, in_order
from sanchi.core.base.ids import MarketId


class MemoryDayStore:
    """Keeps each closed day and the outcome in force; `put` stands for a close whose outcome nobody reads."""

    def __init__(self) -> None:
        self._days: defaultdict[MarketId, dict[date, MarketDay]] = defaultdict(dict)
        self._outcomes: dict[tuple[MarketId, date], DayOutcome] = {}

    def put(self, market_id: MarketId, *delivery_dates: date) -> None:
        for day in delivery_dates:
            self._days[market_id][day] = MarketDay(
                delivery_date=day, revision_in_force=1, is_finalised=False, is_stale=False, result_digest=""
            )

    def market_days(self, market_id: MarketId, first_date: date, last_date: date) -> tuple[MarketDay, ...]:
        days = self._days[market_id]
        return tuple(days[day] for day in sorted(days) if first_date <= day <= last_date)

    def outcome(self, market_id: MarketId, delivery_date: date, revision: int | None = None) -> DayOutcome | None:
        outcome = self._outcomes.get((market_id, delivery_date))
        is_wanted = outcome is not None and revision in {None, outcome.revision}
        return outcome if is_wanted else None

    def save_outcome(self, market_id: MarketId, outcome: DayOutcome) -> None:
        day = outcome.delivery_date
        before = self._days[market_id].get(day)
        self._outcomes[market_id, day] = outcome
        self._days[market_id][day] = MarketDay(
            delivery_date=day,
            revision_in_force=outcome.revision,
            is_finalised=before is not None and before.is_finalised,
            is_stale=False,
            result_digest=outcome.result_digest,
        )

    def mark_stale(self, market_id: MarketId, dates: Collection[date]) -> int:
        fresh = [day for day in self._closed(market_id, dates) if not day.is_stale]
        for day in fresh:
            self._days[market_id][day.delivery_date] = replace(day, is_stale=True)
        return len(fresh)

    def mark_fresh(
        self,
        market_id: MarketId,
        delivery_date: date,
        row_counts: RowCounts,
        problems: Sequence[DayProblem],
        slot_values: SlotValueTable,
    ) -> None:
        self._days[market_id][delivery_date] = replace(self._days[market_id][delivery_date], is_stale=False)
        outcome = self._outcomes[market_id, delivery_date]
        self._outcomes[market_id, delivery_date] = replace(
            outcome, row_counts=row_counts, problems=tuple(problems), slot_values=slot_values
        )

    def add_findings(self, market_id: MarketId, delivery_date: date, problems: Sequence[DayProblem]) -> None:
        if (outcome := self._outcomes.get((market_id, delivery_date))) is not None:
            added = [each for each in problems if each not in outcome.problems]
            told = in_order((*outcome.problems, *added))
            self._outcomes[market_id, delivery_date] = replace(outcome, problems=told)

    def bought_wh(
        self, market_id: MarketId, first_date: date, last_date: date
    ) -> dict[date, dict[tuple[int, int], int]]:
        outcomes = {day: outcome for (kept_id, day), outcome in self._outcomes.items() if kept_id == market_id}
        return {
            day: outcomes[day].allocated.bought_by_buyer_wh()
            for day in sorted(outcomes)
            if first_date <= day <= last_date
        }

    def residuals_wh(self, market_id: MarketId, first_date: date, last_date: date) -> dict[int, tuple[int, int]]:
        sums_wh: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for (kept_id, day), outcome in self._outcomes.items():
            if kept_id == market_id and first_date <= day <= last_date:
                homes = outcome.slot_energy
                exported_wh = homes.export_pv_wh.sum(axis=1)
                for home_no, *wh in zip(homes.home_no, homes.ct_meter_residual_wh, exported_wh, strict=True):
                    before = sums_wh[int(home_no)]
                    sums_wh[int(home_no)] = before[0] + int(wh[0]), before[1] + int(wh[1])
        return dict(sorted(sums_wh.items()))

    def mark_finalised(self, market_id: MarketId, dates: Collection[date]) -> None:
        for day in self._closed(market_id, dates):
            self._days[market_id][day.delivery_date] = replace(day, is_finalised=True)

    def _closed(self, market_id: MarketId, dates: Collection[date]) -> list[MarketDay]:
        days = self._days[market_id]
        return [days[day] for day in sorted(set(dates)) if day in days]
