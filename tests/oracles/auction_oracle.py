"""Auctions and the best transport the slow, obvious way: Python integers and fractions, one slot, no arrays.

Enter: plain lists of one slot. Leave: trades, welfare. Not here: sanchi's own code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True, kw_only=True)
class AuctionSlot:
    """One slot: supplies and asks of homes with their phases, capacities and bids of buyers, the public start."""

    supplies: list[int]
    asks: list[int]
    phases: list[int]
    capacities: list[int]
    bids: list[int]
    start: int


@dataclass(frozen=True, kw_only=True)
class Margin:
    """Volume, last bid, last ask."""

    volume: int
    bid: int
    ask: int


def wanted(slot: AuctionSlot) -> list[int]:
    """Cap what buyers want at all that is offered."""
    return [min(capacity, sum(slot.supplies)) for capacity in slot.capacities]


def margin(slot: AuctionSlot) -> Margin | None:
    """Try every price that anybody names."""
    sellers = list(zip(slot.asks, slot.supplies, strict=True))
    takers = list(zip(slot.bids, wanted(slot), strict=True))
    volume = 0
    for price in {*slot.asks, *slot.bids}:
        sold = sum(energy for ask, energy in sellers if ask <= price)
        bought = sum(energy for bid, energy in takers if bid >= price)
        volume = max(volume, min(sold, bought))
    if volume == 0:
        return None
    last_ask = min(a for a, _ in sellers if sum(energy for ask, energy in sellers if ask <= a) >= volume)
    last_bid = max(b for b, _ in takers if sum(energy for bid, energy in takers if bid >= b) >= volume)
    return Margin(volume=volume, bid=last_bid, ask=last_ask)


def home_order(slot: AuctionSlot) -> list[int]:
    """Order homes by phase."""
    return sorted(range(len(slot.supplies)), key=lambda home: slot.phases[home])


def buyer_order(slot: AuctionSlot) -> list[int]:
    """Order buyers by bid, capacity, number."""
    sizes = wanted(slot)
    return sorted(range(len(slot.bids)), key=lambda buyer: (-slot.bids[buyer], -sizes[buyer], buyer))


def shared(amounts: Sequence[int], total: int, start: int) -> list[int]:
    """Share a total pro rata, cut at whole numbers after a first offset."""
    whole = sum(amounts)
    if total == 0:
        return [0 for _ in amounts]
    first = Fraction(start % whole, whole)
    cuts = [floor(first + Fraction(sum(amounts[: n + 1]) * total, whole)) for n in range(len(amounts))]
    return [cut - before for cut, before in zip(cuts, [0, *cuts[:-1]], strict=True)]


def filled(amounts: list[int], ranks: list[int], last: int, order: list[int], total: int, start: int) -> list[int]:
    """Fill everybody whose rank is below the last whole, those at the last pro rata."""
    parts = [amount if rank < last else 0 for amount, rank in zip(amounts, ranks, strict=True)]
    tied = [index for index in order if ranks[index] == last]
    for index, part in zip(tied, shared([amounts[i] for i in tied], total - sum(parts), start), strict=True):
        parts[index] = part
    return parts


def merit_parts(slot: AuctionSlot, found: Margin) -> tuple[list[int], list[int]]:
    """Give what is sold and bought in merit order."""
    sold = filled(slot.supplies, slot.asks, found.ask, home_order(slot), found.volume, slot.start)
    falling = [-bid for bid in slot.bids]
    return sold, filled(wanted(slot), falling, -found.bid, buyer_order(slot), found.volume, slot.start)


def shared_parts(slot: AuctionSlot, found: Margin) -> tuple[list[int], list[int]]:
    """Give what is sold and bought pro rata over all that the margin admits."""
    flat_asks = [0 if ask <= found.ask else 1 for ask in slot.asks]
    flat_bids = [0 if bid >= found.bid else 1 for bid in slot.bids]
    sold = filled(slot.supplies, flat_asks, 0, home_order(slot), found.volume, slot.start)
    return sold, filled(wanted(slot), flat_bids, 0, buyer_order(slot), found.volume, slot.start)


def widened(slot: AuctionSlot, found: Margin) -> Margin:
    """Let all take part on the side that has too much who do not lose against the other side's last price."""
    offers = [ask for ask, energy in zip(slot.asks, slot.supplies, strict=True) if energy]
    requests = [bid for bid, energy in zip(slot.bids, wanted(slot), strict=True) if energy]
    cheap = sum(energy for ask, energy in zip(slot.asks, slot.supplies, strict=True) if ask <= found.ask)
    if cheap == found.volume:
        return Margin(volume=found.volume, ask=found.ask, bid=min(bid for bid in requests if bid >= found.ask))
    return Margin(volume=found.volume, bid=found.bid, ask=max(ask for ask in offers if ask <= found.bid))


