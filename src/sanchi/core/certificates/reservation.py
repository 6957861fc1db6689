"""Promise watt-hours to a party until a day, and give the promise up.

Enter: slices and requests. Leave: a Reservation and SliceChanges. Not here: payment, and use by the promise (claim).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.cutting import Cutting, item_of_bulk, require_holder, state_after
from sanchi.core.certificates.requests import HeldSlice, Named
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.withdrawal import SliceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A promise of watt-hours to a party; on expires_on it lapses. energy_wh : as promised at first."""

    reservation_no: int
    reservation_id: str
    party_no: int
    expires_on: date
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Watt-hours that holder_no promises."""

    named: Named
    holder_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """A reservation and the slices that it holds."""

    reservation: Reservation
    changes: tuple[SliceChange, ...]


def reserve_all(
    held: Iterable[HeldSlice],
    promises: Sequence[Promise],
    *,
    reservation_no: int,
    reservation_id: str,
    party_no: int,
    expires_on: date,
    today: date,
) -> Reserved:
    """Promise what a bulk names to one party, all of it or nothing.

    Raises, naming the item: Refused (NOT_ENOUGH, NAMED_TWICE, NOT_HOLDER, ALREADY_FINAL, TRANSITION_UNKNOWN);
    UnknownRecord. Raises Refused (WRONG_DAY) where the promise would have lapsed today.
    """
    if expires_on <= today:
        raise Refused(
            RefusalRule.WRONG_DAY,
            f"the promise {reservation_id} would lapse on {expires_on}, and today is {today}.",
            hint="Promise until a later day.",
        )
    cutting, energy_wh = Cutting(held), 0
    for item_no, promise in enumerate(promises, start=1):

        def promised(part: Slice, each: HeldSlice, holder_no: int = promise.holder_no) -> Slice:
            require_holder(each, holder_no)
            return part.in_state(state_after(each, Operation.RESERVE), reservation_no)

        with item_of_bulk(item_no, len(promises)):
            energy_wh += cutting.take(promise.named, promised)
    reservation = Reservation(
        reservation_no=reservation_no,
        reservation_id=reservation_id,
        party_no=party_no,
        expires_on=expires_on,
        energy_wh=energy_wh,
    )
    return Reserved(reservation=reservation, changes=cutting.changes())


def release_all(reserved: Iterable[HeldSlice]) -> tuple[SliceChange, ...]:
    """Give promises up: what is still reserved of the slices belongs to its holder alone again.

    Raises: Refused (NOT_ENOUGH) where nothing is reserved any more.
    """
    changes = tuple(
        SliceChange(before=each.piece, after=(each.piece.in_state(state_after(each, Operation.RELEASE)),))
        for each in reserved
        if each.piece.state is CertificateState.RESERVED
    )
    if not changes:
        raise Refused(
            RefusalRule.NOT_ENOUGH,
            "nothing is reserved any more: all was used, released or withdrawn.",
            hint="There is nothing to give up.",
        )
    return changes
