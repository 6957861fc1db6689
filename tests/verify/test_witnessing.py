"""A witness countersigns a log that only grew, and no other: neither one that shrank nor one with two histories."""

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.transparency.hashing import leaf_hash
from sanchi.core.transparency.proofs import consistency_proof
from sanchi.core.transparency.shown import hidden_roots
from sanchi_verify.findings import NotProven
from sanchi_verify.main import main
from sanchi_verify.notes import public_key, read_checkpoint, verify_witness
from sanchi_verify.trees import is_extension, root_of_shown
from sanchi_verify.witnessing import keep_key, witness
from tests.core.transparency.grown_trees import GrownTree, leaves_numbered
from tests.oracles.merkle_oracle import tree_hash
from tests.verify.published_logs import Operator

SEED = 20201120
N_HISTORIES = 1_000
NAME = "auditor.example"


@pytest.fixture
def operator() -> Operator:
    return Operator()


class Auditor:
    """Countersigns what it is shown, in the order in which it is shown."""

    def __init__(self, folder: Path, operator: Operator) -> None:
        self.folder, self.operator = folder, operator
        self.private = keep_key(folder / "secret")

    def sees(self, leaves: list[bytes]) -> str:
        tiles = self.operator.publish(leaves, self.folder / "tiles")
        try:
            return witness(tiles, self.operator.key, NAME, self.private, self.folder / "state", 1_700_000_000)
        finally:
            shutil.rmtree(tiles)


class TestTrees:
    @given(st.integers(1, 130), st.data())
    def test_are_worked_out_as_they_were_grown(self, size, data):
        tree = GrownTree.by_batches([size])
        shown = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
        old_size = data.draw(st.integers(1, size))

        hashes = {number: leaf_hash(tree.leaves[number]) for number in shown}
        proof = consistency_proof(tree.node_of, old_size, size)

        assert root_of_shown(hashes, size, hidden_roots(tree.node_of, shown, size)) == tree.frontier.root()
        assert is_extension(old_size, tree_hash(tree.leaves[:old_size]), size, tree.frontier.root(), proof)
        assert not is_extension(old_size, b"x" * 32, size, tree.frontier.root(), proof)
        assert not is_extension(old_size, tree_hash(tree.leaves[:old_size]), size, b"x" * 32, proof)

    def test_of_rolled_back_and_forked_logs_extend_nothing(self):
        chance = random.Random(SEED)
        for _ in range(N_HISTORIES):
            old_size = chance.randrange(1, 200)
            honest = leaves_numbered(old_size)
            size = old_size + chance.randrange(100)
            forked = leaves_numbered(size)
            forked[chance.randrange(old_size)] = b"another"
            tree = GrownTree()
            tree.add(forked)
            proof = consistency_proof(tree.node_of, old_size, size)

            assert not is_extension(old_size, tree_hash(honest), size, tree.frontier.root(), proof)
            assert not is_extension(size + 1, tree_hash(leaves_numbered(size + 1)), size, tree.frontier.root(), proof)


class TestWitness:
    def test_countersigns_a_log_that_grows(self, tmp_path, operator):
        auditor = Auditor(tmp_path, operator)
        for size in (1, 5, 256, 300, 300, 1_030):
            note = auditor.sees(leaves_numbered(size))

            checkpoint = read_checkpoint(note)
            assert checkpoint.size == size
            line = checkpoint.lines[-1]
            assert verify_witness(checkpoint, public_key(NAME, auditor.private), line) == 1_700_000_000

    @pytest.mark.parametrize("size", [40, 60, 100])
    def test_refuses_another_history(self, tmp_path, operator, size):
        auditor = Auditor(tmp_path, operator)
        auditor.sees(leaves_numbered(50))
        forked = leaves_numbered(size)
        forked[7] = b"another"

        with pytest.raises(NotProven, match="shrank" if size < 50 else "forked or rewritten"):
            auditor.sees(forked)

        assert auditor.sees(leaves_numbered(51))

    def test_refuses_tiles_that_do_not_lead_to_the_checkpoint(self, tmp_path, operator):
        tiles = operator.publish(leaves_numbered(300), tmp_path / "tiles")
        file = tiles / "tile" / "0" / "001.p" / "44"
        file.write_bytes(file.read_bytes()[:-1] + b"x")

        with pytest.raises(NotProven, match="do not lead to its root"):
            witness(tiles, operator.key, NAME, keep_key(tmp_path / "secret"), tmp_path / "state", 1)

    def test_keeps_its_key_for_itself(self, tmp_path):
        key = keep_key(tmp_path / "secret")

        assert keep_key(tmp_path / "secret").private_bytes_raw() == key.private_bytes_raw()
        assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


class TestCommand:
    def test_compares_a_kept_checkpoint_with_what_is_published(self, tmp_path, operator):
        kept = operator.publish(leaves_numbered(5), tmp_path / "kept") / "checkpoint"
        tiles = operator.publish(leaves_numbered(9), tmp_path / "tiles")
        forked = operator.publish([b"another", *leaves_numbered(8)], tmp_path / "forked")
        key = operator.note_key.text

        assert main(["consistency", str(kept), "--tiles", str(tiles), "--key", key]) == 0
        assert main(["consistency", str(kept), "--tiles", str(forked), "--key", key]) == 1
        shutil.rmtree(tiles / "tile")
        assert main(["consistency", str(kept), "--tiles", str(tiles), "--key", key]) == 1
