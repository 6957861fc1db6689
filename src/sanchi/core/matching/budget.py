"""Match a day within budgets: what a buyer may take over the whole day, shared fairly over its slots.

Enter: DayMatchInput and budgets. Leaves: DayMatch with the capacities that it came to. Not here: where budgets
come from (app). Source: docs/decisions/0007.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from sanchi.core.base.shares import split_by_weights
from sanchi.core.matching.eating.matched_day import DayMatch, match_day
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.offers import DayMatchInput

# More than 48 slots can ever carry, so it binds nobody.
NO_BUDGET_WH: Final = 2**62


def match_within_budgets(day: DayMatchInput, budget_wh: IntArray) -> DayMatch:
    """Match a day so that no buyer gets more over all slots than its budget.

    budget_wh : int64 (n_buyers,) [Wh], NO_BUDGET_WH where there is none. A buyer that got more in a run has its
    budget shared over the slots in proportion to what it got in them, as its new capacities; then all match again.
    Its capacities sum up to its budget from then on, so there are at most as many more runs as budgets.
    Returns: the last run; its day carries the final capacities.
    """
    assert budget_wh.shape == (day.n_buyers,), f"budget_wh has the shape {budget_wh.shape}"
    assert (budget_wh >= 0).all(), "a budget is negative"
    for _ in range(day.n_buyers + 1):
        match = match_day(day)
        intake_wh = match.intake_wh
        exceeding = np.flatnonzero(intake_wh.sum(axis=0) > budget_wh)
        if not exceeding.size:
            return match
        capacity_wh = day.capacity_wh.copy()
        for buyer in exceeding.tolist():
            shared_wh = split_by_weights(int(budget_wh[buyer]), intake_wh[:, buyer].tolist())
            capacity_wh[:, buyer] = shared_wh
        assert (capacity_wh <= day.capacity_wh).all(), "a budget gave a slot more than it had"
        day = replace(day, capacity_wh=capacity_wh)
    raise AssertionError("a buyer exceeded its budget twice")


def first_gains_wh(gain_wh: IntArray, left_wh: int) -> IntArray:
    """Keep of a gain what a budget has left, earliest slots first.

    gain_wh : int64 (48,) [Wh]. Returns: int64 (48,) [Wh], nowhere above the gain, in all min(gain, left_wh).

    >>> first_gains_wh(np.array([3, 4, 5]), 5).tolist()
    [3, 2, 0]
    """
    assert (gain_wh >= 0).all(), "a gain is negative"
    reached_wh = np.minimum(np.cumsum(gain_wh), max(left_wh, 0))
    kept_wh: IntArray = np.diff(reached_wh, prepend=0)
    return kept_wh
