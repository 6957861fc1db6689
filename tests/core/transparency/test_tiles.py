"""Tiles hold every hash of their rows, and are named as anybody looks for them."""

import pytest

from sanchi.core.transparency.tiles import tile_path, tiles
from tests.core.transparency.grown_trees import GrownTree


class TestTiles:
    @pytest.mark.parametrize("n_leaves", [1, 255, 256, 257, 700])
    def test_hold_the_hashes_of_their_rows_in_order(self, n_leaves):
        tree = GrownTree.by_batches([n_leaves])

        published = dict(tiles(tree.node_of, n_leaves))

        for row in range(3):
            n_hashes = n_leaves >> 8 * row
            content = b"".join(tree.nodes[8 * row, index] for index in range(n_hashes))
            found = b"".join(published[path] for path in published if path.startswith(f"tile/{row}/"))
            assert found == content

    def test_that_are_not_full_tell_their_width(self):
        assert [path for path, _ in tiles(GrownTree.by_batches([300]).node_of, 300)] == [
            "tile/0/000",
            "tile/0/001.p/44",
            "tile/1/000.p/1",
        ]

    def test_beyond_a_thousand_stand_in_folders(self):
        assert tile_path(0, 1_000) == "tile/0/x001/000"
