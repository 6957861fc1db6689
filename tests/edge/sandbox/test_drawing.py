"""Faults fall by the plan: apart from each other, where they can be seen, the same for the same seed."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from sanchi.core.base.errors import WrongInput
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.drawing import CLOUD_KINDS, DEVICE_KINDS, draw_faults
from sanchi.edge.sandbox.effects import EFFECTS
from sanchi.edge.sandbox.faults import LEGS
from sanchi.edge.sandbox.plan import plan_of, read_plan
from tests.edge.sandbox.worlds import BUSY, busy_world


def test_every_kind_has_its_leg_and_is_drawn_and_done_somewhere():
    drawn = {*DEVICE_KINDS, *CLOUD_KINDS, FaultKind.NEVER_CONNECTED}

    assert set(LEGS) == set(FaultKind) == drawn
    assert set(EFFECTS) == set(FaultKind) - set(CLOUD_KINDS)


def test_the_busy_world_of_these_tests_has_every_kind():
    assert {fault.kind for fault in busy_world().faults} == set(FaultKind)


def test_faults_of_one_device_or_cloud_are_apart_by_the_quiet_time():
    world = busy_world()
    places = {fault.device_id or fault.connector for fault in world.faults}
    for place in places:
        own = sorted(
            (fault for fault in world.faults if (fault.device_id or fault.connector) == place),
            key=lambda fault: fault.from_s,
        )
        for earlier, later in pairwise(own):
            assert later.from_s >= earlier.ends_s + 2 * 1800, (earlier, later)


def test_a_home_that_never_connects_has_no_other_fault():
    world = busy_world()
    silent = {fault.home for fault in world.faults if fault.kind is FaultKind.NEVER_CONNECTED}

    assert len(silent) == 1
    assert {fault.kind for fault in world.faults if fault.home in silent} == {FaultKind.NEVER_CONNECTED}


def test_the_first_day_is_without_faults_and_none_outlives_the_period():
    world = busy_world()
    for fault in world.faults:
        if fault.kind is not FaultKind.NEVER_CONNECTED:
            assert fault.from_s >= world.period.at_s(48)
            assert fault.to_s <= world.period.last_s


def test_the_same_seed_draws_the_same_faults_and_another_one_others():
    world = busy_world()
    first, again, other = (
        draw_faults(plan_of(BUSY, "plan"), world.casts, world.truth, seed_no) for seed_no in (5, 5, 6)
    )

    assert first == again
    assert [fault.document() for fault in first] != [fault.document() for fault in other]


def test_a_hundredfold_rate_draws_more_of_its_kind():
    world = busy_world()
    plan = plan_of(BUSY, "plan")
    often = dict(plan.kinds)
    often[FaultKind.SPIKE] = replace(plan.kinds[FaultKind.SPIKE], per_1000_months=20_000)
    few = Counter(fault.kind for fault in draw_faults(plan, world.casts, world.truth, 5))
    many = Counter(fault.kind for fault in draw_faults(replace(plan, kinds=often), world.casts, world.truth, 5))

    assert many[FaultKind.SPIKE] > 2 * few[FaultKind.SPIKE]


class TestPlan:
    def test_shipped_plan_tells_of_every_kind(self):
        assert set(read_plan(None).kinds) == set(FaultKind)

    def test_an_empty_plan_lets_nothing_happen(self):
        world = busy_world()

        assert draw_faults(plan_of("", "plan"), world.casts, world.truth, 5) == ()

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("[thunder]\nper_1000_months = 1", "thunder"),
            ("[late]\nper_1000_months = 1\nhalf_hours = [1, 2]", "delay_hours"),
            ("[late]\nper_1000_months = 1\nhalf_hours = [2, 1]\ndelay_hours = [1, 2]", "half_hours"),
            ("[token_expiry]\nper_1000_months = -1", "per_1000_months"),
            ("[token_expiry]\nper_1000_months = 1.5", "per_1000_months"),
            ("[token_expiry]\nper_1000_months = 1\nhalf_hours = [1, 2]", "half_hours"),
            ("quiet_half_hours = -1", "quiet_half_hours"),
            ("[late", "TOML"),
        ],
    )
    def test_what_is_wrong_with_a_plan_is_named(self, text: str, named: str):
        with pytest.raises(WrongInput, match=named):
            plan_of(text, "plan.toml")
