"""What a correction after finalisation changes: rows that were gained, and watt-hours to remove.

Enter: the allocated energy before and after. Leaves: a Correction. Not here: how parts are revised.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.totals import total_energy

_KEYS: Final = (
    "home_no", "kind_no", "slot_no", "holder_no", "choice_no", "home_price_sen_per_kwh",
    "buyer_price_sen_per_kwh",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Watt-hours of a slot and holder that a corrected reading takes away, with the prices they had."""

    home_no: int
    kind: CertificateKind
    slot_no: int
    holder_no: int
    energy_wh: int
    home_price_sen_per_kwh: int
    buyer_price_sen_per_kwh: int

    def __post_init__(self) -> None:
        """Refuse to remove nothing."""
        assert self.energy_wh > 0, f"home {self.home_no} slot {self.slot_no}: {self.energy_wh} Wh to remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """old + increase - removals = new, row by row: per home, kind, slot, holder, choice and prices."""

    increase: AllocatedEnergy
    removals: tuple[Removal, ...]


def correction_between(old: AllocatedEnergy, new: AllocatedEnergy) -> Correction:
    """Compare two allocations of one market-day, or of one home of it.

    Returns: rows and removals in the order of home, kind, slot and holder.
    """
    both = AllocatedEnergy.joined([new, old])
    signed_wh = np.concatenate([new.energy_wh, -old.energy_wh])
    totals = total_energy([getattr(both, name) for name in _KEYS], signed_wh)
    columns = dict(zip(_KEYS, totals.columns, strict=True))
    gains = np.flatnonzero(totals.energy_wh > 0)
    losses = np.flatnonzero(totals.energy_wh < 0)
    return Correction(
        increase=AllocatedEnergy(
            kind_no=columns["kind_no"][gains].astype(np.int8),
            home_no=columns["home_no"][gains].astype(np.int32),
            slot_no=columns["slot_no"][gains].astype(np.int8),
            choice_no=columns["choice_no"][gains].astype(np.int8),
            holder_no=columns["holder_no"][gains].astype(np.int32),
            energy_wh=totals.energy_wh[gains],
            home_price_sen_per_kwh=columns["home_price_sen_per_kwh"][gains].astype(np.int64),
            buyer_price_sen_per_kwh=columns["buyer_price_sen_per_kwh"][gains].astype(np.int64),
        ),
        removals=tuple(
            Removal(
                home_no=int(columns["home_no"][row]),
                kind=CertificateKind(int(columns["kind_no"][row])),
                slot_no=int(columns["slot_no"][row]),
                holder_no=int(columns["holder_no"][row]),
                energy_wh=-int(totals.energy_wh[row]),
                home_price_sen_per_kwh=int(columns["home_price_sen_per_kwh"][row]),
                buyer_price_sen_per_kwh=int(columns["buyer_price_sen_per_kwh"][row]),
            )
            for row in losses
        ),
    )
