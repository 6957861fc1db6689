"""Cut what a bulk of requests names out of slices: all of it or nothing, and say which item cannot be.

Enter: loaded slices, then item after item. Leave: SliceChanges. Not here: what becomes of what is cut out.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord
from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.requests import HeldSlice, Named, Selection, Serials
from sanchi.core.certificates.state import CertificateState, Operation, next_state
from sanchi.core.certificates.withdrawal import SliceChange

# What becomes of a range that is cut out; it gets the range as a slice that is still as before.
Becoming = Callable[[Slice, HeldSlice], Slice]


@contextmanager
def item_of_bulk(item_no: int, item_count: int) -> Iterator[None]:
    """Say in a refusal which item of a bulk it is about, counted from 1; a bulk of one needs no number."""
    try:
        yield
    except (Refused, UnknownRecord) as error:
        if item_count == 1:
            raise
        where = f"item {item_no} of {item_count}: "
        if isinstance(error, Refused):
            what = error.what.removeprefix(f"{error.rule}: ")
            raise Refused(error.rule, where + what, hint=error.hint) from error
        raise UnknownRecord(where + error.what, hint=error.hint) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A range of one slice that becomes something else."""

    lo_wh: int
    hi_wh: int
    after: Slice


class Cutting:
    """The slices of a bulk and what was cut out of them so far; nothing changes before all items are through."""

    def __init__(self, held: Iterable[HeldSlice]) -> None:
        """Take slices in the order in which they are used up: oldest first."""
        self._held: dict[tuple[CertificateId, int], HeldSlice] = {}
        self._los_wh: dict[CertificateId, list[int]] = defaultdict(list)
        for each in held:
            self._held[each.piece.certificate_id, each.piece.lo_wh] = each
            self._los_wh[each.piece.certificate_id].append(each.piece.lo_wh)
        for los_wh in self._los_wh.values():
            los_wh.sort()
        self._taken: dict[tuple[CertificateId, int], list[_Taken]] = defaultdict(list)

    def take(self, named: Named, becoming: Becoming, *, state: CertificateState = CertificateState.ACTIVE) -> int:
        """Cut out what an item names and let it become something else; returns the Wh.

        state : in which state a selection looks for watt-hours; serials are taken as they are.
        Raises: Refused (NOT_ENOUGH, NAMED_TWICE, what becoming raises); UnknownRecord for a certificate.
        """
        ranges = self._selected(named, state) if isinstance(named, Selection) else self._named(named)
        energy_wh = 0
        for each, lo_wh, hi_wh in ranges:
            part = each.piece.part(lo_wh, hi_wh)
            after = becoming(part, each)
            self._taken[each.piece.certificate_id, each.piece.lo_wh].append(
                _Taken(lo_wh=lo_wh, hi_wh=hi_wh, after=after)
            )
            energy_wh += hi_wh - lo_wh
        return energy_wh

    def changes(self) -> tuple[SliceChange, ...]:
        """Give each slice that is cut or changed, and what tiles it from now on."""
        every = (
            SliceChange(before=self._held[place].piece, after=tuple(_tiles(self._held[place].piece, taken)))
            for place, taken in self._taken.items()
        )
        return tuple(change for change in every if change.after != (change.before,))

    def _named(self, serials: Serials) -> list[tuple[HeldSlice, int, int]]:
        """Find the slices that named serials lie in."""
        los_wh = self._los_wh.get(serials.certificate_id)
        if not los_wh:
            raise UnknownRecord(f"There is no certificate {serials.certificate_id}.", hint="Compare its id.")
        first = max(bisect_right(los_wh, serials.lo_wh) - 1, 0)
        found = []
        for lo_wh in los_wh[first:]:
            if lo_wh >= serials.hi_wh:
                break
            each = self._held[serials.certificate_id, lo_wh]
            part = (max(lo_wh, serials.lo_wh), min(each.piece.hi_wh, serials.hi_wh))
            self._refuse_twice(each, *part)
            found.append((each, *part))
        found_wh = sum(hi_wh - lo_wh for _, lo_wh, hi_wh in found)
        if found_wh < serials.hi_wh - serials.lo_wh:
            quantity_wh = self._held[serials.certificate_id, los_wh[0]].piece.quantity_wh
            raise Refused(
                RefusalRule.NOT_ENOUGH,
                f"{serials} reaches beyond the certificate, which has {quantity_wh} Wh.",
                hint="Name serials that it has.",
            )
        return found

    def _selected(self, selection: Selection, state: CertificateState) -> list[tuple[HeldSlice, int, int]]:
        """Find the oldest watt-hours of a holder that no earlier item took."""
        found: list[tuple[HeldSlice, int, int]] = []
        left_wh = selection.energy_wh
        for each in self._held.values():
            if left_wh == 0:
                break
            if each.piece.state is not state or not _is_of(each, selection):
                continue
            for lo_wh, hi_wh in self._free(each):
                end_wh = hi_wh if left_wh is None else min(hi_wh, lo_wh + left_wh)
                if end_wh > lo_wh:
                    found.append((each, lo_wh, end_wh))
                    left_wh = None if left_wh is None else left_wh - (end_wh - lo_wh)
        if left_wh or not found:
            there_wh = sum(hi_wh - lo_wh for _, lo_wh, hi_wh in found)
            raise Refused(
                RefusalRule.NOT_ENOUGH,
                f"{selection}: holder {selection.holder_no} has {there_wh} Wh of them that are {state.text}.",
                hint="Ask for less, or for other days.",
            )
        return found

    def _free(self, each: HeldSlice) -> list[tuple[int, int]]:
        """Give the ranges of a slice that no earlier item took."""
        free, from_wh = [], each.piece.lo_wh
        for taken in sorted(self._taken.get(_place(each), ()), key=lambda one: one.lo_wh):
            if from_wh < taken.lo_wh:
                free.append((from_wh, taken.lo_wh))
            from_wh = taken.hi_wh
        return [*free, (from_wh, each.piece.hi_wh)] if from_wh < each.piece.hi_wh else free

    def _refuse_twice(self, each: HeldSlice, lo_wh: int, hi_wh: int) -> None:
        """Refuse watt-hours that an earlier item took."""
        for taken in self._taken.get(_place(each), ()):
            if taken.lo_wh < hi_wh and lo_wh < taken.hi_wh:
                raise Refused(
                    RefusalRule.NAMED_TWICE,
                    f"{each.piece.certificate_id} [{lo_wh}, {hi_wh}) is named by an earlier item as well.",
                    hint="Name each watt-hour once.",
                )


