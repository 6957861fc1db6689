"""A slot of 100,000 homes: rounding is smaller than in small markets, and two engines still agree on every Wh."""

import numpy as np
import pytest

from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import DayMatchInput
from tests.oracles.eating_markets import DELIVERY_DATE, fleet_slot
from tests.oracles.eating_oracle import ONE_SLOT

N_BUYERS = 200
SUPPLY_WH_MAX = 2500


@pytest.fixture(scope="module")
def match():
    """Match a day whose slot 25 alone has supply: 200 buyers, up to 3 choices."""
    keys, choices, supplies, capacities = fleet_slot(11, 100_000, N_BUYERS, 3)
    supply_wh = np.zeros((48, len(keys)), dtype=np.int64)
    supply_wh[24] = supplies
    return match_day(
        DayMatchInput(
            home_key=np.arange(len(keys)),
            choice_buyer_index=choices,
            supply_wh=supply_wh,
            capacity_wh=np.tile(capacities, (48, 1)),
            delivery_date=DELIVERY_DATE,
        )
    )


class TestManyHomes:
    def test_numba_and_numpy_give_the_same_parts(self, match):
        again = match_day(match.day, engine=Engine.NUMPY)

        assert np.array_equal(match.closing_t32, again.closing_t32)
        assert np.array_equal(match.rounding_phi60, again.rounding_phi60)
        assert np.array_equal(match.parts_wh, again.parts_wh)

    def test_nearly_all_parts_are_within_one_wh_of_the_real_share(self, match):
        # A real closing time is later than ours by less than a tick a buyer (see test_closing), so that the real
        # share is known within the supply times 200 ticks: all in units of 2^-32 Wh.
        bound = SUPPLY_WH_MAX * N_BUYERS
        choices = match.day.choice_buyer_index
        closes = np.where(choices >= 0, match.closing_t32[24][choices], 0)
        arrived = np.zeros_like(closes)
        arrived[:, 1:] = np.maximum.accumulate(closes[:, :-1], axis=1)
        share = match.day.supply_wh[24][:, None] * np.maximum(closes - arrived, 0)
        error = np.abs(match.parts_wh[24] * ONE_SLOT - share)[(choices >= 0) & (closes > arrived)]

        assert error.size > 120_000
        assert (error < 2 * ONE_SLOT - bound).all()
        assert (error < ONE_SLOT - bound).mean() >= 0.999

    def test_closed_buyers_are_full_and_none_is_above_its_capacity(self, match):
        is_closed = match.closing_t32[24] < ONE_SLOT

        assert 50 < is_closed.sum() < N_BUYERS
        assert (match.intake_wh[24][is_closed] == match.day.capacity_wh[24][is_closed]).all()
        assert (match.intake_wh[24] <= match.day.capacity_wh[24]).all()

    def test_nobody_with_the_same_list_and_supply_got_two_wh_more(self, match):
        # Homes of one list and one supply differ by their phases alone, over every first few choices.
        slot_wh = match.day.supply_wh[24]
        sums = match.parts_wh[24].cumsum(axis=1)
        alike = np.column_stack([match.day.choice_buyer_index, slot_wh])
        _, group = np.unique(alike, axis=0, return_inverse=True)
        for first in range(sums.shape[1]):
            least = np.full(group.max() + 1, 2**40)
            np.minimum.at(least, group, sums[:, first])

            assert (sums[:, first] - least[group]).max() <= 1
        assert np.bincount(group).max() > 1
