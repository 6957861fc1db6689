"""Many leaves are proven with no hash twice, none to spare, and for one leaf with its inclusion proof."""

from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.transparency.hashing import leaf_hash
from sanchi.core.transparency.proofs import inclusion_proof
from sanchi.core.transparency.shown import hidden_roots, shown_root
from tests.core.transparency.grown_trees import GrownTree

SIZES = st.integers(1, 130)


@st.composite
def shown_trees(draw):
    size = draw(SIZES)
    return GrownTree.by_batches([size]), sorted(draw(st.sets(st.integers(0, size - 1), min_size=1)))


class TestHiddenRoots:
    @given(shown_trees())
    def test_lead_to_the_root_and_none_stands_there_twice(self, drawn):
        tree, leaf_nos = drawn

        hidden = hidden_roots(tree.node_of, leaf_nos, len(tree.leaves))

        hashes = {number: leaf_hash(tree.leaves[number]) for number in leaf_nos}
        assert shown_root(hashes, len(tree.leaves), hidden) == tree.frontier.root()
        assert len(set(hidden)) == len(hidden)

    @given(shown_trees(), st.integers(0, 10**6))
    def test_are_each_needed_as_they_are(self, drawn, choice):
        tree, leaf_nos = drawn
        hidden = hidden_roots(tree.node_of, leaf_nos, len(tree.leaves))
        hashes = {number: leaf_hash(tree.leaves[number]) for number in leaf_nos}
        others = [[*hidden, b"x" * 32]]
        if hidden:
            at = choice % len(hidden)
            others += [hidden[:-1], hidden[1:], [*hidden[:at], b"x" * 32, *hidden[at + 1 :]]]

        for other in others:
            assert shown_root(hashes, len(tree.leaves), other) != tree.frontier.root()

    @given(SIZES, st.integers(0, 10**6))
    def test_are_for_one_leaf_its_inclusion_proof(self, size, choice):
        tree = GrownTree.by_batches([size])

        hidden = hidden_roots(tree.node_of, [choice % size], size)

        assert sorted(hidden) == sorted(inclusion_proof(tree.node_of, choice % size, size))
