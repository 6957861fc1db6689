"""Days are asked for again where counts would fill a gap, the most valuable first, and never again and again."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.rereading import FIRST_WAIT_S, WAIT_S_MAX, AskedDay, MissingDay, due_s, plan_rereads

DAY = date(2020, 12, 1)
MISSING = st.lists(
    st.builds(
        MissingDay,
        gateway=st.sampled_from(["gw-1", "gw-2", "gw-3"]),
        delivery_date=st.integers(0, 20).map(lambda n: DAY + timedelta(days=n)),
        missing_count=st.integers(1, 96),
    ),
    unique_by=lambda day: (day.gateway, day.delivery_date),
)


def missing(count: int = 5) -> MissingDay:
    return MissingDay(gateway="gw-1", delivery_date=DAY, missing_count=count)


def asked(asked_s: int, count: int = 5) -> AskedDay:
    return AskedDay(gateway="gw-1", delivery_date=DAY, missing_count=count, asked_s=asked_s)


class TestPlan:
    @given(MISSING, st.integers(1, 10), st.integers(1, 4))
    def test_is_bounded_and_leaves_out_no_better_day_that_is_free(self, days, days_max, per_gateway_max):
        plan = plan_rereads(days, [], 0, days_max, per_gateway_max)

        assert len(plan) <= days_max
        counts = [day.missing_count for day in plan]
        assert counts == sorted(counts, reverse=True)
        for gateway in {day.gateway for day in days}:
            own = [day.missing_count for day in plan if day.gateway == gateway]
            assert len(own) <= per_gateway_max
            best = sorted((day.missing_count for day in days if day.gateway == gateway), reverse=True)
            assert own == best[: len(own)]
        if len(plan) < days_max:
            assert len(plan) == sum(
                min(per_gateway_max, sum(day.gateway == gateway for day in days))
                for gateway in {day.gateway for day in days}
            )

    def test_lets_a_day_rest_longer_each_time_that_nothing_came(self):
        assert due_s(missing(), []) == 0
        assert due_s(missing(), [asked(100)]) == 100 + FIRST_WAIT_S
        assert due_s(missing(), [asked(100), asked(9_000)]) == 9_000 + 4 * FIRST_WAIT_S
        assert due_s(missing(), [asked(n) for n in range(9)]) == 8 + WAIT_S_MAX

    def test_counts_anew_once_counts_came(self):
        assert due_s(missing(2), [asked(100, 96), asked(200, 96)]) == 0
        assert plan_rereads([missing()], [asked(0)], FIRST_WAIT_S - 1, 9, 9) == ()
        assert plan_rereads([missing()], [asked(0)], FIRST_WAIT_S, 9, 9) == (missing(),)
