"""Proofs of RFC 6962 and 9162: that a leaf is in a tree, and that a later tree extends an earlier one.

Enter: sizes and a lookup of complete nodes; proofs. Leave: proofs; true or false. Not here: several leaves (shown).
"""

from collections.abc import Sequence

from sanchi.core.transparency.hashing import node_hash
from sanchi.core.transparency.tree import NodeLookup


def split_below(n_leaves: int) -> int:
    """Give the largest power of two below n_leaves, which is above 1."""
    return 1 << (n_leaves - 1).bit_length() - 1


def range_hash(node_of: NodeLookup, first_leaf_no: int, end_leaf_no: int) -> bytes:
    """Hash the tree over the leaves [first, end); first is where such a tree can begin within a larger one."""
    n_leaves = end_leaf_no - first_leaf_no
    if n_leaves & n_leaves - 1 == 0:
        level = n_leaves.bit_length() - 1
        return node_of(level, first_leaf_no >> level)
    middle = first_leaf_no + split_below(n_leaves)
    return node_hash(range_hash(node_of, first_leaf_no, middle), range_hash(node_of, middle, end_leaf_no))


def inclusion_proof(node_of: NodeLookup, leaf_no: int, leaf_count: int) -> list[bytes]:
    """List the hashes from beside the leaf up to below the root of the tree of leaf_count leaves."""
    assert 0 <= leaf_no < leaf_count, f"leaf {leaf_no} of {leaf_count}"
    proof: list[bytes] = []
    first, end = 0, leaf_count
    while end - first > 1:
        middle = first + split_below(end - first)
        if leaf_no < middle:
            proof.append(range_hash(node_of, middle, end))
            end = middle
        else:
            proof.append(range_hash(node_of, first, middle))
            first = middle
    return proof[::-1]


def is_included(*, leaf: bytes, leaf_no: int, leaf_count: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a proof leads from a leaf's hash to the root."""
    if not 0 <= leaf_no < leaf_count:
        return False
    found, position, last = leaf, leaf_no, leaf_count - 1
    for beside in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(beside, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(node_of: NodeLookup, old_count: int, leaf_count: int) -> list[bytes]:
    """List the hashes from which both the root of the first old_count leaves and that of all leaf_count follow."""
    assert 0 < old_count <= leaf_count, f"{old_count} of {leaf_count} leaves"
    proof: list[bytes] = []
    first, end, is_whole = 0, leaf_count, True
    while old_count != end:
        middle = first + split_below(end - first)
        if old_count <= middle:
            proof.append(range_hash(node_of, middle, end))
            end = middle
        else:
            proof.append(range_hash(node_of, first, middle))
            first, is_whole = middle, False
    if not is_whole:
        proof.append(range_hash(node_of, first, end))
    return proof[::-1]


def is_consistent(*, old_count: int, old_root: bytes, leaf_count: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether a proof leads to both roots: the later tree begins with all leaves of the earlier one."""
    if not 0 < old_count <= leaf_count:
        return False
    if old_count == leaf_count:
        return not proof and old_root == root
    path = [old_root, *proof] if old_count & old_count - 1 == 0 else list(proof)
    if not path:
        return False
    position, last = old_count - 1, leaf_count - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_found = found = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_found, found = node_hash(beside, old_found), node_hash(beside, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        position, last = position >> 1, last >> 1
    return last == 0 and old_found == old_root and found == root
