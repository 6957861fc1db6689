"""Recompute a home's Wh from the published table alone, and set them beside what was booked.

Enters: stores and a question, or rows of plain files. Leaves: HomeRecomputation. Nothing is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

import numpy as np

from sanchi.app.closed_home_day import ClosedHomeDay, HomeKindDay, load_closed_home_day
from sanchi.app.explain_home import HomeQuestion
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.explanation import recompute_parts
from sanchi.core.matching.phase import home_phase_u60
from sanchi.core.matching.revision import revise_home


class RecomputeVerdict(StrEnum):
    """How what was recomputed stands to what was booked."""

    AGREES = "AGREES"  # the same Wh
    CORRECTED = "CORRECTED"  # agrees with what was matched; a later correction of this home followed its rule
    DIFFERS = "DIFFERS"  # the books are not what the table gives
    NOT_COMPARED = "NOT_COMPARED"  # nothing booked was given


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputedChoice:
    """A choice in a slot: what the table says of its buyer, what follows for the home, what is booked [Wh]."""

    buyer_id: str
    closing_t32: int
    rounding_phi60: int
    recomputed_wh: int
    booked_wh: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputedSlot:
    """A half hour. supply_wh : what the table applies to; booked_supply_wh differs from it after a correction."""

    kind: CertificateKind | None  # None where plain files do not say
    slot_no: int
    phase_u60: int
    supply_wh: int
    booked_supply_wh: int | None
    choices: tuple[RecomputedChoice, ...]
    rest_recomputed_wh: int
    rest_booked_wh: int | None
    verdict: RecomputeVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRecomputation:
    """The slots in which the home had something to share, by kind, then slot."""

    home_id: str
    home_key: int
    delivery_date: date
    slots: tuple[RecomputedSlot, ...]

    @property
    def first_difference(self) -> RecomputedSlot | None:
        """Give the first slot whose books are not what the table gives."""
        return next((slot for slot in self.slots if slot.verdict is RecomputeVerdict.DIFFERS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSlot:
    """What anybody needs to recompute a slot: the home's supply and list, and the table by buyer.

    booked_wh : what the home is said to have given, by buyer, and the rest under the name None; or None altogether.
    """

    slot_no: int
    supply_wh: int
    choices: tuple[str, ...]
    closing_t32: Mapping[str, int]
    rounding_phi60: Mapping[str, int]
    booked_wh: Mapping[str | None, int] | None
    kind: CertificateKind | None = None


def recompute_home(stores: Stores, market_id: MarketId, question: HomeQuestion) -> HomeRecomputation:
    """Recompute a home's closed day from the published table, and compare with the books in force.

    A home that was corrected after its month was finalised is recomputed as it was matched, and its corrections are
    held against their rule. Raises: as explain_home.
    """
    slot_indices = question.slot_indices
    closed = load_closed_home_day(stores, market_id, question.home_id, question.delivery_date)
    home_key = int(closed.roster.home_key[closed.home_index])
    party_ids = {party.party_no: str(party.party_id) for party in closed.book.parties}
    slots = [
        _compared(closed, history, slot_index, home_key, party_ids)
        for kind in question.kinds
        for history in [[closed.of_kind(outcome, kind) for outcome in closed.revisions]]
        for slot_index in slot_indices
        if history[0].supply_wh[slot_index] or history[-1].supply_wh[slot_index]
    ]
    return HomeRecomputation(
        home_id=closed.home.party_id, home_key=home_key, delivery_date=question.delivery_date, slots=tuple(slots)
    )


def recompute_published(
    *, home_id: str, home_key: int, delivery_date: date, slots: Sequence[PublishedSlot]
) -> HomeRecomputation:
    """Recompute a home from plain files: no platform is needed."""
    return HomeRecomputation(
        home_id=home_id,
        home_key=home_key,
        delivery_date=delivery_date,
        slots=tuple(recompute_slot(slot, home_key, delivery_date) for slot in slots),
    )


def recompute_slot(slot: PublishedSlot, home_key: int, delivery_date: date) -> RecomputedSlot:
    """Recompute one slot, and compare it with what is booked where that is given."""
    parts_wh = recompute_parts(
        supply_wh=slot.supply_wh,
        choices=range(len(slot.choices)),
        closing_t32=[slot.closing_t32[buyer] for buyer in slot.choices],
        rounding_phi60=[slot.rounding_phi60[buyer] for buyer in slot.choices],
        home_key=home_key,
        delivery_date=delivery_date,
        slot_no=slot.slot_no,
    )
    rest_wh = slot.supply_wh - sum(parts_wh)
    booked = slot.booked_wh
    expected_wh: dict[str | None, int] = dict(zip(slot.choices, parts_wh, strict=True))
    expected_wh[None] = rest_wh
    verdict = RecomputeVerdict.NOT_COMPARED
    if booked is not None:
        # A pair that gave nothing has no row, so a missing one is 0 Wh; a buyer outside the list is a difference.
        agrees = all(expected_wh.get(buyer, 0) == booked.get(buyer, 0) for buyer in {*expected_wh, *booked})
        verdict = RecomputeVerdict.AGREES if agrees else RecomputeVerdict.DIFFERS
    return RecomputedSlot(
        kind=slot.kind,
        slot_no=slot.slot_no,
        phase_u60=home_phase_u60(home_key, delivery_date, slot.slot_no),
        supply_wh=slot.supply_wh,
        booked_supply_wh=None if booked is None else sum(booked.values()),
        choices=tuple(
            RecomputedChoice(
                buyer_id=buyer,
                closing_t32=slot.closing_t32[buyer],
                rounding_phi60=slot.rounding_phi60[buyer],
                recomputed_wh=part_wh,
                booked_wh=None if booked is None else booked.get(buyer, 0),
            )
            for buyer, part_wh in zip(slot.choices, parts_wh, strict=True)
        ),
        rest_recomputed_wh=rest_wh,
        rest_booked_wh=None if booked is None else booked.get(None, 0),
        verdict=verdict,
    )


def _compared(
    closed: ClosedHomeDay,
    history: Sequence[HomeKindDay],
    slot_index: int,
    home_key: int,
    party_ids: Mapping[int, str],
) -> RecomputedSlot:
    """Recompute a slot as matched; then ask whether the books in force follow, directly or by the rule of corrections.

    history : the home in each revision, from the matched one to the one in force.
    """
    matched, now = history[0], history[-1]
    names = tuple(party_ids[buyer_no] for buyer_no in matched.choices)
    published = PublishedSlot(
        kind=matched.kind,
        slot_no=slot_index + 1,
        supply_wh=int(matched.supply_wh[slot_index]),
        choices=names,
        closing_t32={party_ids[buyer]: int(times[slot_index]) for buyer, times in matched.closing_t32.items()},
        rounding_phi60={party_ids[buyer]: int(one[slot_index]) for buyer, one in matched.rounding_phi60.items()},
        booked_wh=_booked(now, names, slot_index),
    )
    slot = recompute_slot(published, home_key, closed.day.delivery_date)
    if slot.verdict is RecomputeVerdict.AGREES:
        return slot
    as_matched = tuple(choice.recomputed_wh for choice in slot.choices) == tuple(matched.parts_wh[slot_index].tolist())
    is_by_rule = as_matched and all(follows_correction_rule(old, new, slot_index) for old, new in pairwise(history))
    return replace(slot, verdict=RecomputeVerdict.CORRECTED if is_by_rule else RecomputeVerdict.DIFFERS)


def _booked(now: HomeKindDay, names: Sequence[str], slot_index: int) -> dict[str | None, int]:
    """Give what is booked by buyer, and the rest."""
    booked_wh: dict[str | None, int] = dict(zip(names, now.parts_wh[slot_index].tolist(), strict=True))
    booked_wh[None] = int(now.rest_wh[slot_index])
    return booked_wh


def follows_correction_rule(old: HomeKindDay, new: HomeKindDay, slot_index: int) -> bool:
    """Tell whether one correction of this home followed its rule in a slot.

    Less Wh come exactly from the rest, then from the last choice to the first. More Wh may only add: how many fit a
    choice depends on what other homes left open, which is not looked at here. The same Wh change nothing.
    """
    own = slice(slot_index, slot_index + 1)
    old_wh, new_wh = old.parts_wh[own], new.parts_wh[own]
    old_supply_wh, new_supply_wh = old.supply_wh[own], new.supply_wh[own]
    if new_supply_wh[0] > old_supply_wh[0]:
        return bool((new_wh >= old_wh).all() and new.rest_wh[slot_index] >= old.rest_wh[slot_index])
    choices = np.arange(old_wh.shape[1], dtype=np.int32)
    by_rule_wh = revise_home(old_wh, old_supply_wh, new_supply_wh, choices, np.zeros_like(old_wh))
    return bool((by_rule_wh == new_wh).all())
