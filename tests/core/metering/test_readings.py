"""Columns of readings and meters refuse what breaks their definition."""

from dataclasses import replace

import numpy as np
import pytest

from sanchi.core.metering.readings import BOUNDARY_END, Channel, ReadingRows, UnfitMeter, UnfitReadings
from tests.oracles.metering_series import boundary_at, interval_meter, point_of, register, rows_of

THREE = rows_of(register(5), {10: 100, 11: 101, 12: 102})


class TestReadingRows:
    def test_columns_become_read_only(self):
        with pytest.raises(ValueError, match="read-only"):
            THREE.reading[0] = 7

    def test_refuses_another_type(self):
        with pytest.raises(UnfitReadings, match=r"boundary: int64 of shape \(3,\), expected int32"):
            replace(THREE, boundary=THREE.boundary.astype(np.int64))

    def test_refuses_another_length(self):
        with pytest.raises(UnfitReadings, match=r"row_no: int32 of shape \(2,\)"):
            replace(THREE, row_no=THREE.row_no[:2])

    @pytest.mark.parametrize("boundary", [-1, BOUNDARY_END])
    def test_refuses_a_boundary_out_of_range(self, boundary):
        with pytest.raises(UnfitReadings, match="A boundary counts half hours"):
            rows_of(register(), {boundary: 1})

    def test_refuses_a_negative_reading(self):
        with pytest.raises(UnfitReadings, match="reading: -1 is below zero"):
            rows_of(register(), {10: -1})

    def test_a_window_includes_both_ends(self):
        assert THREE.between(10, 11).boundary.tolist() == [10, 11]

    def test_meters_divide_the_rows(self):
        rows = ReadingRows.joined([THREE, rows_of(register(6), {10: 7})])

        assert rows.of_meters([6]).reading.tolist() == [7]
        assert rows.without_meters([6]).reading.tolist() == [100, 101, 102]
        assert rows.of_meters([]).row_count == 0

    def test_nothing_joined_is_empty(self):
        assert ReadingRows.joined([]).row_count == 0

    def test_series_is_numbered_as_its_meter_numbers_it(self):
        assert set(THREE.series_key.tolist()) == {register(5).series_key}
        assert register(5).series_key != register(5, Channel.IMPORT).series_key


class TestMeterSpec:
    def test_register_is_told_by_its_digits(self):
        assert register().is_register
        assert not interval_meter().is_register

    @pytest.mark.parametrize("changes", [{"unit_wh": 0}, {"plausible_wh_max": 0}, {"digits": -1}, {"digits": 13}])
    def test_refuses_numbers_that_mean_nothing(self, changes):
        with pytest.raises(UnfitMeter, match="have to be at least 1"):
            register(**changes)

    def test_refuses_a_register_that_turns_over_within_a_slot(self):
        with pytest.raises(UnfitMeter, match="turns its register of 2 digits x 100 Wh over"):
            register(digits=2, plausible_wh_max=10_000)

    def test_refuses_removal_before_installation(self):
        with pytest.raises(UnfitMeter, match="removed before it was installed"):
            register(removed_boundary=boundary_at(-401))


class TestMeteringPoint:
    OLD = register(1, removed_boundary=boundary_at(2))
    NEW = register(2, installed_boundary=boundary_at(2))

    def test_takes_meters_that_follow_each_other(self):
        assert point_of(self.OLD, self.NEW).label == "N001/N002"

    def test_refuses_meters_that_serve_at_once(self):
        with pytest.raises(UnfitMeter, match="N002 is installed while N001 serves"):
            point_of(self.OLD, replace(self.NEW, installed_boundary=boundary_at(1)))

    def test_refuses_a_successor_of_a_meter_that_still_serves(self):
        with pytest.raises(UnfitMeter, match="Two meters that serve at once are two points"):
            point_of(register(1), self.NEW)

    def test_refuses_meters_of_another_channel(self):
        with pytest.raises(UnfitMeter, match="every meter has to measure export"):
            point_of(self.OLD, replace(self.NEW, channel=Channel.IMPORT))
