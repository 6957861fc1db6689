"""Fill a gap the slow and obvious way: sample by sample and slot by slot, with dicts of slots.

Enters: what slots measured, by ordinal. Leaves: lists of integers. Nothing is shared with the code under test.
"""

from bisect import bisect_left
from dataclasses import dataclass

TOP = 65_536
BAND = 4_096
WEEKEND = (5, 6)


@dataclass(kw_only=True)
class OraclePoint:
    """wh : slots measured; step_wh : what one count of a slot's register stands for; slots [first_slot, end_slot)."""

    is_pv: bool
    wh: dict[int, int]
    step_wh: dict[int, int]
    first_slot: int
    end_slot: int


def filled(point: OraclePoint, first: int, last: int, gap_wh: int) -> list[int]:
    """Spread a gap's energy over its slots [first, last)."""
    near = without_gap(point, first, last, reach_days=21)
    samples = []
    for slot in range(first, last):
        if last - first <= 48:
            span, span_wh = (first, last), gap_wh
        else:
            span, span_wh = (max(first, slot // 48 * 48), min(last, slot // 48 * 48 + 48)), None
        samples.append(samples_of(point, near, slot, span, (first, last), span_wh))
    known = [slot_samples for slot_samples in samples if slot_samples]
    if not known:
        return largest_remainder(gap_wh, [1] * (last - first))
    known_wh = gap_wh * len(known) // (last - first)
    level = bisect_left(
        range(TOP + 1), True, key=lambda level: sum(banded(one, level) for one in known) >= known_wh * width(level)
    )
    lower, upper = (max(level - BAND, 0), min(level + BAND, TOP)) if level <= TOP else (0, TOP)
    mean = sum(between(one, lower, upper) for one in known) // len(known)
    weights = [between(one, lower, upper) if one else mean for one in samples]
    return largest_remainder(gap_wh, weights if any(weights) else [1] * (last - first))


def estimated(point: OraclePoint, first: int, last: int) -> list[int | None]:
    """Estimate the slots of one day that lie in a gap of the same day; None where two days have not measured it."""
    near = without_gap(point, first, last, reach_days=35)
    found: list[int | None] = []
    for slot in range(first, last):
        n_days = sum((slot - other) % 48 == 0 for other in near)
        samples = samples_of(point, near, slot, (first, last), (first, last), None)
        found.append(banded(samples, TOP // 2) // width(TOP // 2) if n_days >= 2 else None)
    return found


def without_gap(point: OraclePoint, first: int, last: int, reach_days: int) -> dict[int, int]:
    """Take the slots near a gap, and spread single counts back over up to three empty slots."""
    begin, end = (first // 48 - reach_days) * 48, ((last - 1) // 48 + reach_days + 1) * 48
    near = {slot: wh for slot, wh in point.wh.items() if begin <= slot < end and not first <= slot < last}
    spread = dict(near)
    for slot, wh in near.items():
        n_empty = 0
        while near.get(slot - n_empty - 1) == 0:
            n_empty += 1
        if wh > 0 and n_empty <= 3 and wh >= point.step_wh[slot]:
            part = point.step_wh[slot] // (n_empty + 1)
            for back in range(1, n_empty + 1):
                spread[slot - back] += part
                spread[slot] -= part
    return spread


def samples_of(point, near, slot, span, gap, span_wh) -> list[tuple[int, int]]:
    """List (energy, weight) of all that lies over a slot when its span is laid over other days and times."""
    shifts = {0: 0, 1: 11} if point.is_pv else {0: 0, 1: 11, 2: 25, 3: 36}
    found = []
    for days_away in range(-70, 71):
        for shift in sorted({-shift for shift in shifts} | set(shifts)):
            away = days_away * 48 + shift
            if slot + away not in near:
                continue
            points = shifts[abs(shift)] + abs(days_away)
            if not point.is_pv and days_away % 7 != 0:
                points += 8
            # 1 January 2000, day 0, was a Saturday.
            kinds = [(day + 5) % 7 in WEEKEND for day in (slot // 48, slot // 48 + days_away)]
            if not point.is_pv and kinds[0] != kinds[1]:
                points += 16
            if span_wh is not None:
                points += energy_points(near, span, away, span_wh)
            if span[0] == gap[0]:
                points += edge_points(near, [span[0] - 1, span[0] - 2], away, slot - span[0])
            if span[1] == gap[1]:
                points += edge_points(near, [span[1], span[1] + 1], away, span[1] - 1 - slot)
            found.append((near[slot + away], weight_of(points)))
    return found


def energy_points(near, span, away, span_wh) -> int:
    n_slots = span[1] - span[0]
    theirs = [near[slot + away] for slot in range(*span) if slot + away in near]
    # Both as if each had n_slots x len(theirs) slots, to stay whole.
    return unlike(sum(theirs) * n_slots, span_wh * len(theirs), 20 * n_slots * len(theirs), 64)


def edge_points(near, beside, away, slots_inside) -> int:
    ours = [slot for slot in beside if slot in near]
    points = [
        unlike(near[slot + away], near[slot], 20, 112) if slot + away in near else 56  # unknown: half
        for slot in ours
    ]
    return sum(points) // max(len(ours), 1) * 4 // (4 + slots_inside)


def unlike(one_wh: int, other_wh: int, level_wh: int, points_max: int) -> int:
    return points_max * abs(one_wh - other_wh) // max(one_wh + other_wh + level_wh, 1)


def weight_of(points: int) -> int:
    weight = 1 << 20
    for _ in range(points):
        if weight > 16:
            weight = weight * 15 // 16
    return weight


def width(level: int) -> int:
    return min(level + BAND, TOP) - max(level - BAND, 0)


def banded(samples: list[tuple[int, int]], level: int) -> int:
    return between(samples, max(level - BAND, 0), min(level + BAND, TOP))


def between(samples: list[tuple[int, int]], lower: int, upper: int) -> int:
    """Sum the energy between two levels, each sample for the part of its weight that lies between them."""
    total = sum(weight for _, weight in samples)
    summed, begin, energy = 0, 0, 0
    for wh, weight in sorted(samples, key=lambda sample: sample[0]):
        summed += weight
        end = summed * TOP // total
        energy += wh * max(0, min(end, upper) - max(begin, lower))
        begin = end
    return energy


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    parts = [total * weight // sum(weights) for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: -(total * weights[n] % sum(weights)))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts
