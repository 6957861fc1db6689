"""Of several ways to one energy a single one counts in each slot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality, ReadingRows
from sanchi.core.metering.siblings import KNOWN, STANDING, Siblings
from sanchi.core.metering.sources import Source, Stage, rank_number
from tests.oracles.metering_series import (
    boundary_at,
    close_day,
    codes_of,
    counts_of,
    day_after,
    interval_meter,
    point_of,
    register,
    rows_of,
    without,
)

DAY = 3
REGISTER = register(1)
NETWORK = interval_meter(2, Channel.EXPORT, source=Source.TSO)
CURRENT = interval_meter(3, Channel.EXPORT, source=Source.CT)
# Energies that no like day has: every second slot twice as much.
TRUE_WH = [100, 300] * 24


def beside(meter, first="N001"):
    """Give a point that measures the register's energy by another way."""
    return replace(point_of(meter), same_as=first)


def register_rows(lost=None):
    counts = counts_of(TRUE_WH * 6, boundary_at(0))
    return rows_of(
        REGISTER, counts if lost is None else without(counts, boundary_at(DAY, lost[0]), boundary_at(DAY, lost[1]))
    )


def energies(meter, slots=range(48), *, wh=lambda index: TRUE_WH[index], stage=Stage.FLASH, days=(DAY,)):
    readings = {boundary_at(day, index + 1): wh(index) for day in days for index in slots}
    return rows_of(meter, readings, stage=stage, delivery_no=meter.meter_no)


def measured(points, *parts):
    return close_day(ReadingRows.joined(list(parts)), points, day_after(DAY))


def counted_wh(day):
    """Give what counts in each slot: one point a slot."""
    assert day.is_counted.sum(axis=0).tolist() == [1] * 48
    return np.where(day.is_counted, day.energy_wh, 0).sum(axis=0)


def counted(day, name):
    return np.where(day.is_counted, getattr(day, name), 0).sum(axis=0).tolist()


class TestRuleTable:
    def test_puts_known_energy_before_estimates_before_nothing(self):
        assert STANDING[Quality.MEASURED] == STANDING[Quality.RECOVERED] == KNOWN
        assert KNOWN > STANDING[Quality.ESTIMATED] > STANDING[Quality.MISSING]

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(Quality), st.sampled_from(Stage), st.sampled_from(Source)),
            min_size=1,
            max_size=6,
        ),
        st.randoms(use_true_random=False),
    )
    def test_is_a_total_order_that_the_order_of_points_cannot_change(self, drawn, chance):
        # Each point has its own energy, or that of the register of group 0..2 that stands first of its group.
        names = [f"R{group}" for group, *_ in drawn]
        points = [
            replace(
                point_of(interval_meter(n + 1, Channel.EXPORT)),
                label=name if names.index(name) == n else f"{name}-{n}",
                same_as="" if names.index(name) == n else name,
            )
            for n, name in enumerate(names)
        ]
        order = list(range(len(points)))
        chance.shuffle(order)
        best = {}
        for position in order:
            group, quality, stage, source = drawn[position]
            rank = rank_number(stage, source)
            is_known = quality >= Quality.RECOVERED
            key = (
                STANDING[quality],
                rank if is_known else 0,
                quality == Quality.MEASURED,
                not points[position].same_as,
            )
            best.setdefault(group, []).append((key, -order.index(position), position))

        is_counted = Siblings.of([points[n] for n in order]).counted(
            np.array([[drawn[n][1]] * 48 for n in order], dtype=np.int8),
            np.array([[rank_number(*drawn[n][2:])] * 48 for n in order], dtype=np.int8),
            np.ones((len(points), 48), dtype=np.bool_),
        )

        winners = {order[place] for place in np.flatnonzero(is_counted[:, 0])}
        assert winners == {max(ways)[2] for ways in best.values()}
        assert (is_counted == is_counted[:, :1]).all()


