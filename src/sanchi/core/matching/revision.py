"""The revision of one home after its month was finalised: other homes and closing times stand.

Enter: old parts, both supplies, open capacity. Leave: new parts. Not here: certificates and debts.
"""

import numpy as np

from sanchi.core.matching.kernel import ChoiceArray, IntArray


def revise_home(
    old_parts_wh: IntArray,
    old_supply_wh: IntArray,
    new_supply_wh: IntArray,
    choice_buyer_index: ChoiceArray,
    open_capacity_wh: IntArray,
) -> IntArray:
    """Give a home's new parts after its supply was corrected.

    old_parts_wh : int64 (48, k_max) [Wh]; old_supply_wh, new_supply_wh : int64 (48,) [Wh];
    choice_buyer_index : int32 (k_max,), -1 = none; open_capacity_wh : int64 (48, n_buyers) [Wh], what each
    buyer's stored capacity left open: capacity - intake.
    More Wh go to the choices in order as far as capacity is open, then to the rest. Less Wh are taken from
    the rest first, then from the last choice to the first.
    Returns: int64 array of shape (48, k_max) [Wh]; the new rest is new_supply_wh - its sum.
    """
    assert (old_parts_wh >= 0).all(), "an old part is negative"
    assert (old_parts_wh.sum(axis=1) <= old_supply_wh).all(), "the old parts exceed the old supply"
    assert (new_supply_wh >= 0).all(), "the new supply is negative"
    assert (open_capacity_wh >= 0).all(), "a buyer got more than its capacity"
    new_parts_wh = old_parts_wh.copy()
    more_wh = np.maximum(new_supply_wh - old_supply_wh, 0)
    # The rest shrinks by itself, so only what the old parts have too much comes back from the choices.
    excess_wh = np.maximum(old_parts_wh.sum(axis=1) - new_supply_wh, 0)
    for choice, buyer in enumerate(choice_buyer_index):
        if buyer >= 0:
            gain_wh = np.minimum(more_wh, open_capacity_wh[:, buyer])
            new_parts_wh[:, choice] += gain_wh
            more_wh -= gain_wh
    for choice in reversed(range(len(choice_buyer_index))):
        loss_wh = np.minimum(excess_wh, old_parts_wh[:, choice])
        new_parts_wh[:, choice] -= loss_wh
        excess_wh -= loss_wh
    assert (new_parts_wh >= 0).all(), "a new part is negative"
    assert (new_parts_wh.sum(axis=1) <= new_supply_wh).all(), "the new parts exceed the new supply"
    gained_wh = np.maximum(new_parts_wh - old_parts_wh, 0)[:, choice_buyer_index >= 0]
    named = choice_buyer_index[choice_buyer_index >= 0]
    assert (gained_wh <= open_capacity_wh[:, named]).all(), "a buyer got more than its open capacity"
    return new_parts_wh
