"""Put into words what measuring a day found: gaps, silent meters, readings set aside.

Enter: Fills, SetAsides and the meters they belong to. Leave: Problems. Not here: finding or filling anything.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import slot_ending_at
from sanchi.core.metering.filling import LIKE_DAYS_MIN, Fill
from sanchi.core.metering.gaps import MeterDay, SetAside
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, MeterSpec, Quality
from sanchi.core.metering.windows import GAP_DAYS_MAX

GAP_CODES: Final = {
    Quality.RECOVERED: ProblemCode.GAP_RECOVERED,
    Quality.ESTIMATED: ProblemCode.GAP_ESTIMATED,
    Quality.MISSING: ProblemCode.GAP_MISSING,
}
# The first that any of a run of fills has is said of them all.
SHAPES: Final = {
    Method.RECOVERED_FLAT: "flat where no like day was measured",
    Method.RECOVERED_LIKE_DAYS: "shaped after like days",
    Method.RECOVERED_OTHER_WAY: "shaped by what another way measured",
}
RECOVERED_HINT: Final = "Nothing to do; the meter's history, if it is delivered, replaces the shape by readings."
TOO_LONG_HINT: Final = (
    f"Ask the meter for its history: the energy counted in a gap is attributed to slots only up to {GAP_DAYS_MAX} days."
)
OPEN_HINT: Final = (
    "Bring the meter back or ask for its history: its next count recovers the energy, not traded until then."
)
INTERVAL_HINT: Final = (
    "Deliver these energies again: no register stands behind them, and they are not traded until then."
)
NOT_COUNTED_HINT: Final = "Nothing to do: another way, or a decision, counts in these slots."
EXCHANGED_HINT: Final = (
    "Half of the day's readings or more were set aside: was the meter exchanged without notice? Then enter "
    "when the old one was removed and the new one installed; otherwise ask for the meter's history."
)
SET_ASIDE_HINT: Final = "If it comes again, look at the meter and its line; a corrected reading replaces this one."
FOREIGN_HINT: Final = "Compare the channels of the meter with the device; told with this one again, its readings count."
SCREENED_HINTS: Final = {
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: "Compare the meter's dates of installation and removal.",
    ProblemCode.REGISTER_OVERFLOW: "Compare the digits of the meter with the device.",
    ProblemCode.ENERGY_IMPLAUSIBLE: "Compare plausible_wh_max with the connection; deliver the energy again.",
}


def describe_fills(fills: Sequence[Fill], day_boundary: int) -> list[Problem]:
    """Describe gaps on a delivery date, one finding for neighbouring slots of one meter and quality.

    fills : of one metering point, in the order of time.
    """
    runs: list[list[Fill]] = []
    for fill in fills:
        if runs and _continues(runs[-1][-1], fill):
            runs[-1].append(fill)
        else:
            runs.append([fill])
    return [_describe_run(run, day_boundary) for run in runs]


def describe_silence(fills: Sequence[Fill], day_boundary: int) -> Problem:
    """Describe a meter without a single reading on a delivery date; fills : of all its channels."""
    spec = fills[0].gap.spec
    worst = min(fills, key=lambda fill: (not fill.is_counted, fill.quality))
    severity, hint = _advice(worst)
    by_kind = sorted(fills, key=_kind)
    told = ", ".join(_silent_part(list(of_kind)) for _, of_kind in groupby(by_kind, key=_kind))
    return Problem(
        code=ProblemCode.METER_SILENT,
        severity=severity,
        where=f"meter {spec.meter_id}, {_date(day_boundary)}",
        detail=f"not a single reading on the day; {told}",
        hint=hint,
    )


def describe_set_aside(meter_day: MeterDay) -> list[tuple[Problem, int]]:
    """Describe counts that do not stand, one finding for neighbours with the same code, and how many it covers."""
    spec = meter_day.spec
    # One of two readings would be half of them as well, but no sign of an exchange.
    is_lasting = 1 < len(meter_day.set_aside) >= meter_day.reading_count / 2
    found = []
    for code, run in groupby(meter_day.set_aside, key=lambda one: one.code):
        members = list(run)
        first = members[0]
        count = "1 reading" if len(members) == 1 else f"{len(members)} readings until {stamp_of(members[-1].boundary)}"
        problem = Problem(
            code=code,
            severity=Severity.ACT if is_lasting else Severity.WATCH,
            where=f"meter {spec.meter_id} {spec.channel.text}, {stamp_of(first.boundary)}",
            detail=f"{count} set aside: {_contradiction(spec, first)}",
            hint=EXCHANGED_HINT if is_lasting else SET_ASIDE_HINT,
        )
        found.append((problem, len(members)))
    return found


def describe_foreign(spec: MeterSpec, channel: Channel, boundaries: Sequence[int]) -> Problem:
    """Describe readings of a day of a channel that the meter does not measure; spec : any of the meter's channels."""
    return Problem(
        code=ProblemCode.UNKNOWN_CHANNEL,
        severity=Severity.WATCH,
        where=f"meter {spec.meter_id} {channel.text}, {stamp_of(boundaries[0])}",
        detail=f"{_count(boundaries)} set aside: as it is told now, the meter does not measure {channel.text}",
        hint=FOREIGN_HINT,
    )


def _count(boundaries: Sequence[int]) -> str:
    """Count readings in words."""
    return "1 reading" if len(boundaries) == 1 else f"{len(boundaries)} readings until {stamp_of(boundaries[-1])}"


