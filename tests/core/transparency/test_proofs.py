"""Proofs are those of the RFC, hold, and hold for nothing else."""

from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from sanchi.core.transparency.hashing import leaf_hash
from sanchi.core.transparency.proofs import consistency_proof, inclusion_proof, is_consistent, is_included
from tests.core.transparency.grown_trees import GrownTree
from tests.oracles.merkle_oracle import audit_path, consistency, tree_hash

SIZES = st.integers(1, 130)
CHOICE = st.integers(0, 10**6)


def flipped(content: bytes, bit: int) -> bytes:
    """Change one bit."""
    at = bit % (8 * len(content))
    return bytes(byte ^ (1 << at % 8 if number == at // 8 else 0) for number, byte in enumerate(content))


class TestInclusion:
    @given(SIZES, CHOICE)
    def test_is_the_path_of_the_definition_and_holds(self, size, choice):
        tree, leaf_no = GrownTree.by_batches([size]), choice % size

        proof = inclusion_proof(tree.node_of, leaf_no, size)

        assert proof == audit_path(leaf_no, tree.leaves)
        assert is_included(
            leaf=leaf_hash(tree.leaves[leaf_no]),
            leaf_no=leaf_no,
            leaf_count=size,
            proof=proof,
            root=tree.frontier.root(),
        )

    @given(SIZES, CHOICE, CHOICE)
    def test_fails_with_any_bit_changed(self, size, choice, bit):
        tree, leaf_no = GrownTree.by_batches([size]), choice % size
        proof = inclusion_proof(tree.node_of, leaf_no, size)
        said = [leaf_hash(tree.leaves[leaf_no]), tree.frontier.root(), *proof]
        at = bit % len(said)
        said[at] = flipped(said[at], bit // len(said))

        assert not is_included(leaf=said[0], leaf_no=leaf_no, leaf_count=size, proof=said[2:], root=said[1])

    @given(st.integers(2, 130), CHOICE)
    def test_fails_for_another_place_and_with_a_hash_too_few_or_many(self, size, choice):
        tree, leaf_no = GrownTree.by_batches([size]), choice % size
        proof, root = inclusion_proof(tree.node_of, leaf_no, size), tree.frontier.root()
        leaf = leaf_hash(tree.leaves[leaf_no])

        for wrong_no in {0, size - 1, (leaf_no + 1) % size, size, -1} - {leaf_no}:
            assert not is_included(leaf=leaf, leaf_no=wrong_no, leaf_count=size, proof=proof, root=root)
        for wrong in (proof[:-1], [*proof, leaf]):
            assert not is_included(leaf=leaf, leaf_no=leaf_no, leaf_count=size, proof=wrong, root=root)

    @given(SIZES, CHOICE)
    def test_agrees_with_pymerkle(self, size, choice):
        tree, leaf_no = GrownTree.by_batches([size]), choice % size
        peer = InmemoryTree(algorithm="sha256")
        for leaf in tree.leaves:
            peer.append_entry(leaf)

        proof = peer.prove_inclusion(leaf_no + 1)

        verify_inclusion(leaf_hash(tree.leaves[leaf_no]), tree.frontier.root(), proof)
        assert set(inclusion_proof(tree.node_of, leaf_no, size)) == set(proof.path) - {leaf_hash(tree.leaves[leaf_no])}


class TestConsistency:
    @given(SIZES, CHOICE)
    def test_is_the_proof_of_the_definition_and_holds(self, size, choice):
        tree, old_count = GrownTree.by_batches([size]), 1 + choice % size

        proof = consistency_proof(tree.node_of, old_count, size)

        assert proof == consistency(old_count, tree.leaves)
        assert is_consistent(
            old_count=old_count,
            old_root=tree_hash(tree.leaves[:old_count]),
            leaf_count=size,
            root=tree.frontier.root(),
            proof=proof,
        )

    @given(SIZES, CHOICE, CHOICE)
    def test_fails_with_any_bit_changed(self, size, choice, bit):
        tree, old_count = GrownTree.by_batches([size]), 1 + choice % size
        proof = consistency_proof(tree.node_of, old_count, size)
        said = [tree_hash(tree.leaves[:old_count]), tree.frontier.root(), *proof]
        at = bit % len(said)
        said[at] = flipped(said[at], bit // len(said))

        assert not is_consistent(old_count=old_count, old_root=said[0], leaf_count=size, root=said[1], proof=said[2:])

    @given(st.integers(2, 130), CHOICE)
    def test_fails_for_a_log_that_lost_or_changed_a_leaf(self, size, choice):
        tree = GrownTree.by_batches([size])
        old_count = 1 + choice % (size - 1)
        forked = GrownTree()
        forked.add([*tree.leaves[: old_count - 1], b"another", *tree.leaves[old_count:]])

        proof = consistency_proof(forked.node_of, old_count, size)

        assert not is_consistent(
            old_count=old_count,
            old_root=tree_hash(tree.leaves[:old_count]),
            leaf_count=size,
            root=forked.frontier.root(),
            proof=proof,
        )
        assert not is_consistent(
            old_count=size, old_root=tree.frontier.root(), leaf_count=old_count, root=tree.frontier.root(), proof=[]
        )

    @given(SIZES, CHOICE)
    def test_agrees_with_pymerkle(self, size, choice):
        tree, old_count = GrownTree.by_batches([size]), 1 + choice % size
        peer = InmemoryTree(algorithm="sha256")
        for leaf in tree.leaves:
            peer.append_entry(leaf)

        proof = peer.prove_consistency(old_count, size)

        verify_consistency(tree_hash(tree.leaves[:old_count]), tree.frontier.root(), proof)
