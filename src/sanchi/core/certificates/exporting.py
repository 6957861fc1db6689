"""Hand a month of a holder's watt-hours to a scheme outside, in its whole units; the rest is carried exactly.

Enter: slices, the lot before. Leave: an ExportLot and SliceChanges. Not here: which scheme takes which kind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.cutting import require_final_day, state_after
from sanchi.core.certificates.requests import HeldSlice
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.withdrawal import SliceChange

# Schemes count whole kWh or whole MWh.
UNITS_WH: Final = (1_000, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLot:
    """A month of a holder's watt-hours of a kind: carry_in + energy = unit_count x unit + carry_out [Wh].

    previous_lot_no : the lot of the same scheme, holder and kind whose carry_out_wh is carried in, None = the first.
    """

    lot_no: int
    scheme: str
    holder_no: int
    kind: CertificateKind
    month: Month
    unit_wh: int
    unit_count: int
    energy_wh: int
    carry_in_wh: int
    carry_out_wh: int
    previous_lot_no: int | None

    def __post_init__(self) -> None:
        """Refuse a lot that does not add up."""
        assert self.carry_in_wh + self.energy_wh == self.unit_count * self.unit_wh + self.carry_out_wh, self.lot_no
        assert 0 <= self.carry_out_wh < self.unit_wh, self.lot_no


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOrder:
    """Which lot somebody wants: of which scheme, holder, kind, month, in which unit."""

    scheme: str
    holder_no: int
    kind: CertificateKind
    month: Month
    unit_wh: int

    def __post_init__(self) -> None:
        """Refuse units that no scheme counts in: WrongInput."""
        if self.unit_wh not in UNITS_WH:
            raise WrongInput(
                f"A scheme counts in {' or '.join(f'{unit_wh:,}' for unit_wh in UNITS_WH)} Wh, not in "
                f"{self.unit_wh:,} Wh.",
                hint="Give one of them.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A lot and the slices that it froze."""

    lot: ExportLot
    changes: tuple[SliceChange, ...]


def export_month(held: Iterable[HeldSlice], order: LotOrder, previous: ExportLot | None, lot_no: int) -> Export:
    """Put all active slices of a holder, kind and month into a lot.

    held : at least these slices, others are left; previous : the latest lot of the scheme, holder and kind.
    Raises: Refused (MONTH_OUT_OF_ORDER, NOT_DIVISIBLE, WRONG_DAY, NOT_ENOUGH).
    """
    _require_next(order, previous)
    changes = []
    for each in held:
        is_asked = each.kind is order.kind and Month.of(each.delivery_date) == order.month
        if is_asked and each.piece.holder_no == order.holder_no and each.piece.state is CertificateState.ACTIVE:
            require_final_day(each)
            after = each.piece.in_state(state_after(each, Operation.EXPORT), lot_no)
            changes.append(SliceChange(before=each.piece, after=(after,)))
    energy_wh = sum(change.before.energy_wh for change in changes)
    if not energy_wh:
        raise Refused(
            RefusalRule.NOT_ENOUGH,
            f"holder {order.holder_no} has no active watt-hours of {order.kind.text} of {order.month}.",
            hint="There is nothing to export.",
        )
    carry_in_wh = 0 if previous is None else previous.carry_out_wh
    unit_count, carry_out_wh = divmod(carry_in_wh + energy_wh, order.unit_wh)
    lot = ExportLot(
        lot_no=lot_no,
        scheme=order.scheme,
        holder_no=order.holder_no,
        kind=order.kind,
        month=order.month,
        unit_wh=order.unit_wh,
        unit_count=unit_count,
        energy_wh=energy_wh,
        carry_in_wh=carry_in_wh,
        carry_out_wh=carry_out_wh,
        previous_lot_no=None if previous is None else previous.lot_no,
    )
    return Export(lot=lot, changes=tuple(changes))


def _require_next(order: LotOrder, previous: ExportLot | None) -> None:
    """Refuse a lot that does not follow the one before."""
    if previous is None:
        return
    if order.month <= previous.month:
        raise Refused(
            RefusalRule.MONTH_OUT_OF_ORDER,
            f"{order.scheme} has a lot of {previous.month} already; {order.month} does not come after it.",
            hint="What is left of an earlier month can be transferred, claimed, or expires.",
        )
    if order.unit_wh != previous.unit_wh:
        raise Refused(
            RefusalRule.NOT_DIVISIBLE,
            f"lots of {order.scheme} are counted in {previous.unit_wh:,} Wh, and their remainder is carried in it.",
            hint="Keep the unit of the scheme.",
        )
