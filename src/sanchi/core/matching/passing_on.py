"""The second level: owners among the buyers pass their energy on to tenants, traceable home -> owner -> tenant.

Enter: the first level's day and allocation, the owners. Leave: rows by home, owner and tenant. Not here: money.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.allocation import NOBODY, Allocation, MechanismResult
from sanchi.core.matching.kernel import ChoiceArray, IntArray, read_only
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.offers import DayMatchInput, UnknownBuyer, check_array
from sanchi.core.matching.phase import day_salts, home_words, phase_of_word


class TenantIsOwner(WrongInput):
    """A tenant passes energy on itself; a third level, or a circle of owners, would never end."""


class RepeatedOwner(WrongInput):
    """A buyer stands twice among the owners; its energy would be passed on twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingOwners:
    """Buyers that pass their energy on, and the tenants that they pass it on to.

    owner_key : int64 (n_owners,), stable and unique, for the public phase.
    owner_buyer_index : int64 (n_owners,), the owner among the buyers of the first level.
    tenant_buyer_index : int64 (n_tenants,), the tenant among those buyers, -1 where it is none of them.
    choice_tenant_index : int32 (n_owners, k_max), the owner's tenants, first served first by mechanisms that look at
    the order, -1 = none. A tenant of two owners stands with both; they share its one capacity.
    capacity_wh : int64 (48, n_tenants) [Wh], what a tenant can take beside what it bought itself.
    static_key, target_permille, use_wh : as in MatchMarket, with owners as homes and tenants as buyers.
    Raises: UnfitArray, UnknownBuyer, RepeatedOwner or TenantIsOwner; what remains, MatchMarket refuses.
    """

    owner_key: IntArray
    owner_buyer_index: IntArray
    tenant_buyer_index: IntArray
    choice_tenant_index: ChoiceArray
    capacity_wh: IntArray
    static_key: IntArray | None = None
    target_permille: IntArray | None = None
    use_wh: IntArray | None = None

    def __post_init__(self) -> None:
        """Check who is who, in the order: arrays, repeated owners, tenants that are owners."""
        check_array("owner_buyer_index", self.owner_buyer_index, np.int64, (len(self.owner_key),))
        check_array("tenant_buyer_index", self.tenant_buyer_index, np.int64, (self.capacity_wh.shape[1],))
        buyers, counts = np.unique(self.owner_buyer_index, return_counts=True)
        if (counts > 1).any():
            raise RepeatedOwner(
                f"owner_buyer_index names buyer {buyers[counts > 1][0]} twice.", hint="Join its tenants in one list."
            )
        is_owner = np.isin(self.tenant_buyer_index, self.owner_buyer_index) & (self.tenant_buyer_index >= 0)
        if is_owner.any():
            tenant_index = int(np.flatnonzero(is_owner)[0])
            raise TenantIsOwner(
                f"Tenant {tenant_index} is buyer {self.tenant_buyer_index[tenant_index]}, which is an owner itself.",
                hint="Let the first owner name the second one's tenants, or let the second buy for itself.",
            )

    @property
    def n_tenants(self) -> int:
        """Count the tenants."""
        return int(self.capacity_wh.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """Rows in the order slot, home, owner, tenant; equal-length int64 columns, read-only, no row of 0 Wh.

    owner_index, tenant_index : positions in PassingOwners; tenant -1 = stays with the owner.
    """

    slot_index: IntArray
    home_index: IntArray
    owner_index: IntArray
    tenant_index: IntArray
    energy_wh: IntArray

    def __post_init__(self) -> None:
        """Freeze the columns."""
        for name in self.__slots__:
            read_only(getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLevel:
    """What owners passed on: their market (owners as homes, tenants as buyers), its result, and the traced rows."""

    market: MatchMarket
    result: MechanismResult
    rows: PassedOn


def pass_on(
    day: DayMatchInput,
    allocation: Allocation,
    owners: PassingOwners,
    mechanism: Callable[[MatchMarket], MechanismResult],
) -> SecondLevel:
    """Let each owner share what it took in over its tenants, and trace every Wh from its home.

    day, allocation : the first level; its rows stay as they are. mechanism : any, e.g. fixed_share with keys,
    target_share, or eating, by which an owner fills its tenants in the order of its list.
    Properties: for each slot, home and owner the rows sum to the home's part; for each slot, owner and tenant to the
    part that the mechanism gave. Several owners are shared out at once, so that a tenant of two is not filled twice.
    Raises: UnknownBuyer, MissingTerms, and ExcessiveSupply where an owner took in 2^31 Wh or more in a slot.
    """
    market = second_market(day, allocation, owners)
    result = mechanism(market)
    return SecondLevel(market=market, result=result, rows=traced(day, allocation, owners, market, result.allocation))


def second_market(day: DayMatchInput, allocation: Allocation, owners: PassingOwners) -> MatchMarket:
    """Give the market of the second level, in which each owner supplies what it took in."""
    for name in ("owner_buyer_index", "tenant_buyer_index"):
        index = getattr(owners, name)
        lowest = NOBODY if name == "tenant_buyer_index" else 0
        is_outside = (index < lowest) | (index >= day.n_buyers)
        if is_outside.any():
            place = int(np.flatnonzero(is_outside)[0])
            raise UnknownBuyer(f"{name}[{place}] is {index[place]}, expected {lowest}..{day.n_buyers - 1}.")
    return MatchMarket(
        day=DayMatchInput(
            home_key=owners.owner_key,
            choice_buyer_index=owners.choice_tenant_index,
            supply_wh=np.ascontiguousarray(allocation.intake_wh(day)[:, owners.owner_buyer_index]),
            capacity_wh=owners.capacity_wh,
            delivery_date=day.delivery_date,
        ),
        static_key=owners.static_key,
        target_permille=owners.target_permille,
        use_wh=owners.use_wh,
    )


def traced(
    day: DayMatchInput, allocation: Allocation, owners: PassingOwners, market: MatchMarket, passed: Allocation
) -> PassedOn:
    """Lay what homes gave to owners beside what owners gave to tenants, as two cuts of one line of Wh.

    The line is ordered by slot and owner. In each owner's stretch one cut lays the homes out in the order of their
    public phase, so that over the slots none always comes first; the other lays out the tenants in their order, then
    what stays with the owner. Both cover the stretch, since the second level's supply is the first level's intake;
    each piece between two neighbouring cuts of either kind belongs to one home and one tenant. So both margins are
    exact, whatever the order, and a stretch of n homes and m tenants has less than n + m + 1 rows.
    Source: the north-west corner rule of the transportation problem.
    """
    homes = _from_homes(day, allocation, owners)
    tenants = _to_tenants(market, passed)
    home_ends_wh, tenant_ends_wh = np.cumsum(homes[-1]), np.cumsum(tenants[-1])
    ends_wh = np.union1d(home_ends_wh, tenant_ends_wh)
    energy_wh = np.diff(ends_wh, prepend=0)
    starts_wh = ends_wh - energy_wh
    home_row = np.searchsorted(home_ends_wh, starts_wh, side="right")
    tenant_row = np.searchsorted(tenant_ends_wh, starts_wh, side="right")
    slot_index, owner_index, home_index, _ = (column[home_row] for column in homes)
    tenant_slot_index, tenant_owner_index, tenant_index, _ = (column[tenant_row] for column in tenants)
    assert (slot_index == tenant_slot_index).all(), "energy was passed on in another slot"
    assert (owner_index == tenant_owner_index).all(), "energy was passed on by another owner"
    order = np.lexsort((tenant_index, owner_index, home_index, slot_index))
    return PassedOn(
        slot_index=slot_index[order],
        home_index=home_index[order],
        owner_index=owner_index[order],
        tenant_index=tenant_index[order],
        energy_wh=energy_wh[order],
    )


def _from_homes(
    day: DayMatchInput, allocation: Allocation, owners: PassingOwners
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Give slot, owner, home and Wh of what homes gave to owners, by slot, owner and the phase of the home."""
    owner_of_buyer = np.full(day.n_buyers, NOBODY, dtype=np.int64)
    owner_of_buyer[owners.owner_buyer_index] = np.arange(len(owners.owner_key))
    owner_index = owner_of_buyer[allocation.buyer_index]
    is_owned = owner_index >= 0
    slot_index, home_index = allocation.slot_index[is_owned], allocation.home_index[is_owned]
    words = home_words(day.home_key)[home_index]
    phase_u60 = phase_of_word(words, day_salts(day.delivery_date)[slot_index])
    order = np.lexsort((day.home_key[home_index], phase_u60, owner_index[is_owned], slot_index))
    columns = (slot_index, owner_index[is_owned], home_index, allocation.energy_wh[is_owned])
    return columns[0][order], columns[1][order], columns[2][order], columns[3][order]


def _to_tenants(market: MatchMarket, passed: Allocation) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Give slot, owner, tenant and Wh of what owners gave or kept, by slot, owner and tenant, what is kept last."""
    kept_wh = passed.rest_wh(market.day)
    kept_slot_index, kept_owner_index = np.nonzero(kept_wh)
    slot_index = np.concatenate((passed.slot_index, kept_slot_index))
    owner_index = np.concatenate((passed.home_index, kept_owner_index))
    tenant_index = np.concatenate((passed.buyer_index, np.full(len(kept_slot_index), NOBODY)))
    energy_wh = np.concatenate((passed.energy_wh, kept_wh[kept_slot_index, kept_owner_index]))
    order = np.lexsort((tenant_index, tenant_index == NOBODY, owner_index, slot_index))
    return slot_index[order], owner_index[order], tenant_index[order], energy_wh[order]
