"""Cut slices where somebody wants to name their parts: at serials, or around the half hours of some slots.

Enter: slices, segments, requests. Leave: serials and SliceChanges. A cut changes neither holder nor state.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import SegmentRows, Slice
from sanchi.core.certificates.cutting import Cutting, item_of_bulk, require_holder, state_after
from sanchi.core.certificates.requests import HeldSlice, Serials
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.withdrawal import SliceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Serials that are to be slices of their own; who asks has to hold them."""

    named: Serials
    holder_no: int


def split_all(held: Iterable[HeldSlice], cuts: Sequence[Cut]) -> tuple[SliceChange, ...]:
    """Cut slices at both ends of all serials that a bulk names, all of it or nothing.

    Where slices end there already, nothing is cut. Raises, naming the item: Refused (NOT_ENOUGH, NAMED_TWICE,
    NOT_HOLDER, ALREADY_FINAL); UnknownRecord. Raises Refused (NOT_DIVISIBLE) where no slice is cut at all.
    """
    cutting = Cutting(held)
    for item_no, cut in enumerate(cuts, start=1):

        def parted(part: Slice, each: HeldSlice, holder_no: int = cut.holder_no) -> Slice:
            require_holder(each, holder_no)
            state_after(each, Operation.SPLIT)
            return part

        with item_of_bulk(item_no, len(cuts)):
            cutting.take(cut.named, parted)
    changes = cutting.changes()
    if not changes:
        raise Refused(
            RefusalRule.NOT_DIVISIBLE,
            "nothing is cut: slices begin and end there already.",
            hint="Name serials inside a slice.",
        )
    return changes


def serials_of_slots(
    segments: SegmentRows, certificate_id: CertificateId, slot_nos: Collection[int], holder_no: int | None = None
) -> tuple[Serials, ...]:
    """Give the serials that a certificate has of some slots, in their order; ranges that touch are given as one.

    segments : of the certificate, others may be among them; holder_no : of whom they were issued to, None = of all.
    Raises: Refused (NOT_ENOUGH) where it has none of them.
    """
    own = segments.of_certificate(certificate_id)
    is_asked = np.isin(own.slot_no, sorted(slot_nos))
    if holder_no is not None:
        is_asked &= own.holder_no == holder_no
    ranges_wh: list[tuple[int, int]] = []
    for row in np.flatnonzero(is_asked):
        lo_wh, hi_wh = int(own.lo_wh[row]), int(own.hi_wh[row])
        if ranges_wh and ranges_wh[-1][1] == lo_wh:
            ranges_wh[-1] = (ranges_wh[-1][0], hi_wh)
        else:
            ranges_wh.append((lo_wh, hi_wh))
    if not ranges_wh:
        raise Refused(
            RefusalRule.NOT_ENOUGH,
            f"{certificate_id} has no watt-hours of the slots {', '.join(map(str, sorted(slot_nos)))}.",
            hint="Name slots in which its device generated.",
        )
    return tuple(Serials(certificate_id=certificate_id, lo_wh=lo_wh, hi_wh=hi_wh) for lo_wh, hi_wh in ranges_wh)
