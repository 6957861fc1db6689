"""Values that stood still are told, and what only rests is not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.standstills import (
    DARK_WH_MAX,
    LEAP_WH_MIN,
    SAME_SLOTS_MIN,
    STILL_SLOTS_MIN,
    standstill_findings,
)
from tests.oracles.metering_series import MONDAY_BOUNDARY, interval_meter, point_of, register

REGISTER = point_of(register(1))
PANELS = point_of(interval_meter(2, Channel.PV))
MEASURED = np.full((1, 48), Quality.MEASURED, dtype=np.int8)


def found(point, energy_wh, quality=MEASURED):
    return standstill_findings([point], np.array([energy_wh], dtype=np.int64), quality, MONDAY_BOUNDARY)


def rested(n_slots, leap_wh, before_wh=200):
    return [before_wh] * 10 + [0] * n_slots + [leap_wh] + [200] * (37 - n_slots)


class TestRegister:
    def test_is_told_where_it_rests_and_then_leaps(self):
        ((place, problem),) = found(REGISTER, rested(8, 3_000))

        assert place == 0
        assert problem.code is ProblemCode.VALUE_STANDS_STILL
        assert problem.severity is Severity.WATCH
        assert problem.where.endswith("slots 11-19")
        assert "rested for 8 slots, then counted 3,000 Wh" in problem.detail

    def test_may_rest_where_it_goes_on_by_degrees(self):
        assert found(REGISTER, rested(20, LEAP_WH_MIN - 1)) == []

    def test_may_rest_where_it_goes_on_as_it_began(self):
        assert found(REGISTER, [*[200] * 10, *[0] * 8, 1_300, 700, *[200] * 28]) == []

    def test_may_leap_after_a_short_rest(self):
        assert found(REGISTER, rested(STILL_SLOTS_MIN - 1, 3_000)) == []

    def test_does_not_rest_where_nothing_was_measured(self):
        quality = MEASURED.copy()
        quality[0, 10:18] = Quality.RECOVERED

        assert found(REGISTER, rested(8, 3_000), quality) == []

    def test_is_not_told_of_the_same_energy_in_every_slot(self):
        assert found(REGISTER, [300] * 48) == []


class TestPanels:
    def test_are_told_where_they_say_the_same_to_the_wh(self):
        ((_, problem),) = found(PANELS, [7 * n % 97 for n in range(20)] + [644] * SAME_SLOTS_MIN + list(range(22)))

        assert problem.where.endswith(f"slots 21-{20 + SAME_SLOTS_MIN}")
        assert f"644 Wh in each of {SAME_SLOTS_MIN} slots" in problem.detail

    def test_are_told_where_they_go_on_after_midnight_as_if_the_sun_shone(self):
        ((_, problem),) = found(PANELS, [669, 669, *[0] * 46])

        assert problem.where.endswith("slots 1-2")
        assert "up to 669 Wh a slot while no sun shines" in problem.detail

    def test_are_told_once_where_they_say_the_same_into_the_dark(self):
        ((_, problem),) = found(PANELS, [0] * 36 + [488] * 12)

        assert "488 Wh in each of 12 slots" in problem.detail

    def test_may_say_a_little_in_the_dark(self):
        assert found(PANELS, [DARK_WH_MAX, *[0] * 46, DARK_WH_MAX]) == []

    def test_may_generate_as_soon_as_the_sun_can_rise_and_until_it_has_set(self):
        assert found(PANELS, [*[0] * 6, 400, *[0] * 32, 400, *[0] * 8]) == []

    def test_are_not_told_in_the_dark_of_what_was_not_measured(self):
        quality = MEASURED.copy()
        quality[0, 0] = Quality.ESTIMATED

        assert found(PANELS, [669, *[0] * 47], quality) == []

    def test_may_say_nothing_all_night(self):
        assert found(PANELS, [0] * 48) == []

    def test_may_say_the_same_for_a_while(self):
        assert found(PANELS, [0] * 20 + [644] * (SAME_SLOTS_MIN - 1) + [0] * (29 - SAME_SLOTS_MIN)) == []


@given(st.lists(st.sampled_from([0, 100, 644, 3_000]), min_size=48, max_size=48))
def test_runs_are_those_that_looking_at_every_slot_finds(energies):
    runs = []
    for first in range(48):
        last = first
        while last < 48 and energies[last] == 0:
            last += 1
        begins = energies[first] == 0 and (first == 0 or energies[first - 1] != 0)
        leaps = last < 48 and energies[last] >= LEAP_WH_MIN
        if begins and leaps and last - first >= STILL_SLOTS_MIN and [*energies, 0][last + 1] <= energies[last] / 2:
            runs.append(f"slots {first + 1}-{last + 1}")

    assert [problem.where.partition(" slots ")[2] for _, problem in found(REGISTER, energies)] == [
        run.removeprefix("slots ") for run in runs
    ]
