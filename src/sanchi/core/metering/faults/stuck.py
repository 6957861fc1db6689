"""Values that stand still while energy flows: registers, panels, and days that are copies of the day before.

Enter: a Picture and what was found before. Leave: Faults. Not here: readings that are absent (silence).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.faults.fault import Fault, skew_spans
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import NONE, BoolArray, Device, IntArray, Picture, Timeline
from sanchi.core.metering.faults.silence import of_device
from sanchi.core.metering.faults.spans import SLOT_S, Span, inside, runs_of
from sanchi.core.metering.faults.steps import UNKNOWN_STEP, register_steps, slot_energy_wh
from sanchi.core.metering.readings import Channel

# Every home draws something in the dark. How long its register may stand still all the same is its own affair: nine
# days in ten it stands no longer than `usual`. A standstill that goes on is told from twice that on; one that is over
# by the leap of the count, which shows at once what had been kept back: further than one step in a hundred is, or
# twice as far where nothing else speaks for it.
STILL_SLOTS_MIN: Final = 5
USUAL_SHARE: Final = 90
HISTORY_DAYS_MIN: Final = 5
UNKNOWN_HOME_SLOTS_MIN: Final = 16
LARGE_SHARE: Final = 99
LEAP_TIMES: Final = 2
LARGEST_SHARE: Final = 99.9
CLEAR_TIMES: Final = 1.5
# A roof that gives this much in a half hour and neither exports, nor stores, nor is imported beside, feeds nothing.
BRIGHT_WH_MIN: Final = 300
# A step and its neighbour may hide nearly two steps' worth; a clamp errs by a part of what flows.
BESIDE_COUNT_MIN: Final = 4
# The same energy to the Wh, half hour by half hour, is no weather.
SAME_SLOTS_MIN: Final = 6
COPIED_SLOTS_MIN: Final = 8
DARK_SLOTS_MIN: Final = 6
LEAP_SUNNY_SLOTS_MIN: Final = 2
PEERS_COUNT_MIN: Final = 3
TOP_SHARE: Final = 99.5


@dataclass(frozen=True, slots=True)
class _HomeFlow:
    """What is known of a home beside one register: energies [Wh] by slot, NONE where not known; None = not measured."""

    pv_wh: IntArray | None
    charge_wh: IntArray | None
    discharge_wh: IntArray | None


def stuck_register(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell registers that stood still although the home had to draw or feed.

    Evidence, best first: a clamp on the same line measures energy meanwhile. Without one: neither import nor export
    moves in the dark, without a battery that feeds the home; or neither moves while the roof gives plenty and no
    battery takes it.
    """
    result: list[Fault] = []
    lines_of = _lines_by_home(picture)
    clocks = {
        line.watched.spec.series_key: skew_spans(found, picture.now_s, device.name)
        for device in picture.devices
        for line in device.timelines
    }
    for device in picture.devices:
        beside = lines_of.get(device.home_no, [])
        meters = _meters_of(device).values()
        for fault in (fault for lines in meters for fault in _of_meter(device, lines, beside, clocks)):
            # Import and export of a meter mostly stand still together: told once.
            if not any(_is_same_standstill(fault, other) for other in result):
                result.append(fault)
    return result


def _meters_of(device: Device) -> dict[int, list[Timeline]]:
    """Part the registers of a device's grid meters by meter."""
    meters: dict[int, list[Timeline]] = {}
    for line in device.timelines:
        if line.watched.spec.is_register and line.watched.spec.channel in {Channel.IMPORT, Channel.EXPORT}:
            meters.setdefault(line.watched.spec.meter_no, []).append(line)
    return meters


def _of_meter(
    device: Device, lines: Sequence[Timeline], beside: Sequence[Timeline], clocks: Mapping[int, Sequence[Span]]
) -> list[Fault]:
    """Make the faults of one meter's registers."""
    seen, unseen = _parted(lines, beside, clocks)
    told = [(line, run) for line, other_wh in seen for run in _standstills_beside(line, other_wh)]
    told += _standstills(unseen, _flow(beside)) if unseen else []
    for line, other_wh in seen:
        # While the clamp was away the register is judged as if there were none.
        told += [each for each in _standstills([line], _flow(beside)) if not _is_watched(other_wh, each[1])]
    found = []
    for line, (first, last, n_slots) in told:
        span = (int(line.stamps_s[first]) - SLOT_S, int(line.stamps_s[last]))
        text = f"the register stood still for {last - first + 1} half hours, {n_slots} of them unexplained"
        fault = of_device(FaultKind.STUCK, Leg.METER, device, span, n_slots, (text,))
        spec = line.watched.spec
        found.append(replace(fault, meter_no=spec.meter_no, channel_no=int(spec.channel)))
    return found


