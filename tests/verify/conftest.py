"""The closed market for the tests of this folder, a proof of its first claim, and who checks it.

Enters: a folder. Leaves: fixtures. Not here: ways to falsify a proof (tests).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sanchi.app.prove_statement import prove_statement
from sanchi.app.stores import Installation
from sanchi_verify.checks import Trusted, check_proof
from sanchi_verify.documents import read_proof
from sanchi_verify.findings import Finding
from sanchi_verify.notes import Checkpoint, read_checkpoint, read_key
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.markets.small_market import MARKET_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenMarket:
    """A market, a proof of its first claim as it was handed out, and what a buyer trusts."""

    installation: Installation
    content: bytes
    trusted: Trusted

    def check(self, content: bytes, **trusted: object) -> list[Finding]:
        """Check a proof; NotProven where it does not hold."""
        known = Trusted(**({"key": self.trusted.key} | trusted))  # type: ignore[arg-type]
        return list(check_proof(read_proof(content), known))

    def seen(self, checkpoint_no: int) -> Checkpoint:
        """Give a checkpoint that somebody kept."""
        return read_checkpoint(self.installation.stores.log.checkpoints(MARKET_ID)[checkpoint_no - 1].note)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker, has_decoded=True)


@pytest.fixture(scope="module")
def proven(market: ClosedMarket) -> ProvenMarket:
    stores = market.installation.stores
    return ProvenMarket(
        installation=market.installation,
        content=prove_statement(stores, MARKET_ID, "1", since_no=2).content,
        trusted=Trusted(key=read_key(stores.log.operator_key(MARKET_ID).text)),
    )
