"""The two hashes of RFC 6962, and the hash of no leaf.

Enter and leave: bytes. Not here: which nodes there are (tree).
"""

from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf's data; the prefix keeps it apart from every node."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return sha256(NODE_PREFIX + left + right).digest()
