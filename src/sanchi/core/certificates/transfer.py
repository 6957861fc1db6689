"""Give watt-hours of a certificate to another holder.

Enters: an active slice, serials and the new holder. Leaves: a SliceChange. Not here: who may ask for it, and prices.
"""

from dataclasses import replace

from sanchi.core.base.errors import WrongInput
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.state import Operation, next_state
from sanchi.core.certificates.withdrawal import SliceChange


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
