"""The shipped clear days are what pvlib gives, and lie where the sun is."""

from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from sanchi.edge.fleet.profiles import CLEAR_DAYS, roof_profiles


class TestRoofProfiles:
    @pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 6, 21), date(2028, 12, 31)])
    def test_every_day_of_a_year_has_all_classes_of_roofs(self, day: date):
        assert roof_profiles(day).shape == (45, 48)

    def test_summer_gives_more_than_winter_and_night_nothing(self):
        summer, winter = roof_profiles(date(2026, 6, 21)), roof_profiles(date(2026, 12, 21))

        assert (summer.sum(axis=1) > winter.sum(axis=1)).all()
        assert not summer[:, :8].any()
        assert summer.max() <= 500_000

    def test_east_is_early_and_west_is_late(self):
        by_azimuth = roof_profiles(date(2026, 3, 21)).reshape(3, 3, 5, 48)
        middle = (by_azimuth * np.arange(48)).sum(axis=3) / by_azimuth.sum(axis=3)

        assert (np.diff(middle, axis=2) > 0).all()


class TestTable:
    def test_is_what_pvlib_gives(self):
        pytest.importorskip("pvlib", reason="the builder's packages are the dependency group `sample`")
        from tools.build_clear_days import clear_days

        built, shipped = clear_days(), pq.read_table(CLEAR_DAYS)

        assert built["day_of_year"].equals(shipped["day_of_year"])
        difference = built["energy_wh_per_mw"].to_numpy() - shipped["energy_wh_per_mw"].to_numpy()
        assert np.abs(difference).max() <= 1
