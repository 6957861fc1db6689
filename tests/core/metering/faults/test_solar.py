"""Weak roofs are found among their peers, and only they."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sanchi.core.metering.faults.solar import weak_roofs
from tests.sample.shipped import csv_rows, series_of

FIRST_S = 1_605_798_000  # 2020-11-20 00:00 JST
DAY_S = 86_400


def roofs(seed: int, n_roofs: int = 6, n_days: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    capacity_w = rng.integers(2_000, 6_000, n_roofs)
    sky = rng.uniform(0.2, 1.0, n_days)
    by_roof = rng.uniform(0.75, 1.1, n_roofs)[:, None] * rng.uniform(0.9, 1.1, (n_roofs, n_days))
    return (capacity_w[:, None] * 4 * sky * by_roof).astype(np.int64), capacity_w


class TestWeakRoofs:
    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=25)
    def test_no_roof_is_weak_where_all_are_sound(self, seed: int):
        assert weak_roofs(*roofs(seed)) == ()

    @given(seed=st.integers(0, 10_000), index=st.integers(0, 5))
    @settings(max_examples=25)
    def test_roof_that_gives_a_third_is_found(self, seed: int, index: int):
        energy_wh, capacity_w = roofs(seed)
        energy_wh[index] = energy_wh[index] // 3

        assert [weak.roof_index for weak in weak_roofs(energy_wh, capacity_w)] == [index]

    def test_weak_days_are_named(self):
        energy_wh, capacity_w = roofs(1, n_days=120)
        energy_wh[2, 60:] //= 4

        (weak,) = weak_roofs(energy_wh, capacity_w)

        assert 45 <= weak.first_day_index <= 62
        assert weak.last_day_index == 119

    def test_unknown_days_count_neither_way(self):
        energy_wh, capacity_w = roofs(2)
        energy_wh[3, ::2] = -1

        assert weak_roofs(energy_wh, capacity_w) == ()

    def test_too_few_roofs_are_not_judged(self):
        energy_wh, capacity_w = roofs(3, n_roofs=3)
        energy_wh[0] //= 10

        assert weak_roofs(energy_wh, capacity_w) == ()


class TestMeasuredRoofs:
    def test_broken_roof_of_fontana_is_found_and_no_other(self, shared_data: Path):
        folder = shared_data / "citylearn_fontana"
        table = parquet.read_table(folder / "buildings.parquet", columns=["building", "row", "solar_generation"])
        building, row, per_kw = (table.column(n).to_numpy() for n in range(3))
        with (folder / "homes.csv").open(newline="") as lines:
            power_kw = {int(line["building"]): float(line["pv_nominal_power_kw"]) for line in csv.DictReader(lines)}
        homes = np.unique(building).tolist()
        by_hour = [per_kw[building == home][np.argsort(row[building == home])] * power_kw[home] for home in homes]
        energy_wh = np.array([np.rint(hours).astype(np.int64).reshape(-1, 24).sum(axis=1) for hours in by_hour])
        capacity_w = np.array([int(1000 * power_kw[home]) for home in homes])

        found = weak_roofs(energy_wh, capacity_w)

        assert [homes[weak.roof_index] for weak in found] == [14]
        assert 300 <= found[0].share_permille <= 360

    @pytest.mark.parametrize("least_slots", [47])
    def test_broken_roof_of_the_sample_is_found_and_no_other(self, least_slots: int):
        capacity_of = {plant["home_id"]: int(plant["capacity_w"]) for plant in csv_rows("plants.csv")}
        series = series_of("energies", "pilot", "late", "after_final")
        homes, rows = [], []
        for meter in csv_rows("meters.csv"):
            if "pv" in meter["channels"].split("+") and (meter["meter_id"], "pv") in series:
                stamps_s, energy_wh = series[meter["meter_id"], "pv"]
                day = (stamps_s - 1 - FIRST_S) // DAY_S
                total_wh = np.bincount(day, weights=energy_wh, minlength=101)[:101].astype(np.int64)
                is_known = np.bincount(day, minlength=101)[:101] >= least_slots
                homes.append(meter["party_id"])
                rows.append(np.where(is_known, total_wh, -1))

        found = weak_roofs(np.array(rows), np.array([capacity_of[home] for home in homes]))

        assert len(homes) >= 50
        assert [homes[weak.roof_index] for weak in found] == ["H51"]
