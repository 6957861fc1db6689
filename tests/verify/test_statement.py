"""A statement as it was written holds against its proof; whatever is changed in its figures does not."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sanchi.app.prove_statement import prove_statement
from sanchi_verify.main import main
from tests.edge.store.audit.closed_market import ClosedMarket
from tests.markets.small_market import MARKET_ID
from tests.verify.conftest import ProvenMarket
from tests.verify.test_proof import SEED, flipped

N_FLIPS = 3_000
STATEMENT_NO = "small/2020-11/origin/000001"


@pytest.fixture(scope="module")
def written(market: ClosedMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let the operator write a statement and its proof."""
    folder = tmp_path_factory.mktemp("statement")
    home = str(market.home.folder)
    ran = market.home.run("statement", "--month", "2020-11", "--out", str(folder), "--format", "json", "--home", home)
    assert ran.exit_code == 0, ran.err
    proof = prove_statement(market.installation.stores, MARKET_ID, STATEMENT_NO)
    (folder / "proof.json").write_bytes(proof.content)
    return folder / "small-2020-11-origin-000001.json"


def exit_code(proven: ProvenMarket, written: Path, content: bytes) -> int:
    """Hold a statement against the proof."""
    changed = written.with_name("changed.json")
    changed.write_bytes(content)
    proof = str(written.with_name("proof.json"))
    return main(["proof", proof, "--key", proven.trusted.key.text, "--statement", str(changed)])


class TestStatement:
    def test_holds_as_it_was_written(self, proven, written):
        assert exit_code(proven, written, written.read_bytes()) == 0

    CHANGES: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda document: document.update(energy_wh=document["energy_wh"] + 1),
        lambda document: document.update(surplus_wh=document["surplus_wh"] - 1),
        lambda document: document.update(certificate_count=document["certificate_count"] + 1),
        lambda document: document.update(from_storage_wh=1),
        lambda document: document.update(statement_no="small/2020-11/origin/000002"),
        lambda document: document["buyer"].update(party_id="office"),
        lambda document: document["period"].update(month="2020-12"),
        lambda document: document["claims"].append(document["claims"][0]),
        lambda document: document["claims"][0].update(energy_wh=1),
        lambda document: document["plants"].pop(),
        lambda document: document["plants"][0].update(surplus_wh=1),
        lambda document: document["slot_matrix"].update(first_date="2020-11-02"),
        lambda document: document.pop("slot_matrix"),
        lambda document: document.update(schema="another"),
    )

    @pytest.mark.parametrize("number", range(len(CHANGES)))
    def test_fails_with_a_figure_changed(self, proven, written, number):
        document = json.loads(written.read_bytes())
        self.CHANGES[number](document)

        assert exit_code(proven, written, json.dumps(document).encode()) in {1, 2}

    def test_fails_with_any_bit_of_its_half_hours_changed(self, proven, written):
        content = written.read_bytes()
        first = content.index(b"[", content.index(b'"slots_wh"'))
        last = first + len(json.dumps(json.loads(content)["slot_matrix"]["slots_wh"], separators=(",", ":")))
        chance = random.Random(SEED)
        bits = chance.sample(range(8 * first, 8 * last), N_FLIPS)

        assert [bit for bit in bits if exit_code(proven, written, flipped(content, bit)) == 0] == []
