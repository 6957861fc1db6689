"""The prefix tree of the homes' choice lists: homes with the same first choices move as one mass.

Enter: choice lists. Leaves: ChoiceTree, built once a day. Not here: supplies, capacities, any slot.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.kernel import ChoiceArray, IntArray, read_only

# The columns of node_index.
FIRST_HOME: Final = 0
END_HOME: Final = 1
FIRST_CHILD: Final = 2
BUYER: Final = 3

_WORD_BITS: Final = 64
_KEY_BITS: Final = 62
_INDEX_MAX: Final = 2**31 - 1


class ExcessiveMarket(WrongInput):
    """A market has more choices than 32 bits can count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTree:
    """Homes sorted by choice list, and a node for each different beginning of a list; read-only arrays.

    n_buyers : buyers are 0..n_buyers-1.
    home_order : int32 (n_homes,), the home at each place of the list order; all else counts in places.
    node_index : int32 (n_nodes + 1, 4), level by level: first place, place after the last, first child, buyer. The
    children of a node run to before the first child of the next node; the last row only ends them.
    level_first_index : int64 (k_max + 1,), the first node of each level, then n_nodes.
    buyer_first_index : int64 (n_buyers + 1,), how many nodes stand at earlier buyers: room for a buyer's list of nodes.
    """

    n_buyers: int
    home_order: ChoiceArray
    node_index: ChoiceArray
    level_first_index: IntArray
    buyer_first_index: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.home_order, self.node_index, self.level_first_index, self.buyer_first_index):
            read_only(array)

    @property
    def n_homes(self) -> int:
        """Count the homes."""
        return len(self.home_order)

    @property
    def n_nodes(self) -> int:
        """Count the nodes."""
        return len(self.node_index) - 1

    @property
    def n_roots(self) -> int:
        """Count the nodes of the first level: the buyers that are somebody's first choice."""
        return int(self.level_first_index[:2][-1])

    def ordered_choices(self) -> ChoiceArray:
        """Give the choice lists back in list order, int32 (n_homes, k_max), -1 = none."""
        k_max = len(self.level_first_index) - 1
        choices = np.full((self.n_homes, k_max), -1, dtype=np.int32)
        for level in range(k_max):
            nodes = self.node_index[self.level_first_index[level] : self.level_first_index[level + 1]]
            lengths = nodes[:, END_HOME] - nodes[:, FIRST_HOME]
            is_named = np.zeros(self.n_homes + 1, dtype=np.int8)
            is_named[nodes[:, FIRST_HOME]] += 1
            is_named[nodes[:, END_HOME]] -= 1
            choices[is_named[:-1].cumsum(dtype=np.int8) > 0, level] = np.repeat(nodes[:, BUYER], lengths)
        return choices


def build_choice_tree(choice_buyer_index: ChoiceArray, n_buyers: int) -> ChoiceTree:
    """Sort homes by their lists and find the nodes; once a day, for all slots.

    choice_buyer_index : int32 (n_homes, k_max), best first, -1 = none, without gap or repeat (as DayMatchInput checks):
    a gap would make the walk of the tree and that of a home differ and oversell a buyer.
    Homes with equal lists stand in any order; no result depends on it.
    Raises: ExcessiveMarket.
    """
    n_homes, k_max = choice_buyer_index.shape
    if n_homes * k_max >= _INDEX_MAX:
        raise ExcessiveMarket(
            f"choice_buyer_index has {n_homes} homes with up to {k_max} choices, expected below 2^31 in all.",
            hint="Split the market.",
        )
    home_order, columns = _sorted_columns(choice_buyer_index, n_buyers)
    levels = _levels(columns, n_homes)
    sizes = [len(nodes) for nodes in levels]
    level_first_index = np.cumsum([0, *sizes])
    node_index = np.empty((level_first_index[-1] + 1, 4), dtype=np.int32)
    for level, nodes in enumerate(levels):
        first, end = level_first_index[level : level + 2]
        node_index[first:end] = nodes
        if level + 1 < k_max:
            node_index[first:end, FIRST_CHILD] = end + np.searchsorted(
                levels[level + 1][:, FIRST_HOME], nodes[:, FIRST_HOME]
            )
        else:
            node_index[first:end, FIRST_CHILD] = end
    node_index[-1] = (n_homes, n_homes, level_first_index[-1], -1)
    nodes_by_buyer = np.bincount(node_index[:-1, BUYER], minlength=n_buyers)
    return ChoiceTree(
        n_buyers=n_buyers,
        home_order=home_order,
        node_index=node_index,
        level_first_index=level_first_index,
        buyer_first_index=np.concatenate(([0], nodes_by_buyer.cumsum())),
    )


def _sorted_columns(choices: ChoiceArray, n_buyers: int) -> tuple[ChoiceArray, list[ChoiceArray]]:
    """Sort homes by list, lists that end first; give the order and the sorted column of each choice, -1 = none."""
    n_homes, k_max = choices.shape
    radix = n_buyers + 1
    if not k_max or not n_homes:
        return np.arange(n_homes, dtype=np.int32), [choices[:, choice] for choice in range(k_max)]
    if radix**k_max > 2**_KEY_BITS:
        order = np.lexsort(choices.T[::-1]).astype(np.int32)
        return order, [choices[order, choice] for choice in range(k_max)]
    key = np.zeros(n_homes, dtype=np.uint64)
    for choice in range(k_max):
        key *= np.uint64(radix)
        key += (choices[:, choice] + 1).astype(np.uint64)
    if radix**k_max * n_homes <= 2**_WORD_BITS:
        # List and home in one word: to sort words is many times faster than to sort places by words.
        key *= np.uint64(n_homes)
        key += np.arange(n_homes, dtype=np.uint64)
        key.sort()
        key, home = np.divmod(key, np.uint64(n_homes))
        order = home.astype(np.int32)
    else:
        order = np.argsort(key).astype(np.int32)
        key = key[order]
    return order, _unpacked(key, radix, k_max)


def _unpacked(key: NDArray[np.uint64], radix: int, k_max: int) -> list[ChoiceArray]:
    """Take packed lists apart into one column a choice."""
    columns = []
    for _ in range(k_max):
        key, digit = np.divmod(key, np.uint64(radix))
        columns.append(digit.astype(np.int32) - np.int32(1))
    return columns[::-1]


def _levels(columns: list[ChoiceArray], n_homes: int) -> list[ChoiceArray]:
    """Give the nodes of each level, int32 (n, 4) as in ChoiceTree but for the children."""
    is_other = np.zeros(n_homes, dtype=np.bool_)
    is_other[:1] = True
    levels = []
    for column in columns:
        is_other[1:] |= column[1:] != column[:-1]
        starts = np.flatnonzero(is_other)
        buyers = column[starts]
        is_named = buyers >= 0
        nodes = np.zeros((np.count_nonzero(is_named), 4), dtype=np.int32)
        nodes[:, FIRST_HOME] = starts[is_named]
        nodes[:, END_HOME] = np.append(starts[1:], n_homes)[is_named]
        nodes[:, BUYER] = buyers[is_named]
        levels.append(nodes)
    return levels
