"""The published table of a slot: a closing time and a rounding number for each buyer, by a walk of the choice tree.

Enter: ChoiceTree, supplies and words in list order, capacities, salt. Leaves: the table. Not here: any home's parts.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.eating.choice_tree import BUYER, END_HOME, FIRST_CHILD, FIRST_HOME, ChoiceTree
from sanchi.core.matching.eating.closing import (
    NEVER_CLOSED_T32,
    closing_word,
    last_tick_within,
    later_by,
    lower_word,
    take_first,
    word_parts,
)
from sanchi.core.matching.eating.numpy_engine import numpy_slot_table
from sanchi.core.matching.eating.parts import eaten_wh
from sanchi.core.matching.eating.rounding import buyer_rounding
from sanchi.core.matching.kernel import (
    ChoiceArray,
    Engine,
    IntArray,
    default_engine,
    entry_kernel,
    frozen_view,
    inlined,
)
from sanchi.core.matching.offers import SLOT_SUPPLY_WH_MAX, ExcessiveSupply, NegativeEnergy, check_array
from sanchi.core.matching.phase import phase_of_word

# A buyer to which nobody has come yet.
_NEVER: Final = -1


class _Tree(NamedTuple):
    """The arrays of a ChoiceTree that a walk needs."""

    node_index: ChoiceArray
    buyer_first_index: IntArray


class _Homes(NamedTuple):
    """The homes of a slot in list order: supply, sums before each place, phase words, Wh eaten so far."""

    supply_wh: ChoiceArray
    running_wh: IntArray
    home_word: NDArray[np.uint64]
    eaten: ChoiceArray


class _Eaters(NamedTuple):
    """What eats at each buyer: its nodes in order of arrival, how many, and how many before the last tick of arrival.

    Mass is the supply that eats; late is the sum of mass times arrival in two limbs; coming is mass of this tick.
    """

    node_list: ChoiceArray
    n_nodes: IntArray
    n_before: IntArray
    arrived_t32: IntArray
    mass_wh: IntArray
    late_wh: IntArray
    late_t32_wh: IntArray
    coming_wh: IntArray


class _Scratch(NamedTuple):
    """Room for the homes of one buyer side by side, for nodes that move, and for buyers to which mass comes."""

    supply_wh: ChoiceArray
    before_wh: ChoiceArray
    phase_u60: IntArray
    moving: ChoiceArray
    receivers: IntArray


@inlined
def _settle(
    tree: _Tree, homes: _Homes, eaters: _Eaters, scratch: _Scratch, closing: tuple[int, int, int], salt: int
) -> int:
    """Choose the rounding number of a closing buyer (buyer, tick, capacity) and write what its homes have eaten.

    Nodes that came at the closing tick itself stand at the end of the list and give nothing.
    """
    buyer, closes_t32, capacity_wh = closing
    first = tree.buyer_first_index[buyer]
    n_nodes = eaters.n_before[buyer] if eaters.arrived_t32[buyer] == closes_t32 else eaters.n_nodes[buyer]
    # The search for a number passes over the homes several times: they lie side by side for it.
    count = 0
    for entry in range(first, first + n_nodes):
        node = eaters.node_list[entry]
        for home in range(tree.node_index[node, FIRST_HOME], tree.node_index[node, END_HOME]):
            scratch.supply_wh[count] = homes.supply_wh[home]
            scratch.before_wh[count] = homes.eaten[home]
            scratch.phase_u60[count] = np.int64(phase_of_word(homes.home_word[home], salt))
            count += 1
    rounding = buyer_rounding(
        scratch.supply_wh[:count], scratch.before_wh[:count], scratch.phase_u60[:count], closes_t32, capacity_wh
    )
    if closes_t32 == NEVER_CLOSED_T32:
        return rounding
    place = 0
    for entry in range(first, first + n_nodes):
        node = eaters.node_list[entry]
        for home in range(tree.node_index[node, FIRST_HOME], tree.node_index[node, END_HOME]):
            homes.eaten[home] = eaten_wh(
                scratch.supply_wh[place], closes_t32, scratch.phase_u60[place], rounding, scratch.before_wh[place]
            )
            place += 1
    return rounding


@inlined
def _arrive(eaters: _Eaters, first: int, node: int, buyer: int, mass_wh: int, now_t32: int) -> bool:
    """Let a node eat at an open buyer from now on; say whether it is the first to come there in this closing."""
    if eaters.arrived_t32[buyer] != now_t32:
        eaters.arrived_t32[buyer] = now_t32
        eaters.n_before[buyer] = eaters.n_nodes[buyer]
    eaters.node_list[first + eaters.n_nodes[buyer]] = node
    eaters.n_nodes[buyer] += 1
    is_first = eaters.coming_wh[buyer] == 0
    eaters.coming_wh[buyer] += mass_wh
    return bool(is_first)


@inlined
def _move_children(
    tree: _Tree,
    homes: _Homes,
    eaters: _Eaters,
    scratch: _Scratch,
    is_closed: NDArray[np.bool_],
    n_moving: int,
    now_t32: int,
) -> int:
    """Move the children of the first n_moving nodes in scratch to their buyers; give to how many buyers mass comes.

    A child whose buyer has closed is left at once: it joins the moving nodes. Homes whose lists end stay behind.
    """
    n_receivers = 0
    place = 0
    while place < n_moving:
        node = scratch.moving[place]
        place += 1
        for child in range(tree.node_index[node, FIRST_CHILD], tree.node_index[node + 1, FIRST_CHILD]):
            buyer = tree.node_index[child, BUYER]
            mass_wh = (
                homes.running_wh[tree.node_index[child, END_HOME]]
                - homes.running_wh[tree.node_index[child, FIRST_HOME]]
            )
            if mass_wh == 0:
                continue
            if is_closed[buyer]:
                scratch.moving[n_moving] = child
                n_moving += 1
            elif _arrive(eaters, tree.buyer_first_index[buyer], child, buyer, mass_wh, now_t32):
                scratch.receivers[n_receivers] = buyer
                n_receivers += 1
    return n_receivers


@inlined
def _receive(
    eaters: _Eaters,
    receivers: IntArray,
    now_t32: int,
    capacity_wh: IntArray,
    queue_word: IntArray,
    queue_position: IntArray,
    n_queued: int,
) -> int:
    """Add the mass that came at this tick to its buyers and queue when they close; give how many are queued."""
    for place in range(len(receivers)):
        buyer = receivers[place]
        coming_wh = eaters.coming_wh[buyer]
        eaters.coming_wh[buyer] = 0
        eaters.mass_wh[buyer] += coming_wh
        late_wh, late_t32_wh = later_by(eaters.late_wh[buyer], eaters.late_t32_wh[buyer], coming_wh, now_t32)
        eaters.late_wh[buyer] = late_wh
        eaters.late_t32_wh[buyer] = late_t32_wh
        closes_t32 = last_tick_within(capacity_wh[buyer], late_wh, late_t32_wh, eaters.mass_wh[buyer])
        if closes_t32 < NEVER_CLOSED_T32:
            n_queued = lower_word(queue_word, queue_position, n_queued, closing_word(closes_t32, buyer))
    return n_queued


@inlined
def _running_sums(supply_wh: ChoiceArray) -> IntArray:
    """Sum the supplies before each place, so that a node's mass is one difference."""
    running_wh = np.empty(len(supply_wh) + 1, np.int64)
    total_wh = np.int64(0)
    for home in range(len(supply_wh)):
        running_wh[home] = total_wh
        total_wh += supply_wh[home]
    running_wh[len(supply_wh)] = total_wh
    return running_wh


