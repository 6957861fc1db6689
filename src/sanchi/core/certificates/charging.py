"""Mark which watt-hours of a home's certificates went into its battery: those of the slots that charged it.

Enter: certificates of one home-day, their slices and segments. Leaves: a Charging. Not here: what comes out (storage).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.state import CertificateState, Operation, next_state
from sanchi.core.certificates.withdrawal import SliceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """The slices that change, and what was charged in each slot, int64 (48,) [Wh]."""

    changes: tuple[SliceChange, ...]
    charged_wh: NDArray[np.int64]


def charge_slices(
    *,
    certificates: Sequence[Certificate],
    slices: Sequence[Slice],
    segments: SegmentRows,
    holder_no: int,
    chargeable_wh: NDArray[np.int64],
    storage_no: int,
) -> Charging:
    """Charge up to chargeable_wh of each slot from the active slices that holder_no has had from the beginning.

    certificates, slices, segments : of one home, day and kind, every revision; chargeable_wh : int64 (48,) [Wh].
    Of a slot the oldest certificate gives first, from its lowest serial on. What the holder gave away, or used up,
    charges nothing. Certificates that came out of a battery are not charged again.
    """
    subjects = {(each.home_no, each.kind, each.delivery_date) for each in certificates}
    assert len(subjects) <= 1, f"certificates of several homes, days or kinds: {subjects}"
    left_wh = chargeable_wh.astype(np.int64).tolist()
    changes: list[SliceChange] = []
    for certificate in sorted(certificates, key=lambda each: each.revision):
        held = [] if certificate.storage_no else _held(segments.of_certificate(certificate.certificate_id), holder_no)
        for piece in slices:
            is_own = (piece.certificate_id, piece.holder_no) == (certificate.certificate_id, holder_no)
            is_active = piece.state is CertificateState.ACTIVE
            taken = _taken(piece, held, left_wh) if is_own and is_active else []
            if taken:
                changes.append(SliceChange(before=piece, after=tuple(_split(piece, taken, storage_no))))
    charged_wh = chargeable_wh - np.array(left_wh, dtype=np.int64)
    marked_wh = sum(
        piece.energy_wh for change in changes for piece in change.after if piece.state is CertificateState.CHARGED
    )
    assert marked_wh == int(charged_wh.sum()), "what is marked differs from what was charged"
    assert charged_wh.shape == (SLOTS_PER_DAY,)
    return Charging(changes=tuple(changes), charged_wh=charged_wh)


def _held(segments: SegmentRows, holder_no: int) -> list[tuple[int, int, int]]:
    """List (slot_no, lo_wh, hi_wh) of what a holder got of a certificate, in the order of its serials."""
    columns = (segments.slot_no, segments.lo_wh, segments.hi_wh, segments.holder_no)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(slot_no, lo_wh, hi_wh) for slot_no, lo_wh, hi_wh, first_no in rows if first_no == holder_no]


def _taken(piece: Slice, held: Sequence[tuple[int, int, int]], left_wh: list[int]) -> list[tuple[int, int]]:
    """Take serials of a slice by slot, as far as the slots still charge; those that touch are joined."""
    taken: list[tuple[int, int]] = []
    for slot_no, segment_lo_wh, segment_hi_wh in held:
        lo_wh = max(segment_lo_wh, piece.lo_wh)
        hi_wh = min(segment_hi_wh, piece.hi_wh, lo_wh + left_wh[slot_no - 1])
        if lo_wh >= hi_wh:
            continue
        left_wh[slot_no - 1] -= hi_wh - lo_wh
        if taken and taken[-1][1] == lo_wh:
            taken[-1] = (taken[-1][0], hi_wh)
        else:
            taken.append((lo_wh, hi_wh))
    return taken


def _split(piece: Slice, taken: Sequence[tuple[int, int]], storage_no: int) -> Iterator[Slice]:
    """Cut a slice so that exactly the taken serials are charged."""
    charged = piece.in_state(next_state(piece.state, Operation.CHARGE), storage_no)
    kept_from_wh = piece.lo_wh
    for lo_wh, hi_wh in taken:
        if kept_from_wh < lo_wh:
            yield replace(piece, lo_wh=kept_from_wh, hi_wh=lo_wh)
        yield replace(charged, lo_wh=lo_wh, hi_wh=hi_wh)
        kept_from_wh = hi_wh
    if kept_from_wh < piece.hi_wh:
        yield replace(piece, lo_wh=kept_from_wh)
