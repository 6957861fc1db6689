"""Which buyers pass a kind on to which tenants on a day, by position among the buyers who sit on it.

Enter: a MarketBook, the seated buyers, a date. Leave: OwnerLists. Not here: the passing on (day_passing).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sanchi.app.market import MarketBook, Party, PassingRule
from sanchi.app.passing_rules import lists_in_force, lists_of
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.home_keys import key_of_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTenant:
    """A tenant in an owner's list, by position in buyers; what its rule does not look at is 0."""

    buyer_index: int
    static_key: int
    target_permille: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerList:
    """An owner with its tenants, first served first by rules that look at the order."""

    buyer_index: int
    owner_key: int
    rule: PassingRule
    tenants: tuple[ListedTenant, ...]


def owner_lists(
    book: MarketBook, buyers: Sequence[Party], kind: CertificateKind, delivery_date: date
) -> tuple[OwnerList, ...]:
    """Give the lists in force in the order of the owners' numbers.

    Whoever has neither a meter nor an offer on the date can take nothing, and is left out.
    """
    position = {buyer.party_id: index for index, buyer in enumerate(buyers)}
    in_force = lists_in_force(lists_of(book.passing_on), kind, delivery_date)
    lists = [
        OwnerList(
            buyer_index=position[owner_id],
            owner_key=party_key(book.terms.market_id, owner_id),
            rule=rows[0].rule,
            tenants=tuple(
                ListedTenant(
                    buyer_index=position[row.tenant_id],
                    static_key=row.static_key or 0,
                    target_permille=row.target_permille or 0,
                )
                for row in rows
                if row.tenant_id in position
            ),
        )
        for owner_id, rows in in_force.items()
        if owner_id in position
    ]
    return tuple(sorted((each for each in lists if each.tenants), key=_buyer_index))


def party_key(market_id: str, party_id: str) -> int:
    """Hash a party's name once to the stable integer that feeds its public phase (62 bits of BLAKE2b)."""
    return key_of_text(f"{market_id}/{party_id}")


def _buyer_index(each: OwnerList) -> int:
    """Give the position by which owners are sorted."""
    return each.buyer_index
