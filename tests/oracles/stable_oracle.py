"""Stable allocation the slow, obvious way: every Wh proposes for itself; and the search for blocking pairs.

Enter: a SlotMarket, classes and quotas. Leave: Wh by home and choice, blocking pairs. Not here: sanchi's own code.
"""

from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.eating_oracle import ONE_SLOT, ONE_WH, SlotMarket


@dataclass(frozen=True, kw_only=True)
class StableMarket:
    """A slot with the class of each home at each of its choices, and the quota of the pair [Wh]."""

    slot: SlotMarket
    classes: list[list[int]]
    quotas: list[list[int]]

    def place(self, home: int, choice: int, nth: int) -> tuple[int, int, int]:
        """Give where a home's nth Wh (1 = first) stands in the order of a choice: class, tick, phase."""
        supply, phase = self.slot.supplies[home], self.slot.phases[home]
        tick = (Fraction(nth * ONE_WH - phase, ONE_WH) * ONE_SLOT / supply).__ceil__()
        return self.classes[home][choice], tick, phase


def stable_parts(market: StableMarket) -> list[list[int]]:
    """Let one Wh after the other propose; a full buyer refuses the last Wh of its order, and its home's later ones."""
    slot = market.slot
    held = [[0] * len(choices) for choices in slot.choices]
    refused: set[tuple[int, int]] = set()
    while True:
        proposal = next_proposal(market, held, refused)
        if proposal is None:
            return held
        home, choice = proposal
        held[home][choice] += 1
        buyer = slot.choices[home][choice]
        holders = [
            (other, choices.index(buyer))
            for other, choices in enumerate(slot.choices)
            if buyer in choices and held[other][choices.index(buyer)]
        ]
        if sum(held[other][at] for other, at in holders) > slot.capacities[buyer]:
            last = max(holders, key=lambda pair: market.place(pair[0], pair[1], held[pair[0]][pair[1]]))
            held[last[0]][last[1]] -= 1
            refused.add(last)


def next_proposal(market: StableMarket, held: list[list[int]], refused: set[tuple[int, int]]):
    """Give a home with a Wh left and its best choice that has not refused it and is below its quota."""
    for home, supply in enumerate(market.slot.supplies):
        if sum(held[home]) == supply:
            continue
        for choice in range(len(held[home])):
            if (home, choice) not in refused and held[home][choice] < market.quotas[home][choice]:
                return home, choice
    return None


def blocking_pairs(market: StableMarket, parts: list[list[int]]) -> list[tuple[int, int]]:
    """Give each (home, choice) that would rather give and take one more Wh: see the mechanism's definition."""
    slot = market.slot
    pairs = []
    for home, choices in enumerate(slot.choices):
        for choice, buyer in enumerate(choices):
            has_worse = sum(parts[home]) < slot.supplies[home] or any(parts[home][choice + 1 :])
            if not has_worse or parts[home][choice] >= market.quotas[home][choice]:
                continue
            holders = [
                (other, at)
                for other, listed in enumerate(slot.choices)
                for at, named in enumerate(listed)
                if named == buyer and parts[other][at]
            ]
            has_room = sum(parts[other][at] for other, at in holders) < slot.capacities[buyer]
            own = market.place(home, choice, parts[home][choice] + 1)
            if has_room or any(
                market.place(other, at, parts[other][at]) > own for other, at in holders if other != home
            ):
                pairs.append((home, choice))
    return pairs
