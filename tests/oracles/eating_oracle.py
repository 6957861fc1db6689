"""Simultaneous eating the slow, obvious way: Python integers and fractions, one slot, no heap, no limbs.

Enter: plain lists of one slot. Leave: closing times, rounding numbers, parts. Not here: sanchi's own code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b

ONE_SLOT = 2**32
ONE_WH = 2**60
ROUNDING_MAX = 3 * ONE_WH
TAKES_NOTHING = -4 * ONE_WH
WORD_MASK = 2**64 - 1


@dataclass(frozen=True, kw_only=True)
class SlotMarket:
    """One slot: supplies and capacities [Wh], ranked buyers of each home, phases [2^-60 Wh]."""

    supplies: list[int]
    choices: list[list[int]]
    capacities: list[int]
    phases: list[int]


def mixed(word: int) -> int:
    """Mix a 64-bit word with the finaliser of splitmix64."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD_MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD_MASK
    return word ^ (word >> 31)


def phase(home_key: int, date_text: str, slot_no: int) -> int:
    """Give the phase of a home from its key and the text "date/slot"."""
    salt = slot_salt_of(date_text, slot_no)
    return mixed(mixed((home_key + 0x9E3779B97F4A7C15) & WORD_MASK) ^ salt) // 16


def slot_salt_of(date_text: str, slot_no: int) -> int:
    """Give the salt of a slot from the text "date/slot"."""
    digest = blake2b(f"{date_text}/{slot_no}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") // 4


def closing_times(market: SlotMarket) -> list[int]:
    """Close buyers in the order (closing time, buyer), each time looking at every home again."""
    closed: dict[int, int] = {}
    while True:
        candidates = []
        for buyer, capacity in enumerate(market.capacities):
            mass, late = eating_at(market, buyer, closed)
            if mass:
                candidates.append(((capacity * ONE_SLOT + late) // mass, buyer))
        if not candidates or min(candidates)[0] >= ONE_SLOT:
            return [closed.get(buyer, ONE_SLOT) for buyer in range(len(market.capacities))]
        closing, buyer = min(candidates)
        closed[buyer] = closing


def real_closing_times(market: SlotMarket) -> list[Fraction]:
    """Close buyers in exact rational time: no tick, no rounding; 1 = never closed."""
    closed: dict[int, Fraction] = {}
    while True:
        candidates = []
        for buyer, capacity in enumerate(market.capacities):
            mass, late = eating_at(market, buyer, closed)
            if mass:
                candidates.append((Fraction(capacity + late) / mass, buyer))
        if not candidates or min(candidates)[0] >= 1:
            return [closed.get(buyer, Fraction(1)) for buyer in range(len(market.capacities))]
        closing, buyer = min(candidates)
        closed[buyer] = closing


def eating_at(market: SlotMarket, buyer: int, closed: dict):
    """Give the supply that eats at an open buyer now, and the sum of supply times arrival."""
    mass = late = 0
    if buyer in closed:
        return mass, late
    for supply, choices in zip(market.supplies, market.choices, strict=True):
        arrival = arrival_among(choices, buyer, closed)
        if arrival is not None:
            mass += supply
            late += supply * arrival
    return mass, late


def arrival_among(choices: Sequence[int], buyer: int, closed: dict):
    """Give when a home came to the buyer where it eats now, or None if it eats elsewhere."""
    arrival = 0
    for choice in choices:
        if choice == buyer:
            return arrival
        if choice not in closed:
            return None
        arrival = max(arrival, closed[choice])
    return None


def eaten(supply: int, closing: int, home_phase: int, rounding: int, before: int) -> int:
    """Give what a home has poured out at a closing, in whole Wh."""
    if rounding == TAKES_NOTHING:
        return before
    return min(max((supply * closing * 2**28 + home_phase + rounding) // ONE_WH, before), supply)


def rounding_of(homes: list[tuple[int, int, int]], closing: int, capacity: int) -> int:
    """Give the rounding number of a buyer by trying every number at which a home steps.

    homes: (supply, before, phase) of those that came before the closing.
    """

    def taken(rounding: int) -> int:
        return sum(eaten(supply, closing, u, rounding, before) - before for supply, before, u in homes)

    if taken(0) == capacity or (taken(0) < capacity and closing == ONE_SLOT):
        return 0
    steps = {
        whole * ONE_WH - (supply * closing * 2**28 + u) % ONE_WH for supply, _, u in homes for whole in range(-3, 5)
    }
    if taken(0) > capacity:
        below = [step - 1 for step in steps if -ROUNDING_MAX <= step - 1 < 0] + [-ROUNDING_MAX]
        fitting = [rounding for rounding in below if taken(rounding) <= capacity]
        return max(fitting, default=TAKES_NOTHING)
    above = [0, *(step for step in steps if 0 < step <= ROUNDING_MAX)]
    fitting = [rounding for rounding in above if taken(rounding) <= capacity]
    most = max(taken(rounding) for rounding in fitting)
    return min(rounding for rounding in fitting if taken(rounding) == most)


def roundings(market: SlotMarket, closings: list[int]) -> list[int]:
    """Give the rounding numbers of a slot, buyers in closing order."""
    found = [0] * len(closings)
    before = [0] * len(market.supplies)
    for buyer in sorted(range(len(closings)), key=lambda buyer: (closings[buyer], buyer)):
        came = [
            home
            for home, choices in enumerate(market.choices)
            if buyer in choices
            and closings[buyer] > max((closings[choice] for choice in choices[: choices.index(buyer)]), default=0)
        ]
        homes = [(market.supplies[home], before[home], market.phases[home]) for home in came]
        found[buyer] = rounding_of(homes, closings[buyer], market.capacities[buyer])
        for home, (supply, before_wh, u) in zip(came, homes, strict=True):
            before[home] = eaten(supply, closings[buyer], u, found[buyer], before_wh)
    return found


def parts(market: SlotMarket, closings: list[int], found: list[int]) -> list[list[int]]:
    """Give each home's parts from the table alone."""
    rows = []
    for supply, choices, u in zip(market.supplies, market.choices, market.phases, strict=True):
        row, before, arrival = [], 0, 0
        for buyer in choices:
            after = before
            if closings[buyer] > arrival:
                arrival = closings[buyer]
                after = eaten(supply, arrival, u, found[buyer], before)
            row.append(after - before)
            before = after
        rows.append(row)
    return rows


def real_parts(market: SlotMarket) -> list[list[Fraction]]:
    """Give each home's real shares: supply * max(0, closing - latest closing before)."""
    closings = real_closing_times(market)
    rows = []
    for supply, choices in zip(market.supplies, market.choices, strict=True):
        row, arrival = [], Fraction(0)
        for buyer in choices:
            row.append(supply * max(Fraction(0), closings[buyer] - arrival))
            arrival = max(arrival, closings[buyer])
        rows.append(row)
    return rows
