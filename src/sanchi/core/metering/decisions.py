"""What an operator decided about single slots: which decision stands, where it applies, and how it is told.

Enter: Decisions of any time. Leave: those in force, placed on a day, and findings. Not here: who may decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import SLOTS_PER_DAY, slot_ending_at
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec
from sanchi.core.metering.sources import Source, Stage, rank_number


class Action(IntEnum):
    """What a decision does; the numbers stand in the database."""

    SET = 1  # the slot has this energy, whatever is read
    ACCEPT_ESTIMATE = 2  # the estimate of the slot may be traded, as long as nothing better is known
    WITHDRAW = 3  # an earlier decision about the slot is none any more

    @property
    def text(self) -> str:
        """Give the word used in files and messages.

        >>> Action.ACCEPT_ESTIMATE.text
        'accept_estimate'
        """
        return self.name.lower()


# A decision is as final as anything and nearer than any reading.
DECIDED_RANK = rank_number(Stage.FINAL, Source.OPERATOR)
DECIDED_HINT = "Nothing to do; the decision stands until it is withdrawn or replaced by a later one."
IDLE_HINT = "Withdraw the decision, or compare its meter and slot with what was meant."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about one slot of one channel of a meter.

    boundary : the half hour that closes the slot; energy_wh : what SET sets, 0 for the others.
    decided_s : Unix seconds; orders decisions, then delivery_no, then row_no.
    decided_by : an operator's short name.
    """

    meter_no: int
    channel: Channel
    boundary: int
    action: Action
    energy_wh: int
    reason: str
    decided_by: str
    decided_s: int
    delivery_no: int
    row_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedDecision:
    """A decision in force on a delivery date: the point and slot_index that it is about, and the meter."""

    decision: Decision
    point_index: int
    slot_index: int
    spec: MeterSpec


def decisions_in_force(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Keep the latest decision about each slot, unless it withdraws; in the order of meter, channel and time."""
    latest = {(each.meter_no, each.channel, each.boundary): each for each in sorted(decisions, key=_decided)}
    return tuple(latest[key] for key in sorted(latest) if latest[key].action is not Action.WITHDRAW)


def place_decisions(
    decisions: Iterable[Decision], points: Sequence[MeteringPoint], day_boundary: int
) -> tuple[PlacedDecision, ...]:
    """Find the points and slots of a day that the decisions in force are about; others are passed over."""
    standing = decisions_in_force(decisions)
    if not standing:
        return ()
    places = {(spec.meter_no, spec.channel): (n, spec) for n, point in enumerate(points) for spec in point.meters}
    placed = []
    for decision in standing:
        place = places.get((decision.meter_no, decision.channel))
        slot_index = decision.boundary - 1 - day_boundary
        if place is not None and 0 <= slot_index < SLOTS_PER_DAY:
            placed.append(PlacedDecision(decision=decision, point_index=place[0], slot_index=slot_index, spec=place[1]))
    return tuple(placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedSlot:
    """What became of a decision: the energy that stands, the one by rule, and whether it has any effect."""

    placed: PlacedDecision
    energy_wh: int
    rule_wh: int
    has_effect: bool


def describe_decisions(decided: Sequence[DecidedSlot]) -> list[tuple[int, Problem]]:
    """Describe decisions, one finding for neighbouring slots with the same story, each with its point_index."""
    found = []
    for _, run in groupby(enumerate(decided), key=_story):
        members = [each for _, each in run]
        found.append((members[0].placed.point_index, _describe_run(members)))
    return found


def _decided(decision: Decision) -> tuple[int, int, int]:
    """Give what orders decisions about the same slot."""
    return decision.decided_s, decision.delivery_no, decision.row_no


def _story(numbered: tuple[int, DecidedSlot]) -> tuple[object, ...]:
    """Give what neighbouring slots have to share to be told together."""
    number, each = numbered
    decision = each.placed.decision
    told = (decision.meter_no, decision.channel, decision.action, decision.reason, decision.decided_by)
    return *told, each.has_effect, each.placed.slot_index - number


def _describe_run(members: Sequence[DecidedSlot]) -> Problem:
    """Describe neighbouring slots as one decision."""
    first, last = members[0].placed, members[-1].placed
    decision = first.decision
    slots = (
        f"slot {first.slot_index + 1}" if len(members) == 1 else f"slots {first.slot_index + 1}-{last.slot_index + 1}"
    )
    energy_wh, rule_wh = sum(each.energy_wh for each in members), sum(each.rule_wh for each in members)
    is_set = decision.action is Action.SET
    done = f"set to {energy_wh:,} Wh in place of {rule_wh:,} Wh" if is_set else f"estimate of {energy_wh:,} Wh accepted"
    has_effect = members[0].has_effect
    effect = done if has_effect else "no effect: nothing is estimated here, or another meter counts"
    return Problem(
        code=ProblemCode.OPERATOR_DECIDED,
        severity=Severity.NOTE if has_effect else Severity.WATCH,
        where=f"meter {first.spec.meter_id} {decision.channel.text}, "
        f"{slot_ending_at(decision.boundary).delivery_date} {slots}",
        detail=f"{effect}; decided by {decision.decided_by}: {decision.reason}",
        hint=DECIDED_HINT if has_effect else IDLE_HINT,
    )
