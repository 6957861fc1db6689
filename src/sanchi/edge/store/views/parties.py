"""The parties of a market as pages name them.

Enters: Books. Leaves: PartyRefs by number, role and id. Not here: plants, offers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sanchi.app.market import PartyRole
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import PartyId
from sanchi.edge.store.books import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """All parties of a market, in the order of their numbers."""

    by_no: Mapping[int, PartyRef]

    def of_role(self, role: PartyRole) -> tuple[PartyRef, ...]:
        """List the parties of a role."""
        return tuple(party for party in self.by_no.values() if party.role is role)

    def named(self, party_id: str, role: PartyRole | None = None) -> PartyRef:
        """Find a party by its id, of one role or of any. Raises: UnknownRecord."""
        for party in self.by_no.values():
            if party.party_id == party_id and role in {None, party.role}:
                return party
        raise UnknownRecord(f"There is no {role or 'party'} {party_id} in this market.")

    @property
    def ids(self) -> dict[int, PartyId]:
        """Give the id of each number."""
        return {party_no: party.party_id for party_no, party in self.by_no.items()}


def read_parties(books: Books) -> Parties:
    """Read the parties of a market."""
    rows = books.records(
        """
        SELECT party_no, party_id, role, row_number() OVER (PARTITION BY role ORDER BY party_no) AS order_no,
               name, name_ja, company, district
        FROM party ORDER BY party_no
        """
    )
    refs = [PartyRef(**row | {"role": PartyRole(row["role"])}) for row in rows]
    return Parties(by_no={party.party_no: party for party in refs})
