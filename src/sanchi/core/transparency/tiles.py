"""The tree as files that anybody may fetch: tiles of 256 hashes in the layout of C2SP tlog-tiles.

Enter: a number of leaves, a lookup of complete nodes. Leave: paths and bytes. Entries are not published: only who
is shown a leaf gets its salt.
"""

from collections.abc import Iterator
from typing import Final

from sanchi.core.transparency.tree import NodeLookup

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
_DIGITS: Final = 1000


def tile_path(level: int, tile_no: int, hash_count: int = TILE_WIDTH) -> str:
    """Name a tile; one that is not full yet tells its width.

    >>> tile_path(0, 1234067), tile_path(1, 0, 7)
    ('tile/0/x001/x234/067', 'tile/1/000.p/7')
    """
    parts = [f"{tile_no % _DIGITS:03d}"]
    while tile_no := tile_no // _DIGITS:
        parts.append(f"x{tile_no % _DIGITS:03d}")
    partial = "" if hash_count == TILE_WIDTH else f".p/{hash_count}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def tiles(node_of: NodeLookup, leaf_count: int) -> Iterator[tuple[str, bytes]]:
    """Give the path and bytes of every tile of a tree of leaf_count leaves."""
    level = 0
    while n_hashes := leaf_count >> level * TILE_HEIGHT:
        for first in range(0, n_hashes, TILE_WIDTH):
            indexes = range(first, min(first + TILE_WIDTH, n_hashes))
            content = b"".join(node_of(level * TILE_HEIGHT, index) for index in indexes)
            yield tile_path(level, first // TILE_WIDTH, len(indexes)), content
        level += 1
