"""A battery as a queue of single certified watt-hours, each with its share of what comes out as a fraction.

Enter: slots as plain numbers. Leave: what came out in each. Slow, and with nothing added up ahead.
"""

from collections import deque
from collections.abc import Sequence
from fractions import Fraction

Slot = tuple[int, int, int]  # charged, used by the home, exported [Wh]


def came_out(slots: Sequence[Slot], carry_in_wh: int, efficiency_permille: int, capacity_wh: int) -> list[int]:
    """Give what the home got of each slot in whole Wh; the oldest watt-hour goes first, in parts where needed."""
    share = Fraction(efficiency_permille, 1000)
    inside: deque[Fraction] = deque([share] * carry_in_wh)
    taken = []
    for charged_wh, used_wh, exported_wh in slots:
        own_wh = min(used_wh, int(sum(inside)))
        _take(inside, own_wh)
        _take(inside, min(exported_wh, int(sum(inside))))
        inside.extend([share] * charged_wh)
        _take(inside, max(int(sum(inside)) - capacity_wh, 0))
        taken.append(own_wh)
    return taken


def _take(inside: deque[Fraction], wanted_wh: int) -> None:
    """Take from the oldest on."""
    left = Fraction(wanted_wh)
    while left:
        first = inside.popleft()
        if first > left:
            inside.appendleft(first - left)
        left -= min(first, left)
