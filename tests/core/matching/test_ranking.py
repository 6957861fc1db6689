"""Buyers ranked by worth are those that a slow count with fractions of a yen ranks, in its order."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.matching.ranking import OfferValues, WorthWeights, rank_by_worth, worth_of_offers
from tests.oracles.ranking_oracle import PlainOffer, PlainWeights, ranked_buyers, worth_sen

SMALL = st.integers(0, 3)
PRICES = SMALL.map(lambda price: price * 100) | st.integers(0, 1_000_000)
OFFERS = st.lists(st.builds(PlainOffer, PRICES, PRICES, PRICES, PRICES, st.booleans()), min_size=1, max_size=6)
PERMILLES = st.integers(0, 1_000) | st.sampled_from([0, 500, 1_000])
WEIGHTS = st.builds(PlainWeights, PERMILLES, PERMILLES, PERMILLES)


def column(values):
    return np.array(list(values), dtype=np.int64)


def worth_and_list(offers, weights, standard_sen, n_choices_max):
    """Rank the offers for one home."""
    worth = worth_of_offers(
        OfferValues(
            home_price_sen_per_kwh=column(each.price_sen for each in offers),
            points_sen_per_kwh=column(each.points_sen for each in offers),
            coupon_sen_per_kwh=column(each.coupon_sen for each in offers),
        ),
        WorthWeights(
            money_permille=column([weights.money_permille]),
            points_permille=column([weights.points_permille]),
            coupon_permille=column([weights.coupon_permille]),
        ),
        column(each.bonus_sen for each in offers)[None],
    )
    meets = np.array([[each.is_open for each in offers]])
    standard = column([standard_sen * weights.money_permille])
    ranked = rank_by_worth(worth, standard, meets, column([n_choices_max]))
    return worth[0].tolist(), [position for position in ranked[0].tolist() if position >= 0]


class TestRanking:
    @given(offers=OFFERS, weights=WEIGHTS, standard_sen=PRICES, n_choices_max=st.integers(1, 7))
    def test_is_that_of_the_slow_count(self, offers, weights, standard_sen, n_choices_max):
        worth, positions = worth_and_list(offers, weights, standard_sen, n_choices_max)

        assert [Fraction(each, 1_000) for each in worth] == [worth_sen(each, weights) for each in offers]
        assert positions == ranked_buyers(offers, weights, standard_sen, n_choices_max)

    def test_of_a_home_does_not_depend_on_other_homes(self):
        worth = column([3, 1, 2, 1, 3, 2]).reshape(2, 3)
        meets = np.ones((2, 3), dtype=np.bool_)

        ranked = rank_by_worth(worth, column([1, 0]), meets, column([5, 2]))

        assert ranked.tolist() == [[0, 2], [1, 2]]

    def test_of_no_home_or_no_buyer_is_empty(self):
        no_home, no_buyer = np.empty((0, 3), dtype=np.int64), np.empty((2, 0), dtype=np.int64)

        assert rank_by_worth(no_home, column([]), no_home > 0, column([])).shape == (0, 0)
        assert rank_by_worth(no_buyer, column([0, 0]), no_buyer > 0, column([3, 3])).shape == (2, 0)
