"""Take certified watt-hours back: all of a day before it is finalised, single ones of a home after that.

Enter: slices, segments, removals. Leave: SliceChanges, and debts where slices are final. Not here: issues.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice, are_tiling
from sanchi.core.certificates.correction import Removal
from sanchi.core.certificates.debts import Debt
from sanchi.core.certificates.state import (
    CertificateState,
    Operation,
    is_possible,
    next_state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceChange:
    """One slice, replaced by slices that tile the same serials of the same certificate."""

    before: Slice
    after: tuple[Slice, ...]

    def __post_init__(self) -> None:
        """Refuse to lose, gain or move serials."""
        before, ranges_wh = self.before, [(piece.lo_wh, piece.hi_wh) for piece in self.after]
        assert are_tiling(ranges_wh, before.lo_wh, before.hi_wh), (
            f"{before.certificate_id}: {ranges_wh} do not tile [{before.lo_wh}, {before.hi_wh})"
        )
        assert {piece.certificate_id for piece in self.after} == {before.certificate_id}


def withdraw_all(slices: Sequence[Slice]) -> tuple[SliceChange, ...]:
    """Withdraw the slices of a day that is not finalised, before its certificates are issued anew.

    Raises: Refused (ALREADY_FINAL) where one is final; then nothing is withdrawn.
    """
    return tuple(
        SliceChange(before=piece, after=(piece.in_state(next_state(piece.state, Operation.WITHDRAW)),))
        for piece in slices
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a correction does to a home's slices, and what it could not take back."""

    changes: tuple[SliceChange, ...]
    debts: tuple[Debt, ...]


