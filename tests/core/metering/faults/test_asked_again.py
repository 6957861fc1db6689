"""What a connector asks for twice by itself is no duplicate; what a device sends twice is one all the same."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.faults.asked_again import asked_again
from sanchi.core.metering.readings import Channel
from tests.markets.watched_market import FIRST_BOUNDARY, rows_of, spec_of

ROUND_S = 1_800


def rows(rounds: Sequence[Sequence[int]]):
    """Lay rounds out: each number is the reading of a half hour of its own, a round is what came at one instant."""
    told = [(content, number) for number, contents in enumerate(rounds) for content in contents]
    boundary = np.array([FIRST_BOUNDARY + content for content, _ in told])
    received_s = np.array([number * ROUND_S for _, number in told])
    spec = spec_of(1, Channel.IMPORT, digits=6)
    return rows_of([(spec, boundary, np.array([content for content, _ in told]), received_s)])


def again(rounds: Sequence[Sequence[int]]) -> list[int]:
    told = rows(rounds)
    return asked_again(told, np.arange(told.row_count)).tolist()


OVERLAPPING = [[1, 2], [2, 3], [3, 4], [4, 5], [5, 6]]


def test_beginning_that_is_the_end_of_the_round_before_was_asked_for_twice():
    assert again(OVERLAPPING) == [2, 4, 6, 8]


def test_longest_end_counts():
    assert again([[1, 2, 3], [2, 3, 4], [4, 5], [5, 6], [6, 7]]) == [3, 4, 6, 8, 10]


def test_what_a_device_sends_again_after_the_overlap_stays():
    assert again([*OVERLAPPING, [6, 6, 7]]) == [2, 4, 6, 8, 10]


def test_connector_whose_rounds_hardly_ever_overlap_asks_for_nothing_twice():
    assert again([[1, 2], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]) == []


def test_few_rounds_say_nothing():
    assert again(OVERLAPPING[:3]) == []


@given(
    news=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=6, max_size=12),
    overlap=st.integers(1, 2),
)
def test_without_it_every_round_brings_what_is_new(news: list[list[int]], overlap: int):
    numbered = [[(place, number) for number in range(len(contents))] for place, contents in enumerate(news)]
    flat = {content: number for number, content in enumerate(each for round_ in numbered for each in round_)}
    fresh = [[flat[each] for each in contents] for contents in numbered]
    rounds: list[list[int]] = []
    before: list[int] = []
    for contents in fresh:
        rounds.append([*before[-overlap:], *contents])
        before = rounds[-1]
    told = rows(rounds)
    kept = np.delete(told.reading, asked_again(told, np.arange(told.row_count)))

    assert kept.tolist() == [content for contents in fresh for content in contents]
