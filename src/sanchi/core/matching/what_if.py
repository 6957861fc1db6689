"""What a home would have got with its choices in another order, everybody else's list as it was: matched anew, exactly.

Enter: a DayMatchInput, a home, an order. Leave: the home's own parts. Not here: prices, words, other homes' figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

import numpy as np

from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.eating import match_day
from sanchi.core.matching.kernel import IntArray, read_only
from sanchi.core.matching.offers import DayMatchInput

# Lists of up to so many choices are tried in every order (6 orders at 3); longer ones have each choice put first.
EVERY_ORDER_CHOICES_MAX: Final = 3


class UnfitOrder(WrongInput):
    """An order that does not name each of a home's choices once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOutcome:
    """What a home gets with its choices in an order.

    choice_order : positions 0.. in the home's own list, first choice first; the own order is (0, 1, ...).
    parts_wh : int64 array of shape (48, n_choices) [Wh], by position in the home's own list, whatever the order.
    rest_wh : int64 array of shape (48,) [Wh], what no choice took.
    """

    choice_order: tuple[int, ...]
    parts_wh: IntArray
    rest_wh: IntArray


def orders_to_try(n_choices: int) -> tuple[tuple[int, ...], ...]:
    """List the other orders worth trying: every one for up to three choices, else each other choice put first.

    >>> orders_to_try(2)
    ((1, 0),)
    >>> orders_to_try(4)
    ((1, 0, 2, 3), (2, 0, 1, 3), (3, 0, 1, 2))
    """
    own = tuple(range(n_choices))
    if n_choices <= EVERY_ORDER_CHOICES_MAX:
        return tuple(order for order in permutations(own) if order != own)
    return tuple((first, *(choice for choice in own if choice != first)) for first in own[1:])


def match_in_order(day: DayMatchInput, home_index: int, choice_order: Sequence[int]) -> OrderOutcome:
    """Match a day anew with one home's list in another order, and give what that home gets.

    Raises: UnfitOrder.
    """
    own_list = day.choice_buyer_index[home_index]
    n_choices = int((own_list >= 0).sum())
    if sorted(choice_order) != list(range(n_choices)):
        raise UnfitOrder(
            f"choice_order is {tuple(choice_order)}, expected each of 0..{n_choices - 1} once.",
            hint="Name every choice of the home by its place in its list.",
        )
    order = np.array(choice_order, dtype=np.intp)
    lists = day.choice_buyer_index.copy()
    lists[home_index, :n_choices] = own_list[order]
    match = match_day(replace(day, choice_buyer_index=lists))
    parts_wh = np.zeros((len(day.supply_wh), n_choices), dtype=np.int64)
    parts_wh[:, order] = match.parts_wh[:, home_index, :n_choices]
    rest_wh = day.supply_wh[:, home_index] - parts_wh.sum(axis=1)
    assert (rest_wh >= 0).all(), "a home gave more than its supply"
    return OrderOutcome(
        choice_order=tuple(int(choice) for choice in choice_order),
        parts_wh=read_only(parts_wh),
        rest_wh=read_only(rest_wh),
    )


def only_slot(day: DayMatchInput, slot_index: int) -> DayMatchInput:
    """Keep the supplies of one slot alone: slots do not know each other, so what it gives there is the same."""
    supply_wh = np.zeros_like(day.supply_wh)
    supply_wh[slot_index] = day.supply_wh[slot_index]
    return replace(day, supply_wh=supply_wh)
