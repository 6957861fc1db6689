"""Closing times against plain integers and against real time."""

from fractions import Fraction

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.eating.closing import (
    NEVER_CLOSED_T32,
    closing_word,
    last_tick_within,
    later_by,
    lower_word,
    take_first,
    word_parts,
)
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.offers import HOME_SUPPLY_WH_MAX, SLOT_SUPPLY_WH_MAX
from tests.oracles.eating_markets import day_of, slot_markets
from tests.oracles.eating_oracle import ONE_SLOT, SlotMarket, closing_times, real_closing_times

compiled_last_tick = numba.njit(last_tick_within)
compiled_later = numba.njit(later_by)


@st.composite
def eaters(draw):
    """Draw a mass that came at one or two ticks, up to the largest allowed, with a capacity."""
    early_wh = draw(st.one_of(st.integers(0, SLOT_SUPPLY_WH_MAX), st.integers(2**46 - 2**33, SLOT_SUPPLY_WH_MAX)))
    late_wh = draw(st.integers(0, SLOT_SUPPLY_WH_MAX - early_wh))
    arrived_t32 = draw(st.integers(0, ONE_SLOT - 1))
    capacity_wh = draw(st.one_of(st.integers(0, early_wh + late_wh), st.integers(0, 2**63 - 1)))
    return early_wh + late_wh, late_wh * arrived_t32, capacity_wh


class TestLastTick:
    @settings(max_examples=400, deadline=None)
    @given(eaters())
    def test_division_in_two_limbs_is_exact_up_to_the_largest_mass(self, eater):
        mass_wh, late, capacity_wh = eater
        expected = min(ONE_SLOT, (capacity_wh * ONE_SLOT + late) // mass_wh) if mass_wh else ONE_SLOT

        assert compiled_last_tick(capacity_wh, late >> 32, late & 2**32 - 1, mass_wh) == expected

    def test_largest_numbers_are_exact(self):
        mass_wh = SLOT_SUPPLY_WH_MAX
        late = (mass_wh - 1) * (ONE_SLOT - 1)
        for capacity_wh in (0, 1, 16_383, 16_384, mass_wh - 1, mass_wh, 2**63 - 1):
            expected = min(ONE_SLOT, (capacity_wh * ONE_SLOT + late) // mass_wh)

            assert compiled_last_tick(capacity_wh, late >> 32, late & 2**32 - 1, mass_wh) == expected


class TestLaterBy:
    @settings(max_examples=400)
    @given(
        st.one_of(st.integers(0, SLOT_SUPPLY_WH_MAX), st.just(SLOT_SUPPLY_WH_MAX)),
        st.integers(0, ONE_SLOT - 1),
        st.one_of(st.integers(0, SLOT_SUPPLY_WH_MAX), st.just(SLOT_SUPPLY_WH_MAX)),
        st.one_of(st.integers(0, ONE_SLOT - 1), st.just(ONE_SLOT - 1)),
    )
    def test_limbs_hold_mass_times_arrival_up_to_the_largest_mass(self, late_wh, late_t32_wh, mass_wh, arrived_t32):
        expected = late_wh * ONE_SLOT + late_t32_wh + mass_wh * arrived_t32

        assert compiled_later(late_wh, late_t32_wh, mass_wh, arrived_t32) == divmod(expected, ONE_SLOT)


class TestQueue:
    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 20), st.booleans()), max_size=60))
    def test_first_is_the_smallest_closing_time_then_the_first_buyer(self, events):
        queue_word, queue_position, n_queued = np.empty(8, dtype=np.int64), np.full(8, -1), 0
        expected = {}
        for buyer, closing, takes in events:
            if takes and expected:
                first = word_parts(take_first(queue_word, queue_position, n_queued))
                n_queued -= 1

                assert first == min((closes, named) for named, closes in expected.items())

                del expected[first[1]]
            # A closing time only falls.
            expected[buyer] = min(closing, expected.get(buyer, closing))
            n_queued = lower_word(queue_word, queue_position, n_queued, closing_word(expected[buyer], buyer))

            assert n_queued == len(expected)

    def test_word_keeps_the_last_tick_and_the_last_buyer(self):
        word = closing_word(ONE_SLOT - 1, 2**31 - 1)

        assert word == 2**63 - 1
        assert word_parts(word) == (ONE_SLOT - 1, 2**31 - 1)


class TestClosingTimes:
    @settings(max_examples=250, deadline=None)
    @given(slot_markets())
    def test_closing_times_equal_the_plain_integers(self, market):
        match = match_day(day_of(market))

        assert match.closing_t32[24].tolist() == closing_times(market)

    @settings(max_examples=150, deadline=None)
    @given(slot_markets())
    def test_real_time_is_later_by_fewer_ticks_than_buyers(self, market):
        match = match_day(day_of(market))
        for closing, real in zip(match.closing_t32[24].tolist(), real_closing_times(market), strict=True):
            late_ticks = real * ONE_SLOT - closing

            assert 0 <= late_ticks < len(market.capacities)

    def test_masses_near_the_limit_close_as_in_plain_integers(self):
        # 2^15 homes of the largest supply: 2^46 - 2^15 Wh, most of which moves to the second buyer late.
        n_homes = 2**15
        choices = [[0, 1] if home % 8 else [1, 0] for home in range(n_homes)]
        total_wh = n_homes * HOME_SUPPLY_WH_MAX
        capacities = [total_wh * 7 // 8 * 9 // 10, total_wh // 5]
        market = SlotMarket(
            supplies=[HOME_SUPPLY_WH_MAX] * n_homes,
            choices=choices,
            capacities=capacities,
            phases=[0] * n_homes,
        )
        match = match_day(day_of(market))

        assert match.closing_t32[24].tolist() == closing_times(market)
        assert match.closing_t32[24].max() < ONE_SLOT
        assert match.intake_wh[24].tolist() == capacities

    def test_full_first_choice_closes_at_its_share_of_the_supply(self):
        market = SlotMarket(supplies=[300, 700], choices=[[0], [0, 1]], capacities=[620, 900], phases=[0, 0])
        closing_t32 = match_day(day_of(market)).closing_t32[24]

        assert closing_t32.tolist() == [int(Fraction(62, 100) * ONE_SLOT), NEVER_CLOSED_T32]

    def test_buyer_without_capacity_closes_when_the_first_home_comes(self):
        market = SlotMarket(supplies=[1000, 1000], choices=[[0, 1], [2]], capacities=[500, 0, 0], phases=[0, 0])
        closing_t32 = match_day(day_of(market)).closing_t32[24]

        assert closing_t32.tolist() == [ONE_SLOT // 2, ONE_SLOT // 2, 0]

    def test_buyer_whom_nobody_reaches_never_closes(self):
        market = SlotMarket(supplies=[100], choices=[[0, 1]], capacities=[100, 0], phases=[0])

        assert match_day(day_of(market)).closing_t32[24].tolist() == [ONE_SLOT, ONE_SLOT]

    def test_empty_slots_never_close(self):
        market = SlotMarket(supplies=[100], choices=[[0]], capacities=[10], phases=[0])
        closing_t32 = match_day(day_of(market)).closing_t32

        assert (np.delete(closing_t32, 24, axis=0) == NEVER_CLOSED_T32).all()
