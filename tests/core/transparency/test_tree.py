"""A tree that grows by batches has the nodes and roots of the RFC, whatever the batches."""

import pytest
from hypothesis import given
from pymerkle import InmemoryTree

from sanchi.core.transparency.hashing import EMPTY_ROOT
from sanchi.core.transparency.tree import (
    EMPTY_FRONTIER,
    completed_count,
    frontier_at,
    grow,
    last_leaf_no_of,
    place_of_node,
)
from tests.core.transparency.grown_trees import BATCHES, GrownTree, leaves_numbered
from tests.oracles.merkle_oracle import tree_hash


class TestGrow:
    @given(BATCHES)
    def test_gives_the_same_nodes_in_any_batches(self, batches):
        at_once = GrownTree.by_batches([sum(batches)])

        assert GrownTree.by_batches(batches) == at_once

    @given(BATCHES)
    def test_has_the_root_of_the_definition_after_each_batch(self, batches):
        tree = GrownTree()
        for n_leaves in batches:
            tree.add(leaves_numbered(n_leaves))

            assert tree.frontier.root() == tree_hash(tree.leaves)

    @given(BATCHES)
    def test_has_every_complete_subtree_as_a_node_and_no_other(self, batches):
        tree = GrownTree.by_batches(batches)

        size = len(tree.leaves)
        complete = {(level, index) for level in range(size.bit_length()) for index in range(size >> level)}
        assert set(tree.nodes) == complete
        for level, index in complete:
            assert tree.nodes[level, index] == tree_hash(tree.leaves[index << level : (index + 1) << level])

    @pytest.mark.parametrize("n_leaves", [1, 2, 3, 7, 8, 100, 257])
    def test_has_the_root_that_pymerkle_finds(self, n_leaves):
        peer = InmemoryTree(algorithm="sha256")
        for leaf in leaves_numbered(n_leaves):
            peer.append_entry(leaf)

        assert GrownTree.by_batches([n_leaves]).frontier.root() == peer.get_root()

    def test_of_no_leaf_changes_nothing(self):
        assert grow(EMPTY_FRONTIER, []).frontier == EMPTY_FRONTIER
        assert EMPTY_FRONTIER.root() == EMPTY_ROOT == tree_hash([])


class TestFrontier:
    @given(BATCHES)
    def test_is_found_again_among_the_nodes(self, batches):
        tree = GrownTree.by_batches(batches)

        assert frontier_at(len(tree.leaves), tree.node_of) == tree.frontier


class TestPlaceOfNode:
    @given(BATCHES)
    def test_numbers_the_nodes_of_a_batch_without_a_gap(self, batches):
        *earlier, last = batches
        first, size = sum(earlier), sum(batches)
        brought = [
            (level, index) for level in range(size.bit_length()) for index in range(first >> level, size >> level)
        ]

        places = [place_of_node(first, size, level, index) for level, index in brought]

        assert places == list(range(len(places)))
        assert len(places) == sum(completed_count(first, size, level) for level in range(size.bit_length()))
        assert all(first <= last_leaf_no_of(level, index) < size for level, index in brought)
        assert last >= 1

    def test_of_another_batch_is_a_wrong_programme(self):
        with pytest.raises(AssertionError, match="is not of these"):
            place_of_node(4, 8, 0, 3)
