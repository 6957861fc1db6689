"""Each leg has one state, the worst that its faults say."""

from sanchi.core.metering.connections.states import LegState, leg_states
from sanchi.core.metering.faults.detection import find_faults
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from tests.markets.watched_faults import watched_market
from tests.markets.watched_market import COUNTS, Wanted, observed

LAST_SLOT = 48 * 12


def states(*wanted: Wanted) -> dict[tuple[str, Leg], LegState]:
    observations = observed(watched_market(5, wanted))
    found = leg_states(observations.series, find_faults(observations), observations.now_s)
    return {(one.device, one.leg): one.state for one in found}


class TestLegStates:
    def test_all_legs_are_up_without_faults(self):
        found = states()

        assert set(found.values()) == {LegState.UP}
        assert len(found) == 8 * len(Leg)

    def test_device_that_is_away_now_is_down_on_its_own_leg_alone(self):
        found = states(Wanted(kind=FaultKind.DEVICE_OUTAGE, device="gw-0", first=LAST_SLOT - 20, n_slots=40))

        assert {key for key, state in found.items() if state is LegState.DOWN} == {("gw-0", Leg.DEVICE_CLOUD)}

    def test_home_that_never_came_is_never_connected(self):
        found = states(Wanted(kind=FaultKind.NEVER_CONNECTED, device="ct-1", first=0, n_slots=1))

        assert found["ct-1", Leg.DEVICE_CLOUD] is LegState.NEVER

    def test_cloud_that_is_down_is_the_same_leg_of_all_its_devices(self):
        found = states(Wanted(kind=FaultKind.CLOUD_DOWN, device=COUNTS, first=LAST_SLOT - 30, n_slots=60))

        down = {key for key, state in found.items() if state is LegState.DOWN}
        assert down == {("br-1", Leg.CLOUD_SANCHI), ("br-4", Leg.CLOUD_SANCHI)}

    def test_fault_of_yesterday_leaves_a_leg_degraded_until_a_day_has_passed(self):
        recent = states(Wanted(kind=FaultKind.METER_OUTAGE, device="br-1", first=LAST_SLOT - 40, n_slots=10))
        old = states(Wanted(kind=FaultKind.METER_OUTAGE, device="br-1", first=LAST_SLOT - 100, n_slots=10))

        assert recent["br-1", Leg.GATEWAY_METER] is LegState.DEGRADED
        assert old["br-1", Leg.GATEWAY_METER] is LegState.UP

    def test_state_tells_what_to_do(self):
        observations = observed(
            watched_market(5, [Wanted(kind=FaultKind.NEVER_CONNECTED, device="ct-1", first=0, n_slots=1)])
        )

        found = leg_states(observations.series, find_faults(observations), observations.now_s)

        (never,) = [one for one in found if one.state is LegState.NEVER]
        assert never.cause
        assert never.remedy
        assert never.evidence
