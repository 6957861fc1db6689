"""Splitting whole Wh by weights: exact sums, less than 1 Wh from the share, the odd Wh by public phases."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.sharing.phase_shares import (
    common_phase,
    fraction_of,
    phase_in_word,
    share_of,
    write_phase_shares,
)
from tests.oracles.eating_oracle import ONE_WH
from tests.oracles.share_oracle import phase_cuts

SPLITS = settings(max_examples=400, deadline=None)
WEIGHT = st.one_of(st.integers(0, 3), st.integers(0, 2500), st.integers(0, 2**31 - 1))
MASS_MAX = 2**46 - 1


@st.composite
def splits(draw):
    """Draw a total up to the largest that the arithmetic carries, weights with a sum above zero, and a phase."""
    weights = draw(st.lists(WEIGHT, min_size=1, max_size=9).filter(any))
    total = draw(st.one_of(st.integers(0, sum(weights)), st.integers(0, MASS_MAX)))
    return total, weights, draw(st.one_of(st.integers(0, ONE_WH - 1), st.sampled_from([0, ONE_WH // 2, ONE_WH - 1])))


def split(total, weights, phase):
    """Split by the fast way."""
    parts_wh = np.empty(len(weights), dtype=np.int64)
    write_phase_shares(np.int64(total), np.array(weights), np.int64(phase), parts_wh)
    return parts_wh.tolist()


class TestPhaseShares:
    @SPLITS
    @given(splits())
    def test_parts_sum_to_the_total_each_less_than_one_wh_from_its_share(self, drawn):
        total, weights, _ = drawn
        parts = split(*drawn)

        assert sum(parts) == total
        assert all(
            abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
        )

    @SPLITS
    @given(splits())
    def test_parts_equal_the_plain_fractions(self, drawn):
        assert split(*drawn) == phase_cuts(*drawn)

    @given(st.integers(0, 20), st.lists(st.integers(0, 6), min_size=1, max_size=5).filter(any))
    def test_shares_are_right_on_average_over_all_phases(self, total, weights):
        # Phases in steps of one part of the weights cover each way of cutting equally often.
        n_steps = sum(weights)
        sums = [0] * len(weights)
        for step in range(n_steps):
            # Rounded up, so that a cut which lies on a whole Wh is met.
            phase = -(-step * ONE_WH // n_steps)
            sums = [got + part for got, part in zip(sums, split(total, weights, phase), strict=True)]

        assert sums == [total * weight for weight in weights]


class TestCommonPhase:
    @given(st.lists(st.integers(0, 2**64 - 1), max_size=9))
    def test_common_phase_is_the_sum_in_any_order_without_whole_wh(self, words):
        slot_word = np.array(words, dtype=np.uint64)

        assert common_phase(slot_word) == sum(word // 16 for word in words) % ONE_WH
        assert common_phase(slot_word[::-1]) == common_phase(slot_word)


class TestShareOf:
    @SPLITS
    @given(st.integers(0, MASS_MAX), st.integers(1, MASS_MAX), st.data())
    def test_quotient_and_remainder_are_exact_up_to_the_limits(self, total, weights, data):
        weight = data.draw(st.integers(0, weights))
        whole, left = share_of(np.int64(total), np.int64(weight), np.int64(weights))

        assert (int(whole), int(left)) == divmod(total * weight, weights)
        assert int(fraction_of(np.int64(left), np.int64(weights))) == int(left) * ONE_WH // weights

    @given(st.integers(0, 2**64 - 1))
    def test_phase_is_the_upper_60_bits_of_the_word(self, word):
        assert int(phase_in_word(np.uint64(word))) == word // 16
