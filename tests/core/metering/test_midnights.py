"""A register that stood still over midnight and then leapt is told on every day that it touched."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.day import window_needed
from sanchi.core.metering.midnights import REACH_DAYS
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.standstills import LEAP_TIMES, LEAP_WH_MIN, STILL_SLOTS_MIN
from sanchi.core.metering.windows import day_span
from tests.oracles.metering_series import boundary_at, close_day, counts_of, day_after, point_of, register, rows_of

PARTY_NO = 7
STANDSTILLS = {ProblemCode.VALUE_STANDS_STILL, ProblemCode.STOOD_STILL_OVER_MIDNIGHT}


def meter(**changes):
    return register(1, **({"digits": 6, "plausible_wh_max": 20_000} | changes))


def told(energies_wh, day, *, of=None, resting_nos=(), lost=()):
    """Measure a day of a register that counted these energies from the first day on; give what is told of rests."""
    of = of or meter()
    counts = {at: count for at, count in counts_of(energies_wh, boundary_at(0)).items() if at not in lost}
    rows = rows_of(of, counts)
    measured = close_day(rows, [point_of(of, party_no=PARTY_NO)], day_after(day), resting_nos)
    found = [each.problem for each in measured.problems if each.problem.code in STANDSTILLS]
    assert all(problem.severity is Severity.WATCH for problem in found)
    return found, measured


def told_to_others(measured):
    assert {each.party_no for found in measured.rest_findings.values() for each in found} <= {PARTY_NO}
    return {day: [each.problem.where for each in found] for day, found in measured.rest_findings.items()}


def rested(first, n_slots, leap_wh=3_000, n_days=3, usual_wh=200):
    """Give energies that are usual but for a rest from a slot on and the leap after it."""
    energies = [usual_wh] * (48 * n_days)
    energies[first : first + n_slots] = [0] * n_slots
    energies[first + n_slots] = leap_wh
    return energies


class TestLeap:
    def test_is_told_on_its_day_with_the_whole_rest(self):
        (problem,), measured = told(rested(40, 20), 1)

        assert problem.code is ProblemCode.STOOD_STILL_OVER_MIDNIGHT
        assert problem.where == "meter N001 export, 2020-12-08 slots 1-13"
        assert problem.detail == (
            "the register rested from 2020-12-07 20:00 to 2020-12-08 06:00, 20 slots, then counted 3,000 Wh in one"
        )
        assert told_to_others(measured) == {day_after(0): ["meter N001 export, 2020-12-07 slots 41-48"]}

    def test_is_told_in_the_first_slot_after_midnight(self):
        (problem,), _ = told(rested(40, 8), 1)

        assert problem.where == "meter N001 export, 2020-12-08 slots 1-1"

    def test_is_told_though_it_is_more_than_the_connection_carries(self):
        found, measured = told(rested(40, 20, 9_000), 1, of=meter(plausible_wh_max=4_000))

        assert [problem.code for problem in found] == [ProblemCode.STOOD_STILL_OVER_MIDNIGHT]
        assert ProblemCode.ENERGY_IMPLAUSIBLE in {each.problem.code for each in measured.problems}

    def test_of_a_wild_count_is_none(self):
        counts = counts_of([200] * 40 + [0] * 30 + [200] * 74, boundary_at(0)) | {boundary_at(1, 10): 900}
        measured = close_day(rows_of(meter(), counts), [point_of(meter())], day_after(1))

        assert not STANDSTILLS & {each.problem.code for each in measured.problems}

    @pytest.mark.parametrize("leap_wh", [LEAP_WH_MIN - 100, 200 * LEAP_TIMES - 100])
    def test_by_degrees_is_none(self, leap_wh):
        assert told(rested(40, 20, leap_wh, usual_wh=600), 1)[0] == []

    def test_of_a_battery_is_none(self):
        battery = meter(channel=Channel.DISCHARGE)

        assert [each.code for each in told(rested(40, 9), 1, of=battery, resting_nos={PARTY_NO})[0]] == []


class TestDayBefore:
    def test_is_told_once_a_later_day_tells_of_the_party(self):
        (problem,), measured = told(rested(40, 20), 0, resting_nos={PARTY_NO})

        assert problem.code is ProblemCode.STOOD_STILL_OVER_MIDNIGHT
        assert problem.where == "meter N001 export, 2020-12-07 slots 41-48"
        assert told_to_others(measured) == {day_after(1): ["meter N001 export, 2020-12-08 slots 1-13"]}

    @pytest.mark.parametrize("resting_nos", [(), {PARTY_NO + 1}])
    def test_is_not_looked_at_without_that(self, resting_nos):
        energies = rested(40, 20)
        rows = rows_of(meter(), counts_of(energies, boundary_at(0))).between(*day_span(day_after(0)))

        assert told(energies, 0, resting_nos=resting_nos)[0] == []
        assert window_needed(rows, [point_of(meter())], day_after(0), resting_nos) == ()

    def test_may_lie_wholly_at_rest_between_two_others(self):
        found = [told(rested(40, 100, n_days=5), day, resting_nos={PARTY_NO})[0] for day in range(5)]

        assert [[each.where.partition(", ")[2] for each in of_day] for of_day in found] == [
            ["2020-12-07 slots 41-48"],
            ["2020-12-08 slots 1-48"],
            ["2020-12-09 slots 1-45"],
            [],
            [],
        ]

    def test_is_not_told_of_a_rest_without_a_leap(self):
        assert told([200] * 40 + [0] * 104, 0, resting_nos={PARTY_NO})[0] == []

    def test_changes_no_energy(self):
        heard, unheard = (told(rested(40, 20), 0, resting_nos=nos)[1] for nos in ({PARTY_NO}, ()))

        assert heard.energy_wh.tolist() == unheard.energy_wh.tolist()
        assert heard.quality.tolist() == unheard.quality.tolist()


def test_a_rest_is_told_as_far_back_as_is_looked():
    n_days = REACH_DAYS + 3
    found, measured = told(rested(10, 48 * (n_days - 1), n_days=n_days), n_days - 1)

    assert len(found) == 1
    assert min(measured.rest_findings) == day_after(n_days - 1 - REACH_DAYS)


runs = st.lists(st.tuples(st.integers(1, 70), st.sampled_from([0, 0, 200, 1_500, 4_000])), min_size=4, max_size=12)


@settings(max_examples=60)
@given(runs)
def test_rests_are_those_that_looking_at_every_slot_finds(lengths):
    energies = ([energy_wh for n_slots, energy_wh in lengths for _ in range(n_slots)] + [200] * 192)[:192]
    changes = [at for at, (one, other) in enumerate(pairwise([-1, *energies])) if one != other]
    expected = [0] * 4
    for first, end in pairwise(changes):
        leap_wh, *after_wh = energies[end : end + 2]
        is_leap = leap_wh >= LEAP_WH_MIN and leap_wh >= LEAP_TIMES * sum(after_wh)
        if energies[first] == 0 and end - first >= STILL_SLOTS_MIN and is_leap and first // 48 < end // 48:
            for day in range(first // 48, end // 48 + 1):
                expected[day] += 1

    found, measured = zip(*(told(energies, day, resting_nos={PARTY_NO}) for day in range(4)), strict=True)

    # Each day tells others what they find by themselves, so that nobody tells a thing in two ways.
    for day in range(4):
        own = {each.where for each in found[day]}
        assert all(set(told_to_others(each).get(day_after(day), ())) <= own for each in measured)
    over = [sum(each.code is ProblemCode.STOOD_STILL_OVER_MIDNIGHT for each in of_day) for of_day in found]
    assert over == expected
    wheres = [each.where for of_day in found for each in of_day]
    assert len(set(wheres)) == len(wheres)
