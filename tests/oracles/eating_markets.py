"""Markets for the tests of matching: drawn by Hypothesis for one slot, or at random for a whole day.

Enter: draws or a seed. Leave: SlotMarket and DayMatchInput. Not here: any expected result.
"""

from datetime import date

import numpy as np
from hypothesis import strategies as st

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.offers import DayMatchInput
from tests.oracles.eating_oracle import SlotMarket, phase

DELIVERY_DATE = date(2020, 11, 20)
SUPPLY_WH = st.one_of(st.integers(0, 3), st.integers(0, 2500), st.sampled_from([0, 1, 700, 2**30, 2**31 - 1]))


@st.composite
def slot_markets(draw, homes_max=8, buyers_max=5, choices_max=4, supply_wh=SUPPLY_WH):
    """Draw a small market of slot 25 with home keys as in day_of."""
    n_buyers = draw(st.integers(1, buyers_max))
    n_homes = draw(st.integers(1, homes_max))
    supplies = draw(st.lists(supply_wh, min_size=n_homes, max_size=n_homes))
    ranking = st.permutations(range(n_buyers))
    lengths = draw(st.lists(st.integers(0, min(n_buyers, choices_max)), min_size=n_homes, max_size=n_homes))
    choices = [draw(ranking)[:length] for length in lengths]
    total = sum(supplies)
    capacity = st.one_of(st.integers(0, 3), st.integers(0, max(1, 2 * total // n_buyers)), st.just(total))
    capacities = draw(st.lists(capacity, min_size=n_buyers, max_size=n_buyers))
    phases = [phase(home_key(home), DELIVERY_DATE.isoformat(), 25) for home in range(n_homes)]
    return SlotMarket(supplies=supplies, choices=choices, capacities=capacities, phases=phases)


def home_key(home: int) -> int:
    """Give a home of the drawn markets a key far from its row number, negative for every other one."""
    return (home + 1) * 1_000_003 * (-1) ** home


def day_of(market: SlotMarket, slot_index: int = 24) -> DayMatchInput:
    """Put a slot's market into a day whose other slots are empty."""
    n_homes, n_buyers = len(market.supplies), len(market.capacities)
    k_max = max(map(len, market.choices))
    supply_wh = np.zeros((SLOTS_PER_DAY, n_homes), dtype=np.int64)
    supply_wh[slot_index] = market.supplies
    capacity_wh = np.zeros((SLOTS_PER_DAY, n_buyers), dtype=np.int64)
    capacity_wh[slot_index] = market.capacities
    choices = np.full((n_homes, k_max), -1, dtype=np.int32)
    for home, ranked in enumerate(market.choices):
        choices[home, : len(ranked)] = ranked
    keys = np.array([home_key(home) for home in range(n_homes)], dtype=np.int64)
    return DayMatchInput(
        home_key=keys,
        choice_buyer_index=choices,
        supply_wh=supply_wh,
        capacity_wh=capacity_wh,
        delivery_date=DELIVERY_DATE,
    )


def random_day(seed: int, n_homes: int, n_buyers: int, k_max: int, scarcity_percent: int = 80) -> DayMatchInput:
    """Make a day at random: a sunny shape, ragged choices, capacities for a part of the supply."""
    rng = np.random.default_rng(seed)
    sun = np.maximum(0, np.sin((np.arange(SLOTS_PER_DAY) - 12) / 24 * np.pi))
    supply_wh = (rng.integers(0, 2500, (SLOTS_PER_DAY, n_homes)) * sun[:, None]).astype(np.int64)
    choices = np.array([rng.permutation(n_buyers)[:k_max] for _ in range(n_homes)], dtype=np.int32)
    lengths = rng.integers(0, k_max + 1, n_homes)
    choices[np.arange(k_max) >= lengths[:, None]] = -1
    mean_wh = supply_wh.sum(axis=1, keepdims=True) * scarcity_percent // (100 * n_buyers)
    capacity_wh = rng.integers(0, 2 * mean_wh + 1, (SLOTS_PER_DAY, n_buyers))
    return DayMatchInput(
        home_key=rng.choice(10**9, n_homes, replace=False).astype(np.int64),
        choice_buyer_index=choices,
        supply_wh=supply_wh,
        capacity_wh=capacity_wh,
        delivery_date=DELIVERY_DATE,
    )


def slot_market_of(day: DayMatchInput, slot_index: int) -> SlotMarket:
    """Give one slot of a day as plain lists for the oracle."""
    date_text = day.delivery_date.isoformat()
    return SlotMarket(
        supplies=day.supply_wh[slot_index].tolist(),
        choices=[[buyer for buyer in row if buyer >= 0] for row in day.choice_buyer_index.tolist()],
        capacities=day.capacity_wh[slot_index].tolist(),
        phases=[phase(key, date_text, slot_index + 1) for key in day.home_key.tolist()],
    )


def fleet_slot(seed: int, n_homes: int, n_buyers: int, k_max: int, scarcity_percent: int = 80):
    """Make one slot of many homes: keys, choices, supplies, capacities; buyers' popularity falls as 1/rank."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, n_buyers + 1)
    # The largest of weighted random keys are a draw without repeats.
    keys = rng.random((n_homes, n_buyers)) ** (1 / popularity)
    choices = np.argsort(-keys, axis=1)[:, :k_max].astype(np.int32)
    choices[np.arange(k_max) >= rng.integers(1, k_max + 1, n_homes)[:, None]] = -1
    supply_wh = rng.integers(0, 2500, n_homes)
    share = rng.random(n_buyers) * np.sqrt(popularity)
    capacity_wh = (share / share.sum() * supply_wh.sum() * scarcity_percent / 100).astype(np.int64)
    return rng.choice(10**9, n_homes, replace=False).astype(np.int64), choices, supply_wh, capacity_wh