@inlined
def _write_slot(
    tree: _Tree,
    n_roots: int,
    homes: _Homes,
    capacity_wh: IntArray,
    salt: int,
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> None:
    """Close the buyers of one slot one by one, settling each before its homes move on; then cut those still open."""
    n_homes, n_buyers, n_nodes = len(homes.supply_wh), len(capacity_wh), len(tree.node_index) - 1
    eaters = _Eaters(
        np.empty(n_nodes, np.int32),
        np.zeros(n_buyers, np.int64),
        np.zeros(n_buyers, np.int64),
        np.full(n_buyers, _NEVER, np.int64),
        np.zeros(n_buyers, np.int64),
        np.zeros(n_buyers, np.int64),
        np.zeros(n_buyers, np.int64),
        np.zeros(n_buyers, np.int64),
    )
    scratch = _Scratch(
        np.empty(n_homes, np.int32),
        np.empty(n_homes, np.int32),
        np.empty(n_homes, np.int64),
        np.empty(n_nodes, np.int32),
        np.empty(n_buyers, np.int64),
    )
    is_closed = np.zeros(n_buyers, np.bool_)
    queue_word = np.empty(n_buyers, np.int64)
    queue_position = np.full(n_buyers, _NEVER, np.int64)
    n_receivers = 0
    for node in range(n_roots):
        buyer = tree.node_index[node, BUYER]
        mass_wh = (
            homes.running_wh[tree.node_index[node, END_HOME]] - homes.running_wh[tree.node_index[node, FIRST_HOME]]
        )
        if mass_wh and _arrive(eaters, tree.buyer_first_index[buyer], node, buyer, mass_wh, 0):
            scratch.receivers[n_receivers] = buyer
            n_receivers += 1
    n_queued = _receive(eaters, scratch.receivers[:n_receivers], 0, capacity_wh, queue_word, queue_position, 0)
    while n_queued > 0:
        now_t32, buyer = word_parts(take_first(queue_word, queue_position, n_queued))
        n_queued -= 1
        closing = (buyer, now_t32, capacity_wh[buyer])
        rounding_phi60[buyer] = _settle(tree, homes, eaters, scratch, closing, salt)
        closing_t32[buyer] = now_t32
        is_closed[buyer] = True
        n_moving = eaters.n_nodes[buyer]
        first = tree.buyer_first_index[buyer]
        scratch.moving[:n_moving] = eaters.node_list[first : first + n_moving]
        n_receivers = _move_children(tree, homes, eaters, scratch, is_closed, n_moving, now_t32)
        n_queued = _receive(
            eaters, scratch.receivers[:n_receivers], now_t32, capacity_wh, queue_word, queue_position, n_queued
        )
    for buyer in range(n_buyers):
        # Where the whole mass fits, rounding can lift nobody above the capacity.
        if not is_closed[buyer] and capacity_wh[buyer] < eaters.mass_wh[buyer]:
            closing = (buyer, NEVER_CLOSED_T32, capacity_wh[buyer])
            rounding_phi60[buyer] = _settle(tree, homes, eaters, scratch, closing, salt)


@entry_kernel
def write_slot_tables(
    slot_index: IntArray,
    node_index: ChoiceArray,
    n_roots: int,
    buyer_first_index: IntArray,
    supply_wh: ChoiceArray,
    capacity_wh: IntArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> None:
    """Write the tables of the listed slots.

    slot_index : int64 (n,), the slots to work on; node_index, buyer_first_index : of the ChoiceTree, n_roots its
    nodes of the first level; supply_wh : int32 (n_slots, n_homes) [Wh] in list order; capacity_wh : int64 (n_slots,
    n_buyers) [Wh]; home_word : uint64 (n_homes,) in list order; salt : uint64 (n_slots,).
    Writes: closing_t32, rounding_phi60, int64 arrays of shape (n_slots, n_buyers), which hold 2^32 and 0 before.

    A closing time only falls when mass arrives and never below now, so the first to close is final. Buyers that close
    at one tick share no home that came in time, so the order of their rounding does not matter.
    Bounds: a slot's supplies sum to less than 2^46 Wh and a home's supply is below 2^31 Wh, so running sums, products
    with ticks (in two limbs for a mass) and sums of rounded parts stay below 2^63.
    """
    tree = _Tree(node_index, buyer_first_index)
    for slot in slot_index:
        homes = _Homes(
            supply_wh[slot], _running_sums(supply_wh[slot]), home_word, np.zeros(supply_wh.shape[1], np.int32)
        )
        _write_slot(tree, n_roots, homes, capacity_wh[slot], salt[slot], closing_t32[slot], rounding_phi60[slot])


def slot_table(
    tree: ChoiceTree,
    supply_wh: ChoiceArray,
    capacity_wh: IntArray,
    home_word: NDArray[np.uint64],
    salt: np.uint64,
    *,
    engine: Engine | None = None,
) -> tuple[IntArray, IntArray]:
    """Give the published table of one slot; threads may work on slots at the same time.

    supply_wh : int32 (n_homes,) [Wh] in list order (supply[tree.home_order]), not negative, less than 2^46 in all.
    capacity_wh : int64 (n_buyers,) [Wh], not negative. home_word : uint64 (n_homes,), phase.home_words in list order.
    engine : None = Numba, or NumPy where Numba cannot be imported; both give the same numbers.
    Returns: closing_t32, int64 (n_buyers,) in 2^-32 of the slot, 2^32 = never closed; rounding_phi60, int64
    (n_buyers,) [2^-60 Wh].
    Raises: UnfitArray, NegativeEnergy, ExcessiveSupply.
    """
    check_array("supply_wh", supply_wh, np.int32, (tree.n_homes,))
    check_array("capacity_wh", capacity_wh, np.int64, (tree.n_buyers,))
    check_array("home_word", home_word, np.uint64, (tree.n_homes,))
    for name, energy_wh in (("supply_wh", supply_wh), ("capacity_wh", capacity_wh)):
        if energy_wh.size and energy_wh.min() < 0:
            place = int(energy_wh.argmin())
            raise NegativeEnergy(f"{name}[{place}] is {energy_wh[place]} Wh, expected 0 or more.")
    total_wh = int(supply_wh.sum(dtype=np.int64))
    if total_wh > SLOT_SUPPLY_WH_MAX:
        raise ExcessiveSupply(
            f"supply_wh sums to {total_wh} Wh, expected at most {SLOT_SUPPLY_WH_MAX}.", hint="Split the market."
        )
    if (engine or default_engine()) is Engine.NUMPY:
        return numpy_slot_table(tree.ordered_choices(), supply_wh, capacity_wh, home_word, salt)
    closing_t32 = np.full((1, tree.n_buyers), NEVER_CLOSED_T32)
    rounding_phi60 = np.zeros((1, tree.n_buyers), dtype=np.int64)
    write_slot_tables(
        np.zeros(1, dtype=np.int64),
        tree.node_index,
        tree.n_roots,
        tree.buyer_first_index,
        frozen_view(supply_wh[None]),
        frozen_view(capacity_wh[None]),
        frozen_view(home_word),
        frozen_view(np.array([salt], dtype=np.uint64)),
        closing_t32,
        rounding_phi60,
    )
    return closing_t32[0], rounding_phi60[0]