def stuck_solar(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell panels whose value stands still: the same to the Wh, or zero by day while others under the sky generate."""
    result = []
    lines = [line for device in picture.devices for line in device.timelines]
    lines = [line for line in lines if line.watched.spec.channel is Channel.PV]
    owner = {id(line): device for device in picture.devices for line in device.timelines}
    energies = [_undisplaced_wh(line, skew_spans(found, picture.now_s, owner[id(line)].name)) for line in lines]
    tops = [_top_wh(energy) for energy in energies]
    share = np.array(
        [
            np.where(e == NONE, np.nan, e / top) if top else np.full(e.size, np.nan)
            for e, top in zip(energies, tops, strict=True)
        ]
    )
    for index, line in enumerate(lines):
        others = np.delete(share, index, axis=0)
        # The counter of an inverter shows a standstill by steps of nothing.
        same = [] if line.watched.spec.is_register else _same_runs(energies[index])
        runs = [(run, "the same energy to the Wh") for run in same]
        dark_runs = _dark_runs(energies[index], _leap_wh(line), others)
        dark = [(run, "nothing by day while other roofs generate") for run in dark_runs]
        for (first, last), why in runs + dark:
            span = (int(line.stamps_s[first]) - SLOT_S, int(line.stamps_s[last]))
            text = f"{why}, {last - first + 1} half hours"
            fault = of_device(FaultKind.STUCK, Leg.METER, owner[id(line)], span, last - first + 1, (text,))
            result.append(replace(fault, meter_no=line.watched.spec.meter_no, channel_no=int(Channel.PV)))
    return result


def copied_runs(energy_wh: IntArray, day_slots: int) -> list[tuple[int, int]]:
    """List the runs (first, last) in which energies equal those a day earlier and are not zero nor all alike.

    energy_wh : shape (n_slots,), NONE where not known; day_slots : positions in a day, of any length of slot.
    """
    same = np.zeros(energy_wh.size, dtype=np.bool_)
    same[day_slots:] = (energy_wh[day_slots:] == energy_wh[:-day_slots]) & (energy_wh[day_slots:] != NONE)
    found = []
    for first, last in runs_of(same):
        part = energy_wh[first : last + 1]
        if np.count_nonzero(part) >= COPIED_SLOTS_MIN and np.unique(part[part > 0]).size >= COPIED_SLOTS_MIN:
            found.append((first, last))
    return found


def _lines_by_home(picture: Picture) -> dict[int, list[Timeline]]:
    """Part all series by home."""
    result: dict[int, list[Timeline]] = {}
    for device in picture.devices:
        result.setdefault(device.home_no, []).extend(device.timelines)
    return result


def _flow(lines: Sequence[Timeline]) -> _HomeFlow:
    """Add up what is measured behind the grid meter; a slot is known only if all parts of it are."""

    def total(channel: Channel) -> IntArray | None:
        parts = [slot_energy_wh(line) for line in lines if line.watched.spec.channel is channel]
        if not parts:
            return None
        is_known = np.logical_and.reduce([part != NONE for part in parts])
        return np.where(is_known, np.sum(parts, axis=0), NONE)

    return _HomeFlow(total(Channel.PV), total(Channel.CHARGE), total(Channel.DISCHARGE))


def _is_same_standstill(one: Fault, other: Fault) -> bool:
    """Tell whether the other register of a meter tells of the same standstill."""
    assert one.last_s is not None, "a standstill has an end, if only so far"
    is_near = other.last_s is not None and other.first_s < one.last_s and one.first_s < other.last_s
    return one.meter_no == other.meter_no and is_near


def _parted(
    lines: Sequence[Timeline], beside: Sequence[Timeline], clocks: Mapping[int, Sequence[Span]]
) -> tuple[list[tuple[Timeline, IntArray]], list[Timeline]]:
    """Part a meter's registers into those whose channel another device of the home measures as well, and others."""
    seen, unseen = [], []
    for line in lines:
        channel = line.watched.spec.channel
        others = [
            other for other in beside if other.watched.spec.channel is channel and not other.watched.spec.is_register
        ]
        if others:
            is_displaced = inside(line.stamps_s, clocks[others[0].watched.spec.series_key])
            seen.append((line, np.where(is_displaced, NONE, slot_energy_wh(others[0]))))
        else:
            unseen.append(line)
    return seen, unseen


def _standstills_beside(line: Timeline, other_wh: IntArray) -> list[tuple[int, int, int]]:
    """List the standstills of a register in which a clamp beside it measured several steps of it.

    Where the end is known the count has to leap by at least half of that beyond what flowed in the half hour of the
    leap itself: else it is the clamp that sees too much.
    """
    found = []
    step, unit_wh = register_steps(line), line.watched.spec.unit_wh
    for first, last in runs_of(step == 0):
        part_wh = other_wh[first : last + 1]
        seen_wh = int(part_wh[part_wh != NONE].sum())
        is_open = last + 1 >= step.size or step[last + 1] == UNKNOWN_STEP
        is_held_back = is_open or 2 * (step[last + 1] * unit_wh - max(other_wh[last + 1], 0)) >= seen_wh
        if last > first and seen_wh >= BESIDE_COUNT_MIN * unit_wh and is_held_back:
            found.append((first, last, int((part_wh > 0).sum())))
    return found


def _is_watched(other_wh: IntArray, run: tuple[int, int, int]) -> bool:
    """Tell whether a clamp knew at least half of a run's half hours."""
    first, last, _ = run
    return bool(2 * (other_wh[first : last + 1] != NONE).sum() >= last - first + 1)


def _standstills(lines: Sequence[Timeline], flow: _HomeFlow) -> list[tuple[Timeline, tuple[int, int, int]]]:
    """List the standstills of registers without a clamp beside as (first, last, slots without another explanation).

    One that is over is told by its leap: a step larger than the home's own after standstills as long, and not
    explained by what the other register did. One that goes on is told by its length.
    """
    steps = [register_steps(line) for line in lines]
    still = np.logical_and.reduce([step == 0 for step in steps])
    strange = still & _unexplained(lines[0], flow)
    found = [(line, run) for line, step in zip(lines, steps, strict=True) for run in _leaps(step, still, strange)]
    return found + [(lines[0], run) for run in _open_standstills(still, strange, steps)]


def _leaps(step: IntArray, still: BoolArray, strange: BoolArray) -> list[tuple[int, int, int]]:
    """List the standstills of a register at whose end it leaps further than it usually moves."""
    moves = np.sort(step[step > 0])
    if moves.size < SLOTS_PER_DAY:
        return []
    large = int(np.percentile(moves, LARGE_SHARE))
    found = []
    runs = runs_of(step == 0)
    counts = [int(strange[first : last + 1].sum()) for first, last in runs]
    for place, (first, last) in enumerate(runs):
        # A register rests by right while the other one of the meter moves: energy flows one way at a time.
        if last + 1 >= step.size or still[first : last + 1].sum() < STILL_SLOTS_MIN:
            continue
        if last + 2 < step.size and UNKNOWN_STEP < step[last + 2] < 0:
            continue  # taken back at once: a wild count
        leap, n_strange = int(step[last + 1]), counts[place]
        smaller = moves[: int(np.searchsorted(moves, leap))]
        # Where few days are known, one step in a hundred is soon found: it also has to stand clear of the largest.
        is_clear = not smaller.size or leap > CLEAR_TIMES * np.percentile(smaller, LARGEST_SHARE)
        others = [(begin, count) for (begin, _), count in zip(runs, counts, strict=True) if begin != first]
        is_long = n_strange >= max(STILL_SLOTS_MIN, _usual_slots(others, step.size) + 1)
        if (leap > LEAP_TIMES * large and is_clear) or (leap > large and is_long):
            found.append((first, last, max(n_strange, 1)))
    return found


def _open_standstills(still: BoolArray, strange: BoolArray, steps: Sequence[IntArray]) -> list[tuple[int, int, int]]:
    """List the standstill at the end of what is known, if it is longer than twice the home's usual one."""
    runs = [(first, last, int(strange[first : last + 1].sum())) for first, last in runs_of(still)]
    known = np.flatnonzero(np.logical_or.reduce([step != UNKNOWN_STEP for step in steps]))
    if not runs or not known.size or runs[-1][1] < known[-1]:
        return []
    if known.size < HISTORY_DAYS_MIN * SLOTS_PER_DAY:
        return [runs[-1]] if runs[-1][2] >= UNKNOWN_HOME_SLOTS_MIN else []
    usual = _usual_slots([(first, n_slots) for first, _, n_slots in runs[:-1]], still.size)
    return [runs[-1]] if runs[-1][2] >= 2 * usual + STILL_SLOTS_MIN else []


def _usual_slots(runs: Sequence[tuple[int, int]], n_slots: int) -> int:
    """Give how long a register stands still without explanation on nine days in ten; runs : (first, slots of it)."""
    longest = np.zeros(int(np.ceil(n_slots / SLOTS_PER_DAY)), dtype=np.int64)
    for first, count in runs:
        longest[first // SLOTS_PER_DAY] = max(longest[first // SLOTS_PER_DAY], count)
    return int(np.percentile(longest, USUAL_SHARE)) if longest.size else 0


def _unexplained(line: Timeline, flow: _HomeFlow) -> BoolArray:
    """Find the slots in which a register that stands still cannot be right."""
    hour = (line.stamps_s - SLOT_S) // 3600 + 9
    night = (hour % 24 >= 20) | (hour % 24 < 5)  # noqa: PLR2004
    if flow.pv_wh is None:
        dark, bright = night, np.zeros(night.size, dtype=np.bool_)
    else:
        dark = (flow.pv_wh == 0) | ((flow.pv_wh == NONE) & night)
        bright = flow.pv_wh >= BRIGHT_WH_MIN
    feeds = np.zeros(night.size, np.bool_) if flow.discharge_wh is None else flow.discharge_wh != 0
    takes = np.zeros(night.size, np.bool_) if flow.charge_wh is None else flow.charge_wh != 0
    result: BoolArray = (dark & ~feeds) | (bright & ~takes & ~feeds)
    return result


def _undisplaced_wh(line: Timeline, skewed: Sequence[Span]) -> IntArray:
    """Give a series' energies, without those that a wrong clock put into other half hours."""
    return np.where(inside(line.stamps_s, skewed), NONE, slot_energy_wh(line))


def _top_wh(energy_wh: IntArray) -> int:
    """Give what a roof gives in its best half hours; 0 where it never gave anything."""
    positive = energy_wh[energy_wh > 0]
    return int(np.percentile(positive, TOP_SHARE)) if positive.size else 0


def _same_runs(energy_wh: IntArray) -> list[tuple[int, int]]:
    """List the runs of one energy that is not zero; an inverter at its limit shows the same again on other days."""
    same = np.zeros(energy_wh.size, dtype=np.bool_)
    same[1:] = (energy_wh[1:] == energy_wh[:-1]) & (energy_wh[1:] > 0)
    runs = [(first - 1, last) for first, last in runs_of(same) if last - first + 2 >= SAME_SLOTS_MIN]
    return [run for run in runs if np.count_nonzero(energy_wh == energy_wh[run[0]]) < 2 * (run[1] - run[0] + 1)]


def _leap_wh(line: Timeline) -> IntArray:
    """Give the step of a counter at each position [Wh], plausible or not; 0 for series of energies."""
    if not line.watched.spec.is_register:
        return np.zeros(line.n_boundaries, dtype=np.int64)
    return np.maximum(register_steps(line), 0) * line.watched.spec.unit_wh


def _dark_runs(energy_wh: IntArray, leap_wh: IntArray, others: NDArray[np.float64]) -> list[tuple[int, int]]:
    """List the runs of nothing that hold at least three hours in which the other roofs clearly generate.

    others : shares of their best half hours, shape (n_others, n_slots), NaN where not known.
    """
    if others.shape[0] < PEERS_COUNT_MIN:
        return []
    n_known = (~np.isnan(others)).sum(axis=0)
    # NaN sorts behind all numbers; a fifth of the roofs may stand in the shade.
    rank = np.maximum(n_known - 1, 0) // 5
    low = np.where(n_known >= PEERS_COUNT_MIN, np.sort(others, axis=0)[rank, np.arange(energy_wh.size)], 0.0)
    sunny = low >= 0.05  # noqa: PLR2004
    found = []
    for first, last in runs_of(energy_wh == 0):
        n_sunny = int(sunny[first : last + 1].sum())
        # A counter of an inverter leaps by what it kept back; in the dark nothing else makes it leap.
        is_leap = last + 1 < energy_wh.size and not sunny[last + 1] and leap_wh[last + 1] >= BRIGHT_WH_MIN
        if n_sunny >= DARK_SLOTS_MIN or (n_sunny >= LEAP_SUNNY_SLOTS_MIN and is_leap):
            found.append((first, last))
    return found
