"""Give watt-hours of certificates to another holder.

Enter: active slices, what is named of them and the new holders. Leave: SliceChanges. Not here: prices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sanchi.core.base.errors import WrongInput
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.cutting import Becoming, Cutting, item_of_bulk, require_holder, state_after
from sanchi.core.certificates.requests import HeldSlice, Named
from sanchi.core.certificates.state import Operation, next_state
from sanchi.core.certificates.withdrawal import SliceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Watt-hours that from_holder_no gives to to_holder_no."""

    named: Named
    from_holder_no: int
    to_holder_no: int


def transfer_all(held: Iterable[HeldSlice], transfers: Sequence[Transfer]) -> tuple[SliceChange, ...]:
    """Give away what a bulk of transfers names, all of it or nothing.

    held : the slices that the transfers may touch, oldest first.
    Raises, naming the item: Refused (NOT_ENOUGH, NAMED_TWICE, NOT_HOLDER, ALREADY_FINAL, TRANSITION_UNKNOWN);
    UnknownRecord. WrongInput where giver and taker are one.
    """
    cutting = Cutting(held)
    for item_no, each in enumerate(transfers, start=1):
        with item_of_bulk(item_no, len(transfers)):
            cutting.take(each.named, _given(each))
    return cutting.changes()


def _given(transfer: Transfer) -> Becoming:
    """Let a range change hands."""
    if transfer.from_holder_no == transfer.to_holder_no:
        raise WrongInput(f"{transfer.named} would be given to its own holder.", hint="Name another holder.")

    def becoming(part: Slice, each: HeldSlice) -> Slice:
        require_holder(each, transfer.from_holder_no)
        return replace(part, holder_no=transfer.to_holder_no, state=state_after(each, Operation.TRANSFER))

    return becoming


def transfer_slice(piece: Slice, *, lo_wh: int, hi_wh: int, new_holder_no: int) -> SliceChange:
    """Cut a slice so that exactly the serials [lo_wh, hi_wh) change hands; what is beside them stays.

    lo_wh, hi_wh : serials of the certificate that lie in the slice [Wh]; new_holder_no : their holder from now on.
    Raises: Refused (ALREADY_FINAL, TRANSITION_UNKNOWN) where the slice is not active; WrongInput for other serials.
    """
    state = next_state(piece.state, Operation.TRANSFER)
    if not piece.lo_wh <= lo_wh < hi_wh <= piece.hi_wh:
        raise WrongInput(
            f"{piece.certificate_id}: [{lo_wh}, {hi_wh}) is no part of the slice [{piece.lo_wh}, {piece.hi_wh}).",
            hint="Name serials of the slice, at least one.",
        )
    given = replace(piece, lo_wh=lo_wh, hi_wh=hi_wh, holder_no=new_holder_no, state=state)
    before = [replace(piece, hi_wh=lo_wh)] if piece.lo_wh < lo_wh else []
    behind = [replace(piece, lo_wh=hi_wh)] if hi_wh < piece.hi_wh else []
    return SliceChange(before=piece, after=(*before, given, *behind))
