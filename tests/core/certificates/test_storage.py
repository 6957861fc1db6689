"""Batteries keep the origin of what went in: nothing is lost, doubled or invented, whatever the weeks bring."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sanchi.core.base.errors import WrongInput
from sanchi.core.certificates.storage import BatterySlots, battery_flows, run_battery
from sanchi.core.metering import Quality
from sanchi.core.metering.balance import BalanceInput, balance_homes
from tests.oracles.battery_oracle import came_out

EFFICIENCIES = st.sampled_from([1, 333, 900, 950, 999, 1000])
CAPACITIES = st.sampled_from([0, 7, 60, 10**6])


def slot_wh(n_days, wh_max):
    """Draw energies of days, most of them nothing."""
    return arrays.arrays(np.int64, (n_days, 48), elements=st.integers(0, wh_max), fill=st.just(0))


@st.composite
def weeks(draw, wh_max=5_000, days_max=7):
    """Draw a battery's slots over some days."""
    n_days = draw(st.integers(1, days_max))
    return BatterySlots(**{name: draw(slot_wh(n_days, wh_max)) for name in ("charged_wh", "used_wh", "exported_wh")})


def slots(**wh_by_name):
    """Make one day of slots: charged_s24=100 and so on."""
    days = {name: np.zeros((1, 48), dtype=np.int64) for name in ("charged_wh", "used_wh", "exported_wh")}
    for name, wh in wh_by_name.items():
        word, _, slot_no = name.partition("_s")
        days[f"{word}_wh"][0, int(slot_no) - 1] = wh
    return BatterySlots(**days)


def part(whole, first, end):
    """Cut days out of a period."""
    names = ("charged_wh", "used_wh", "exported_wh")
    return BatterySlots(**{name: getattr(whole, name)[first:end] for name in names})


class TestRunBattery:
    @given(weeks(), st.integers(0, 9_000), EFFICIENCIES, CAPACITIES)
    def test_adds_up_and_gives_no_more_than_it_was_given(self, week, carry_in_wh, efficiency, capacity_wh):
        stored = run_battery(week, carry_in_wh=carry_in_wh, efficiency_permille=efficiency, capacity_wh=capacity_wh)

        assert carry_in_wh + stored.charged_wh == stored.discharged_wh + stored.loss_wh + stored.carry_out_wh
        assert stored.charged_wh == week.charged_wh.sum()
        assert stored.discharged_wh * 1000 <= (stored.discharged_wh + stored.loss_wh) * efficiency
        assert (stored.used_wh <= week.used_wh).all()

    @given(weeks(wh_max=9, days_max=2), st.integers(0, 20), EFFICIENCIES, CAPACITIES)
    def test_agrees_with_a_queue_of_single_watt_hours(self, week, carry_in_wh, efficiency, capacity_wh):
        stored = run_battery(week, carry_in_wh=carry_in_wh, efficiency_permille=efficiency, capacity_wh=capacity_wh)

        flat = [week.charged_wh.ravel(), week.used_wh.ravel(), week.exported_wh.ravel()]
        expected = came_out(
            list(zip(*(each.tolist() for each in flat), strict=True)), carry_in_wh, efficiency, capacity_wh
        )
        assert stored.used_wh.ravel().tolist() == expected

    @given(weeks(), st.lists(st.integers(1, 6), max_size=3), EFFICIENCIES)
    def test_cut_into_periods_loses_less_than_a_watt_hour_a_cut(self, week, cuts, efficiency):
        # Without export: a Wh that a cut takes from the grid may be left for the home, so its own sum can rise.
        week = replace(week, exported_wh=np.zeros_like(week.exported_wh))
        n_days = len(week.used_wh)
        bounds = sorted({0, n_days, *(cut for cut in cuts if cut < n_days)})
        whole = run_battery(week, carry_in_wh=0, efficiency_permille=efficiency, capacity_wh=10**9)

        carry_wh, parts_wh = 0, 0
        for first, end in pairwise(bounds):
            stored = run_battery(
                part(week, first, end), carry_in_wh=carry_wh, efficiency_permille=efficiency, capacity_wh=10**9
            )
            carry_wh, parts_wh = stored.carry_out_wh, parts_wh + stored.discharged_wh

        assert whole.discharged_wh - (len(bounds) - 2) <= parts_wh <= whole.discharged_wh

    @example(  # a cut whose Wh the grid would have had, and a charge that completes another one
        week=slots(charged_s1=1_589, exported_s2=334),
        later=slots(exported_s1=195, charged_s2=2, used_s3=1),
        efficiency=333,
    )
    @given(weeks(days_max=3), weeks(days_max=3), EFFICIENCIES)
    def test_cut_in_two_gives_no_more_than_went_in_allows(self, week, later, efficiency):
        first = run_battery(week, carry_in_wh=0, efficiency_permille=efficiency, capacity_wh=10**9)
        second = run_battery(later, carry_in_wh=first.carry_out_wh, efficiency_permille=efficiency, capacity_wh=10**9)

        charged_wh = int(week.charged_wh.sum() + later.charged_wh.sum())
        assert (first.discharged_wh + second.discharged_wh) * 1000 <= charged_wh * efficiency
        assert charged_wh == sum(
            (first.discharged_wh, first.loss_wh, second.discharged_wh, second.loss_wh, second.carry_out_wh)
        )

    def test_gives_back_nine_tenths_across_midnight(self):
        day = run_battery(
            slots(charged_s25=1_000, used_s37=450), carry_in_wh=0, efficiency_permille=900, capacity_wh=5_000
        )
        night = run_battery(
            slots(used_s13=250, used_s41=300), carry_in_wh=day.carry_out_wh, efficiency_permille=900, capacity_wh=5_000
        )

        assert (day.discharged_wh, day.loss_wh, day.carry_out_wh) == (450, 50, 500)
        assert (night.discharged_wh, night.loss_wh, night.carry_out_wh) == (450, 50, 0)
        assert night.used_wh[0, [12, 40]].tolist() == [250, 200]

    def test_gives_nothing_back_in_the_slot_that_charged_it(self):
        stored = run_battery(
            slots(charged_s25=100, used_s25=100), carry_in_wh=0, efficiency_permille=1000, capacity_wh=5_000
        )

        assert (stored.discharged_wh, stored.carry_out_wh) == (0, 100)

    def test_lets_what_the_grid_took_be_lost(self):
        stored = run_battery(
            slots(charged_s25=1_000, exported_s30=360, used_s37=900),
            carry_in_wh=0,
            efficiency_permille=900,
            capacity_wh=5_000,
        )

        assert (stored.discharged_wh, stored.loss_wh, stored.carry_out_wh) == (540, 460, 0)

    def test_keeps_no_more_than_fits_inside(self):
        stored = run_battery(
            slots(charged_s25=1_000, used_s37=900), carry_in_wh=0, efficiency_permille=1000, capacity_wh=300
        )

        assert (stored.discharged_wh, stored.loss_wh, stored.carry_out_wh) == (300, 700, 0)

    @pytest.mark.parametrize(
        "changes", [{"used_wh": np.full((1, 48), -1)}, {"charged_wh": np.zeros((1, 47), np.int64)}]
    )
    def test_refuses_slots_that_are_none(self, changes):
        nothing = {name: np.zeros((1, 48), dtype=np.int64) for name in ("charged_wh", "used_wh", "exported_wh")}

        with pytest.raises(WrongInput):
            BatterySlots(**nothing | changes)


