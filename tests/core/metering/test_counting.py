"""The two formulas of a register."""

import numpy as np
import pytest

from sanchi.core.metering.counting import counted_wh, uncarried_wh_min


class TestCountedWh:
    @pytest.mark.parametrize(
        ("earlier", "later", "energy_wh"), [(10, 10, 0), (10, 17, 700), (9_998, 3, 500), (5, 4, 999_900)]
    )
    def test_a_fall_is_a_turn_of_the_register(self, earlier, later, energy_wh):
        assert counted_wh(earlier, later, 10**4, 100) == energy_wh

    def test_takes_arrays(self):
        counts = np.array([9_998, 3, 10])

        assert counted_wh(counts[:-1], counts[1:], np.array(10**4), np.array(100)).tolist() == [500, 700]


class TestUncarriedWhMin:
    def test_a_register_may_show_almost_one_unit_more_than_has_flowed(self):
        # 990 Wh in each of two slots, read in steps of 100 Wh: 2,000 Wh from count 0 (at 90 Wh) to 20.
        shown_wh = (90 + 2 * 990) // 100 * 100

        assert shown_wh > 2 * 990
        assert uncarried_wh_min(2, 990, 100) == 2_080 > shown_wh
