"""How a home's day was shared and why, in words: from the published closing times, slot by slot.

Enters: HomeView. Leaves: sentences and rows for the page. Not here: the rule itself (core.matching).
"""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanchi.app.views.homes import HomeView, SlotSharing
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.eating.explanation import ChoiceExplanation, ChoiceOutcome

RANK: Final = {
    1: gettext_lazy("First choice"),
    2: gettext_lazy("Second choice"),
    3: gettext_lazy("Third choice"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChoice:
    """One choice over the whole day."""

    rank: str
    buyer: PartyRef
    part_wh: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPart:
    """What one choice got in a slot, and why."""

    part_wh: int
    why: str  # empty in a corrected slot, whose times no longer tell why


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSlot:
    """One slot: offered = parts + rest."""

    slot_no: int
    supply_wh: int
    parts: tuple[ToldPart, ...]
    rest_wh: int
    is_corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldKind:
    """One kind over the day."""

    kind: CertificateKind
    is_surplus: bool
    supply_wh: int
    rest_wh: int
    choices: tuple[ToldChoice, ...]
    slots: tuple[ToldSlot, ...]
    corrected_count: int  # slots that a correction changed after the month was finalised


def buyers_of(view: HomeView) -> dict[int, PartyRef]:
    """Find every buyer that the home's page names, by party_no."""
    ranked = {choice.buyer.party_no: choice.buyer for choice in view.choices}
    listed = view.detail.buyers if view.detail else ()
    shares = {share.buyer.party_no: share.buyer for share in view.shares}
    return {**ranked, **{buyer.party_no: buyer for buyer in listed}, **shares}


def told_sharing(view: HomeView) -> list[ToldKind]:
    """Tell the shown day, one kind after the other; empty when nothing was offered."""
    sharing = view.detail.sharing if view.detail else ()
    by_kind = {kind: [one for one in sharing if one.kind is kind] for kind in CertificateKind}
    return [_told_kind(view, kind, slots) for kind, slots in by_kind.items() if slots]


def _told_kind(view: HomeView, kind: CertificateKind, sharing: list[SlotSharing]) -> ToldKind:
    """Tell one kind over the day."""
    buyers = buyers_of(view)
    ranked = {(choice.choice_no, choice.buyer_no) for one in sharing for choice in one.explanation.choices}
    return ToldKind(
        kind=kind,
        is_surplus=kind is CertificateKind.SURPLUS,
        supply_wh=sum(one.explanation.supply_wh for one in sharing),
        rest_wh=sum(one.explanation.rest_wh for one in sharing),
        choices=tuple(_told_choice(choice_no, buyers[buyer], sharing) for choice_no, buyer in sorted(ranked)),
        slots=tuple(_told_slot(one) for one in sharing),
        corrected_count=sum(one.is_corrected for one in sharing),
    )


def _told_choice(choice_no: int, buyer: PartyRef, sharing: list[SlotSharing]) -> ToldChoice:
    """Tell what a choice got over the day, and how often and how early it was full."""
    met = [
        (choice, one.is_corrected)
        for one in sharing
        for choice in one.explanation.choices
        if choice.choice_no == choice_no and choice.buyer_no == buyer.party_no
    ]
    return ToldChoice(
        rank=rank_words(choice_no),
        buyer=buyer,
        part_wh=sum(choice.part_wh for choice, _is_corrected in met),
        sentence=_day_sentence([choice for choice, is_corrected in met if not is_corrected]),
    )


def rank_words(choice_no: int) -> str:
    """Name the place of a choice."""
    return str(RANK[choice_no]) if choice_no in RANK else _("Choice %(number)s") % {"number": choice_no}


def _day_sentence(met: list[ChoiceExplanation]) -> str:
    """Say how often a choice was full, and how early at its earliest."""
    if not met:
        return _("Every half hour was corrected later.")
    asked = [choice for choice in met if choice.outcome is not ChoiceOutcome.NOT_NEEDED]
    full = [choice for choice in asked if choice.outcome is not ChoiceOutcome.OPEN_TO_THE_END]
    if not asked:
        return _("Not needed: the choices before it stayed open.")
    if not full:
        return _("Open to the end of every half hour.")
    counts = {
        "full": len(full),
        "asked": len(asked),
        "percent": min(percent_closed(choice.closing_t32) for choice in full),
    }
    return _("Full in %(full)s of %(asked)s half hours, at the earliest after %(percent)s %% of the time.") % counts


def _told_slot(one: SlotSharing) -> ToldSlot:
    """Tell one slot."""
    explained = one.explanation
    return ToldSlot(
        slot_no=one.slot_no,
        supply_wh=explained.supply_wh,
        parts=tuple(
            ToldPart(part_wh=choice.part_wh, why="" if one.is_corrected else why(choice))
            for choice in explained.choices
        ),
        rest_wh=explained.rest_wh,
        is_corrected=one.is_corrected,
    )


def why(choice: ChoiceExplanation) -> str:
    """Say what a choice meant in a slot."""
    if choice.outcome is ChoiceOutcome.FILLED_WHILE_THERE:
        return _("full at %(percent)s %%") % {"percent": percent_closed(choice.closing_t32)}
    return {
        ChoiceOutcome.OPEN_TO_THE_END: _("open to the end"),
        ChoiceOutcome.FULL_BEFORE_ARRIVAL: _("full already"),
        ChoiceOutcome.NOT_NEEDED: _("not needed"),
    }[choice.outcome]


def percent_closed(closing_t32: int) -> int:
    """Give a closing time as whole per cent of the slot, rounded down."""
    return closing_t32 * 100 // NEVER_CLOSED_T32
