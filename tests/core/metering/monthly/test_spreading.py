"""A month in half hours is the month's value to the watt-hour, shaped by those who were measured."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.ids import MeterId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY, boundary_ordinal
from sanchi.core.metering.monthly.due import overdue_months
from sanchi.core.metering.monthly.spreading import DAYLIGHT, MeasuredHomes, SpreadShape, served_boundaries, spread_month
from sanchi.core.metering.monthly.values import MonthValue, values_in_force
from sanchi.core.metering.readings import Channel, MeterSpec
from sanchi.core.metering.sources import Source, Stage

MONTH = Month(year=2020, month_no=11)
FIRST_BOUNDARY = boundary_ordinal(MONTH.first_date, 0)
ENERGIES = st.integers(0, 10**9)


def meter(first_slot: int = 0, n_slots: int | None = None, channel: Channel = Channel.EXPORT) -> MeterSpec:
    """Give a meter that serves from a half hour of the month on, for so many of them or for ever."""
    return MeterSpec(
        meter_no=1,
        meter_id=MeterId("E1"),
        channel=channel,
        unit_wh=1,
        digits=0,
        installed_boundary=FIRST_BOUNDARY + first_slot,
        removed_boundary=None if n_slots is None else FIRST_BOUNDARY + first_slot + n_slots,
        plausible_wh_max=10**9,
        is_monthly=True,
    )


def homes(slots: dict[int, tuple[int, int]]) -> MeasuredHomes:
    """Give (Wh of all homes, homes) by slot index; nobody is measured in the others."""
    energy_wh, home_count = np.zeros(SLOTS_PER_DAY, dtype=np.int64), np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    for slot, (wh, count) in slots.items():
        energy_wh[slot], home_count[slot] = wh, count
    return MeasuredHomes(energy_wh=energy_wh, home_count=home_count)


DAYS = st.dictionaries(
    st.integers(1, 30).map(lambda day: date(2020, 11, day)),
    st.dictionaries(st.integers(0, 47), st.tuples(st.integers(0, 10**6), st.integers(1, 50)), max_size=6).map(homes),
    max_size=4,
)


class TestSpread:
    @given(
        ENERGIES, st.integers(0, 1_439), st.integers(1, 1_440), DAYS, st.sampled_from([Channel.EXPORT, Channel.IMPORT])
    )
    def test_adds_up_to_the_value_over_the_half_hours_in_service(self, energy_wh, first_slot, n_slots, days, channel):
        spec = meter(first_slot, n_slots, channel)

        spread = spread_month(energy_wh, spec, MONTH, days)

        assert sum(spread.energy_wh) == energy_wh
        assert min(spread.energy_wh) >= 0
        assert spread.boundaries == served_boundaries(spec, MONTH)
        assert len(spread.energy_wh) == min(n_slots, 1_440 - first_slot)

    @given(ENERGIES, ENERGIES, DAYS)
    def test_of_a_corrected_value_moves_all_half_hours_the_same_way(self, first_wh, second_wh, days):
        before = spread_month(first_wh, meter(), MONTH, days)
        after = spread_month(second_wh, meter(), MONTH, {}, before.energy_wh)

        moved = np.array(after.energy_wh) - np.array(before.energy_wh)
        assert moved.sum() == second_wh - first_wh
        if first_wh:
            assert after.shape is SpreadShape.KEPT
            assert (moved >= 0).all() if second_wh >= first_wh else (moved <= 0).all()

    def test_follows_the_mean_home_and_other_days_where_nobody_was_measured(self):
        days = {MONTH.first_date: homes({20: (300, 1), 24: (1_200, 2)}), date(2020, 11, 2): homes({20: (100, 1)})}

        spread = spread_month(30 * 800, meter(n_slots=96), MONTH, days)

        # 300 and 600 Wh a home on the first day, 100 on the second; its 12:00 is that of the first day.
        by_slot = np.array(spread.energy_wh).reshape(2, SLOTS_PER_DAY)
        assert by_slot[:, [20, 24]].tolist() == [[4_500, 9_000], [1_500, 9_000]]
        assert spread.shape is SpreadShape.LIKE_HOMES
        assert spread.stand_in_count == 96 - 3

    def test_with_nobody_measured_is_flat_and_export_only_by_day(self):
        exported = spread_month(30 * 30, meter(), MONTH, {})
        imported = spread_month(30 * 48, meter(channel=Channel.IMPORT), MONTH, {})

        by_day = np.array(exported.energy_wh).reshape(30, SLOTS_PER_DAY)
        assert (by_day[:, DAYLIGHT] == 1).all()
        assert by_day.sum() == by_day[:, DAYLIGHT].sum()
        assert set(imported.energy_wh) == {1}
        assert exported.shape is imported.shape is SpreadShape.FLAT


def value(energy_wh: int, stage: Stage = Stage.FINAL, received_s: int = 0, delivery_no: int = 1) -> MonthValue:
    return MonthValue(
        meter_no=1,
        channel=Channel.EXPORT,
        month=MONTH,
        energy_wh=energy_wh,
        source=Source.TSO,
        stage=stage,
        received_s=received_s,
        delivery_no=delivery_no,
        row_no=1,
    )


class TestValues:
    def test_in_force_are_those_that_are_most_final_then_those_received_last(self):
        values = [value(1, Stage.FLASH, 9), value(2, received_s=5), value(3, received_s=4), value(4, received_s=5)]

        (chosen,) = values_in_force([*values, value(5, received_s=5, delivery_no=2)]).values()

        assert chosen.energy_wh == 5


class TestOverdue:
    def test_is_a_month_without_a_value_ten_days_after_its_end(self):
        def told(today: date, known: list[Month]) -> list[str]:
            keys = {(1, Channel.EXPORT, month) for month in known}
            found = overdue_months([meter()], keys, date(2020, 11, 5), date(2021, 1, 31), today)
            return [str(month) for _, month in found]

        assert told(date(2020, 12, 9), []) == []
        assert told(date(2020, 12, 10), []) == ["2020-11"]
        assert told(date(2021, 1, 10), [MONTH]) == ["2020-12"]
        assert told(date(2022, 1, 1), []) == ["2020-11", "2020-12", "2021-01"]
