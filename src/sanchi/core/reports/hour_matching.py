"""How much of a use was covered by roofs in the same half hour, the same hour, and over a whole period.

Enter: use and what was received, arrays of shape (n_days, 48) [Wh]. Leave: SlotMatch, PeriodMatch. Not here: who got
what and why (matching), and CO2 (co2_factors). All shares are exact fractions; permille are rounded down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE

SLOTS_PER_HOUR = 2


class UnfitSlots(WrongInput):
    """Arrays of slots that are not of one shape (n_days, 48), not whole Wh, or below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotMatch:
    """Use held against what was received, slot by slot; int64 arrays of shape (n_days, 48) [Wh].

    counted_wh : what was received and counts (strictly: without watt-hours of estimated shape);
    covered_wh + uncovered_wh = use_wh and covered_wh + excess_wh = counted_wh, everywhere.
    """

    use_wh: NDArray[np.int64]
    counted_wh: NDArray[np.int64]
    left_out_wh: NDArray[np.int64]

    @property
    def covered_wh(self) -> NDArray[np.int64]:
        """Give the part of the use that was received in its own slot."""
        return np.minimum(self.use_wh, self.counted_wh)

    @property
    def uncovered_wh(self) -> NDArray[np.int64]:
        """Give the use that nothing covered in its slot."""
        return self.use_wh - self.covered_wh

    @property
    def excess_wh(self) -> NDArray[np.int64]:
        """Give what was received beyond the use of its slot."""
        return self.counted_wh - self.covered_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMatch:
    """The sums of some days [Wh]; what a coarser clock covers is never less than what a finer one does.

    slot_covered_wh : by half hours; hour_covered_wh : by hours, as the Scope 2 revision asks at the least;
    period_covered_wh : by volume over all of the days, as certificates of a year are counted today.
    """

    use_wh: int
    received_wh: int
    left_out_wh: int
    slot_covered_wh: int
    hour_covered_wh: int
    period_covered_wh: int

    @property
    def uncovered_wh(self) -> int:
        """Give the use that nothing covered in its half hour."""
        return self.use_wh - self.slot_covered_wh

    @property
    def slot_share(self) -> Fraction | None:
        """Give the share of the use that was covered half hour by half hour; None where nothing was used."""
        return _share(self.slot_covered_wh, self.use_wh)

    @property
    def hour_share(self) -> Fraction | None:
        """Give the share that was covered hour by hour; None where nothing was used."""
        return _share(self.hour_covered_wh, self.use_wh)

    @property
    def period_share(self) -> Fraction | None:
        """Give the share that was covered by volume; None where nothing was used."""
        return _share(self.period_covered_wh, self.use_wh)


def match_slots(
    *,
    use_wh: NDArray[np.int64],
    received_wh: NDArray[np.int64],
    estimated_wh: NDArray[np.int64],
    is_strict: bool = False,
) -> SlotMatch:
    """Hold use against what was received in the same slot.

    use_wh, received_wh, estimated_wh : int64 arrays of shape (n_days, 48) [Wh]; estimated_wh is the part of
    received_wh whose half hour was estimated. is_strict : leave that part out.
    Raises: UnfitSlots.
    """
    for name, slots_wh in (("use_wh", use_wh), ("received_wh", received_wh), ("estimated_wh", estimated_wh)):
        _require_slots(name, slots_wh, use_wh.shape)
    if (estimated_wh > received_wh).any():
        raise UnfitSlots("estimated_wh: more than received_wh in a slot; it is a part of it.")
    left_out_wh = estimated_wh if is_strict else np.zeros_like(estimated_wh)
    return SlotMatch(use_wh=use_wh, counted_wh=received_wh - left_out_wh, left_out_wh=left_out_wh)


def period_match(match: SlotMatch) -> PeriodMatch:
    """Sum all days of a match up."""
    use_wh, counted_wh = int(match.use_wh.sum()), int(match.counted_wh.sum())
    return PeriodMatch(
        use_wh=use_wh,
        received_wh=counted_wh,
        left_out_wh=int(match.left_out_wh.sum()),
        slot_covered_wh=int(match.covered_wh.sum()),
        hour_covered_wh=int(np.minimum(hours_of(match.use_wh), hours_of(match.counted_wh)).sum()),
        period_covered_wh=min(use_wh, counted_wh),
    )


def months_match(dates: Sequence[date], match: SlotMatch) -> dict[Month, PeriodMatch]:
    """Sum a match up by month of delivery; dates are those of its rows, in order."""
    months = [Month.of(day) for day in dates]
    sums = {}
    for month in sorted(set(months)):
        rows = np.array([each == month for each in months])
        part = SlotMatch(
            use_wh=match.use_wh[rows], counted_wh=match.counted_wh[rows], left_out_wh=match.left_out_wh[rows]
        )
        sums[month] = period_match(part)
    return sums


def added(periods: Iterable[PeriodMatch]) -> PeriodMatch:
    """Add several sites up, each matched for itself: the excess of one never covers the use of another."""
    columns = [
        (
            each.use_wh,
            each.received_wh,
            each.left_out_wh,
            each.slot_covered_wh,
            each.hour_covered_wh,
            each.period_covered_wh,
        )
        for each in periods
    ]
    use_wh, received_wh, left_out_wh, slot_wh, hour_wh, period_wh = (
        map(sum, zip(*columns, strict=True)) if columns else (0,) * 6
    )
    return PeriodMatch(
        use_wh=use_wh,
        received_wh=received_wh,
        left_out_wh=left_out_wh,
        slot_covered_wh=slot_wh,
        hour_covered_wh=hour_wh,
        period_covered_wh=period_wh,
    )


def hours_of(slots_wh: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the two half hours of each hour: from shape (n_days, 48) to (n_days, 24)."""
    hours_wh: NDArray[np.int64] = slots_wh.reshape(-1, SLOTS_PER_DAY // SLOTS_PER_HOUR, SLOTS_PER_HOUR).sum(axis=2)
    return hours_wh


def share_permille(share: Fraction | None) -> int | None:
    """Round a share down to whole permille: a share told is never above the one that was reached.

    >>> share_permille(Fraction(2, 3))
    666
    """
    return None if share is None else int(share * PERMILLE)


def _share(part_wh: int, whole_wh: int) -> Fraction | None:
    """Give part of whole."""
    return Fraction(part_wh, whole_wh) if whole_wh else None


def _require_slots(name: str, slots_wh: NDArray[np.int64], shape: tuple[int, ...]) -> None:
    """Refuse what is no array of whole, non-negative Wh of the shape of the others."""
    is_fit = slots_wh.dtype == np.int64 and slots_wh.ndim == 2 and slots_wh.shape == shape  # noqa: PLR2004 - days, slots
    if not is_fit or slots_wh.shape[1] != SLOTS_PER_DAY:
        raise UnfitSlots(
            f"{name}: {slots_wh.dtype} of shape {slots_wh.shape}, expected int64 of shape (n_days, {SLOTS_PER_DAY})."
        )
    if (slots_wh < 0).any():
        raise UnfitSlots(f"{name}: below zero in a slot; energies are counted from 0 Wh.")
