"""Slots measured by their own readings, and complete days."""

import pytest

from sanchi.core.metering.grids import MeterTable, lay_out
from sanchi.core.metering.slotwise import measure_slots
from sanchi.core.metering.windows import Window
from tests.oracles.metering_series import (
    MONDAY,
    boundary_at,
    counts_of,
    interval_meter,
    point_of,
    register,
    rows_of,
    without,
)

WINDOW = Window.around(MONDAY, 1)
COUNTS = counts_of([300] * (3 * 48 + 2), boundary_at(-1) - 1)


def slots_of(meter, readings):
    table = MeterTable.of([point_of(meter)])
    return measure_slots(lay_out(rows_of(meter, readings), table, WINDOW).passed(), table)


class TestMeasureSlots:
    def test_a_register_measures_between_two_counts(self):
        slots = slots_of(register(), {boundary_at(0, 4): 9_998, boundary_at(0, 5): 3, boundary_at(0, 7): 9})

        assert slots.energy_wh[0, 1, 4] == 500
        assert slots.is_measured.sum() == 1

    def test_an_interval_meter_measures_the_slot_that_its_stamp_closes(self):
        slots = slots_of(interval_meter(), {boundary_at(0): 70, boundary_at(0, 1): 80})

        assert slots.energy_wh[0, 0, 47] == 70
        assert slots.energy_wh[0, 1, 0] == 80
        assert slots.is_measured.sum() == 2

    def test_a_step_above_the_plausible_measures_nothing(self):
        slots = slots_of(register(), {boundary_at(0, 4): 0, boundary_at(0, 5): 9, boundary_at(0, 6): 19})

        assert slots.is_measured[0, 1, 4:6].tolist() == [True, False]
        assert slots.energy_wh[0, 1, 4:6].tolist() == [900, 0]


class TestCompleteDays:
    def test_days_with_all_counts_are_complete(self):
        assert slots_of(register(), COUNTS).is_complete_day.tolist() == [[True, True, True]]

    def test_outer_counts_may_be_absent(self):
        inner = without(without(COUNTS, 0, boundary_at(-1) - 1), boundary_at(2) + 1, boundary_at(3))

        assert slots_of(register(), inner).is_complete_day.all()

    @pytest.mark.parametrize(
        ("lost", "complete"),
        [(boundary_at(0, 7), [True, False, True]), (boundary_at(0), [False, False, True])],
        ids=["at noon", "at midnight"],
    )
    def test_a_lost_count_breaks_the_days_that_it_bounds(self, lost, complete):
        assert slots_of(register(), without(COUNTS, lost, lost)).is_complete_day[0].tolist() == complete

    @pytest.mark.parametrize(
        ("wild", "complete"),
        [
            (boundary_at(0) - 1, [False, False, True]),
            (boundary_at(0), [False, False, True]),
            (boundary_at(0) + 1, [False, False, True]),
            (boundary_at(1) + 1, [True, False, False]),
        ],
    )
    def test_a_contradiction_at_an_edge_breaks_both_days(self, wild, complete):
        assert slots_of(register(), COUNTS | {wild: 5_000}).is_complete_day[0].tolist() == complete

    def test_a_day_of_energies_is_complete_without_its_neighbours(self):
        energies = {boundary_at(0, slot): 5 for slot in range(1, 49)}

        assert slots_of(interval_meter(), energies).is_complete_day.tolist() == [[False, True, False]]
