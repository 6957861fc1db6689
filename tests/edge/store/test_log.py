"""The log keeps every leaf and node, signs each size once, and tells nobody its keys."""

import pytest

from sanchi.app.log_records import WitnessedCheckpoint
from sanchi.core.base.errors import Refused, SetupFault
from sanchi.core.base.ids import MarketId
from sanchi.core.transparency.entries import entry_of, leaf_data
from sanchi.core.transparency.hashing import leaf_hash
from sanchi.core.transparency.notes import parsed_checkpoint
from sanchi.core.transparency.proofs import consistency_proof, inclusion_proof, is_consistent, is_included
from sanchi.edge.store.home import (
    LOG_SALT_KEY_FILE_NAME,
    LOG_SIGNING_KEY_FILE_NAME,
    keep_log_keys,
    read_log_keys,
)
from sanchi.edge.store.opening import open_stores
from tests.edge.store.stored_market import MARKET, StoredMarket
from tests.oracles.merkle_oracle import tree_hash

BATCHES = (1, 6, 1, 20, 4)


def entries(first: int, n_entries: int):
    return [entry_of(f"leaf/{number}", {"number": number}) for number in range(first, first + n_entries)]


@pytest.fixture
def log(market: StoredMarket):
    kept = market.home.stores.log
    for number, n_entries in enumerate(BATCHES):
        with market.home.transaction():
            kept.append(MARKET, f"batch/{number}", entries(sum(BATCHES[:number]), n_entries))
    return kept


def data_of(log):
    return [
        leaf_data(leaf.salt, leaf.body)
        for sealed in log.checkpoints(MARKET)
        for leaf in log.leaves(MARKET, sealed.checkpoint_no, [f"leaf/{number}" for number in range(sum(BATCHES))])
    ]


def _append_and_fail(log):
    log.append(MARKET, "lost", entries(100, 3))
    raise ZeroDivisionError


class TestLog:
    def test_has_the_root_of_its_leaves_at_each_checkpoint(self, log):
        data = data_of(log)

        assert len(data) == sum(BATCHES)
        for sealed in log.checkpoints(MARKET):
            assert sealed.root == tree_hash(data[: sealed.leaf_count]).hex()
            said, (line,) = parsed_checkpoint(sealed.note)
            assert (said.origin, said.leaf_count, said.root.hex()) == ("sanchi/tokyo", sealed.leaf_count, sealed.root)
            key = log.operator_key(MARKET)
            assert log.is_signed(key, said.text.encode(), key.signature_in(line))

    def test_proves_every_leaf_and_every_earlier_checkpoint(self, log):
        data, node_of, size = data_of(log), log.nodes(MARKET), sum(BATCHES)
        root = tree_hash(data)

        for leaf_no, content in enumerate(data):
            proof = inclusion_proof(node_of, leaf_no, size)
            assert is_included(leaf=leaf_hash(content), leaf_no=leaf_no, leaf_count=size, proof=proof, root=root)
        for old_count in range(1, size + 1):
            proof = consistency_proof(node_of, old_count, size)
            old_root = tree_hash(data[:old_count])
            assert is_consistent(old_count=old_count, old_root=old_root, leaf_count=size, root=root, proof=proof)

    def test_seals_a_subject_once(self, market, log):
        before = log.checkpoints(MARKET)

        with pytest.raises(Refused, match="batch/0 of tokyo is sealed already"), market.home.transaction():
            log.append(MARKET, "batch/0", entries(100, 1))

        assert log.checkpoints(MARKET) == before

    def test_that_is_rolled_back_leaves_no_leaf(self, market, log):
        before, node_of = log.checkpoints(MARKET), log.nodes(MARKET)
        with pytest.raises(ZeroDivisionError), market.home.transaction():
            _append_and_fail(log)

        assert log.checkpoints(MARKET) == before
        assert log.nodes(MARKET)(0, 31) == node_of(0, 31)

    def test_of_another_market_is_another_log(self, log):
        assert log.checkpoints(MarketId("osaka")) == ()
        assert log.operator_key(MarketId("osaka")).name == "sanchi/osaka"

    def test_keeps_a_countersignature_once(self, market, log):
        seen = WitnessedCheckpoint(checkpoint_no=2, witness="auditor", key_text="key", signature_line="line\n")
        for _ in range(2):
            with market.home.transaction():
                log.add_witness(MARKET, seen)

        assert log.witnesses(MARKET) == (seen,)


class TestKeys:
    def test_are_readable_by_their_owner_alone_and_stay(self, tmp_path):
        keep_log_keys(tmp_path)
        kept = read_log_keys(tmp_path)
        keep_log_keys(tmp_path)

        assert read_log_keys(tmp_path) == kept
        assert kept.signing_seed != kept.salt_key
        for name in (LOG_SIGNING_KEY_FILE_NAME, LOG_SALT_KEY_FILE_NAME):
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        assert sorted(file.name for file in tmp_path.iterdir()) == [LOG_SALT_KEY_FILE_NAME, LOG_SIGNING_KEY_FILE_NAME]

    def test_are_not_shown(self, tmp_path):
        keep_log_keys(tmp_path)

        assert repr(read_log_keys(tmp_path)) == "LogKeys()"

    def test_that_are_missing_or_damaged_are_told(self, tmp_path):
        log = open_stores(tmp_path).stores.log

        with pytest.raises(SetupFault, match="log_signing_key is missing"):
            log.operator_key(MARKET)
        (tmp_path / LOG_SIGNING_KEY_FILE_NAME).write_text("ab")
        with pytest.raises(SetupFault, match="is damaged"):
            log.operator_key(MARKET)
