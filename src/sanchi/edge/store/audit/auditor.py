"""Judges all laws over the books of a market, by none of the code that wrote them.

Enters: a market. Leaves: LawResults. Not here: the laws (one module a subject) and how one is judged (law).
"""

from pathlib import Path
from typing import Final

from sanchi.app.audit import LawResult
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.audit.certificate_laws import CERTIFICATE_LAWS
from sanchi.edge.store.audit.home_laws import HOME_LAWS
from sanchi.edge.store.audit.intake_laws import INTAKE_LAWS
from sanchi.edge.store.audit.law import Law
from sanchi.edge.store.audit.ledger_laws import LEDGER_LAWS
from sanchi.edge.store.audit.matching_laws import MATCHING_LAWS
from sanchi.edge.store.audit.metering_laws import DECISIONS_SQL, METERING_LAWS
from sanchi.edge.store.audit.money_laws import MONEY_LAWS
from sanchi.edge.store.audit.passing_laws import PASSING_LAWS
from sanchi.edge.store.audit.registry_laws import REGISTRY_LAWS
from sanchi.edge.store.audit.store_laws import STORE_LAWS, add_findings
from sanchi.edge.store.books import open_books

# In the order in which the day runs; the store itself first, since all else rests on it.
LAWS: Final[tuple[Law, ...]] = (
    *STORE_LAWS,
    *INTAKE_LAWS,
    *METERING_LAWS,
    *HOME_LAWS,
    *MATCHING_LAWS,
    *PASSING_LAWS,
    *CERTIFICATE_LAWS,
    *REGISTRY_LAWS,
    *LEDGER_LAWS,
    *MONEY_LAWS,
)


class StoredAuditor:
    """Fulfils app.ports.Auditor over the database and a lake."""

    def __init__(self, lake_root: Path) -> None:
        """Name the folder of the lake."""
        self._lake_root = lake_root

    def laws(self, market_id: MarketId) -> tuple[LawResult, ...]:
        """Check every law and give each with its count. Raises: UnknownRecord."""
        with open_books(market_id, self._lake_root) as books:
            add_findings(books, self._lake_root)
            return tuple(law.judge(books) for law in LAWS)

    def decisions(self, market_id: MarketId) -> tuple[str, ...]:
        """Tell each decision of an operator, replaced and withdrawn ones too. Raises: UnknownRecord."""
        with open_books(market_id, self._lake_root) as books:
            return tuple(sentence for (sentence,) in books.fetch(DECISIONS_SQL))
