"""Markets with terms for the tests of sharing mechanisms, and their results as plain lists.

Enter: draws. Leave: MatchMarket beside the plain lists that oracles read. Not here: any expected result.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.market import MatchMarket
from tests.oracles.eating_markets import day_of, slot_markets
from tests.oracles.stable_oracle import StableMarket

SLOT_INDEX = 24
KEYS = st.one_of(st.integers(0, 3), st.integers(0, 1000), st.sampled_from([0, 1, 2**31 - 1]))


@st.composite
def keyed_markets(draw, **options):
    """Draw a slot and a key for each choice."""
    slot = draw(slot_markets(**options))
    return slot, [[draw(KEYS) for _ in choices] for choices in slot.choices]


@st.composite
def target_markets(draw, **options):
    """Draw a slot, and the target and use of each tenant."""
    slot = draw(slot_markets(**options))
    n_tenants = len(slot.capacities)
    permilles = draw(st.lists(st.sampled_from([0, 1, 333, 500, 1000]), min_size=n_tenants, max_size=n_tenants))
    uses = [draw(st.one_of(st.integers(0, 3), st.integers(0, 2 * capacity + 1))) for capacity in slot.capacities]
    return slot, permilles, uses


@st.composite
def stable_markets(draw, **options):
    """Draw a slot with few classes, and quotas that often bind."""
    slot = draw(slot_markets(**options))
    classes = [[draw(st.integers(0, 2)) for _ in choices] for choices in slot.choices]
    quotas = [
        [draw(st.one_of(st.just(supply), st.integers(0, supply + 1))) for _ in choices]
        for supply, choices in zip(slot.supplies, slot.choices, strict=True)
    ]
    return StableMarket(slot=slot, classes=classes, quotas=quotas)


def by_choice(slot, lists, dtype=np.int64):
    """Lay ragged lists out beside the choices, 0 where no choice is."""
    laid = np.zeros((len(slot.choices), max(map(len, slot.choices))), dtype=dtype)
    for home, row in enumerate(lists):
        laid[home, : len(row)] = row
    return laid


def keyed_market_of(slot, keys):
    """Give the MatchMarket of a slot with static keys."""
    return MatchMarket(day=day_of(slot, SLOT_INDEX), static_key=by_choice(slot, keys))


def target_market_of(slot, permilles, uses):
    """Give the MatchMarket of a slot with targets and uses."""
    use_wh = np.zeros((SLOTS_PER_DAY, len(uses)), dtype=np.int64)
    use_wh[SLOT_INDEX] = uses
    return MatchMarket(day=day_of(slot, SLOT_INDEX), target_permille=np.array(permilles, dtype=np.int64), use_wh=use_wh)


def stable_market_of(market):
    """Give the MatchMarket of a slot with classes and quotas."""
    return MatchMarket(
        day=day_of(market.slot, SLOT_INDEX),
        class_rank=by_choice(market.slot, market.classes, np.int32),
        pair_quota_wh=by_choice(market.slot, market.quotas),
    )


def parts_in(result, slot):
    """Give the Wh of the slot by home and choice as the oracles give them."""
    parts = [[0] * len(choices) for choices in slot.choices]
    rows = result.allocation
    assert (rows.slot_index == SLOT_INDEX).all()
    for home, choice, wh in zip(
        rows.home_index.tolist(), rows.choice_index.tolist(), rows.energy_wh.tolist(), strict=True
    ):
        parts[home][choice] = wh
    return parts


def fits_still(slot, parts, may_give=None):
    """Give the (home, buyer) pairs with a rest beside room; may_give(home, choice) leaves choices out."""
    got = [0] * len(slot.capacities)
    for choices, row in zip(slot.choices, parts, strict=True):
        for buyer, wh in zip(choices, row, strict=True):
            got[buyer] += wh
    return [
        (home, buyer)
        for home, choices in enumerate(slot.choices)
        for choice, buyer in enumerate(choices)
        if sum(parts[home]) < slot.supplies[home]
        and got[buyer] < slot.capacities[buyer]
        and (may_give is None or may_give(home, choice))
    ]


def turned(market, order):
    """Give the same MatchMarket with its homes in another order of rows."""
    day = replace(
        market.day,
        home_key=market.day.home_key[order],
        choice_buyer_index=market.day.choice_buyer_index[order],
        supply_wh=market.day.supply_wh[:, order],
    )
    by_home = {
        name: None if getattr(market, name) is None else getattr(market, name)[order]
        for name in ("static_key", "class_rank", "pair_quota_wh")
    }
    return replace(market, day=day, **by_home)


def assert_order_of_rows_is_irrelevant(mechanism, market):
    """Turn the homes' rows round and compare what each home gave to whom."""
    order = np.arange(market.day.n_homes)[::-1].copy()
    rows, turned_rows = mechanism(market).allocation, mechanism(turned(market, order)).allocation
    there = sorted(zip(rows.home_index.tolist(), rows.buyer_index.tolist(), rows.energy_wh.tolist(), strict=True))
    back = order[turned_rows.home_index]

    assert there == sorted(
        zip(back.tolist(), turned_rows.buyer_index.tolist(), turned_rows.energy_wh.tolist(), strict=True)
    )
