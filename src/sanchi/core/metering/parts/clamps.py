"""Hold the grid power of a CT against the register: clamped the wrong way round, dead, or of the wrong ratio.

Enter: slots of a day that both have measured. Leave: ClampVerdicts. Not here: the CT of panels, which no register
stands behind; what a verdict does to energies.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.units import PERMILLE

# A day tells something where at least a quarter of it was measured by both.
COMPARED_SLOTS_MIN: Final = 12
# Less than this a register's day may be a fridge alone, and its steps hide what the CT does. In tolerances.
EVIDENCE_TIMES: Final = 8
# What a CT shows without any current, and what small currents lose: 10 W.
IDLE_W: Final = 10
# So many slots that differ are a finding though the day's sums agree.
SUSPECT_SLOTS_MIN: Final = 2
_MINUTES_PER_HOUR: Final = 60
_MINUTES_PER_SLOT: Final = 30


class ClampState(StrEnum):
    """What the comparison of a day says about a CT."""

    AGREES = "agrees"
    UNTOLD = "untold"  # too little was measured by both to tell
    REVERSED = "reversed"  # import stands for export
    DEAD = "dead"  # the register counted, the CT saw nothing
    SCALED = "scaled"  # the right shape at a wrong ratio
    REVERSED_SCALED = "reversed_scaled"  # both
    DISAGREES = "disagrees"  # none of these: another circuit, a clock, one of two clamps


@dataclass(frozen=True, slots=True, kw_only=True)
class GridDay:
    """One home's day; int64 arrays of shape (48,) [Wh], and where both have measured.

    unit_wh : a step of the register; class_permille : what the CT may err by, 10 for class 1.
    """

    ct_import_wh: NDArray[np.int64]
    ct_export_wh: NDArray[np.int64]
    register_import_wh: NDArray[np.int64]
    register_export_wh: NDArray[np.int64]
    is_compared: NDArray[np.bool_]
    unit_wh: int
    class_permille: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClampVerdict:
    """What a day says about a CT; sums over the compared slots.

    ratio_permille : what the CT saw of what the register counted, in both directions together.
    tolerance_wh : what an import or export of the day may differ by without meaning anything.
    suspect_slots : slots whose own difference is beyond what a step and the class explain, rising indexes.
    """

    state: ClampState
    ratio_permille: int
    tolerance_wh: int
    ct_wh: tuple[int, int]
    register_wh: tuple[int, int]
    suspect_slots: tuple[int, ...]


def compare_grid_day(day: GridDay) -> ClampVerdict:
    """Judge a CT by one day, slot by slot and in sum.

    Between two counts a register shows less than one unit more or less than flowed, however long it takes; so a
    day is told apart ten times finer than a slot. The direction is read from slots in which both are sure of it.
    """
    mask = day.is_compared
    ct_wh = int(day.ct_import_wh[mask].sum()), int(day.ct_export_wh[mask].sum())
    register_wh = int(day.register_import_wh[mask].sum()), int(day.register_export_wh[mask].sum())
    n_compared = int(mask.sum())
    n_runs = int(np.count_nonzero(np.diff(np.concatenate([[False], mask]).astype(np.int8)) == 1))
    idle_wh = IDLE_W * n_compared * _MINUTES_PER_SLOT // _MINUTES_PER_HOUR
    tolerance_wh = day.unit_wh * max(n_runs, 1) + idle_wh + max(register_wh) * day.class_permille // PERMILLE
    state = _state(day, ct_wh, register_wh, tolerance_wh, idle_wh) if n_compared >= COMPARED_SLOTS_MIN else None
    return ClampVerdict(
        state=state or ClampState.UNTOLD,
        ratio_permille=PERMILLE * sum(ct_wh) // sum(register_wh) if sum(register_wh) else 0,
        tolerance_wh=tolerance_wh,
        ct_wh=ct_wh,
        register_wh=register_wh,
        suspect_slots=tuple(np.flatnonzero(mask & _differs(day)).tolist()),
    )


def _state(
    day: GridDay, ct_wh: tuple[int, int], register_wh: tuple[int, int], tolerance_wh: int, idle_wh: int
) -> ClampState | None:
    """Name what the sums say; None where the register counted too little to tell anything but agreement."""
    if _agree(ct_wh, register_wh, tolerance_wh) and not _opposes(day):
        return ClampState.AGREES
    if max(*register_wh, *ct_wh) < EVIDENCE_TIMES * tolerance_wh:
        return None
    if sum(ct_wh) <= idle_wh:
        return ClampState.DEAD
    is_reversed = _opposes(day)
    seen_wh = (ct_wh[1], ct_wh[0]) if is_reversed else ct_wh
    if _agree(seen_wh, register_wh, tolerance_wh):
        return ClampState.REVERSED if is_reversed else ClampState.AGREES
    # The ratio of both directions together has to hold in each: cross-multiplied, so that nothing is rounded.
    total_wh, counted_wh = sum(seen_wh), sum(register_wh)
    is_scaled = counted_wh > 0 and all(
        abs(seen * counted_wh - counted * total_wh) <= tolerance_wh * max(total_wh, counted_wh)
        for seen, counted in zip(seen_wh, register_wh, strict=True)
    )
    if is_scaled and _follows(day, is_reversed=is_reversed):
        return ClampState.REVERSED_SCALED if is_reversed else ClampState.SCALED
    return ClampState.DISAGREES


def _agree(seen_wh: tuple[int, int], register_wh: tuple[int, int], tolerance_wh: int) -> bool:
    """Tell whether import and export each differ by no more than the tolerance."""
    return all(abs(seen - counted) <= tolerance_wh for seen, counted in zip(seen_wh, register_wh, strict=True))


def _opposes(day: GridDay) -> bool:
    """Tell whether the CT points the other way in most slots where both are sure of the direction."""
    ct_net, register_net = _nets(day)
    is_sure = (abs(ct_net) > day.unit_wh) & (abs(register_net) > day.unit_wh) & day.is_compared
    opposed_count = int(np.count_nonzero(is_sure & (np.sign(ct_net) != np.sign(register_net))))
    return 2 * opposed_count > int(np.count_nonzero(is_sure))


def _follows(day: GridDay, *, is_reversed: bool) -> bool:
    """Tell whether the CT's slots go up and down with the register's: a correlation above 0.9."""
    ct_net, register_net = (net[day.is_compared] for net in _nets(day))
    n_slots = ct_net.size
    ct_from_mean = (ct_net * n_slots - ct_net.sum()) * (-1 if is_reversed else 1)
    register_from_mean = register_net * n_slots - register_net.sum()
    # Python's integers do not overflow: the squares below exceed int64.
    together = sum(a * b for a, b in zip(ct_from_mean.tolist(), register_from_mean.tolist(), strict=True))
    apart = sum(a * a for a in ct_from_mean.tolist()) * sum(b * b for b in register_from_mean.tolist())
    return bool(together > 0 and together * together * 100 > 81 * apart)


def _nets(day: GridDay) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give import less export of both."""
    return day.ct_import_wh - day.ct_export_wh, day.register_import_wh - day.register_export_wh


