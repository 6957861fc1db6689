"""Outages recur when they begin at one hour, or on one weekday, on three days or more."""

from sanchi.core.metering.connections.recurring import Rhythm, recurring_outages
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.spans import DAY_S, EPOCH_S, HOUR_S


def outage(n_days: int, hour: int, home_no: int = 1) -> Fault:
    first_s = EPOCH_S + n_days * DAY_S + hour * HOUR_S + 600
    return Fault(
        kind=FaultKind.DEVICE_OUTAGE, leg=Leg.DEVICE_CLOUD, home_no=home_no, connector="c", device=f"d-{home_no}",
        meter_no=0, channel_no=0, first_s=first_s, last_s=first_s + HOUR_S, figure=2, evidence=(),
    )  # fmt: skip


class TestRecurringOutages:
    def test_three_days_at_one_hour_recur(self):
        (found,) = recurring_outages([outage(10, 3), outage(15, 3), outage(18, 3)])

        assert (found.rhythm, found.step_index, len(found.first_s)) == (Rhythm.HOUR, 3, 3)

    def test_two_days_or_two_homes_do_not(self):
        assert recurring_outages([outage(10, 3), outage(15, 3)]) == ()
        assert recurring_outages([outage(10, 3), outage(15, 3), outage(18, 3, home_no=2)]) == ()

    def test_three_outages_of_one_day_are_one(self):
        assert recurring_outages([outage(10, 3), outage(10, 3), outage(10, 3)]) == ()

    def test_few_of_many_outages_fall_into_an_hour_by_chance(self):
        others = [outage(20 + 5 * n, n % 24) for n in range(4, 24)]

        assert recurring_outages([outage(10, 3), outage(15, 3), outage(18, 3), *others]) == ()

    def test_one_weekday_at_different_hours_recurs(self):
        # 2000-01-01 was a Saturday.
        (found,) = recurring_outages([outage(0, 3), outage(7, 9), outage(21, 17)])

        assert (found.rhythm, found.step_index) == (Rhythm.WEEKDAY, 5)
