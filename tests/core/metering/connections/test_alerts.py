"""Alerts open after a while, close after a while, and there is one a cause."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.connections.alerts import CLEAR_S, HOLD_S, Alert, AlertChanges, judge_alerts
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.spans import HOUR_S

HOLD = HOLD_S[FaultKind.DEVICE_OUTAGE]
DEVICES = {"c": 58}


def outage(first_s: int, last_s: int | None = None, device: str = "d-1", kind=FaultKind.DEVICE_OUTAGE) -> Fault:
    is_cloud = kind is FaultKind.CLOUD_DOWN
    return Fault(
        kind=kind, leg=Leg.DEVICE_CLOUD, home_no=-1 if is_cloud else 1, connector="c",
        device="" if is_cloud else device, meter_no=0, channel_no=0,
        first_s=first_s, last_s=last_s, figure=0, evidence=("seen",),
    )  # fmt: skip


def judged(before: Sequence[Alert], faults: Sequence[Fault], now_s: int) -> AlertChanges:
    return judge_alerts(before, faults, now_s, DEVICES)


class TestOpening:
    def test_opens_only_when_the_fault_has_held(self):
        assert judged([], [outage(0)], HOLD - 1).to_open == ()
        assert len(judged([], [outage(0)], HOLD).to_open) == 1

    def test_fault_that_is_over_opens_nothing(self):
        assert judged([], [outage(0, HOLD)], HOLD + 60).to_open == ()

    def test_kinds_that_wake_nobody_open_nothing(self):
        assert judged([], [outage(0, kind=FaultKind.DUPLICATE)], 10 * HOLD).to_open == ()

    def test_id_follows_from_the_content(self):
        one, same = (judged([], [outage(0)], now_s).to_open[0] for now_s in (HOLD, HOLD + HOUR_S))
        other = judged([], [outage(60)], HOLD + HOUR_S).to_open[0]

        assert one.alert_id == same.alert_id != other.alert_id


class TestKeeping:
    def test_alert_survives_a_short_recovery_and_the_same_trouble_again(self):
        (alert,) = judged([], [outage(0)], HOLD).to_open
        pause = judged([alert], [outage(0, HOLD + 60)], HOLD + HOUR_S)
        again = judged(pause.to_keep, [outage(0, HOLD + 60), outage(HOLD + 2 * HOUR_S)], HOLD + 3 * HOUR_S)

        assert [one.alert_id for one in again.to_keep] == [alert.alert_id]
        assert (pause.to_close, again.to_open, again.to_close) == ((), (), ())

    def test_alert_closes_when_the_fault_is_long_gone(self):
        (alert,) = judged([], [outage(0)], HOLD).to_open

        changes = judged([alert], [outage(0, HOLD + 60)], HOLD + 60 + CLEAR_S)

        assert (changes.to_close, changes.to_keep) == ((alert,), ())

    @given(
        ends=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), max_size=6),
        looks=st.lists(st.integers(0, 200), min_size=2, max_size=30),
    )
    def test_every_alert_from_before_is_closed_or_kept(self, ends: list[tuple[int, int]], looks: list[int]):
        faults = [outage(600 * first, 600 * (first + length)) for first, length in ends]
        before: Sequence[Alert] = []
        for now_s in sorted(600 * look for look in looks):
            seen = [
                outage(one.first_s, one.last_s if (one.last_s or 0) <= now_s else None)
                for one in faults
                if one.first_s <= now_s
            ]
            changes = judged(before, seen, now_s)

            assert {a.alert_id for a in before} == {a.alert_id for a in (*changes.to_close, *changes.to_keep)}
            before = (*changes.to_keep, *changes.to_open)
            assert len({(a.kind, a.device) for a in before}) == len(before)


class TestOneCause:
    def test_cloud_that_is_down_is_one_alert(self):
        faults = [outage(0, device=f"d-{n}") for n in range(58)]

        (alert,) = judged([], faults, HOLD).to_open

        assert (alert.kind, alert.device_count) == (FaultKind.CLOUD_DOWN, 58)

    def test_cloud_and_its_devices_are_one_alert(self):
        faults = [outage(0, kind=FaultKind.CLOUD_DOWN), *(outage(0, device=f"d-{n}") for n in range(40))]

        assert len(judged([], faults, HOLD).to_open) == 1

    def test_few_homes_out_are_an_alert_each(self):
        faults = [outage(0, device=f"d-{n}") for n in range(5)]

        assert len(judged([], faults, HOLD).to_open) == 5
