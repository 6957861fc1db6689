"""Market-days come back as they were saved, and only the revision in force counts."""

from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError

from sanchi.app.days import MarketDay, PassedOnTable, RowCounts, SlotValueTable
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.readings import Quality
from sanchi.edge.store.sql import fetch
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, day_problem


def assert_equal(found: object, expected: object) -> None:
    """Compare records field by field, arrays by type and content."""
    assert type(found) is type(expected)
    for field in fields(expected):  # type: ignore[arg-type]
        left, right = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(right, np.ndarray):
            assert left.dtype == right.dtype, field.name
            np.testing.assert_array_equal(left, right, err_msg=field.name)
        elif is_dataclass(right) and any(isinstance(value, np.ndarray) for value in _values(right)):
            assert_equal(left, right)
        else:
            assert left == right, field.name


def _values(record: object) -> list[object]:
    return [getattr(record, field.name) for field in fields(record)]  # type: ignore[arg-type]


class TestOutcome:
    def test_comes_back_as_it_was_saved(self, market: StoredMarket):
        days = market.home.stores.days
        outcome = market.outcome()

        with market.step():
            days.save_outcome(MARKET, outcome)

        assert_equal(days.outcome(MARKET, DAY), outcome)

    def test_of_a_day_never_closed_is_none(self, market: StoredMarket):
        assert market.home.stores.days.outcome(MARKET, DAY) is None

    def test_of_the_latest_revision_counts(self, market: StoredMarket):
        days = market.home.stores.days
        market.close(revision=1)
        second = market.close(revision=2, is_home_only=True, problems=(day_problem(2),))

        assert_equal(days.outcome(MARKET, DAY), second)

    def test_of_one_revision_is_saved_once(self, market: StoredMarket):
        market.close()

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.days.save_outcome(MARKET, market.outcome(result_digest="another"))

    def test_that_rolls_back_leaves_nothing(self, market: StoredMarket):
        market.fail_to_close()

        assert market.home.stores.days.outcome(MARKET, DAY) is None
        assert fetch("SELECT count(*) FROM lake_file") == [(0,)]

    def test_shares_unchanged_files_between_revisions(self, market: StoredMarket):
        first = market.close(revision=1)
        market.close(revision=2, closing=first.closing)

        paths = fetch("SELECT path FROM lake_file WHERE table_name = 'closing_times' ORDER BY revision")

        assert len(paths) == 2
        assert paths[0] == paths[1]


class TestPassedOn:
    def test_comes_back_as_it_was_saved_and_counts_for_its_revision_alone(self, market: StoredMarket):
        days = market.home.stores.days
        passed_on = PassedOnTable(
            kind_no=np.array([1, 2], dtype=np.int8),
            slot_no=np.array([48, 1], dtype=np.int8),
            home_no=np.array([1, 3], dtype=np.int32),
            owner_no=np.array([4, 4], dtype=np.int32),
            tenant_no=np.array([5, 5], dtype=np.int32),
            energy_wh=np.array([7, 2**40], dtype=np.int64),
        )

        first = market.close(revision=1, passed_on=passed_on)
        assert_equal(days.outcome(MARKET, DAY), first)
        second = market.close(revision=2)

        assert_equal(days.outcome(MARKET, DAY), second)
        assert fetch("SELECT revision FROM lake_file WHERE table_name = 'passed_on'") == [(1,)]


class TestBought:
    def test_is_summed_by_kind_and_buyer_over_revisions_in_force(self, market: StoredMarket):
        market.saved_outcome()
        revised = market.saved_outcome(revision=2)
        next_day = market.saved_outcome(DAY + timedelta(days=1))
        market.saved_outcome(DAY + timedelta(days=2))

        with market.step():
            found = market.home.stores.days.bought_wh(MARKET, DAY, DAY + timedelta(days=1))

        assert list(found) == [DAY, DAY + timedelta(days=1)]
        for outcome in (revised, next_day):
            rows = outcome.allocated
            expected: dict[tuple[int, int], int] = {}
            for kind_no, choice_no, holder_no, energy_wh in zip(
                rows.kind_no.tolist(), rows.choice_no.tolist(), rows.holder_no.tolist(), rows.energy_wh.tolist(),
                strict=True,
            ):  # fmt: skip
                if choice_no:
                    expected[kind_no, holder_no] = expected.get((kind_no, holder_no), 0) + energy_wh
            assert found[outcome.delivery_date] == expected


