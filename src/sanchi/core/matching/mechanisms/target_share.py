"""A building's renewable energy over its tenants, towards the renewable share that each of them wants.

Enters: a MatchMarket with target_permille and use_wh. Leaves: allocation and what tenants lack. Not here: the rounds.
"""

import numpy as np

from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.allocation import FactName, MechanismResult, allocation_of_parts
from sanchi.core.matching.kernel import IntArray, read_only
from sanchi.core.matching.market import MatchMarket, UnfitTerms
from sanchi.core.matching.mechanisms.eating import facts_by_buyer
from sanchi.core.matching.offers import SLOT_SUPPLY_WH_MAX
from sanchi.core.matching.sharing.keyed import KeyedDay
from sanchi.core.matching.sharing.rounds import ROUNDS_MAX


def target_share(market: MatchMarket) -> MechanismResult:
    """Fill the tenants' shortfalls to their targets first, pro rata to them; share what is left by use.

    The homes are the building's roofs and contracts; the choices of a home are the tenants it may serve, all equal.
    A tenant's target in a slot is use * target_permille / 1000, rounded up to a Wh. First every home cuts its supply
    over its tenants by their shortfalls, tenants take up to min(target, capacity), and rests are cut anew until none
    fits; then the same by use, up to the capacity. A tenant without use gets nothing.
    Source: hourly matching towards RE100's 100 % (target_permille 1000), in the order "need before surplus".
    Properties: exact supplies, no capacity exceeded, nothing fits at the end. Where all n homes may serve the same
    tenants, none is above its target while another is below its own and has room, and each tenant's part of a scarce
    supply is within 2 * n * tenants Wh of supply * shortfall / shortfalls (odd Wh even out: a few Wh). Where lists
    differ, each home looks at its own tenants.
    Publishes: SHORT_WH, what the tenant lacks to its target.
    Raises: MissingTerms; UnfitTerms where the use of a slot sums to 2^46 Wh or more.
    """
    target_permille = market.needed("target_share", "target_permille")
    use_wh = market.needed("target_share", "use_wh")
    _check_use(use_wh)
    target_wh = -(-use_wh * target_permille // PERMILLE)
    keyed = KeyedDay.opened(market.day)
    for slot_index in keyed.sunny_slots():
        capacity_wh = market.day.capacity_wh[slot_index]
        keyed.room_wh[slot_index] = np.minimum(target_wh[slot_index], capacity_wh)
        _share_by_weight(keyed, slot_index, target_wh[slot_index])
        keyed.room_wh[slot_index] += capacity_wh - np.minimum(target_wh[slot_index], capacity_wh)
        _share_by_weight(keyed, slot_index, use_wh[slot_index])
    allocation = allocation_of_parts(market, keyed.parts_wh)
    short_wh = np.maximum(target_wh - allocation.intake_wh(market.day), 0)
    return MechanismResult(allocation=allocation, facts=facts_by_buyer({FactName.SHORT_WH: short_wh}))


def _share_by_weight(keyed: KeyedDay, slot_index: int, weight_wh: IntArray) -> None:
    """Share what is left of a slot over the tenants with room by a weight of each, until none fits."""
    choices = keyed.day.choice_buyer_index
    if not choices.size or not weight_wh.size:
        return
    open_weight_wh = np.where(keyed.room_wh[slot_index] > 0, weight_wh, 0)
    # The weight of choice -1 is the last tenant's, which the rounds never look at.
    keyed.share_slot(slot_index, read_only(open_weight_wh[choices]), ROUNDS_MAX)


def _check_use(use_wh: IntArray) -> None:
    """Refuse a use that the exact division does not carry."""
    # As plain integers, for so many tenants could leave 64 bits.
    for slot_index, row_wh in enumerate(use_wh.tolist()):
        slot_use_wh = sum(row_wh)
        if slot_use_wh > SLOT_SUPPLY_WH_MAX:
            raise UnfitTerms(
                f"use_wh[{slot_index}] sums to {slot_use_wh} Wh, expected at most {SLOT_SUPPLY_WH_MAX}.",
                hint="Check the meters' multipliers, or split the building.",
            )
