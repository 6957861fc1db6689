"""The prefix tree of choice lists."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.matching.eating.choice_tree import (
    BUYER,
    END_HOME,
    FIRST_CHILD,
    FIRST_HOME,
    ExcessiveMarket,
    build_choice_tree,
)


@st.composite
def choice_lists(draw):
    """Draw lists over few buyers, told to the tree as over few or very many: the sort key fits a word or does not."""
    k_max = draw(st.integers(0, 4))
    ranking = st.permutations(range(4))
    lists = draw(st.lists(st.tuples(ranking, st.integers(0, k_max)), max_size=12))
    choices = np.full((len(lists), k_max), -1, dtype=np.int32)
    for home, (ranked, length) in enumerate(lists):
        choices[home, :length] = ranked[:length]
    return choices, draw(st.sampled_from([4, 2**15 - 2, 2**15 - 1, 2**16]))


def prefixes_of(choices):
    """Count the homes of each beginning of a list."""
    counts = {}
    for row in choices.tolist():
        named = [buyer for buyer in row if buyer >= 0]
        for length in range(1, len(named) + 1):
            prefix = tuple(named[:length])
            counts[prefix] = counts.get(prefix, 0) + 1
    return counts


def prefixes_in(tree):
    """Walk the tree from its roots and count the homes of each node by its prefix."""
    counts = {}
    waiting = [((), node) for node in range(tree.n_roots)]
    while waiting:
        above, node = waiting.pop()
        prefix = (*above, int(tree.node_index[node, BUYER]))
        assert prefix not in counts
        counts[prefix] = int(tree.node_index[node, END_HOME] - tree.node_index[node, FIRST_HOME])
        children = range(tree.node_index[node, FIRST_CHILD], tree.node_index[node + 1, FIRST_CHILD])
        waiting += [(prefix, child) for child in children]
    return counts


class TestChoiceTree:
    @given(choice_lists())
    def test_nodes_are_the_different_beginnings_of_lists(self, drawn):
        choices, n_buyers = drawn
        tree = build_choice_tree(choices, n_buyers)

        assert prefixes_in(tree) == prefixes_of(choices)
        assert tree.n_nodes == len(prefixes_of(choices))

    @given(choice_lists())
    def test_homes_stand_in_the_order_of_their_lists(self, drawn):
        choices, n_buyers = drawn
        tree = build_choice_tree(choices, n_buyers)
        in_order = choices[tree.home_order].tolist()

        assert sorted(tree.home_order.tolist()) == list(range(len(choices)))
        assert in_order == sorted(choices.tolist())
        assert tree.ordered_choices().tolist() == in_order

    @given(choice_lists())
    def test_each_buyer_has_room_for_its_nodes(self, drawn):
        choices, n_buyers = drawn
        tree = build_choice_tree(choices, n_buyers)
        buyers = [prefix[-1] for prefix in prefixes_of(choices)]

        assert len(tree.buyer_first_index) == n_buyers + 1
        for buyer in range(4):
            assert tree.buyer_first_index[buyer + 1] - tree.buyer_first_index[buyer] == buyers.count(buyer)

    def test_tree_can_be_sent_to_a_worker(self):
        choices = np.array([[1, 0], [0, -1], [1, 2]], dtype=np.int32)
        tree = build_choice_tree(choices, 3)
        received = pickle.loads(pickle.dumps(tree))

        assert received.node_index.tolist() == tree.node_index.tolist()
        assert not tree.node_index.flags.writeable

    def test_market_beyond_32_bits_is_refused_by_name(self):
        choices = np.broadcast_to(np.int32(0), (2**30, 2))

        with pytest.raises(ExcessiveMarket, match="Split the market"):
            build_choice_tree(choices, 1)
