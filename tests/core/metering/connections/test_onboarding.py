"""A survey's risk follows from its reasons, and a trial reading outweighs the place."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.connections.onboarding import HomeSurvey, MeterPlace, Risk, WifiBand, assess, rssi_dbm

GOOD = HomeSurvey(
    meter_place=MeterPlace.OUTSIDE_WALL, wifi_band=WifiBand.BAND_2_4, has_router_in_same_room=True,
    distance_m=5, wifi_dbm=-55, tries_count=10, answers_count=10, lqi=120,
)  # fmt: skip


def changed(**changes: object) -> HomeSurvey:
    return dataclasses.replace(GOOD, **changes)  # type: ignore[arg-type]


class TestAssess:
    def test_good_home_has_no_reason(self):
        assert assess(GOOD).risk is Risk.LOW
        assert assess(GOOD).reasons == ()

    @pytest.mark.parametrize(
        ("changes", "risk"),
        [
            ({"answers_count": 9}, Risk.MIDDLE),
            ({"answers_count": 5}, Risk.HIGH),
            ({"lqi": 65}, Risk.MIDDLE),
            ({"lqi": 20}, Risk.HIGH),
            ({"wifi_band": WifiBand.BAND_5_ONLY}, Risk.HIGH),
            ({"wifi_band": WifiBand.NO_WIFI}, Risk.HIGH),
            ({"wifi_dbm": -75}, Risk.MIDDLE),
            ({"wifi_dbm": -85}, Risk.HIGH),
            ({"meter_place": MeterPlace.METAL_BOX}, Risk.LOW),
            ({"meter_place": MeterPlace.METAL_BOX, "tries_count": 0, "answers_count": 0, "lqi": None}, Risk.MIDDLE),
            ({"meter_place": MeterPlace.METAL_BOX, "tries_count": 0, "distance_m": 20, "lqi": None}, Risk.HIGH),
        ],
    )
    def test_each_rule_counts(self, changes: dict, risk: Risk):
        assert assess(changed(**changes)).risk is risk

    def test_every_reason_says_what_to_do(self):
        survey = changed(meter_place=MeterPlace.METAL_BOX, wifi_band=WifiBand.BAND_5_ONLY, answers_count=1, lqi=20)

        assert all(reason.what and reason.remedy for reason in assess(survey).reasons)

    @given(answers=st.integers(0, 9), place=st.sampled_from(MeterPlace), metres=st.integers(0, 60))
    def test_more_answers_never_raise_the_risk(self, answers: int, place: MeterPlace, metres: int):
        order = list(Risk)
        fewer, more = (
            assess(changed(answers_count=count, meter_place=place, distance_m=metres)).risk
            for count in (answers, answers + 1)
        )

        assert order.index(more) <= order.index(fewer)


class TestRssi:
    def test_strength_is_the_adapter_formula(self):
        assert rssi_dbm(100) == pytest.approx(0.275 * 100 - 104.27)
