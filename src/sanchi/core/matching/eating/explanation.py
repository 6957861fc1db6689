"""Why a home got what it got in a slot, as values; and its parts recomputed from the published table alone.

Enter: one home, one slot, the table. Leave: values without prose. Not here: words, other homes' figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.eating.parts import PerBuyer, write_home_parts
from sanchi.core.matching.phase import home_phase_u60


class ChoiceOutcome(StrEnum):
    """What a choice meant for a home in a slot."""

    OPEN_TO_THE_END = "OPEN_TO_THE_END"  # the home stayed there until the end of the slot
    FILLED_WHILE_THERE = "FILLED_WHILE_THERE"  # the buyer became full while the home poured into it
    FULL_BEFORE_ARRIVAL = "FULL_BEFORE_ARRIVAL"  # the buyer was full when the home would have come
    NOT_NEEDED = "NOT_NEEDED"  # a better choice stayed open to the end


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceExplanation:
    """One choice of a home in a slot; times in 2^-32 of the slot, 2^32 = its end.

    buyer_no is the buyer as the choices name it; arrived_t32 is when the home would come to this choice.
    The part may differ from supply * (closing - arrived) by rounding, mostly by less than 1 Wh.
    """

    choice_no: int
    buyer_no: int
    arrived_t32: int
    closing_t32: int
    part_wh: int
    outcome: ChoiceOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotExplanation:
    """A home in a slot: supply = sum of the parts + rest [Wh]."""

    supply_wh: int
    choices: tuple[ChoiceExplanation, ...]
    rest_wh: int


def explain_slot(
    *, supply_wh: int, choices: Sequence[int], closing_t32: PerBuyer, parts_wh: Sequence[int]
) -> SlotExplanation:
    """Lay out a home's choices in one slot with their closing times, Wh and outcome.

    choices : buyers, best first, as indices or numbers that closing_t32 is looked up by; -1 = none.
    parts_wh : what the home gave to each choice [Wh], as matched and stored.
    """
    explained = []
    arrived_t32 = 0
    for choice_no, (buyer, part_wh) in enumerate(zip(choices, parts_wh, strict=True), start=1):
        if buyer < 0:
            continue
        closes_t32 = int(closing_t32[buyer])
        explained.append(
            ChoiceExplanation(
                choice_no=choice_no,
                buyer_no=int(buyer),
                arrived_t32=arrived_t32,
                closing_t32=closes_t32,
                part_wh=int(part_wh),
                outcome=_outcome(arrived_t32, closes_t32),
            )
        )
        arrived_t32 = max(arrived_t32, closes_t32)
    rest_wh = int(supply_wh) - sum(choice.part_wh for choice in explained)
    assert rest_wh >= 0, f"the parts exceed the supply by {-rest_wh} Wh"
    return SlotExplanation(supply_wh=int(supply_wh), choices=tuple(explained), rest_wh=rest_wh)


def _outcome(arrived_t32: int, closing_t32: int) -> ChoiceOutcome:
    """Name what happened from the two times alone."""
    if arrived_t32 == NEVER_CLOSED_T32:
        return ChoiceOutcome.NOT_NEEDED
    if closing_t32 <= arrived_t32:
        return ChoiceOutcome.FULL_BEFORE_ARRIVAL
    if closing_t32 == NEVER_CLOSED_T32:
        return ChoiceOutcome.OPEN_TO_THE_END
    return ChoiceOutcome.FILLED_WHILE_THERE


def recompute_parts(
    *,
    supply_wh: int,
    choices: Sequence[int],
    closing_t32: PerBuyer,
    rounding_phi60: PerBuyer,
    home_key: int,
    delivery_date: date,
    slot_no: int,
) -> tuple[int, ...]:
    """Recompute a home's part of each choice [Wh] from the published table, in plain integers.

    choices : buyers, best first, as indices or numbers that the table is looked up by; -1 = none.
    Returns: one part per choice, equal to what match_day gave.
    """
    named = [int(buyer) for buyer in choices]
    parts_wh = [0] * len(named)
    write_home_parts(
        int(supply_wh),
        named,
        {buyer: int(closing_t32[buyer]) for buyer in named if buyer >= 0},
        {buyer: int(rounding_phi60[buyer]) for buyer in named if buyer >= 0},
        home_phase_u60(home_key, delivery_date, slot_no),
        parts_wh,
    )
    return tuple(parts_wh)