def withdraw_excess(
    *,
    certificates: Sequence[Certificate],
    slices: Sequence[Slice],
    segments: SegmentRows,
    removals: Sequence[Removal],
    revision: int,
    first_debt_no: int,
) -> Withdrawal:
    """Take watt-hours of one home, day and kind back; what lies in final slices becomes debt.

    certificates, slices, segments : all of this home, day and kind, every revision; slices without the
    withdrawn ones or with them. Of a slot and holder the newest certificate gives first, from its top.
    """
    subjects = {(each.home_no, each.kind, each.delivery_date) for each in certificates}
    assert len(subjects) <= 1, f"certificates of several homes, days or kinds: {subjects}"
    held = _held_energy(certificates, slices, segments)
    taken: list[_Range] = []
    debts: list[Debt] = []
    for removal in removals:
        assert (removal.home_no, removal.kind) in {subject[:2] for subject in subjects}, "a foreign removal"
        seat = held[removal.slot_no, removal.holder_no]
        debt_wh = removal.energy_wh - _take_from_top(seat.withdrawable, removal.energy_wh, taken)
        seat.final_wh -= debt_wh
        assert seat.final_wh >= 0, f"slot {removal.slot_no}: {-seat.final_wh} Wh were never certified"
        if debt_wh:
            debts.append(_debt(certificates[0], removal, debt_wh, revision, first_debt_no + len(debts)))
    changes = tuple(_cut_out(slices, taken))
    _check_removed(removals, changes, debts)
    return Withdrawal(changes=changes, debts=tuple(debts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """Serials of a certificate."""

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int


@dataclass(slots=True, kw_only=True)
class _Held:
    """What one holder got of one slot: ranges that can be withdrawn, the last one first, and final Wh."""

    withdrawable: list[_Range]
    final_wh: int


def _held_energy(
    certificates: Sequence[Certificate], slices: Sequence[Slice], segments: SegmentRows
) -> dict[tuple[int, int], _Held]:
    """Lay the live slices over the segments, by slot and first holder, older certificates first."""
    held: dict[tuple[int, int], _Held] = defaultdict(lambda: _Held(withdrawable=[], final_wh=0))
    for certificate in sorted(certificates, key=lambda certificate: certificate.revision):
        own_segments = segments.of_certificate(certificate.certificate_id)
        own_slices = sorted(
            (piece for piece in slices if piece.certificate_id == certificate.certificate_id),
            key=lambda piece: piece.lo_wh,
        )
        for row in range(own_segments.row_count):
            seat = held[int(own_segments.slot_no[row]), int(own_segments.holder_no[row])]
            _add_overlaps(seat, own_slices, int(own_segments.lo_wh[row]), int(own_segments.hi_wh[row]))
    return held


def _add_overlaps(seat: _Held, slices: Sequence[Slice], lo_wh: int, hi_wh: int) -> None:
    """Add what lies of a segment in each live slice."""
    for piece in slices:
        overlap_lo_wh, overlap_hi_wh = max(lo_wh, piece.lo_wh), min(hi_wh, piece.hi_wh)
        if overlap_lo_wh >= overlap_hi_wh or piece.state is CertificateState.WITHDRAWN:
            continue
        if is_possible(piece.state, Operation.WITHDRAW):
            seat.withdrawable.append(
                _Range(certificate_id=piece.certificate_id, lo_wh=overlap_lo_wh, hi_wh=overlap_hi_wh)
            )
        else:
            seat.final_wh += overlap_hi_wh - overlap_lo_wh


def _take_from_top(withdrawable: list[_Range], wanted_wh: int, taken: list[_Range]) -> int:
    """Move ranges from the end of one list to the other until enough is taken; returns the Wh taken."""
    left_wh = wanted_wh
    while left_wh and withdrawable:
        last = withdrawable.pop()
        cut_wh = max(last.lo_wh, last.hi_wh - left_wh)
        taken.append(replace(last, lo_wh=cut_wh))
        left_wh -= last.hi_wh - cut_wh
        if cut_wh > last.lo_wh:
            withdrawable.append(replace(last, hi_wh=cut_wh))
    return wanted_wh - left_wh


def _debt(certificate: Certificate, removal: Removal, debt_wh: int, revision: int, debt_no: int) -> Debt:
    """Write down what could not be taken back."""
    return Debt(
        debt_no=debt_no,
        home_no=removal.home_no,
        kind=removal.kind,
        delivery_date=certificate.delivery_date,
        slot_no=removal.slot_no,
        holder_no=removal.holder_no,
        debt_wh=debt_wh,
        home_price_sen_per_kwh=removal.home_price_sen_per_kwh,
        buyer_price_sen_per_kwh=removal.buyer_price_sen_per_kwh,
        revision=revision,
    )


def _cut_out(slices: Sequence[Slice], taken: Sequence[_Range]) -> Iterator[SliceChange]:
    """Split each slice that taken ranges lie in."""
    for piece in slices:
        gone = [
            each
            for each in taken
            if each.certificate_id == piece.certificate_id and piece.lo_wh <= each.lo_wh < piece.hi_wh
        ]
        if gone:
            yield SliceChange(before=piece, after=tuple(_split(piece, gone)))


def _split(piece: Slice, gone: Sequence[_Range]) -> Iterator[Slice]:
    """Cut a slice where something is gone from it; ranges that touch are withdrawn as one."""
    withdrawn = next_state(piece.state, Operation.WITHDRAW)
    kept_from_wh = piece.lo_wh
    for lo_wh, hi_wh in _joined(gone):
        if kept_from_wh < lo_wh:
            yield replace(piece, lo_wh=kept_from_wh, hi_wh=lo_wh)
        yield replace(piece.in_state(withdrawn), lo_wh=lo_wh, hi_wh=hi_wh)
        kept_from_wh = hi_wh
    if kept_from_wh < piece.hi_wh:
        yield replace(piece, lo_wh=kept_from_wh)


def _joined(ranges: Sequence[_Range]) -> list[tuple[int, int]]:
    """Sort ranges of one certificate and join those that touch."""
    joined: list[tuple[int, int]] = []
    for lo_wh, hi_wh in sorted((each.lo_wh, each.hi_wh) for each in ranges):
        if joined and joined[-1][1] == lo_wh:
            joined[-1] = (joined[-1][0], hi_wh)
        else:
            joined.append((lo_wh, hi_wh))
    return joined


def _check_removed(removals: Sequence[Removal], changes: Sequence[SliceChange], debts: Sequence[Debt]) -> None:
    """Check that each watt-hour to remove is withdrawn or owed, and none twice."""
    withdrawn_wh = sum(
        piece.energy_wh for change in changes for piece in change.after if piece.state is CertificateState.WITHDRAWN
    )
    owed_wh = sum(debt.debt_wh for debt in debts)
    assert withdrawn_wh + owed_wh == sum(removal.energy_wh for removal in removals), "a removal went astray"
