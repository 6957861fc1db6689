"""Faults that a register's counts show: it turned over, it was exchanged, a count is wild.

Enter: a Picture and what was found before. Leave: Faults. Not here: registers that stand still (stuck).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sanchi.core.metering.faults.fault import Fault, skew_spans
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import NONE, Device, IntArray, Picture, Timeline
from sanchi.core.metering.faults.silence import of_device
from sanchi.core.metering.faults.spans import DAY_S, SLOT_S, inside, stamp_s

# A level is another meter's only when it has lasted: a count that comes back within a day was wild.
WILD_SLOTS_MAX: Final = 48
LASTING_COUNT: Final = 3


@dataclass(frozen=True, slots=True)
class _Break:
    """A place where counts contradict each other; first and last are boundaries of the counts concerned."""

    kind: FaultKind
    first: int
    last: int
    figure: int
    text: str


def register_breaks(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell turns, exchanges and wild counts of all registers; what both channels of a meter show is told once."""
    result: list[Fault] = []
    for device in picture.devices:
        skewed = skew_spans(found, picture.now_s, device.name)
        registers = [line for line in device.timelines if line.watched.spec.is_register]
        for fault in (fault for line in registers for fault in _faults(device, line)):
            if not inside(np.array([fault.first_s]), skewed, 2 * SLOT_S).any():
                _add(result, fault)
    return result


def _faults(device: Device, line: Timeline) -> list[Fault]:
    """Make the faults of one register."""
    spec = line.watched.spec
    return [
        replace(
            of_device(one.kind, Leg.METER, device, (stamp_s(one.first), stamp_s(one.last)), one.figure, (one.text,)),
            meter_no=spec.meter_no,
            channel_no=int(spec.channel),
        )
        for one in _breaks(line)
    ]


def _add(result: list[Fault], fault: Fault) -> None:
    """Add a fault, or its evidence to the same fault of the meter's other channel or of the readings just before."""
    near_s = DAY_S if fault.kind is FaultKind.EXCHANGE else 4 * SLOT_S
    for place, other in enumerate(result):
        is_same = (other.kind, other.meter_no) == (fault.kind, fault.meter_no)
        # Each register turns over by itself: two turns are two facts.
        is_own = fault.kind is FaultKind.ROLL_OVER and other.channel_no != fault.channel_no
        if is_same and not is_own and other.last_s is not None and fault.last_s is not None:
            first_s, last_s = min(other.first_s, fault.first_s), max(other.last_s, fault.last_s)
            if fault.first_s - other.last_s <= near_s and other.first_s - fault.last_s <= near_s:
                channel_no = other.channel_no if other.channel_no == fault.channel_no else 0
                evidence = tuple(dict.fromkeys((*other.evidence, *fault.evidence)))
                result[place] = replace(other, first_s=first_s, last_s=last_s, channel_no=channel_no, evidence=evidence)
                return
    result.append(fault)


def _breaks(line: Timeline) -> list[_Break]:
    """Walk along a register's counts in force and name each place where they do not go on as a register does."""
    places = np.flatnonzero(line.first_reading != NONE)
    boundary = places + line.first_boundary
    count = line.first_reading[places]
    spec = line.watched.spec
    step, n_slots = np.diff(count), np.diff(boundary)
    # Nearly all steps are plain; only the others are looked at one by one.
    is_plain = (step >= 0) & (step <= spec.plausible_wh_max * n_slots // spec.unit_wh + 1)
    found: list[_Break] = []
    goes_on_from = 0
    for at in np.flatnonzero(~is_plain).tolist():
        if at >= goes_on_from and not _goes_on(line, boundary, count, at, at + 1):
            one, goes_on_from = _judge(line, boundary, count, at)
            found.append(one)
    return found


def _judge(line: Timeline, boundary: IntArray, count: IntArray, at: int) -> tuple[_Break, int]:
    """Name the break behind position `at`, and give the position from which counts go on."""
    fall = int(count[at] - count[at + 1])
    text = f"count {int(count[at]):,} at one stamp, {int(count[at + 1]):,} at the next"
    after = at + 1
    # The earlier count is the wild one if those around it fit each other: a leap within what is plausible, then back.
    if fall > 0 and at and _goes_on(line, boundary, count, at - 1, after) and not _turns(line, boundary, count, at):
        return _Break(FaultKind.SPIKE, int(boundary[at]), int(boundary[at]), fall, text), after
    back = _returns(line, boundary, count, at)
    if back is not None:
        return _Break(FaultKind.SPIKE, int(boundary[at + 1]), int(boundary[back - 1]), -fall, text), back
    if fall > 0 and _turns(line, boundary, count, at):
        return _Break(FaultKind.ROLL_OVER, int(boundary[after]), int(boundary[after]), fall, text), after
    if count.size - after < LASTING_COUNT:
        return _Break(FaultKind.SPIKE, int(boundary[after]), int(boundary[-1]), -fall, text), int(count.size)
    return _Break(FaultKind.EXCHANGE, int(boundary[after]), int(boundary[after]), fall, text), after


def _goes_on(line: Timeline, boundary: IntArray, count: IntArray, at: int, later: int) -> bool:
    """Tell whether a count can follow another: no fall, no more than can flow, a standstill before it counted in."""
    step = int(count[later] - count[at])
    if step < 0:
        return False
    spec = line.watched.spec
    still = at
    while still and count[still - 1] == count[at]:
        still -= 1
    n_slots = int(boundary[later] - boundary[still])
    return step <= spec.plausible_wh_max * n_slots // spec.unit_wh + 1


def _turns(line: Timeline, boundary: IntArray, count: IntArray, at: int) -> bool:
    """Tell whether a fall is a turn of the register: across it no more flowed than can."""
    spec = line.watched.spec
    step = int(count[at + 1] - count[at]) + spec.turn_count
    n_slots = int(boundary[at + 1] - boundary[at])
    return 0 <= step <= spec.plausible_wh_max * n_slots // spec.unit_wh + 1


def _returns(line: Timeline, boundary: IntArray, count: IntArray, at: int) -> int | None:
    """Find the first later count, within a day, that goes on from the one at `at`."""
    for later in range(at + 2, count.size):
        if boundary[later] - boundary[at] > WILD_SLOTS_MAX:
            return None
        # A leap that lasts also becomes plausible with time; only one that is taken back was wild.
        is_taken_back = (count[later] < count[at + 1]) == (count[at] < count[at + 1])
        if is_taken_back and _goes_on(line, boundary, count, at, later) and _stays(line, boundary, count, later):
            return later
    return None


def _stays(line: Timeline, boundary: IntArray, count: IntArray, at: int) -> bool:
    """Tell whether the next count goes on from the one at `at`, or there is none yet."""
    return at + 1 >= count.size or _goes_on(line, boundary, count, at, at + 1)
