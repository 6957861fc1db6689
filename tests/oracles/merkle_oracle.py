"""The definitions of RFC 6962 section 2.1 word for word: tree hash, audit path, consistency proof.

Enter: data of all leaves. Leave: hashes. Slow and obvious; not here: any tree that is kept.
"""

from collections.abc import Sequence
from hashlib import sha256


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Give MTH(D[n])."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = largest_power_below(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def audit_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Give PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*audit_path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*audit_path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def consistency(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Give PROOF(m, D[n])."""
    return subproof(m, leaves, is_whole=True)


def subproof(m: int, leaves: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    """Give SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if is_whole else [tree_hash(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_whole=is_whole), tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], is_whole=False), tree_hash(leaves[:k])]


def largest_power_below(n: int) -> int:
    """Give the largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
