"""Parts of slots add up: nothing lost, nothing twice, one rounding, and a rule for missing minutes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sanchi.core.metering.parts.adding import MISSING_S_MAX, SumMethod, add_up_parts, readings_of_sums
from sanchi.core.metering.parts.rows import PartRows, energy_ws_of, grid_directions
from sanchi.core.metering.readings import Channel, UnfitReadings
from tests.oracles.metering_parts import MONDAY_S, Part, expected_slots, part_rows
from tests.oracles.metering_series import MONDAY_BOUNDARY

LENGTHS_S = (60, 300, 900, 1_800)


@st.composite
def parts_of_two_slots(draw) -> Part:
    interval_s = draw(st.sampled_from(LENGTHS_S))
    return Part(
        series=draw(st.integers(1, 2)),
        stamp_s=interval_s * draw(st.integers(1, 3_600 // interval_s)),
        interval_s=interval_s,
        energy_ws=draw(st.integers(0, 10**9)),
        received_s=draw(st.integers(0, 3)),
        delivery_no=draw(st.integers(1, 3)),
    )


def minutes(watts, series=1, **changes) -> list[Part]:
    return [Part(series, 60 * (n + 1), 60, 60 * power, **changes) for n, power in enumerate(watts)]


def sums_by_slot(sums) -> dict[tuple[int, int], tuple]:
    return {
        (series, boundary - MONDAY_BOUNDARY): tuple(figures)
        for series, boundary, *figures in zip(
            sums.series_key.tolist(),
            sums.boundary.tolist(),
            sums.energy_ws.tolist(),
            [wh if whole else None for wh, whole in zip(sums.energy_wh.tolist(), sums.is_whole.tolist(), strict=True)],
            sums.part_count.tolist(),
            sums.missing_s.tolist(),
            sums.received_s.tolist(),
            strict=True,
        )
    }


@pytest.fixture(scope="module")
def whole_slots_w(shared_data: Path) -> np.ndarray:
    table = parquet.read_table(shared_data / "uci_household_minute" / "power.parquet")
    power_w = np.rint(table["Global_active_power"].to_numpy() * 1_000).astype(np.int64)
    is_missing = table["identical_to_24h_earlier"].to_numpy(zero_copy_only=False).astype(bool)
    first = next(n for n, stamp in enumerate(table["date_time"].to_pylist()) if stamp.minute % 30 == 0)
    n_slots = (power_w.size - first) // 30
    cut = slice(first, first + n_slots * 30)
    by_slot = power_w[cut].reshape(n_slots, 30)
    return by_slot[~is_missing[cut].reshape(n_slots, 30).any(axis=1)]


class TestLaws:
    @given(st.lists(parts_of_two_slots(), max_size=120))
    def test_sums_agree_with_counting_minute_by_minute(self, parts):
        found = sums_by_slot(add_up_parts(part_rows(parts)))

        assert found == {place: tuple(slot) for place, slot in expected_slots(parts).items()}

    @given(st.lists(parts_of_two_slots(), max_size=60), st.lists(st.integers(1, 59), max_size=5))
    def test_every_row_is_counted_superseded_or_off_the_grid(self, parts, seconds):
        crooked = [Part(1, 60 + second, 60, 5) for second in seconds]
        rows = part_rows([*crooked, *parts])

        sums = add_up_parts(rows)

        assert sums.off_grid_index.tolist() == list(range(len(crooked)))
        assert sums.part_count.sum() + sums.superseded_count.sum() + len(crooked) == rows.row_count
        assert sums.missing_s.max(initial=0) < 1_800

    @given(st.lists(parts_of_two_slots(), max_size=60))
    def test_energy_of_parts_is_that_of_slots_not_whole_ones_and_superseded_ones(self, parts):
        sums = add_up_parts(part_rows(parts))
        counted_ws = int(sums.energy_ws[sums.is_whole].sum())
        not_whole_ws = int(sums.energy_ws[~sums.is_whole].sum())
        superseded_ws = sum(part.energy_ws for part in parts) - sum(
            slot.energy_ws for slot in expected_slots(parts).values()
        )

        assert counted_ws + not_whole_ws + superseded_ws == sum(part.energy_ws for part in parts)

    @given(st.lists(parts_of_two_slots(), max_size=40), st.randoms(use_true_random=False))
    def test_order_of_rows_of_other_places_changes_nothing(self, parts, rng):
        distinct = list({part[:3]: part for part in parts}.values())
        shuffled = list(distinct)
        rng.shuffle(shuffled)

        assert sums_by_slot(add_up_parts(part_rows(distinct))) == sums_by_slot(add_up_parts(part_rows(shuffled)))


class TestRules:
    def test_stamp_of_half_past_closes_the_slot_before_it(self):
        sums = add_up_parts(part_rows([Part(1, 1_800, 60, 60), Part(1, 1_860, 60, 60)]))

        assert (sums.boundary - MONDAY_BOUNDARY).tolist() == [1, 2]

    def test_half_a_watt_hour_is_rounded_up_once(self):
        sums = add_up_parts(part_rows([Part(1, 900, 900, 900), Part(1, 1_800, 900, 900)]))

        assert sums.energy_wh.tolist() == [1]

    @pytest.mark.parametrize(
        ("n_missing", "method", "energy_wh"),
        [(0, SumMethod.SUMMED, 300), (5, SumMethod.COMPLETED, 300), (6, SumMethod.NOT_WHOLE, 0)],
    )
    def test_at_most_five_missing_minutes_count_as_the_mean(self, n_missing, method, energy_wh):
        sums = add_up_parts(part_rows(minutes([600] * 30)[n_missing:]))

        assert (sums.method_no.tolist(), sums.energy_wh.tolist()) == ([method], [energy_wh])

    def test_whole_slot_wins_over_what_lies_inside_it_however_new(self):
        parts = [Part(1, 1_800, 1_800, 720_000), *minutes([9_999] * 30, received_s=5)]

        sums = add_up_parts(part_rows(parts))

        assert sums.energy_wh.tolist() == [200]
        assert (sums.superseded_count.tolist(), sums.received_s.tolist()) == ([30], [0])

    def test_lengths_that_lie_apart_fill_one_slot(self):
        parts = [Part(1, 900, 900, 360_000), *minutes([400] * 30)[15:]]

        assert add_up_parts(part_rows(parts)).energy_wh.tolist() == [200]

    @pytest.mark.parametrize(
        "columns",
        [
            {"interval_s": np.array([120], np.int32)},
            {"energy_ws": np.array([-1])},
            {"stamp_s": np.array([1], np.int32)},
        ],
    )
    def test_rows_that_break_their_definition_are_refused(self, columns):
        rows = part_rows([Part(1, 60, 60, 60)])
        whole = {name: getattr(rows, name) for name in PartRows.__dataclass_fields__}

        with pytest.raises(UnfitReadings):
            PartRows(**whole | columns)

    def test_stamp_before_the_epoch_is_refused(self):
        with pytest.raises(UnfitReadings, match="stamp_s"):
            add_up_parts(part_rows([Part(1, 60 - MONDAY_S, 60, 60)]))


class TestDeliveries:
    def test_slot_whose_minutes_come_in_two_deliveries_is_whole_with_both(self):
        early, late = part_rows(minutes([600] * 30)[:20]), part_rows(minutes([600] * 30, received_s=9)[20:])

        assert not add_up_parts(early).is_whole.any()
        sums = add_up_parts(PartRows.joined([early, late]))
        assert (sums.energy_wh.tolist(), sums.received_s.tolist()) == ([300], [9])

    def test_whole_slots_become_readings_of_their_meter_and_channel(self):
        key = 7 * 16 + Channel.PV
        sums = add_up_parts(part_rows([Part(key, 1_800, 1_800, 3_600), Part(key, 3_600, 900, 3_600)]))

        rows = readings_of_sums(sums, delivery_no=4)

        assert (rows.meter_no.tolist(), rows.channel_no.tolist()) == ([7], [Channel.PV])
        assert (rows.boundary - MONDAY_BOUNDARY).tolist() == [1]
        assert (rows.reading.tolist(), rows.delivery_no.tolist(), rows.row_no.tolist()) == ([1], [4], [1])


class TestUnits:
    def test_powers_and_energies_become_watt_seconds(self):
        energy_ws = energy_ws_of(
            np.array([7, 7, 7]),
            np.array([3, 3, 2], np.int8),
            np.array([60, 1_800, 300], np.int32),
            np.array([0, 0, 100_000]),
        )

        assert energy_ws.tolist() == [420, 12_600, 2_520_000]

    @pytest.mark.parametrize(("measure_no", "unit_mwh"), [(1, 1_000), (2, 7)])
    def test_counts_and_uneven_units_are_refused(self, measure_no, unit_mwh):
        with pytest.raises(UnfitReadings):
            energy_ws_of(np.array([1]), np.array([measure_no], np.int8), np.array([60], np.int32), np.array([unit_mwh]))

    def test_grid_power_goes_one_way_each_minute(self):
        imported_w, exported_w = grid_directions(np.array([5, -7, 0]))

        assert (imported_w.tolist(), exported_w.tolist()) == ([5, 0, 0], [0, 7, 0])


class TestMeasuredMinutes:
    """The rule for missing minutes on one household's own minutes."""

    @staticmethod
    def errors_wh(slots_w: np.ndarray, n_missing: int) -> np.ndarray:
        """Knock minutes in a row out of every twentieth slot and give how far its energy is off."""
        rng = np.random.default_rng(n_missing)
        slots_w = slots_w[::20]
        n_slots = len(slots_w)
        first = rng.integers(0, 31 - n_missing, n_slots)[:, None]
        minute = np.arange(30)
        kept = (minute < first) | (minute >= first + n_missing)
        slot, minute = np.nonzero(kept)
        rows = PartRows(
            series_key=np.ones(slot.size, np.int64),
            stamp_s=MONDAY_S + (slot * 30 + minute + 1) * 60,
            interval_s=np.full(slot.size, 60, np.int32),
            energy_ws=slots_w[kept] * 60,
            received_s=np.zeros(slot.size, np.int64),
            delivery_no=np.ones(slot.size, np.int32),
            row_no=np.arange(slot.size, dtype=np.int32),
        )
        sums = add_up_parts(rows)
        assert sums.is_whole.all()
        return np.abs(sums.energy_wh - slots_w.sum(axis=1) / 60)

    def test_five_missing_minutes_err_by_less_than_a_register_step_in_95_of_100_slots(self, whole_slots_w):
        errors_wh = self.errors_wh(whole_slots_w, MISSING_S_MAX // 60)

        assert 15 < errors_wh.mean() < 27
        assert np.percentile(errors_wh, 95) < 100

    def test_whole_slots_err_by_their_rounding_alone(self, whole_slots_w):
        assert self.errors_wh(whole_slots_w, 0).max() <= 0.5
