"""Is a transport of Wh the best there is? Exact integers: check by dual prices, repair by cancelling cycles.

Enter: edges with integer gains, limits, a transport. Leaves: the answer, or the best transport. Not here: floats.
"""

from dataclasses import dataclass

import numpy as np

from sanchi.core.matching.kernel import IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Edges between homes and buyers of a slot: gain_sen_per_kwh above zero, and what either end can give or take.

    home_index, buyer_index, gain_sen_per_kwh : int64 (n_edges,).
    supply_wh, capacity_wh : int64 (n_homes,) and (n_buyers,) [Wh].
    """

    home_index: IntArray
    buyer_index: IntArray
    gain_sen_per_kwh: IntArray
    supply_wh: IntArray
    capacity_wh: IntArray

    def left_wh(self, energy_wh: IntArray) -> tuple[IntArray, IntArray]:
        """Give what homes keep and what buyers can still take; negative where a limit is broken."""
        kept_wh, room_wh = self.supply_wh.copy(), self.capacity_wh.copy()
        np.subtract.at(kept_wh, self.home_index, energy_wh)
        np.subtract.at(room_wh, self.buyer_index, energy_wh)
        return kept_wh, room_wh

    def is_feasible(self, energy_wh: IntArray) -> bool:
        """Tell whether nothing is negative and no limit is broken."""
        return all(bool((part_wh >= 0).all()) for part_wh in (energy_wh, *self.left_wh(energy_wh)))

    def is_best(self, energy_wh: IntArray, home_dual_sen_per_kwh: IntArray, buyer_dual_sen_per_kwh: IntArray) -> bool:
        """Tell whether dual prices prove that no transport gains more (complementary slackness).

        Duals are not negative; on every edge their sum covers the gain, and equals it where Wh flow; a dual above
        zero stands at an exhausted end only.
        """
        kept_wh, room_wh = self.left_wh(energy_wh)
        over = home_dual_sen_per_kwh[self.home_index] + buyer_dual_sen_per_kwh[self.buyer_index] - self.gain_sen_per_kwh
        return not (
            (home_dual_sen_per_kwh < 0).any()
            or (buyer_dual_sen_per_kwh < 0).any()
            or (over < 0).any()
            or (over[energy_wh > 0] != 0).any()
            or (kept_wh[home_dual_sen_per_kwh > 0] != 0).any()
            or (room_wh[buyer_dual_sen_per_kwh > 0] != 0).any()
        )


def repaired(transport: Transport, energy_wh: IntArray) -> IntArray:
    """Give a best transport, from any feasible one: as long as a cycle of changes gains, push as much as it takes.

    Source: Klein, "A primal method for minimal cost flows with applications to the assignment and transportation
    problems", Management Science 14, 1967. Every push gains at least
    1 sen/kWh on 1 Wh, so it ends; it is meant for the few Wh that rounding moved, from nothing it is slow.
    """
    energy_wh = energy_wh.copy()
    while (cycle := _gaining_cycle(arcs := _arcs(transport, energy_wh))) is not None:
        push_wh = int(arcs.room_wh[cycle].min())
        edge, sign = arcs.edge_index[cycle], arcs.sign[cycle]
        energy_wh[edge[edge >= 0]] += push_wh * sign[edge >= 0]
    assert transport.is_feasible(energy_wh), "a push broke a limit"
    return energy_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arcs:
    """What can change: from node to node, at a cost, by so many Wh; edge_index -1 = Wh that nobody trades."""

    tail: IntArray
    head: IntArray
    cost: IntArray
    room_wh: IntArray
    edge_index: IntArray
    sign: IntArray
    n_nodes: int


def _arcs(transport: Transport, energy_wh: IntArray) -> _Arcs:
    """List the changes that the limits leave open: homes, then buyers, then the node of what is not traded."""
    n_homes, n_buyers = transport.supply_wh.size, transport.capacity_wh.size
    kept_wh, room_wh = transport.left_wh(energy_wh)
    home, buyer = np.arange(n_homes), n_homes + np.arange(n_buyers)
    rest_of_home, rest_of_buyer = np.full(n_homes, n_homes + n_buyers), np.full(n_buyers, n_homes + n_buyers)
    edge_home, edge_buyer = transport.home_index, n_homes + transport.buyer_index
    edge, gain = np.arange(energy_wh.size), transport.gain_sen_per_kwh
    most_wh = transport.supply_wh[transport.home_index]
    groups = [
        (edge_home, edge_buyer, -gain, most_wh, edge, 1),
        (edge_buyer, edge_home, gain, energy_wh, edge, -1),
        (rest_of_home, home, 0 * home, kept_wh, 0 * home - 1, 0),
        (home, rest_of_home, 0 * home, transport.supply_wh - kept_wh, 0 * home - 1, 0),
        (buyer, rest_of_buyer, 0 * buyer, room_wh, 0 * buyer - 1, 0),
        (rest_of_buyer, buyer, 0 * buyer, transport.capacity_wh - room_wh, 0 * buyer - 1, 0),
    ]
    tail, head, cost, arc_room_wh, edge_index = (np.concatenate([group[n] for group in groups]) for n in range(5))
    sign = np.concatenate([np.full(group[0].size, group[5]) for group in groups])
    is_open = arc_room_wh > 0
    return _Arcs(
        tail=tail[is_open],
        head=head[is_open],
        cost=cost[is_open],
        room_wh=arc_room_wh[is_open],
        edge_index=edge_index[is_open],
        sign=sign[is_open],
        n_nodes=n_homes + n_buyers + 1,
    )


def _gaining_cycle(arcs: _Arcs) -> IntArray | None:
    """Give the arcs of a cycle of negative cost, None where there is none (Bellman & Ford, from all nodes at once)."""
    distance = np.zeros(arcs.n_nodes, dtype=np.int64)
    arc_into = np.full(arcs.n_nodes, -1, dtype=np.int64)
    for _round in range(arcs.n_nodes):
        reached = distance[arcs.tail] + arcs.cost
        nearer = distance.copy()
        np.minimum.at(nearer, arcs.head, reached)
        is_taken = (reached == nearer[arcs.head]) & (reached < distance[arcs.head])
        if not is_taken.any():
            return None
        arc_into[arcs.head[is_taken]] = np.flatnonzero(is_taken)
        distance = nearer
    return _walked_back(arcs, arc_into, int(arcs.head[is_taken][0]))


def _walked_back(arcs: _Arcs, arc_into: IntArray, node: int) -> IntArray:
    """Walk against the arcs until the walk is on its cycle, then once around."""
    for _step in range(arcs.n_nodes):
        node = int(arcs.tail[arc_into[node]])
    cycle, first = [int(arc_into[node])], node
    while (node := int(arcs.tail[cycle[-1]])) != first:
        cycle.append(int(arc_into[node]))
    return np.array(cycle, dtype=np.int64)