class TestWays:
    def test_without_any_each_point_counts(self):
        day = measured([point_of(REGISTER)], register_rows())

        assert counted_wh(day).tolist() == TRUE_WH
        assert set(day.method_no.ravel().tolist()) == {Method.COUNTS}
        assert set(day.source_no.ravel().tolist()) == {Source.B_ROUTE}
        assert day.original_wh.tolist() == day.energy_wh.tolist() == day.rule_wh.tolist()

    @pytest.mark.parametrize("stage", Stage)
    def test_of_the_network_operator_count_where_it_delivered(self, stage):
        day = measured(
            [point_of(REGISTER), beside(NETWORK)],
            register_rows(),
            energies(NETWORK, range(10), wh=lambda _: 7, stage=stage),
        )

        assert counted_wh(day).tolist() == [7] * 10 + TRUE_WH[10:]
        assert counted(day, "stage_no") == [stage] * 10 + [Stage.FLASH] * 38
        assert counted(day, "source_no") == [Source.TSO] * 10 + [Source.B_ROUTE] * 38
        assert codes_of(day) == []

    def test_of_a_current_transformer_never_count_beside_the_register(self):
        day = measured([point_of(REGISTER), beside(CURRENT)], register_rows(), energies(CURRENT, wh=lambda _: 7))

        assert counted_wh(day).tolist() == TRUE_WH

    def test_give_a_gap_of_known_energy_its_shape(self):
        day = measured([point_of(REGISTER), beside(CURRENT)], register_rows((11, 20)), energies(CURRENT))

        # The counts before and after the gap are ten slots apart; the other way shows what happened between.
        assert counted_wh(day).tolist() == TRUE_WH
        assert counted(day, "method_no")[10:20] == [Method.RECOVERED_OTHER_WAY] * 10
        assert counted(day, "quality")[10:20] == [Quality.RECOVERED] * 10
        assert "shaped by what another way measured" in day.problems[0].problem.detail

    @settings(max_examples=40, deadline=None)
    @given(st.integers(1, 46), st.integers(0, 30), st.lists(st.integers(0, 900), min_size=48, max_size=48))
    def test_of_any_shape_leave_the_energy_of_the_register_as_it_is(self, first, length, shape_wh):
        last = min(first + length, 47)

        day = measured(
            [point_of(REGISTER), beside(CURRENT)],
            register_rows((first, last)),
            energies(CURRENT, wh=lambda index: shape_wh[index]),
        )

        assert counted_wh(day).sum() == sum(TRUE_WH)

    def test_that_measured_a_part_of_a_gap_alone_give_no_shape(self):
        day = measured([point_of(REGISTER), beside(CURRENT)], register_rows((11, 20)), energies(CURRENT, range(15)))

        assert counted(day, "method_no")[10:21] == [Method.RECOVERED_LIKE_DAYS] * 11
        assert counted_wh(day).sum() == sum(TRUE_WH)

    def test_fill_what_is_otherwise_estimated(self):
        # The register is silent from noon on for good.
        lost = rows_of(REGISTER, without(counts_of(TRUE_WH * 6, boundary_at(0)), boundary_at(DAY, 24), boundary_at(9)))

        day = measured([point_of(REGISTER), beside(CURRENT)], lost, energies(CURRENT))

        assert counted_wh(day).tolist() == TRUE_WH
        assert counted(day, "method_no")[24:] == [Method.DELIVERED] * 24
        assert [str(each.problem.severity) for each in day.problems] == ["note"]
        assert "another way, or a decision, counts" in day.problems[0].problem.hint

    def test_order_of_rows_changes_nothing(self):
        points = [point_of(REGISTER), beside(CURRENT), beside(NETWORK)]
        rows = ReadingRows.joined(
            [register_rows((11, 20)), energies(CURRENT), energies(NETWORK, range(5), stage=Stage.FINAL)]
        )
        shuffled = rows.take(np.random.default_rng(1).permutation(rows.row_count))

        first, second = (close_day(each, points, day_after(DAY)) for each in (rows, shuffled))

        for name in ("energy_wh", "is_counted", "method_no", "source_no", "stage_no", "original_wh", "quality"):
            assert getattr(first, name).tolist() == getattr(second, name).tolist()


class TestOriginal:
    def test_of_a_reading_that_was_set_aside_stands_beside_the_slot(self):
        wild = rows_of(
            interval_meter(), {boundary_at(DAY, index + 1): 100 for index in range(48)} | {boundary_at(DAY, 5): 5_000}
        )

        day = measured([point_of(interval_meter())], wild)

        assert day.energy_wh[0, 4] == 0
        assert day.original_wh[0, 4] == 5_000
        assert day.method_no[0, 4] == Method.MISSING
        assert day.stage_no[0, 4] == day.source_no[0, 4] == 0

    def test_of_a_slot_without_any_reading_is_none(self):
        day = measured([point_of(REGISTER)], register_rows((11, 20)))

        assert day.original_wh[0, 10:21].tolist() == [-1] * 11
        assert day.source_no[0, 10:21].tolist() == [Source.B_ROUTE] * 11

    def test_beyond_any_energy_is_none(self):
        wild = rows_of(interval_meter(), {boundary_at(DAY, 5): 2**62})

        assert measured([point_of(interval_meter())], wild).original_wh[0, 4] == -1

    def test_source_and_stage_are_those_of_the_weaker_count(self):
        counts = counts_of(TRUE_WH, boundary_at(DAY))
        flash = {boundary: count for boundary, count in counts.items() if boundary < boundary_at(DAY, 10)}
        final = {boundary: count for boundary, count in counts.items() if boundary >= boundary_at(DAY, 10)}

        day = measured([point_of(REGISTER)], rows_of(REGISTER, flash), rows_of(REGISTER, final, stage=Stage.FINAL))

        assert day.stage_no[0].tolist() == [Stage.FLASH] * 10 + [Stage.FINAL] * 38
