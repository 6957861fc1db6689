"""Spans of time as pairs of Unix seconds: join near ones, measure what they share.

Enter and leave: pairs (first_s, last_s), both included. Not here: what happened in them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import EPOCH_DATE, JST

Span = tuple[int, int]

SLOT_S: Final = 1800
HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
EPOCH_S: Final = int(datetime(EPOCH_DATE.year, EPOCH_DATE.month, EPOCH_DATE.day, tzinfo=JST).timestamp())


def stamp_s(boundary: int) -> int:
    """Give the instant of a boundary."""
    return EPOCH_S + boundary * SLOT_S


def boundary_at(instant_s: int) -> int:
    """Give the last boundary at or before an instant."""
    return (instant_s - EPOCH_S) // SLOT_S


def joined(spans: Iterable[Span], gap_s: int) -> list[Span]:
    """Join spans that lie at most gap_s apart; they leave in the order of time."""
    result: list[Span] = []
    for first_s, last_s in sorted(spans):
        if result and first_s - result[-1][1] <= gap_s:
            result[-1] = (result[-1][0], max(result[-1][1], last_s))
        else:
            result.append((first_s, last_s))
    return result


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the runs of true cells as (first, last) positions, both included.

    >>> runs_of(np.array([True, False, True, True]))
    [(0, 0), (2, 3)]
    """
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def shared_s(one: Span, others: Iterable[Span]) -> int:
    """Add up the seconds that a span shares with spans that do not overlap each other."""
    return sum(max(0, min(one[1], last_s) - max(one[0], first_s)) for first_s, last_s in others)


def touches(one: Span, others: Iterable[Span], slack_s: int = 0) -> bool:
    """Tell whether a span comes within slack_s of any other."""
    return any(first_s - slack_s <= one[1] and one[0] <= last_s + slack_s for first_s, last_s in others)


def inside(instants_s: NDArray[np.int64], spans: Sequence[Span], slack_s: int = 0) -> NDArray[np.bool_]:
    """Tell which instants lie in any of the spans, widened by slack_s on both sides."""
    result = np.zeros(instants_s.shape, dtype=np.bool_)
    for first_s, last_s in spans:
        result |= (instants_s >= first_s - slack_s) & (instants_s <= last_s + slack_s)
    return result