class TestBatteryFlows:
    @given(st.data(), st.sampled_from([800, 900, 1000]))
    def test_of_a_balanced_day_are_no_more_than_flowed(self, data, efficiency):
        drawn = {
            name: data.draw(slot_wh(1, 900), name)
            for name in ("import_wh", "export_wh", "pv_wh", "charge_wh", "discharge_wh")
        }
        known = np.full((1, 48), Quality.MEASURED, dtype=np.int8)
        day = balance_homes(
            BalanceInput(
                **drawn,
                export_quality=known,
                pv_quality=known,
                charge_quality=known,
                discharge_quality=known,
                has_battery=np.array([True]),
                battery_efficiency_permille=np.array([efficiency]),
            )
        )

        flows = battery_flows(
            pv_wh=day.pv_wh[0],
            charge_pv_wh=day.charge_pv_wh[0],
            discharge_wh=day.discharge_wh[0],
            export_pv_wh=day.export_pv_wh[0],
            grid_export_wh=day.grid_export_wh[0],
        )

        assert min(flows.chargeable_wh.min(), flows.used_wh.min(), flows.exported_wh.min()) >= 0
        assert (flows.chargeable_wh <= day.charge_pv_wh[0]).all()
        assert (flows.used_wh + flows.exported_wh <= day.discharge_wh[0]).all()
        # What the day certified as surplus out of the battery is neither charged nor comes out here.
        direct_wh = day.pv_wh[0] - day.charge_pv_wh[0]
        from_battery_wh = np.minimum(day.discharge_wh[0], np.maximum(day.export_wh[0] - direct_wh, 0))
        assert (flows.used_wh <= day.discharge_wh[0] - from_battery_wh).all()

    def test_leave_out_what_was_exported_as_surplus(self):
        nothing = np.zeros(48, dtype=np.int64)
        pv_wh, charge_wh, discharge_wh, export_wh = (nothing.copy() for _ in range(4))
        pv_wh[24], charge_wh[24], discharge_wh[36], export_wh[36] = 1_000, 1_000, 500, 200

        flows = battery_flows(
            pv_wh=pv_wh,
            charge_pv_wh=charge_wh,
            discharge_wh=discharge_wh,
            export_pv_wh=export_wh,
            grid_export_wh=nothing,
        )

        assert (flows.chargeable_wh[24], flows.used_wh[36], flows.exported_wh[36]) == (800, 300, 0)
