"""Sharing the slow, obvious way: big integers, one slot, every home and buyer looked at again each round.

Enter: a SlotMarket and keys. Leave: Wh by home and choice. Not here: sanchi's own code.
"""

from fractions import Fraction
from itertools import pairwise

from tests.oracles.eating_markets import home_key
from tests.oracles.eating_oracle import ONE_WH, SlotMarket


def phase_cuts(total: int, weights: list[int], phase: int) -> list[int]:
    """Lay the exact shares end to end and cut at floor(share so far + phase)."""
    marks = [0]
    for last in range(len(weights)):
        exact = Fraction(total * sum(weights[: last + 1]), sum(weights))
        marks.append((exact + Fraction(phase, ONE_WH)).__floor__())
    return [later - earlier for earlier, later in pairwise(marks)]


class SlotShares:
    """One slot in work: what homes have left, what room buyers have, what was given."""

    def __init__(self, market: SlotMarket, keys: list[int] | None = None) -> None:
        """Begin with whole supplies and capacities; homes have the keys of drawn markets unless others are given."""
        self.market = market
        self.home_keys = keys or [home_key(home) for home in range(len(market.supplies))]
        self.rests = list(market.supplies)
        self.rooms = list(market.capacities)
        self.parts = [[0] * len(choices) for choices in market.choices]

    def take(self, asks: dict[tuple[int, int], int]) -> None:
        """Let every buyer take what it is asked, or its room pro rata; asks by (home, buyer)."""
        for buyer in range(len(self.rooms)):
            askers = [home for home, asked in asks if asked == buyer and asks[home, buyer]]
            askers.sort(key=lambda home: self.home_keys[home])
            weights = [asks[home, buyer] for home in askers]
            taken = weights
            if sum(weights) > self.rooms[buyer]:
                taken = phase_cuts(
                    self.rooms[buyer], weights, sum(self.market.phases[home] for home in askers) % ONE_WH
                )
            for home, wh in zip(askers, taken, strict=True):
                self.rests[home] -= wh
                self.rooms[buyer] -= wh
                self.parts[home][self.market.choices[home].index(buyer)] += wh

    def asks_first_open(self) -> dict[tuple[int, int], int]:
        """Each home offers all it has to its first choice with room."""
        asks = {}
        for home, choices in enumerate(self.market.choices):
            with_room = [buyer for buyer in choices if self.rooms[buyer]]
            if with_room and self.rests[home]:
                asks[home, with_room[0]] = self.rests[home]
        return asks

    def asks_by_key(self, keys: list[list[int]], *, only_open: bool) -> dict[tuple[int, int], int]:
        """Each home cuts what it has by its keys, over the choices with room or over all."""
        asks = {}
        for home, choices in enumerate(self.market.choices):
            asked = [place for place, buyer in enumerate(choices) if self.rooms[buyer] or not only_open]
            own = [keys[home][place] for place in asked]
            if sum(own) and self.rests[home]:
                cuts = phase_cuts(self.rests[home], own, self.market.phases[home])
                asks.update(
                    {(home, choices[place]): wh for place, wh in zip(asked, cuts, strict=True) if wh},
                )
        return asks

    def pass_on(self, keys: list[list[int]]) -> None:
        """Cut and take over the choices with room until nobody asks."""
        while asks := self.asks_by_key(keys, only_open=True):
            self.take(asks)


def pro_rata_parts(market: SlotMarket, keys: list[int] | None = None) -> list[list[int]]:
    """Offer in rounds until nobody asks."""
    shares = SlotShares(market, keys)
    while asks := shares.asks_first_open():
        shares.take(asks)
    return shares.parts


def fixed_share_parts(market: SlotMarket, keys: list[list[int]], *, is_passed_on: bool) -> list[list[int]]:
    """Cut once over all choices; then, if asked for, again over those with room."""
    shares = SlotShares(market)
    shares.take(shares.asks_by_key(keys, only_open=False))
    if is_passed_on:
        shares.pass_on(keys)
    return shares.parts


def target_share_parts(market: SlotMarket, permilles: list[int], uses: list[int]) -> list[list[int]]:
    """Fill to the targets by shortfall, then to the capacities by use."""
    targets = [(Fraction(use * permille, 1000)).__ceil__() for use, permille in zip(uses, permilles, strict=True)]
    shares = SlotShares(market)
    shares.rooms = [min(pair) for pair in zip(targets, market.capacities, strict=True)]
    shares.pass_on([[targets[buyer] for buyer in choices] for choices in market.choices])
    got = [0] * len(targets)
    for choices, row in zip(market.choices, shares.parts, strict=True):
        for buyer, wh in zip(choices, row, strict=True):
            got[buyer] += wh
    shares.rooms = [capacity - wh for capacity, wh in zip(market.capacities, got, strict=True)]
    shares.pass_on([[uses[buyer] for buyer in choices] for choices in market.choices])
    return shares.parts