def _differs(day: GridDay) -> NDArray[np.bool_]:
    """Tell which slots differ by more than a step in either direction, the idle power and the class explain."""
    idle_wh = IDLE_W * _MINUTES_PER_SLOT // _MINUTES_PER_HOUR
    differs = np.zeros(day.is_compared.shape, dtype=np.bool_)
    for ct, register in (
        (day.ct_import_wh, day.register_import_wh),
        (day.ct_export_wh, day.register_export_wh),
    ):
        allowed_wh = day.unit_wh + idle_wh + register * day.class_permille // PERMILLE
        differs |= abs(ct - register) > allowed_wh
    return differs


_CODES: Final = {
    ClampState.REVERSED: ProblemCode.CT_REVERSED,
    ClampState.REVERSED_SCALED: ProblemCode.CT_REVERSED,
    ClampState.DEAD: ProblemCode.CT_DEAD,
    ClampState.SCALED: ProblemCode.CT_SCALED,
    ClampState.DISAGREES: ProblemCode.CT_DISAGREES,
}
_HINTS: Final = {
    ProblemCode.CT_REVERSED: "Turn the clamp of the grid round, or swap its two directions in the device.",
    ProblemCode.CT_DEAD: "Look whether the clamp is closed around the main line and plugged into the device.",
    ProblemCode.CT_SCALED: "Compare the ratio that is set in the device with the one printed on the clamp.",
    ProblemCode.CT_DISAGREES: (
        "Look whether both clamps sit on the main line, whose meter is read, whether the device's clock is right, and "
        "whether the register's counts stand still and leap."
    ),
}


def describe_clamp(verdict: ClampVerdict, where: str) -> Problem | None:
    """Describe a verdict; None where the CT agrees or too little is told. where : the device and the date.

    Slots may differ although the sums of the day agree, or before they tell anything: one of the two stood still and
    leapt, or saw nonsense. A single slot may be a completed minute.
    """
    code = _CODES.get(verdict.state)
    if code is None and len(verdict.suspect_slots) >= SUSPECT_SLOTS_MIN:
        code = ProblemCode.CT_DISAGREES
    if code is None:
        return None
    (ct_in, ct_out), (register_in, register_out) = verdict.ct_wh, verdict.register_wh
    ratio = f"; the CT shows {verdict.ratio_permille / 10:.1f} % of it"
    is_told = verdict.state in {ClampState.SCALED, ClampState.REVERSED_SCALED}
    return Problem(
        code=code,
        severity=Severity.WATCH if code is ProblemCode.CT_DISAGREES else Severity.ACT,
        where=where,
        detail=(
            f"CT import {ct_in:,} Wh and export {ct_out:,} Wh, the register counted {register_in:,} Wh and "
            f"{register_out:,} Wh (tolerance {verdict.tolerance_wh:,} Wh); {len(verdict.suspect_slots)} slots differ"
            f"{ratio if is_told else ''}"
        ),
        hint=_HINTS[code],
    )