def pairs(sold: list[int], homes: list[int], bought: list[int], buyers: list[int]) -> list[tuple[int, int, int]]:
    """Walk along both queues."""
    left, room = list(sold), list(bought)
    trades = []
    for home in homes:
        for buyer in buyers:
            energy = min(left[home], room[buyer])
            if energy:
                trades.append((home, buyer, energy))
                left[home] -= energy
                room[buyer] -= energy
    return trades


def auction(slot: AuctionSlot, rule: str) -> list[tuple[int, int, int, int]]:
    """Give the trades (home, buyer, Wh, money) by home and buyer."""
    found = margin(slot)
    if found is None:
        return []
    if rule == "mid_market_rate":
        found = widened(slot, found)
    sold, bought = shared_parts(slot, found) if rule == "mid_market_rate" else merit_parts(slot, found)
    homes = home_order(slot)
    if rule == "pay_as_bid":
        homes = sorted(homes, key=lambda home: slot.asks[home])
    rows, so_far, paid = [], Fraction(0), 0
    for home, buyer, energy in pairs(sold, homes, bought, buyer_order(slot)):
        middle = Fraction(found.bid + found.ask, 2)
        so_far += energy * (slot.bids[buyer] if rule == "pay_as_bid" else middle)
        rows.append((home, buyer, energy, floor(so_far) - paid))
        paid = floor(so_far)
    return sorted(rows)


Pair = tuple[int, int]
Reach = dict[int, tuple[int, list[tuple[int, int, int]]]]


def best_welfare(supplies: list[int], capacities: list[int], gains: dict[Pair, int]) -> int:
    """Send Wh along the best path again and again, paths through earlier trades included, until none gains."""
    flow = dict.fromkeys(gains, 0)
    left, room, total = list(supplies), list(capacities), 0
    while True:
        reach = best_ways(left, gains, flow, len(capacities))
        ends = [(worth, path) for buyer, (worth, path) in reach.items() if room[buyer] and worth > 0]
        if not ends:
            return total
        worth, path = max(ends)
        first, last = path[0][0], path[-1][1]
        push = min([left[first], room[last], *(flow[home, buyer] for home, buyer, sign in path if sign < 0)])
        for home, buyer, sign in path:
            flow[home, buyer] += sign * push
        left[first] -= push
        room[last] -= push
        total += worth * push


def best_ways(left: list[int], gains: dict[Pair, int], flow: dict[Pair, int], n_buyers: int) -> Reach:
    """Give the best way to bring a Wh to each buyer: from a home with something left, or by moving earlier trades."""
    reach: Reach = {}
    for (home, buyer), gain in gains.items():
        if left[home] and (buyer not in reach or gain > reach[buyer][0]):
            reach[buyer] = (gain, [(home, buyer, 1)])
    for _ in range(n_buyers):
        moves = [(home, via, buyer) for home, via in flow for other, buyer in gains if other == home and buyer != via]
        for home, via, buyer in moves:
            if not flow[home, via] or via not in reach:
                continue
            worth = reach[via][0] - gains[home, via] + gains[home, buyer]
            if buyer not in reach or worth > reach[buyer][0]:
                reach[buyer] = (worth, [*reach[via][1], (home, via, -1), (home, buyer, 1)])
    return reach
