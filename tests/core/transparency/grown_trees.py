"""Trees that grew by batches, with every node that was given out kept.

Enter: data of leaves, sizes of batches. Leaves: GrownTree. Not here: expected hashes (oracles).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from sanchi.core.transparency.tree import EMPTY_FRONTIER, Frontier, grow

BATCHES = st.lists(st.integers(1, 20), min_size=1, max_size=8)


def leaves_numbered(n_leaves: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(n_leaves)]


@dataclass
class GrownTree:
    leaves: list[bytes] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    frontier: Frontier = EMPTY_FRONTIER

    @classmethod
    def by_batches(cls, batches: Sequence[int]) -> "GrownTree":
        tree, numbered = cls(), leaves_numbered(sum(batches))
        for n_leaves in batches:
            first = len(tree.leaves)
            tree.add(numbered[first : first + n_leaves])
        return tree

    def add(self, leaves: list[bytes]) -> None:
        grown = grow(self.frontier, leaves)
        for level, hashes in enumerate(grown.levels):
            for index, found in enumerate(hashes, start=grown.first_leaf_no >> level):
                assert (level, index) not in self.nodes, "a node is hashed once"
                self.nodes[level, index] = found
        self.leaves += leaves
        self.frontier = grown.frontier

    def node_of(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]
