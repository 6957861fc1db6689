"""What an operator decided about a slot: the latest decision stands, and everything else stays beside it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.day import measure_day
from sanchi.core.metering.decisions import Action, Decision, decisions_in_force
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality, ReadingRows
from sanchi.core.metering.sources import Source, Stage
from tests.oracles.metering_series import boundary_at, codes_of, day_after, interval_meter, point_of, rows_of, without

DAY = 3
METER = interval_meter()
STEADY = {boundary_at(0, index + 1): 200 for index in range(6 * 48)}
GAP = without(STEADY, boundary_at(DAY, 21), boundary_at(DAY, 24))


def decision(slot_index=20, action=Action.SET, **changes):
    told = {
        "meter_no": METER.meter_no,
        "channel": METER.channel,
        "boundary": boundary_at(DAY, slot_index + 1),
        "action": action,
        "energy_wh": 350 if action is Action.SET else 0,
        "reason": "read from the display",
        "decided_by": "op1",
        "decided_s": 0,
        "delivery_no": 1,
        "row_no": 1,
    }
    return Decision(**(told | changes))


def measured(*decisions, readings=GAP):
    return measure_day(ReadingRows.joined([rows_of(METER, readings)]), [point_of(METER)], day_after(DAY), decisions)


def slot(day, slot_index=20):
    names = ("energy_wh", "quality", "method_no", "source_no", "stage_no", "original_wh", "rule_wh")
    return tuple(int(getattr(day, name)[0, slot_index]) for name in names)


class TestDecision:
    def test_sets_a_slot_and_keeps_reading_and_estimate_beside_it(self):
        day = measured(decision(5), readings=STEADY)

        assert slot(day, 5) == (350, Quality.RECOVERED, Method.AGREED, Source.OPERATOR, Stage.FINAL, 200, 200)
        assert slot(day, 6) == (200, Quality.MEASURED, Method.DELIVERED, Source.CT, Stage.FLASH, 200, 200)

    def test_lets_an_estimate_be_traded(self):
        before = slot(measured())
        day = measured(decision(action=Action.ACCEPT_ESTIMATE))

        assert before[:3] == (200, Quality.ESTIMATED, Method.ESTIMATED_LIKE_DAYS)
        assert slot(day) == (200, Quality.RECOVERED, Method.AGREED, Source.OPERATOR, Stage.FINAL, -1, 200)

    def test_accepts_nothing_where_the_slot_was_measured(self):
        day = measured(decision(action=Action.ACCEPT_ESTIMATE), readings=STEADY)

        assert slot(day)[1:3] == (Quality.MEASURED, Method.DELIVERED)
        assert "no effect" in day.problems[-1].problem.detail

    def test_is_told_with_reason_and_person(self):
        day = measured(decision(20), decision(21, row_no=2), decision(23, row_no=3))

        told = [each.problem for each in day.problems if each.problem.code == "OPERATOR_DECIDED"]
        assert [each.where.partition(", ")[2] for each in told] == ["2020-12-10 slots 21-22", "2020-12-10 slot 24"]
        assert told[0].detail == "set to 700 Wh in place of 400 Wh; decided by op1: read from the display"

    def test_about_every_slot_of_a_gap_lets_nobody_wait_for_it(self):
        day = measured(*(decision(index, Action.ACCEPT_ESTIMATE, row_no=index) for index in range(20, 24)))

        assert codes_of(day) == ["GAP_ESTIMATED", "OPERATOR_DECIDED"]
        told = [each.problem for each in day.problems if each.problem.code in codes_of(day)]
        assert [str(problem.severity) for problem in told] == ["note", "note"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"meter_no": 99},
            {"channel": Channel.CHARGE},
            {"boundary": boundary_at(DAY)},
            {"boundary": boundary_at(DAY + 1, 1)},
        ],
        ids=["another meter", "another channel", "the day before", "the day after"],
    )
    def test_about_something_else_changes_nothing(self, changes):
        assert slot(measured(decision(**changes))) == slot(measured())


class TestDecisionsInForce:
    def test_are_the_latest_of_each_slot(self):
        first, second = decision(decided_s=1), decision(decided_s=2, energy_wh=1)

        assert decisions_in_force([second, first]) == (second,)

    def test_of_one_instant_are_those_delivered_later(self):
        first, second = decision(delivery_no=1, row_no=9), decision(delivery_no=2, row_no=1)

        assert decisions_in_force([second, first]) == (second,)

    def test_are_none_where_they_were_withdrawn(self):
        withdrawn = decision(action=Action.WITHDRAW, decided_s=2)

        assert decisions_in_force([decision(decided_s=1), withdrawn]) == ()
        assert slot(measured(decision(decided_s=1), withdrawn)) == slot(measured())

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(20, 22), st.sampled_from(Action), st.integers(0, 3), st.integers(1, 3)), max_size=12
        ),
        st.randoms(use_true_random=False),
    )
    def test_do_not_depend_on_the_order_in_which_they_are_known(self, drawn, chance):
        decisions = [
            decision(index, action, decided_s=decided_s, delivery_no=delivery_no, row_no=row_no)
            for row_no, (index, action, decided_s, delivery_no) in enumerate(drawn)
        ]
        shuffled = list(decisions)
        chance.shuffle(shuffled)

        assert decisions_in_force(shuffled) == decisions_in_force(decisions)
