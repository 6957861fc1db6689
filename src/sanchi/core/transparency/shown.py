"""One proof for many leaves: the roots of the largest subtrees in which no leaf is shown, from left to right.

Enter: numbers of the shown leaves, a lookup of complete nodes. Leave: hashes; a root. For one leaf these are the
hashes of its inclusion proof, each of which is needed; no hash stands there twice.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from sanchi.core.transparency.hashing import node_hash
from sanchi.core.transparency.proofs import range_hash, split_below
from sanchi.core.transparency.tree import NodeLookup


def hidden_roots(node_of: NodeLookup, leaf_nos: Sequence[int], leaf_count: int) -> list[bytes]:
    """List the hashes that are needed beside the shown leaves, given in ascending order, to find the root."""
    return [range_hash(node_of, first, end) for first, end in hidden_ranges(leaf_nos, leaf_count)]


def hidden_ranges(leaf_nos: Sequence[int], leaf_count: int) -> Iterator[tuple[int, int]]:
    """Give the leaves [first, end) of each largest subtree without a shown leaf, from left to right."""
    assert list(leaf_nos) == sorted(set(leaf_nos)), "shown leaves come in ascending order, each once"
    assert leaf_nos, "a proof shows at least one leaf"
    assert 0 <= leaf_nos[0] <= leaf_nos[-1] < leaf_count, f"leaves {leaf_nos[0]}..{leaf_nos[-1]} of {leaf_count}"
    waiting = [(0, leaf_count)]
    while waiting:
        first, end = waiting.pop()
        position = bisect_left(leaf_nos, first)
        if position == len(leaf_nos) or leaf_nos[position] >= end:
            yield first, end
        elif end - first > 1:
            middle = first + split_below(end - first)
            waiting.extend(((middle, end), (first, middle)))


def shown_root(leaf_hashes: Mapping[int, bytes], leaf_count: int, hidden: Sequence[bytes]) -> bytes | None:
    """Find the root from shown leaves by number and the hashes beside them; None where these are too few or many."""
    leaf_nos = sorted(leaf_hashes)
    if not leaf_nos or not 0 <= leaf_nos[0] <= leaf_nos[-1] < leaf_count:
        return None
    unused = iter(hidden)

    def root_of(first: int, end: int) -> bytes:
        position = bisect_left(leaf_nos, first)
        if position == len(leaf_nos) or leaf_nos[position] >= end:
            return next(unused)
        if end - first == 1:
            return leaf_hashes[first]
        middle = first + split_below(end - first)
        left = root_of(first, middle)
        return node_hash(left, root_of(middle, end))

    try:
        root = root_of(0, leaf_count)
    except StopIteration:
        return None
    return root if next(unused, None) is None else None
