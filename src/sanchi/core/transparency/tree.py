"""A tree of hashes that grows by batches: every node that a batch completes is hashed once and given out.

Enter: the frontier and data of new leaves. Leave: new nodes, the new frontier and its root. Not here: storage.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sanchi.core.transparency.hashing import EMPTY_ROOT, NODE_PREFIX, node_hash

# (level, index) -> hash of the complete subtree over the leaves [index << level, (index + 1) << level).
NodeLookup = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The roots of the complete subtrees that a tree of leaf_count leaves falls into: one a set bit of leaf_count."""

    leaf_count: int
    hash_by_level: Mapping[int, bytes]

    def root(self) -> bytes:
        """Give the hash of the whole tree."""
        root: bytes | None = None
        for level in sorted(self.hash_by_level):
            left = self.hash_by_level[level]
            root = left if root is None else node_hash(left, root)
        return EMPTY_ROOT if root is None else root


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What a batch brought: the frontier after it, and by level the hashes of the nodes that it completed.

    levels[n] begins with node (n, first_leaf_no >> n); levels[0] are the leaves.
    """

    first_leaf_no: int
    frontier: Frontier
    levels: tuple[Sequence[bytes], ...]


EMPTY_FRONTIER = Frontier(leaf_count=0, hash_by_level={})


def frontier_at(leaf_count: int, node_of: NodeLookup) -> Frontier:
    """Look the frontier of an earlier size up."""
    levels = [level for level in range(leaf_count.bit_length()) if leaf_count >> level & 1]
    return Frontier(
        leaf_count=leaf_count, hash_by_level={level: node_of(level, (leaf_count >> level) - 1) for level in levels}
    )


def grow(frontier: Frontier, leaves: Sequence[bytes]) -> Grown:
    """Append leaves, given by their data, level after level."""
    digest_of, prefix = sha256, NODE_PREFIX
    hashes = [digest_of(b"\x00" + data).digest() for data in leaves]
    levels: list[Sequence[bytes]] = []
    hash_by_level = dict(frontier.hash_by_level)
    level = 0
    while hashes:
        levels.append(hashes)
        # A level whose new nodes begin with a right child starts at the left one, which the frontier still holds.
        paired = [hash_by_level.pop(level), *hashes] if frontier.leaf_count >> level & 1 else hashes
        if len(paired) & 1:
            hash_by_level[level] = paired[-1]
        children = iter(paired)
        hashes = [digest_of(prefix + left + right).digest() for left, right in zip(children, children, strict=False)]
        level += 1
    after = Frontier(leaf_count=frontier.leaf_count + len(leaves), hash_by_level=hash_by_level)
    return Grown(first_leaf_no=frontier.leaf_count, frontier=after, levels=tuple(levels))


def completed_count(first_leaf_no: int, leaf_count: int, level: int) -> int:
    """Count the nodes of a level that the leaves [first_leaf_no, leaf_count) complete."""
    return (leaf_count >> level) - (first_leaf_no >> level)


def place_of_node(first_leaf_no: int, leaf_count: int, level: int, index: int) -> int:
    """Give the position of a node among all that the leaves [first_leaf_no, leaf_count) complete, level by level."""
    position = index - (first_leaf_no >> level)
    assert 0 <= position < completed_count(first_leaf_no, leaf_count, level), f"node {level}, {index} is not of these"
    return position + sum(completed_count(first_leaf_no, leaf_count, lower) for lower in range(level))


def last_leaf_no_of(level: int, index: int) -> int:
    """Give the leaf that completes a node; the node stands with the batch that brought it."""
    return ((index + 1) << level) - 1
