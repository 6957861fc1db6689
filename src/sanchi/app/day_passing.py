"""The second level of a market-day: owners pass what they took on to tenants, home by home.

Enter: a Roster, the matched kinds, use. Leaves: a PassedOnTable. Not here: the rule (core.matching.passing_on), money.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.day_matching import KindMatch
from sanchi.app.days import PassedOnTable
from sanchi.app.market import PassingRule
from sanchi.app.owner_lists import OwnerList
from sanchi.app.roster import Roster
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO, AllocatedEnergy
from sanchi.core.matching.allocation import Allocation, allocation_of_parts
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.fixed_share import fixed_share_passed_on
from sanchi.core.matching.mechanisms.table import Mechanism
from sanchi.core.matching.mechanisms.target_share import target_share
from sanchi.core.matching.passing_on import PassedOn, PassingOwners, pass_on
from sanchi.core.matching.passing_revision import cut_to_parts

# Rules take their turns in this order: it matters to a tenant of owners with different rules alone.
MECHANISM_OF: Final[dict[PassingRule, Mechanism]] = {
    PassingRule.IN_ORDER: eating,
    PassingRule.BY_KEY: fixed_share_passed_on,
    PassingRule.BY_TARGET: target_share,
}


def pass_kinds_on(roster: Roster, matched: Sequence[KindMatch], use_wh: NDArray[np.int64]) -> PassedOnTable:
    """Let owners pass on what they took of each kind, surplus first.

    use_wh : int64 (n_buyers, 48) [Wh]. A tenant takes what its own contracts of all kinds left of its metered use; so
    the first level is over before the second begins, and is never changed by it.
    """
    if not any(roster.owners.values()):
        return PassedOnTable.empty()
    left_wh = np.maximum(use_wh.T - sum(each.match.intake_wh for each in matched), 0)
    tables = []
    for each in matched:
        first = allocation_of_parts(MatchMarket(day=each.match.day), each.match.parts_wh)
        for rule, mechanism in MECHANISM_OF.items():
            owners = [owner for owner in roster.owners[each.kind] if owner.rule is rule]
            if owners:
                rows, tenant_index = _passed_on(each, first, owners, mechanism, left_wh)
                np.subtract.at(left_wh, (rows.slot_index, tenant_index), rows.energy_wh)
                tables.append(_table(roster, each.kind, owners, rows, tenant_index))
    return in_order(PassedOnTable.joined(tables))


def _passed_on(
    each: KindMatch,
    first: Allocation,
    owners: Sequence[OwnerList],
    mechanism: Mechanism,
    left_wh: NDArray[np.int64],
) -> tuple[PassedOn, NDArray[np.int64]]:
    """Pass one kind on by one rule; give the rows to tenants, and the tenants' positions in buyers."""
    tenants = np.unique([tenant.buyer_index for owner in owners for tenant in owner.tenants])
    shape = (len(owners), max(len(owner.tenants) for owner in owners))
    choices, keys = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.int64)
    target_permille = np.zeros(tenants.size, dtype=np.int64)
    for row, owner in enumerate(owners):
        for rank, tenant in enumerate(owner.tenants):
            place = int(np.searchsorted(tenants, tenant.buyer_index))
            choices[row, rank], keys[row, rank] = place, tenant.static_key
            # Where two owners tell different targets of one tenant, the higher counts.
            target_permille[place] = max(target_permille[place], tenant.target_permille)
    passing = PassingOwners(
        owner_key=np.array([owner.owner_key for owner in owners], dtype=np.int64),
        owner_buyer_index=np.array([owner.buyer_index for owner in owners], dtype=np.int64),
        tenant_buyer_index=tenants,
        choice_tenant_index=choices,
        capacity_wh=np.ascontiguousarray(left_wh[:, tenants]),
        static_key=keys,
        target_permille=target_permille,
        use_wh=np.ascontiguousarray(left_wh[:, tenants]),
    )
    rows = pass_on(each.match.day, first, passing, mechanism).rows
    is_tenant = rows.tenant_index >= 0
    to_tenants = PassedOn(**{field.name: getattr(rows, field.name)[is_tenant] for field in fields(rows)})
    return to_tenants, tenants[to_tenants.tenant_index]


def _table(
    roster: Roster,
    kind: CertificateKind,
    owners: Sequence[OwnerList],
    rows: PassedOn,
    tenant_index: NDArray[np.int64],
) -> PassedOnTable:
    """Name the parties of rows by number."""
    owner_index = np.array([owner.buyer_index for owner in owners], dtype=np.int64)[rows.owner_index]
    return PassedOnTable(
        kind_no=np.full(rows.energy_wh.size, kind, dtype=np.int8),
        slot_no=(rows.slot_index + 1).astype(np.int8),
        home_no=roster.home_no[rows.home_index],
        owner_no=roster.buyer_no[owner_index],
        tenant_no=roster.buyer_no[tenant_index],
        energy_wh=rows.energy_wh,
    )


def in_order(table: PassedOnTable) -> PassedOnTable:
    """Sort rows by kind, slot, home, owner, tenant."""
    return table.take(np.lexsort((table.tenant_no, table.owner_no, table.home_no, table.slot_no, table.kind_no)))


def revised_passing(roster: Roster, before: PassedOnTable, allocated: AllocatedEnergy) -> PassedOnTable:
    """Cut back what owners passed on of homes that were corrected; the rows of all others stand.

    More Wh to an owner stay with it. Less are taken from what it kept of the home, then from its last tenant to the
    first. The lists in force on a closed day never change, so they still say who is last.
    """
    if not before.row_count:
        return before
    rank_of = {
        (kind, int(roster.buyer_no[owner.buyer_index]), int(roster.buyer_no[tenant.buyer_index])): rank
        for kind, owners in roster.owners.items()
        for owner in owners
        for rank, tenant in enumerate(owner.tenants)
    }
    names = zip(before.kind_no.tolist(), before.owner_no.tolist(), before.tenant_no.tolist(), strict=True)
    rank = np.array([rank_of[CertificateKind(kind), owner, tenant] for kind, owner, tenant in names])
    place_no = np.stack([before.kind_no, before.slot_no, before.home_no, before.owner_no]).astype(np.int64)
    order = np.lexsort((rank, *place_no[::-1]))
    parts, part_no = np.unique(place_no[:, order], axis=1, return_inverse=True)
    bought = allocated.take(allocated.choice_no > REST_CHOICE_NO)
    part_wh = bought.totals_by("kind_no", "slot_no", "home_no", "holder_no")
    new_part_wh = np.array([part_wh.get(tuple(part), 0) for part in parts.T.tolist()], dtype=np.int64)
    kept_wh = np.zeros_like(before.energy_wh)
    kept_wh[order] = cut_to_parts(part_no.ravel(), before.energy_wh[order], new_part_wh)
    return before.with_energy_wh(kept_wh)


def passed_on_wh(roster: Roster, table: PassedOnTable) -> NDArray[np.int64]:
    """Give what each buyer got as a tenant of both kinds together, int64 (48, n_buyers) [Wh]."""
    passed_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    np.add.at(passed_wh, (table.slot_no - 1, np.searchsorted(roster.buyer_no, table.tenant_no)), table.energy_wh)
    return passed_wh