class TestHomeDay:
    def test_sums_the_slots_of_each_home(self, market: StoredMarket):
        energy = market.close().slot_energy

        rows = fetch("SELECT home_no, import_wh, pv_wh, self_wh, self_offered_wh FROM home_day ORDER BY home_no")

        columns = (energy.import_wh, energy.pv_wh, energy.self_wh, energy.self_offered_wh)
        sums = [column.sum(axis=1).tolist() for column in columns]
        assert rows == list(zip(energy.home_no.tolist(), *sums, strict=True))

    def test_counts_slots_by_the_worse_of_export_and_generation(self, market: StoredMarket):
        energy = market.outcome().slot_energy
        energy.export_quality[0] = Quality.MEASURED
        energy.pv_quality[0] = Quality.MEASURED
        energy.export_quality[0, :4] = Quality.RECOVERED
        energy.pv_quality[0, 2:7] = Quality.ESTIMATED
        energy.pv_quality[0, 47] = Quality.MISSING
        energy.import_quality[0] = Quality.MISSING

        market.close(slot_energy=energy)

        counted = fetch(
            "SELECT measured_slot_count, recovered_slot_count, estimated_slot_count, missing_slot_count "
            "FROM home_day WHERE home_no = 1"
        )
        assert counted == [(40, 2, 5, 1)]

    def test_gives_residuals_of_revisions_in_force(self, market: StoredMarket):
        first, second = market.close(DAY, revision=1), market.close(DAY, revision=2)
        other = market.close(DAY + timedelta(days=1))
        market.close(DAY + timedelta(days=2))

        residuals_wh = market.home.stores.days.residuals_wh(MARKET, DAY, other.delivery_date)

        in_force = (second.slot_energy, other.slot_energy)
        sums_wh = np.sum([energy.ct_meter_residual_wh for energy in in_force], axis=0).tolist()
        exported_wh = np.sum([energy.export_pv_wh.sum(axis=1) for energy in in_force], axis=0).tolist()
        assert residuals_wh == dict(zip([1, 2, 3], zip(sums_wh, exported_wh, strict=True), strict=True))
        assert (first.slot_energy.export_pv_wh != second.slot_energy.export_pv_wh).any()

    def test_refuses_energy_from_nowhere(self, market: StoredMarket):
        energy = market.outcome().slot_energy
        more = replace(energy, self_wh=energy.self_wh + 1)

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.days.save_outcome(MARKET, market.outcome(slot_energy=more))


class TestMarketDay:
    def test_stands_in_the_list_in_order(self, market: StoredMarket):
        later, earlier = DAY + timedelta(days=1), DAY - timedelta(days=1)
        for day in (later, earlier, DAY):
            market.close(day)

        days = market.home.stores.days.market_days(MARKET, earlier, DAY)

        assert days == (
            MarketDay(
                delivery_date=earlier,
                revision_in_force=1,
                is_finalised=False,
                is_stale=False,
                result_digest=f"digest of {earlier} revision 1",
            ),
            MarketDay(
                delivery_date=DAY,
                revision_in_force=1,
                is_finalised=False,
                is_stale=False,
                result_digest=f"digest of {DAY} revision 1",
            ),
        )

    def test_is_marked_stale_once_and_only_when_closed(self, market: StoredMarket):
        market.close()
        days = market.home.stores.days

        with market.step():
            newly_marked = [days.mark_stale(MARKET, [DAY, date(2021, 1, 1)]) for _ in range(2)]

        assert newly_marked == [1, 0]
        assert self.only_day(market).is_stale

    def test_is_fresh_after_another_close(self, market: StoredMarket):
        market.close()
        with market.step():
            market.home.stores.days.mark_stale(MARKET, [DAY])

        market.close(revision=2)

        assert not self.only_day(market).is_stale
        assert self.only_day(market).revision_in_force == 2

    def test_made_fresh_notes_its_rows_anew(self, market: StoredMarket):
        market.close(revision=1)
        market.close(revision=2)
        days = market.home.stores.days
        counts = RowCounts(readings_digest="e", used_row_count=1, superseded_row_count=2, set_aside_row_count=3)
        with market.step():
            days.mark_stale(MARKET, [DAY])

        with market.step():
            days.mark_fresh(MARKET, DAY, counts, [day_problem(1), day_problem(None)], SlotValueTable.empty())

        assert not self.only_day(market).is_stale
        outcome = days.outcome(MARKET, DAY)
        assert outcome is not None
        assert outcome.row_counts == counts
        assert fetch("SELECT used_row_count FROM day_run WHERE revision = 1") == [(900,)]

    def test_made_fresh_lists_what_was_found_now(self, market: StoredMarket):
        first = market.close(revision=1)
        second = market.close(revision=2)
        days = market.home.stores.days
        found = (day_problem(2, ProblemCode.REGISTER_BACKWARDS), day_problem(1))

        with market.step():
            days.mark_fresh(MARKET, DAY, second.row_counts, found, second.slot_values)

        outcome = days.outcome(MARKET, DAY)
        assert outcome is not None
        assert outcome.problems == found
        assert fetch("SELECT count(*) FROM problem WHERE revision = 1") == [(len(first.problems),)]

    def test_made_fresh_by_the_same_findings_keeps_their_rows(self, market: StoredMarket):
        first = market.close()
        market.close(DAY + timedelta(days=1))
        before = fetch("SELECT * FROM problem ORDER BY problem_no")

        with market.step():
            market.home.stores.days.mark_fresh(MARKET, DAY, first.row_counts, first.problems, first.slot_values)

        assert fetch("SELECT * FROM problem ORDER BY problem_no") == before

    def test_stays_finalised_over_revisions(self, market: StoredMarket):
        market.close()
        with market.step():
            market.home.stores.days.mark_finalised(MARKET, [DAY])

        market.close(revision=2, is_home_only=True)

        assert self.only_day(market).is_finalised

    @staticmethod
    def only_day(market: StoredMarket) -> MarketDay:
        (day,) = market.home.stores.days.market_days(MARKET, date(2020, 1, 1), date(2022, 1, 1))
        return day
