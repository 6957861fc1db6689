"""What owners' lists of tenants demand of each other, of the parties known and of closed days.

Enter: records with their places, and a MarketBook. Leave: sentences, one a fault. Not here: single fields.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sanchi.app.market import MarketBook, PartyRole, PassingOn, PassingRule
from sanchi.app.master_rules import Placed, roles_of, wrong_role
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind

ListKey = tuple[PartyId, CertificateKind, date]


def faults_of_passing_on(
    placed: Sequence[Placed[PassingOn]], book: MarketBook, last_closed_date: date | None
) -> Iterator[str]:
    """Check parties, each list by itself, that closed days keep theirs, and that no tenant is ever an owner too."""
    roles = roles_of(book)
    for each in placed:
        for party_id in dict.fromkeys((each.record.owner_id, each.record.tenant_id or each.record.owner_id)):
            yield from wrong_role(each.place, party_id, roles, (PartyRole.BUYER,))
    before, after = lists_of(book.passing_on), lists_of(each.record for each in placed)
    places = {_key(each.record): each.place for each in reversed(placed)}
    for key, rows in after.items():
        which = f"{places[key]}: the tenants of {_name(key)}"
        yield from (f"{which} {fault}" for fault in _faults_of_list(rows))
        is_seen = last_closed_date is not None and key[2] <= last_closed_date
        if is_seen and before.get(key) != rows:
            yield f"{which} would change closed days (up to {last_closed_date})"
    yield from _tenants_that_own(before | after)


def lists_of(rows: Iterable[PassingOn]) -> dict[ListKey, tuple[PassingOn, ...]]:
    """Gather rows into the lists that are replaced together, in the order of their numbers."""
    lists: defaultdict[ListKey, list[PassingOn]] = defaultdict(list)
    for row in rows:
        lists[_key(row)].append(row)
    return {key: tuple(sorted(members, key=_rank_no)) for key, members in lists.items()}


def lists_in_force(
    lists: Mapping[ListKey, tuple[PassingOn, ...]], kind: CertificateKind, delivery_date: date
) -> dict[PartyId, tuple[PassingOn, ...]]:
    """Give each owner's list of a kind with the latest valid_from not after the date; ended lists are left out."""
    latest: dict[PartyId, tuple[PassingOn, ...]] = {}
    for (owner_id, list_kind, valid_from), rows in sorted(lists.items(), key=_valid_from):
        if list_kind is kind and valid_from <= delivery_date:
            latest[owner_id] = rows
    return {owner_id: rows for owner_id, rows in latest.items() if rows[0].tenant_id is not None}


def _faults_of_list(rows: Sequence[PassingOn]) -> Iterator[str]:
    """Name what is wrong with one list."""
    tenants = [row.tenant_id for row in rows]
    if [row.rank_no for row in rows] != list(range(1, len(rows) + 1)):
        numbers = ", ".join(str(row.rank_no) for row in rows)
        yield f"are numbered {numbers}, expected 1, 2, ... without gap or repeat"
    if len({row.rule for row in rows}) > 1:
        yield f"have the rules {', '.join(sorted({row.rule for row in rows}))}, expected one in all rows"
    if None in tenants and len(rows) > 1:
        yield "have a row without tenant_id, which ends a list and stands alone"
    if len(set(tenants)) != len(tenants):
        yield "name a tenant twice"
    if rows[0].owner_id in tenants:
        yield "name the owner itself"
    if rows[0].rule is PassingRule.BY_KEY and tenants != [None] and not any(row.static_key for row in rows):
        yield "have no static_key above 0, so nothing could be passed on"


def _tenants_that_own(lists: Mapping[ListKey, tuple[PassingOn, ...]]) -> Iterator[str]:
    """Name tenants that pass energy on themselves on the same day, of whichever kind: a third level would begin."""
    for on_date in sorted({key[2] for key in lists}):
        in_force = [rows for kind in CertificateKind for rows in lists_in_force(lists, kind, on_date).values()]
        owner_ids = {rows[0].owner_id for rows in in_force}
        for row in (row for rows in in_force for row in rows if row.tenant_id in owner_ids - {row.owner_id}):
            yield (
                f"{row.tenant_id} is a tenant of {row.owner_id} on {on_date} and passes energy on itself; "
                "let the first owner name the second one's tenants, or end one of the lists"
            )


def _key(row: PassingOn) -> ListKey:
    """Give the list that a row belongs to."""
    return row.owner_id, row.kind, row.valid_from


def _name(key: ListKey) -> str:
    """Name a list in a message."""
    return f"{key[0]} for {key[1].text} from {key[2]}"


def _rank_no(row: PassingOn) -> int:
    """Give the number by which a list is sorted."""
    return row.rank_no


def _valid_from(item: tuple[ListKey, tuple[PassingOn, ...]]) -> date:
    """Give the date by which an owner's lists follow each other."""
    return item[0][2]
