"""Opens a market for one page: its books, its parties and what stands above every page.

Enters: a market. Leaves: OpenMarket. Not here: any page.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sanchi.app.market import PartyRole
from sanchi.app.views.market_head import MarketHead, Provenance, ProvenanceLabel, ProvenanceSubject
from sanchi.edge.store.books import Books, open_books
from sanchi.edge.store.sql import Row
from sanchi.edge.store.views.cases import CASES_SQL
from sanchi.edge.store.views.parties import Parties, read_parties

_SEPARATOR: Final = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMarket:
    """What every page of a market reads from."""

    books: Books
    parties: Parties
    head: MarketHead


@contextmanager
def open_market(market_id: str, lake_root: Path) -> Iterator[OpenMarket]:
    """Open a market for as long as the block runs. Raises: UnknownRecord."""
    with open_books(market_id, lake_root) as books:
        parties = read_parties(books)
        yield OpenMarket(books=books, parties=parties, head=_head(books, parties))


def read_provenances(books: Books, home_no: int | None = None) -> tuple[Provenance, ...]:
    """Count the homes, all or one, that share labels; by subject, then count descending."""
    rows = books.fetch(
        """
        SELECT load_provenance, pv_provenance, if(battery_capacity_wh > 0, battery_provenance, '')
        FROM plant WHERE home_no = coalesce($home_no, home_no)
        """,
        {"home_no": home_no},
    )
    return tuple(_provenances(rows))


def _provenances(rows: Sequence[Row]) -> Iterator[Provenance]:
    """Count texts; an empty one says nothing."""
    for subject, texts in zip(ProvenanceSubject, zip(*rows, strict=True), strict=False):
        counts = Counter(text for text in texts if text)
        for text, home_count in sorted(counts.items(), key=lambda counted: (-counted[1], counted[0])):
            labels = tuple(ProvenanceLabel(label) for label in text.split(_SEPARATOR))
            yield Provenance(subject=subject, labels=labels, home_count=home_count)


def _head(books: Books, parties: Parties) -> MarketHead:
    """Read what stands above every page."""
    terms = books.records("SELECT market_id, name, name_ja, grid_area, retailer_id, data_credits FROM market")[0]
    days = books.records(
        "SELECT min(delivery_date) AS first_date, max(delivery_date) AS last_date, count(*) AS day_count "
        "FROM market_day"
    )[0]
    act_problem_count = books.fetch(f"WITH {CASES_SQL} SELECT count(*) FROM cases WHERE severity = 'act'")[0][0]
    return MarketHead(
        retailer=parties.named(terms.pop("retailer_id")),
        credits=tuple(line for line in terms.pop("data_credits").splitlines() if line),
        **terms,
        **days,
        home_count=len(parties.of_role(PartyRole.HOME)),
        buyer_count=len(parties.of_role(PartyRole.BUYER)),
        act_problem_count=act_problem_count,
        provenances=read_provenances(books),
    )
