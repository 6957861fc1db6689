"""A proof as it was handed out holds; whatever is changed in it, however slightly, does not."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sanchi.app.prove_statement import prove_statement
from sanchi.core.base.errors import AuditFailed, UnknownRecord
from sanchi_verify.documents import canonical
from sanchi_verify.findings import NotProven
from sanchi_verify.main import main
from sanchi_verify.notes import SIGNS_NOTES, Key, read_key
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.edge.store.audit.forging import REVISED
from tests.markets.small_market import MARKET_ID
from tests.verify.conftest import ProvenMarket

SEED = 20201120
N_FLIPS = 4_000


def flipped(content: bytes, bit: int) -> bytes:
    """Change one bit."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_found(proven: ProvenMarket, content: bytes) -> bool:
    """Tell whether a check fails, as a check and not as a crash."""
    try:
        proven.check(content)
    except NotProven:
        return True
    return False


def rewritten(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Change the document of a proof and write it as proofs are written."""
    document = json.loads(content)
    before = canonical(document)
    change(document)
    assert canonical(document) != before
    return canonical(document) + b"\n"


class TestProof:
    def test_holds_as_it_was_handed_out(self, proven: ProvenMarket):
        findings = proven.check(proven.content)

        assert [finding.check for finding in findings] == [
            *("signature", "witness", "inclusion", "consistency", "tiling", "openings", "slices", "statement"),
        ]

    def test_is_the_same_bytes_again(self, proven: ProvenMarket):
        again = prove_statement(proven.installation.stores, MARKET_ID, "1", since_no=2)

        assert again.content == proven.content

    def test_tells_of_the_buyer_and_of_nobody_else(self, proven: ProvenMarket):
        document = json.loads(proven.content)

        holders = {opening["holder_id"] for opening in document["openings"]}
        assert holders == {document["statement"]["beneficiary_id"]}
        parts = [part for leaf in document["leaves"] for part in leaf["body"].get("parts", [])]
        assert len(parts) > len(document["openings"])
        assert {frozenset(part) for part in parts} == {frozenset({"lo_wh", "hi_wh", "commitment"})}

    def test_of_no_statement_is_refused(self, proven: ProvenMarket):
        with pytest.raises(UnknownRecord, match="no origin statement 4711"):
            prove_statement(proven.installation.stores, MARKET_ID, "4711")

    def test_of_books_that_were_changed_is_refused(self, proven: ProvenMarket, market: ClosedMarket):
        def shift(rows: list[dict[str, Any]]) -> None:
            for row in rows:
                row["slot_no"] = row["slot_no"] % 48 + 1

        from tests.edge.store.audit.closed_market import rows_changed

        with market.falsified() as forger:
            forger.rewrite("segments", REVISED, rows_changed(shift), revision=2)
            with pytest.raises(AuditFailed, match="not what was sealed"):
                prove_statement(proven.installation.stores, MARKET_ID, "1")


class TestChangedBit:
    def test_of_a_proof_is_found(self, proven: ProvenMarket):
        chance = random.Random(SEED)
        bits = chance.sample(range(8 * len(proven.content)), N_FLIPS)

        assert [bit for bit in bits if not is_found(proven, flipped(proven.content, bit))] == []

    def test_of_a_statement_is_found_wherever_it_is(self, proven: ProvenMarket):
        first = proven.content.index(b'"statement":{')
        bits = range(8 * first, 8 * len(proven.content))

        assert len(bits) > N_FLIPS
        assert [bit for bit in bits if not is_found(proven, flipped(proven.content, bit))] == []


class TestChangedFigure:
    CHANGES: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda document: document["statement"].update(energy_wh=document["statement"]["energy_wh"] + 1),
        lambda document: document["statement"].update(beneficiary_id="office"),
        lambda document: document["statement"].update(month="2020-12"),
        lambda document: (
            document["statement"]["by_kind"].reverse()
            if len(document["statement"]["by_kind"]) > 1
            else document["statement"]["by_kind"].clear()
        ),
        lambda document: document["statement"]["by_half_hour"].pop(),
        lambda document: document["slices"].pop(),
        lambda document: document["slices"][0].update(hi_wh=document["slices"][0]["hi_wh"] - 1),
        lambda document: document["openings"].pop(),
        lambda document: document["openings"].append(document["openings"][0]),
        lambda document: document["openings"][0].update(holder_id="office"),
        lambda document: document["leaves"].pop(),
        lambda document: document["leaves"][0]["body"].update(quantity_wh=1),
        lambda document: document["leaves"][0].update(leaf_no=document["leaves"][0]["leaf_no"] + 1),
        lambda document: document.update(since=None, nodes=document["nodes"][44:]),
        lambda document: document.update(market_id="tokyo"),
        lambda document: document.update(more=1),
        lambda document: document["statement"].update(energy_wh=float(document["statement"]["energy_wh"])),
        lambda document: document["statement"].update(claim_no=True),
    )

    @pytest.mark.parametrize("number", range(len(CHANGES)))
    def test_is_found_in_a_file_that_is_written_well(self, proven: ProvenMarket, number: int):
        assert is_found(proven, rewritten(proven.content, self.CHANGES[number]))

    def test_is_found_where_claim_and_statement_agree(self, proven: ProvenMarket):
        def raise_both(document: dict[str, Any]) -> None:
            claim = next(leaf["body"] for leaf in document["leaves"] if leaf["body"]["entry"] == "claim")
            for record in (claim, document["statement"]):
                record["energy_wh"] += 1

        with pytest.raises(NotProven, match="do not lead to the signed root"):
            proven.check(rewritten(proven.content, raise_both))


class TestTrust:
    def test_is_in_the_key_that_the_asker_has(self, proven: ProvenMarket):
        public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        other = Key(name=proven.trusted.key.name, kind=SIGNS_NOTES, public=public)

        with pytest.raises(NotProven, match="no line of"):
            proven.check(proven.content, key=other)

    def test_extends_to_the_checkpoint_that_was_seen_before(self, proven: ProvenMarket):
        assert proven.check(proven.content, seen=proven.seen(2))

        with pytest.raises(NotProven, match="not to the checkpoint seen before"):
            proven.check(proven.content, seen=proven.seen(1))

    def test_asks_for_the_witnesses_that_the_asker_names(self, proven: ProvenMarket):
        witness = read_key(Key(name="auditor", kind=4, public=bytes(32)).text)

        with pytest.raises(NotProven, match="auditor has not countersigned"):
            proven.check(proven.content, witnesses=[witness])


class TestCommand:
    def test_tells_by_its_exit_code(self, proven: ProvenMarket, tmp_path, capsys):
        good, bad = tmp_path / "good.json", tmp_path / "bad.json"
        good.write_bytes(proven.content)
        bad.write_bytes(flipped(proven.content, 8 * len(proven.content) // 2))
        key = proven.trusted.key.text

        assert main(["proof", str(good), "--key", key]) == 0
        assert capsys.readouterr().out.endswith("proven\n")
        assert main(["proof", str(bad), "--key", key]) == 1
        assert "FAILS" in capsys.readouterr().out
        assert main(["proof", str(tmp_path / "none.json"), "--key", key]) == 2
        assert main(["proof", str(good), "--key", "no key"]) == 2
