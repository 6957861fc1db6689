"""Roots from what is shown of a tree: some leaves and the hashes beside them, or the hashes of a consistency proof.

Enter: hashes. Leave: roots, None where there are too few or too many hashes. RFC 6962, worked out by its recursion.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

Roots = tuple[bytes, bytes]


def hash_leaf(content: bytes) -> bytes:
    """Hash a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def left_size(size: int) -> int:
    """Give how many of size leaves, above 1, stand in the left subtree: the largest power of two below size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def root_of_shown(hash_by_no: Mapping[int, bytes], size: int, beside: Sequence[bytes]) -> bytes | None:
    """Find the root over size leaves; beside: of each largest subtree without a shown leaf, from left to right."""
    remaining = iter(beside)
    try:
        root = _shown(sorted(hash_by_no), hash_by_no, 0, size, remaining)
    except StopIteration:
        return None
    return root if next(remaining, None) is None else None


def _shown(
    shown: Sequence[int], hash_by_no: Mapping[int, bytes], first: int, size: int, remaining: Iterator[bytes]
) -> bytes:
    """Find the root of the leaves [first, first + size), of which shown are shown."""
    if not shown:
        return next(remaining)
    if size == 1:
        return hash_by_no[first]
    left = left_size(size)
    n_left = _n_below(shown, first + left)
    left_root = _shown(shown[:n_left], hash_by_no, first, left, remaining)
    return hash_node(left_root, _shown(shown[n_left:], hash_by_no, first + left, size - left, remaining))


def _n_below(numbers: Sequence[int], limit: int) -> int:
    """Count the sorted numbers below a limit by halving."""
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if numbers[middle] < limit else (low, middle)
    return low


def is_extension(old_size: int, old_root: bytes, size: int, root: bytes, hashes: Sequence[bytes]) -> bool:
    """Tell whether a tree of size leaves begins with the old_size leaves of an earlier one."""
    if not 0 < old_size <= size:
        return False
    remaining = iter(hashes)
    try:
        found = _both_roots(old_size, size, old_root, remaining, is_whole=True)
    except StopIteration:
        return False
    return found == (old_root, root) and next(remaining, None) is None


def _both_roots(old_size: int, size: int, old_root: bytes, remaining: Iterator[bytes], *, is_whole: bool) -> Roots:
    """Give the root over the old leaves and that over all, of a subtree."""
    if old_size == size:
        same = old_root if is_whole else next(remaining)
        return same, same
    left = left_size(size)
    if old_size <= left:
        old, new = _both_roots(old_size, left, old_root, remaining, is_whole=is_whole)
        return old, hash_node(new, next(remaining))
    old, new = _both_roots(old_size - left, size - left, old_root, remaining, is_whole=False)
    beside = next(remaining)
    return hash_node(beside, old), hash_node(beside, new)
