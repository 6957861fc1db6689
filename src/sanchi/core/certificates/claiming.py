"""Retire watt-hours for a claim of their use, on its own day rather than with the month's close.

Enter: slices and what is claimed. Leave: a Claim and SliceChanges. Not here: the month's claims (retirement).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import StatementNo
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.cutting import Cutting, item_of_bulk, require_final_day, require_holder, state_after
from sanchi.core.certificates.requests import HeldSlice, Named, Selection
from sanchi.core.certificates.retirement import RENEWABLE_USE, Claim, Retirement
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.withdrawal import SliceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedUse:
    """A use that somebody claims: whose, where, from which day until which, for what, shown on which statement.

    used_from, used_until : the days of use, both included; the claim counts for the month of the last one.
    """

    beneficiary_no: int
    used_from: date
    used_until: date
    site: str = ""
    purpose: str = RENEWABLE_USE
    statement_no: StatementNo | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins: WrongInput."""
        if self.used_until < self.used_from:
            raise WrongInput(
                f"The use ends on {self.used_until}, before it begins on {self.used_from}.",
                hint="Write the earlier date first.",
            )


def retire_for_claim(
    held: Iterable[HeldSlice], named: Sequence[Named], use: ClaimedUse, *, claim_no: int, today: date
) -> Retirement:
    """Retire what a bulk names for one claim, all of it or nothing.

    The beneficiary holds it, or it is reserved for the beneficiary: then it becomes its own with the retirement.
    Raises, naming the item: Refused (NOT_ENOUGH, NAMED_TWICE, WRONG_DAY, NOT_HOLDER, RESERVED_FOR_ANOTHER,
    ALREADY_FINAL); UnknownRecord.
    """

    def retired(part: Slice, each: HeldSlice) -> Slice:
        state = state_after(each, Operation.RETIRE)
        require_final_day(each)
        _require_within(each, use)
        if each.piece.state is CertificateState.RESERVED:
            _require_promised(each, use.beneficiary_no, today)
        else:
            require_holder(each, use.beneficiary_no)
        return replace(part.in_state(state, claim_no), holder_no=use.beneficiary_no)

    cutting, energy_wh = Cutting(held), 0
    for item_no, each in enumerate(named, start=1):
        with item_of_bulk(item_no, len(named)):
            energy_wh += cutting.take(each, retired, state=_state_sought(each, use))
    return _retirement(use, claim_no, energy_wh, cutting.changes())


def retire_reserved(reserved: Iterable[HeldSlice], use: ClaimedUse, *, claim_no: int, today: date) -> Retirement:
    """Retire all that is still reserved by a reservation for a claim of whom it was promised to.

    Raises: Refused (NOT_ENOUGH, WRONG_DAY, RESERVED_FOR_ANOTHER).
    """
    changes = []
    for each in reserved:
        if each.piece.state is CertificateState.RESERVED:
            _require_promised(each, use.beneficiary_no, today)
            require_final_day(each)
            _require_within(each, use)
            after = each.piece.in_state(state_after(each, Operation.RETIRE), claim_no)
            changes.append(SliceChange(before=each.piece, after=(replace(after, holder_no=use.beneficiary_no),)))
    if not changes:
        raise Refused(
            RefusalRule.NOT_ENOUGH,
            "nothing is reserved any more: all was used, released or withdrawn.",
            hint="Promise it anew.",
        )
    return _retirement(use, claim_no, sum(change.before.energy_wh for change in changes), tuple(changes))


def _retirement(use: ClaimedUse, claim_no: int, energy_wh: int, changes: tuple[SliceChange, ...]) -> Retirement:
    """Put the claim and its slices together."""
    claim = Claim(
        claim_no=claim_no,
        beneficiary_no=use.beneficiary_no,
        month=Month.of(use.used_until),
        purpose=use.purpose,
        energy_wh=energy_wh,
        site=use.site,
        used_from=use.used_from,
        used_until=use.used_until,
        statement_no=use.statement_no,
    )
    return Retirement(claims=(claim,), changes=changes)


def _state_sought(named: Named, use: ClaimedUse) -> CertificateState:
    """Tell in which state a selection looks: what others hold can only be promised to the beneficiary."""
    is_foreign = isinstance(named, Selection) and named.holder_no != use.beneficiary_no
    return CertificateState.RESERVED if is_foreign else CertificateState.ACTIVE


def _require_promised(each: HeldSlice, party_no: int, today: date) -> None:
    """Refuse a slice that is promised to somebody else, or whose promise has lapsed."""
    if each.promised_to_no != party_no:
        raise Refused(
            RefusalRule.RESERVED_FOR_ANOTHER,
            f"{each.piece.certificate_id} [{each.piece.lo_wh}, {each.piece.hi_wh}) is reserved for "
            f"{each.promised_to_no}, not for {party_no}.",
            hint="Only the party that it was promised to can use it.",
        )
    if each.promised_until is not None and each.promised_until <= today:
        raise Refused(
            RefusalRule.WRONG_DAY,
            f"{each.piece.certificate_id} [{each.piece.lo_wh}, {each.piece.hi_wh}) was reserved until "
            f"{each.promised_until}, and today is {today}.",
            hint="Promise it anew.",
        )


def _require_within(each: HeldSlice, use: ClaimedUse) -> None:
    """Refuse watt-hours of a day on which they were not used."""
    if not use.used_from <= each.delivery_date <= use.used_until:
        raise Refused(
            RefusalRule.WRONG_DAY,
            f"{each.piece.certificate_id} is of {each.delivery_date}, and the use is of "
            f"{use.used_from}..{use.used_until}.",
            hint="Claim watt-hours of the days on which they were used.",
        )