def require_holder(each: HeldSlice, holder_no: int) -> None:
    """Refuse a slice that somebody else holds: NOT_HOLDER."""
    if each.piece.holder_no != holder_no:
        raise Refused(
            RefusalRule.NOT_HOLDER,
            f"{_told(each)} is held by {each.piece.holder_no}, not by {holder_no}.",
            hint="Only its holder can dispose of it.",
        )


def require_final_day(each: HeldSlice) -> None:
    """Refuse a slice of a day that may still be issued anew: WRONG_DAY."""
    if not each.is_finalised:
        raise Refused(
            RefusalRule.WRONG_DAY,
            f"{_told(each)} is of {each.delivery_date}, which is not finalised.",
            hint="Close its month first; until then a correction issues the day anew.",
        )


def state_after(each: HeldSlice, operation: Operation) -> CertificateState:
    """Give the state that an operation leads a slice to, naming the slice in a refusal."""
    try:
        return next_state(each.piece.state, operation)
    except Refused as refusal:
        what = refusal.what.removeprefix(f"{refusal.rule}: ")
        raise Refused(refusal.rule, f"{_told(each)}: {what}", hint=refusal.hint) from refusal


def _is_of(each: HeldSlice, selection: Selection) -> bool:
    """Tell whether a slice is of what a selection asks for."""
    return (
        each.piece.holder_no == selection.holder_no
        and each.kind is selection.kind
        and selection.first_date <= each.delivery_date <= selection.last_date
    )


def _place(each: HeldSlice) -> tuple[CertificateId, int]:
    """Name a slice."""
    return each.piece.certificate_id, each.piece.lo_wh


def _told(each: HeldSlice) -> str:
    """Write a slice for people."""
    return f"{each.piece.certificate_id} [{each.piece.lo_wh}, {each.piece.hi_wh})"


def _tiles(piece: Slice, taken: Sequence[_Taken]) -> Iterator[Slice]:
    """Put what was cut out and what was left in the order of serials."""
    from_wh = piece.lo_wh
    for each in sorted(taken, key=lambda one: one.lo_wh):
        if from_wh < each.lo_wh:
            yield piece.part(from_wh, each.lo_wh)
        yield each.after
        from_wh = each.hi_wh
    if from_wh < piece.hi_wh:
        yield piece.part(from_wh, piece.hi_wh)
