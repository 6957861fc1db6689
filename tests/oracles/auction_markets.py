"""Markets with prices for the tests of auctions, drawn by Hypothesis for one slot.

Enter: draws. Leaves: MatchMarket and the same as an AuctionSlot. Not here: any expected result.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from sanchi.core.matching.market import MatchMarket, MatchPlaces, MatchPrices
from tests.oracles.auction_oracle import AuctionSlot
from tests.oracles.eating_markets import DELIVERY_DATE, SUPPLY_WH, day_of, slot_market_of, slot_markets
from tests.oracles.eating_oracle import slot_salt_of

SLOT_INDEX = 24
PRICE = st.one_of(st.integers(0, 4), st.integers(700, 1100), st.sampled_from([0, 1, 850, 1_000_000]))


@st.composite
def priced_markets(draw, supply_wh=SUPPLY_WH, price=PRICE):
    """Draw a small market with bids and asks in slot 25."""
    day = day_of(draw(slot_markets(supply_wh=supply_wh)), SLOT_INDEX)
    bids = draw(st.lists(price, min_size=day.n_buyers, max_size=day.n_buyers))
    asks = draw(st.lists(price, min_size=day.n_homes, max_size=day.n_homes))
    return MatchMarket(day=day, prices=prices_of(bids, asks))


@st.composite
def placed_markets(draw):
    """Draw a priced market whose homes and buyers have places and whose fees rise with distance."""
    market = draw(priced_markets())
    homes, buyers = market.day.n_homes, market.day.n_buyers
    steps = draw(st.lists(st.integers(0, 60), min_size=4, max_size=4))
    number = st.integers(-1, 2)
    home_places = draw(st.lists(st.tuples(number, number, number), min_size=homes, max_size=homes))
    buyer_places = draw(st.lists(st.tuples(number, number, number), min_size=buyers, max_size=buyers))
    places = MatchPlaces(
        home_place_no=np.array(home_places, dtype=np.int32).reshape(homes, 3),
        buyer_place_no=np.array(buyer_places, dtype=np.int32).reshape(buyers, 3),
        fee_sen_per_kwh=np.cumsum(steps),
    )
    return replace(market, places=places)


def prices_of(bids, asks) -> MatchPrices:
    """Give prices whose home price nobody looks at."""
    return MatchPrices(
        home_price_sen_per_kwh=np.array(bids, dtype=np.int64),
        buyer_price_sen_per_kwh=np.array(bids, dtype=np.int64),
        ask_sen_per_kwh=np.array(asks, dtype=np.int64),
    )


def auction_slot(market: MatchMarket) -> AuctionSlot:
    """Give the drawn slot as plain lists."""
    plain = slot_market_of(market.day, SLOT_INDEX)
    prices = market.needed_prices("an oracle")
    return AuctionSlot(
        supplies=plain.supplies,
        asks=prices.ask_sen_per_kwh.tolist(),
        phases=plain.phases,
        capacities=plain.capacities,
        bids=prices.buyer_price_sen_per_kwh.tolist(),
        start=slot_salt_of(DELIVERY_DATE.isoformat(), SLOT_INDEX + 1),
    )


def open_to_all(market: MatchMarket) -> MatchMarket:
    """Let every home list every buyer."""
    n_homes, n_buyers = market.day.n_homes, market.day.n_buyers
    choices = np.tile(np.arange(n_buyers, dtype=np.int32), (n_homes, 1))
    return replace(market, day=replace(market.day, choice_buyer_index=choices))