def describe_screened(spec: MeterSpec, code: ProblemCode, boundaries: Sequence[int], reading: int) -> Problem:
    """Describe readings of a day that the meter cannot have shown; reading : at the first boundary."""
    match code:
        case ProblemCode.ENERGY_IMPLAUSIBLE:
            found = f"{reading * spec.unit_wh:,} Wh in a slot, at most {spec.plausible_wh_max:,} Wh are plausible"
        case ProblemCode.REGISTER_OVERFLOW:
            found = f"count {reading:,}, but {spec.digits} digits show less than {spec.turn_count:,}"
        case _:
            until = "on" if spec.removed_boundary is None else f"until {stamp_of(spec.removed_boundary)}"
            found = f"the meter is in service from {stamp_of(spec.installed_boundary)} {until}"
    return Problem(
        code=code,
        severity=Severity.WATCH,
        where=f"meter {spec.meter_id} {spec.channel.text}, {stamp_of(boundaries[0])}",
        detail=f"{_count(boundaries)} set aside: {found}",
        hint=SCREENED_HINTS[code],
    )


def _kind(fill: Fill) -> tuple[int, int]:
    """Give what a silent meter's fills are told by: channel and quality."""
    return fill.gap.spec.channel, fill.quality


def _silent_part(fills: Sequence[Fill]) -> str:
    """Say what stands in for the silence of one channel, and what its register counted meanwhile."""
    gap, quality = fills[0].gap, fills[0].quality
    part = f"{gap.spec.channel.text} {_sum_wh(fills):,} Wh {quality.name.lower()}"
    if gap.energy_wh is None:
        return part
    counted = f"{gap.energy_wh:,} Wh counted between {stamp_of(gap.first_boundary)} and {stamp_of(gap.last_boundary)}"
    return f"{part} ({counted})"


def _continues(earlier: Fill, later: Fill) -> bool:
    """Tell whether a fill tells the same story in the next slots."""
    return (
        earlier.end_slot_index == later.first_slot_index
        and earlier.quality is later.quality
        and earlier.gap.spec is later.gap.spec
        and earlier.is_counted is later.is_counted
        and (earlier.gap.energy_wh is None) == (later.gap.energy_wh is None)
    )


def _describe_run(run: Sequence[Fill], day_boundary: int) -> Problem:
    """Describe neighbouring fills as one gap."""
    first, last = run[0], run[-1]
    spec = first.gap.spec
    severity, hint = _advice(first)
    slots = f"slot {first.first_slot_index + 1}"
    if last.end_slot_index > first.first_slot_index + 1:
        slots = f"slots {first.first_slot_index + 1}-{last.end_slot_index}"
    return Problem(
        code=GAP_CODES[first.quality],
        severity=severity,
        where=f"meter {spec.meter_id} {spec.channel.text}, {_date(day_boundary)} {slots}",
        detail=f"{_absence(run)}; {_filling(run)}",
        hint=hint,
    )


def _absence(run: Sequence[Fill]) -> str:
    """Say what is missing, and what the register tells about it."""
    gap_first, gap_last = run[0].gap.first_boundary, run[-1].gap.last_boundary
    if not run[0].gap.spec.is_register:
        return f"no energy delivered between {stamp_of(gap_first)} and {stamp_of(gap_last)}"
    counted_wh = {fill.gap.first_boundary: fill.gap.energy_wh for fill in run}
    known_wh = [energy_wh for energy_wh in counted_wh.values() if energy_wh is not None]
    missing = f"readings missing between {stamp_of(gap_first)} and {stamp_of(gap_last)}"
    return f"{missing}, {sum(known_wh):,} Wh counted meanwhile" if known_wh else f"{missing}, energy unknown"


def _filling(run: Sequence[Fill]) -> str:
    """Say what stands in the slots now."""
    energy_wh = _sum_wh(run)
    if run[0].quality is Quality.MISSING:
        return f"0 Wh, as fewer than {LIKE_DAYS_MIN} like days were measured"
    if run[0].quality is Quality.ESTIMATED:
        return f"{energy_wh:,} Wh estimated from like days"
    methods = {fill.method for fill in run}
    shape = next(words for method, words in SHAPES.items() if method in methods)
    return f"{energy_wh:,} Wh of that lie in these slots, {shape}"


def _advice(fill: Fill) -> tuple[Severity, str]:
    """Say how much a gap asks of the operator, and what."""
    if not fill.is_counted:
        return Severity.NOTE, NOT_COUNTED_HINT
    if fill.quality is Quality.RECOVERED:
        return Severity.NOTE, RECOVERED_HINT
    if not fill.gap.spec.is_register:
        return Severity.ACT, INTERVAL_HINT
    if fill.gap.energy_wh is not None:
        return Severity.ACT, TOO_LONG_HINT
    return (Severity.WATCH if fill.quality is Quality.ESTIMATED else Severity.ACT), OPEN_HINT


def _contradiction(spec: MeterSpec, one: SetAside) -> str:
    """Say which count speaks against another, in figures."""
    against = f"count {one.count:,} against {one.reference_count:,} at {stamp_of(one.reference_boundary)}"
    if one.code is ProblemCode.REGISTER_BACKWARDS:
        return f"{against}, a fall that no turn of the register explains"
    return f"{against}, more than {spec.plausible_wh_max:,} Wh a slot"


def _sum_wh(fills: Iterable[Fill]) -> int:
    """Add up the energy of fills."""
    return sum(int(fill.energy_wh.sum()) for fill in fills)


def _date(day_boundary: int) -> str:
    """Write the date of the day that a boundary opens."""
    return f"{slot_ending_at(day_boundary + 1).delivery_date}"


def stamp_of(boundary: int) -> str:
    """Write a boundary as a Japanese date and time."""
    return f"{slot_ending_at(boundary).slot_end:%Y-%m-%d %H:%M}"
