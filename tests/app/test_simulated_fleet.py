"""A plan of a fleet holds dates that can be simulated, or is refused."""

from datetime import date

import pytest

from sanchi.app.simulated_fleet import FleetPlan, UnfitPlan


class TestFleetPlan:
    @pytest.mark.parametrize(
        ("first_date", "n_days"),
        [(date(1, 1, 1), 1), (date(1999, 12, 31), 1), (date(2199, 12, 31), 2), (date(9999, 12, 31), 366)],
    )
    def test_dates_that_cannot_be_simulated_are_refused(self, first_date: date, n_days: int):
        with pytest.raises(UnfitPlan, match="--first-date"):
            FleetPlan(home_count=1, buyer_count=5, n_days=n_days, seed_no=0, first_date=first_date)

    @pytest.mark.parametrize(("first_date", "n_days"), [(date(2000, 1, 1), 366), (date(2199, 12, 30), 2)])
    def test_dates_at_the_limits_are_listed(self, first_date: date, n_days: int):
        plan = FleetPlan(home_count=1, buyer_count=5, n_days=n_days, seed_no=0, first_date=first_date)

        assert len(plan.dates) == n_days
