"""The second level of `sanchi match`: owners among the buyers pass what they got on to tenants, by their lists.

Enter: the table of lists, the first level. Leaves: the table home, owner, tenant. Not here: files, the rules (core).
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.app.match_market import NamedMarket, RepeatedRow, ordered_names
from sanchi.app.match_tables import MatchTable, NameColumn, ResultTable
from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.allocation import Allocation
from sanchi.core.matching.home_keys import key_of_name
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MissingTerms
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.fixed_share import fixed_share_passed_on
from sanchi.core.matching.mechanisms.table import Mechanism
from sanchi.core.matching.offers import ChoiceGap, RepeatedChoice, UnknownBuyer
from sanchi.core.matching.passing_on import PassedOn, PassingOwners, TenantIsOwner, pass_on

BY_KEY: Final = "by_key"
PASSING_MECHANISMS: Final[dict[str, Mechanism]] = {"in_order": eating, BY_KEY: fixed_share_passed_on}


class UnknownPassingRule(WrongInput):
    """There is no rule of that name by which owners pass on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedTable:
    """What was passed on: the table to write, its sum, and what owners kept [Wh]."""

    table: ResultTable
    passed_on_wh: int
    kept_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """One row of the lists; tenant by position in the market's buyers."""

    row: int
    tenant_index: int
    rank: int
    static_key: int


def pass_named_on(table: MatchTable, named: NamedMarket, first: Allocation, rule: str) -> PassedTable:
    """Let the owners pass on what the first level gave them; a tenant takes what that left of its own capacity.

    Raises: UnknownPassingRule, MissingTerms, UnknownBuyer, TenantIsOwner, RepeatedRow, RepeatedChoice, ChoiceGap.
    """
    if rule not in PASSING_MECHANISMS:
        raise UnknownPassingRule(
            f"There is no passing rule {rule!r}.", hint=f"Choose one of {', '.join(PASSING_MECHANISMS)}."
        )
    if rule == BY_KEY and "static_key" not in table.numbers:
        raise MissingTerms(f"{table.file_name}: rule {BY_KEY} needs static_key.", hint="Give each tenant its key.")
    owners = ordered_names(table.names["owner"])
    lists = _lists(table, named, owners)
    day = named.market.day
    shape = (len(owners), max(map(len, lists)))
    choices, keys = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.int64)
    for owner_index, listed in enumerate(lists):
        choices[owner_index, : len(listed)] = [each.tenant_index for each in listed]
        keys[owner_index, : len(listed)] = [each.static_key for each in listed]
    is_owner = np.isin(np.arange(day.n_buyers), [named.buyers.index(owner) for owner in owners])
    second = pass_on(
        day,
        first,
        PassingOwners(
            owner_key=np.array([key_of_name(owner) for owner in owners], dtype=np.int64),
            owner_buyer_index=np.array([named.buyers.index(owner) for owner in owners], dtype=np.int64),
            # Every buyer that is no owner has its column, so that tenants keep their positions.
            tenant_buyer_index=np.where(is_owner, -1, np.arange(day.n_buyers)),
            choice_tenant_index=choices,
            capacity_wh=np.ascontiguousarray(day.capacity_wh - first.intake_wh(day)),
            static_key=keys,
        ),
        PASSING_MECHANISMS[rule],
    )
    return _passed_table(named, owners, second.rows)


def _lists(table: MatchTable, named: NamedMarket, owners: tuple[str, ...]) -> list[list[_Listed]]:
    """Gather each owner's list in the order of ranks, each row judged."""
    by_owner: defaultdict[str, list[_Listed]] = defaultdict(list)
    keys = table.numbers.get("static_key", np.zeros(table.row_count, dtype=np.int64))
    for row in range(table.row_count):
        owner, tenant = _name(table, "owner", row), _name(table, "tenant", row)
        for noun, name in (("owner", owner), ("tenant", tenant)):
            if name not in named.buyers:
                raise UnknownBuyer(
                    f"{table.file_name}, row {row + 1}: {noun} {name} has no row in the capacity table.",
                    hint="Give its capacity, 0 Wh if it takes nothing, or take the row out.",
                )
        if tenant in owners:
            raise TenantIsOwner(
                f"{table.file_name}, row {row + 1}: tenant {tenant} is an owner itself.",
                hint="Let the first owner name the second one's tenants.",
            )
        listed = _Listed(
            row=row,
            tenant_index=named.buyers.index(tenant),
            rank=int(table.numbers["rank"][row]),
            static_key=int(keys[row]),
        )
        by_owner[owner].append(listed)
    return [_ranked(table, owner, by_owner[owner]) for owner in owners]


def _ranked(table: MatchTable, owner: str, listed: list[_Listed]) -> list[_Listed]:
    """Sort an owner's list; refuse a rank or tenant twice, and a gap."""
    ranked = sorted(listed, key=_rank)
    for wanted, each in enumerate(ranked, start=1):
        place = f"{table.file_name}, row {each.row + 1}: owner {owner}"
        if each.rank < wanted:
            raise RepeatedRow(f"{place} has rank {each.rank} twice.", hint="Give each tenant its own rank.")
        if each.rank > wanted:
            raise ChoiceGap(
                f"{place} has rank {each.rank} where rank {wanted} is expected.",
                hint="Number each owner's tenants 1, 2, ... without a gap.",
            )
        if any(other.tenant_index == each.tenant_index for other in ranked[: wanted - 1]):
            tenant = _name(table, "tenant", each.row)
            raise RepeatedChoice(f"{place} names tenant {tenant} twice.", hint="Keep the better rank only.")
    return ranked


def _rank(each: _Listed) -> int:
    """Give the rank by which a list is sorted."""
    return each.rank


def _name(table: MatchTable, column: str, row: int) -> str:
    """Give the name in a row."""
    names = table.names[column]
    name: str = names.texts[names.code[row]]
    return name


def _passed_table(named: NamedMarket, owners: tuple[str, ...], rows: PassedOn) -> PassedTable:
    """Lay out what tenants got, by home, slot, owner, tenant."""
    is_tenant = rows.tenant_index >= 0
    order = np.lexsort((rows.tenant_index, rows.owner_index, rows.slot_index, rows.home_index))
    order = order[is_tenant[order]]
    columns: dict[str, IntArray | NameColumn] = {
        "home": NameColumn(texts=named.homes, code=rows.home_index[order].astype(np.int32)),
        "slot_no": rows.slot_index[order] + 1,
        "owner": NameColumn(texts=owners, code=rows.owner_index[order].astype(np.int32)),
        "tenant": NameColumn(texts=named.buyers, code=rows.tenant_index[order].astype(np.int32)),
        "energy_wh": rows.energy_wh[order],
    }
    return PassedTable(
        table=ResultTable(columns=columns),
        passed_on_wh=int(rows.energy_wh[is_tenant].sum()),
        kept_wh=int(rows.energy_wh[~is_tenant].sum()),
    )
