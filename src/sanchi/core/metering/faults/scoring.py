"""How well faults were found: found ones against those that are known to be there, kind by kind.

Enter: Faults and TrueFaults. Leaves: a ScoreTable. Not here: finding. Slow and obvious on purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.spans import HOUR_S, Span

# A cloud's word is half an hour old when it is asked for, and it is asked every half hour.
TOLERANCE_S: Final = HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFault:
    """A fault that is known to be there; home_no is -1 for one of a connector; device "" = any of the home's."""

    kind: FaultKind
    leg: Leg
    home_no: int
    connector: str
    device: str
    first_s: int
    last_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScore:
    """Counts of one kind: told and there, told and not there, there and not told; legs right among the first."""

    n_right: int
    n_invented: int
    n_missed: int
    n_legs_right: int

    @property
    def precision(self) -> float:
        """Give the share of what was told that is there; 1 where nothing was told."""
        n_told = self.n_right + self.n_invented
        return self.n_right / n_told if n_told else 1.0

    @property
    def recall(self) -> float:
        """Give the share of what is there that was told; 1 where nothing is there."""
        n_there = self.n_right + self.n_missed
        return self.n_right / n_there if n_there else 1.0

    @property
    def f1(self) -> float:
        """Give the harmonic mean of both; 1 where nothing is there and nothing was told."""
        n_all = 2 * self.n_right + self.n_invented + self.n_missed
        return 2 * self.n_right / n_all if n_all else 1.0

    @property
    def leg_share(self) -> float:
        """Give the share of right ones whose leg is right as well."""
        return self.n_legs_right / self.n_right if self.n_right else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """Scores per kind and over all, with what was missed and what was invented."""

    by_kind: Mapping[FaultKind, KindScore]
    total: KindScore
    pairs: tuple[tuple[Fault, TrueFault], ...]
    missed: tuple[TrueFault, ...]
    invented: tuple[Fault, ...]


def score(found: Sequence[Fault], truth: Sequence[TrueFault], now_s: int) -> ScoreTable:
    """Pair each found fault with at most one true one of the same kind and place that it overlaps in time.

    Pairs with the longest overlap come first; times within an hour of each other overlap. A fault told in two pieces
    is right once and invented once.
    """
    chances = [
        (-_overlap_s(one.span(now_s), (true.first_s, true.last_s)), place, rank)
        for place, one in enumerate(found)
        for rank, true in enumerate(truth)
        if _is_same_place(one, true) and _overlap_s(one.span(now_s), (true.first_s, true.last_s)) >= 0
    ]
    paired: dict[int, int] = {}
    taken: set[int] = set()
    for _, place, rank in sorted(chances):
        if place not in paired and rank not in taken:
            paired[place] = rank
            taken.add(rank)
    pairs = tuple((found[place], truth[rank]) for place, rank in sorted(paired.items()))
    missed = tuple(true for rank, true in enumerate(truth) if rank not in taken)
    invented = tuple(one for place, one in enumerate(found) if place not in paired)
    by_kind = {kind: _kind_score(kind, pairs, invented, missed) for kind in FaultKind}
    return ScoreTable(
        by_kind=by_kind, total=_kind_score(None, pairs, invented, missed), pairs=pairs, missed=missed, invented=invented
    )


def score_lines(table: ScoreTable) -> list[str]:
    """Write a table as lines of text, one a kind that is there or was told, the total last."""
    rows: list[tuple[str, KindScore]] = [(kind.value, one) for kind, one in table.by_kind.items()]
    rows = [(name, one) for name, one in rows if one.n_right + one.n_invented + one.n_missed]
    lines = [
        f"{'kind':16} {'right':>6} {'invented':>9} {'missed':>7} {'precision':>10} {'recall':>7} {'F1':>6} {'leg':>6}"
    ]
    for name, one in [*rows, ("all", table.total)]:
        counts = f"{one.n_right:6} {one.n_invented:9} {one.n_missed:7}"
        lines.append(f"{name:16} {counts} {one.precision:10.3f} {one.recall:7.3f} {one.f1:6.3f} {one.leg_share:6.3f}")
    return lines


def _kind_score(
    kind: FaultKind | None,
    pairs: Sequence[tuple[Fault, TrueFault]],
    invented: Sequence[Fault],
    missed: Sequence[TrueFault],
) -> KindScore:
    """Count one kind, or all of them."""
    mine = [(one, true) for one, true in pairs if kind in {None, one.kind}]
    return KindScore(
        n_right=len(mine),
        n_invented=sum(kind in {None, one.kind} for one in invented),
        n_missed=sum(kind in {None, true.kind} for true in missed),
        n_legs_right=sum(one.leg is true.leg for one, true in mine),
    )


def _is_same_place(one: Fault, true: TrueFault) -> bool:
    """Tell whether a found fault may be a true one: kind, home or connector, and device where both tell it."""
    if one.kind is not true.kind or one.home_no != true.home_no:
        return False
    if one.device and true.device:
        return one.device == true.device
    return one.connector == true.connector or not one.connector or not true.connector


def _overlap_s(one: Span, other: Span) -> int:
    """Give how long two spans overlap, the tolerance added; negative where they do not."""
    return min(one[1], other[1]) - max(one[0], other[0]) + TOLERANCE_S
