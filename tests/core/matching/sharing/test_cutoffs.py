"""A buyer's cut-off: exactly the Wh that come first in its order are admitted."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.matching.sharing.cutoffs import EVERY_CLASS_RANK, admitted_wh, cut_within_class, marginal_class
from tests.oracles.eating_oracle import ONE_SLOT, SlotMarket
from tests.oracles.stable_oracle import StableMarket, stable_parts

CUTS = settings(max_examples=300, deadline=None)


@st.composite
def offers(draw):
    """Draw homes of one class that offer more than is left, with words that often share a tick."""
    supplies = draw(st.lists(st.integers(1, 30), min_size=1, max_size=7))
    offered = [draw(st.integers(0, supply)) for supply in supplies]
    words = draw(st.lists(st.integers(0, 2**64 - 1), min_size=len(supplies), max_size=len(supplies), unique=True))
    # The plain way orders by phase alone.
    if not sum(offered) or len({word // 16 for word in words}) < len(words):
        offered, words = supplies, [16 * (place + 1) for place in range(len(supplies))]
    return supplies, offered, words, draw(st.integers(0, sum(offered) - 1))


class TestCutWithinClass:
    @CUTS
    @given(offers())
    def test_cut_off_admits_the_first_wh_of_the_order(self, drawn):
        supplies, offered, words, left = drawn
        supply_wh, offered_wh = np.array(supplies), np.array(offered)
        slot_word = np.array(words, dtype=np.uint64)
        tick, word = cut_within_class(supply_wh, offered_wh, slot_word, left, ONE_SLOT)
        admitted = [
            min(offer, int(admitted_wh(supply, own, 0, 0, tick, word)))
            for supply, offer, own in zip(supplies, offered, slot_word, strict=True)
        ]
        market = StableMarket(
            slot=SlotMarket(
                supplies=supplies,
                choices=[[0]] * len(supplies),
                capacities=[left],
                phases=[own // 16 for own in words],
            ),
            classes=[[0]] * len(supplies),
            quotas=[[offer] for offer in offered],
        )

        assert admitted == [row[0] for row in stable_parts(market)]

    def test_classes_before_are_admitted_whole_and_classes_behind_not_at_all(self):
        word = np.uint64(5)

        assert admitted_wh(70, word, 0, 1, 0, word) == 70
        assert admitted_wh(70, word, 2, 1, ONE_SLOT, word) == 0
        assert admitted_wh(70, word, 2**31 - 1, EVERY_CLASS_RANK, ONE_SLOT, word) == 70


class TestMarginalClass:
    def test_class_that_passes_the_capacity_gets_what_the_ones_before_leave(self):
        ranks, offered_wh = np.array([0, 0, 3, 3, 4]), np.array([10, 20, 30, 40, 50])

        assert marginal_class(ranks, offered_wh, 50) == (2, 4, 20)
        assert marginal_class(ranks, offered_wh, 29) == (0, 2, 29)
        assert marginal_class(ranks, offered_wh, 149) == (4, 5, 49)
