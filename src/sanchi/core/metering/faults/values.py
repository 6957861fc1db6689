"""Faults that single values show: below zero, more than can flow, frames cut short, a clock that is wrong.

Enter: a Picture and what was found before. Leave: Faults. Not here: counts of registers (counts).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.fault import Fault, skew_spans, spans_of
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import NONE, Device, IntArray, Picture, Timeline
from sanchi.core.metering.faults.silence import of_device
from sanchi.core.metering.faults.spans import HOUR_S, SLOT_S, Span, inside, joined
from sanchi.core.metering.faults.steps import slot_energy_wh
from sanchi.core.metering.readings import Channel

# What belongs together: values of one cause come half hour by half hour.
SAME_CAUSE_S: Final = 2 * HOUR_S
# Clocks that set themselves over the internet are right within seconds; a message may take some more.
CLOCK_OFF_S_MIN: Final = 120
CLOCK_CAUSE_S: Final = 6 * HOUR_S
CLOCK_SIGNS_MIN: Final = 2
# A part of a half hour may carry up to three times the power [W] that gives plausible_wh_max over the whole of it.
POWER_FACTOR: Final = 6
# A clamp that sees so many steps more than the register on the same line, and twice as much, sees what is not there.
BESIDE_COUNT_MIN: Final = 8


def clock_skew(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell devices whose clock is wrong.

    Evidence: their own stamp of sending, readings from the future, stamps off the half hour.
    """
    result = []
    for device in picture.devices:
        signs: list[Span] = []
        off_s: list[int] = []
        for at_s, figure in _clock_events(device):
            if abs(figure) >= CLOCK_OFF_S_MIN:
                signs.append((at_s, at_s))
                off_s.append(figure)
        rejected = _rejected_spans(picture, device, (ProblemCode.STAMP_OFF_BOUNDARY,))
        future = [span for line in device.timelines for span in _future_spans(line)]
        for span in joined([*signs, *rejected, *future], CLOCK_CAUSE_S):
            n_signs = sum(span[0] <= each[0] <= span[1] for each in [*signs, *rejected, *future])
            if n_signs < CLOCK_SIGNS_MIN:
                continue
            mine = [off for each, off in zip(signs, off_s, strict=True) if span[0] <= each[0] <= span[1]]
            figure = int(np.median(mine)) if mine else 0
            evidence = (
                f"the clock is {abs(figure)} s {'ahead' if figure > 0 else 'behind'}" if mine else "",
                f"{len(rejected)} stamps off the half hour" if rejected else "",
                f"{len(future)} readings from the future" if future else "",
            )
            result.append(of_device(FaultKind.CLOCK_SKEW, Leg.METER, device, span, figure, evidence))
    return result


def truncated_frame(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell frames that were cut on their way from the meter."""
    result = []
    for device in picture.devices:
        at_s = device.at_s(EventCode.FRAME_MALFORMED).tolist()
        for span in joined(((at, at) for at in at_s), SAME_CAUSE_S):
            n_frames = sum(span[0] <= at <= span[1] for at in at_s)
            text = f"{n_frames} frames cut short"
            result.append(of_device(FaultKind.TRUNCATED_FRAME, Leg.DEVICE_CLOUD, device, span, n_frames, (text,)))
    return result


def negative(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell values below zero; they were rejected when they came."""
    return _from_rejected(picture, FaultKind.NEGATIVE, (ProblemCode.NEGATIVE_ENERGY,), "values below zero")


def spike(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell energies and powers that no connection carries, and counts with too many digits."""
    codes = (ProblemCode.ENERGY_IMPLAUSIBLE, ProblemCode.REGISTER_OVERFLOW)
    result = _from_rejected(picture, FaultKind.SPIKE, codes, "values beyond what the meter can show")
    counted = _counted_beside(picture, found)
    for device in picture.devices:
        skewed = skew_spans(found, picture.now_s, device.name)
        for line in device.timelines:
            if line.watched.spec.is_register:
                continue
            beside = counted.get((device.home_no, line.watched.spec.channel))
            is_wild = _wild_energies(line) | _wild_peaks(picture, line)
            is_wild |= _beyond_register(line, beside) if beside else np.zeros(line.n_boundaries, np.bool_)
            is_wild &= ~inside(line.stamps_s, skewed, 2 * SLOT_S)
            places = np.flatnonzero(is_wild)
            stamps = line.stamps_s[places].tolist()
            for span in joined(((at, at) for at in stamps), SLOT_S):
                highest = int(line.first_reading[inside(line.stamps_s, [span]) & is_wild].max())
                limit = line.watched.spec.plausible_wh_max
                most = f"at most {limit:,} Wh are plausible, {POWER_FACTOR * limit:,} W in a part of it"
                text = f"{highest:,} Wh in a half hour; {most}"
                fault = of_device(FaultKind.SPIKE, Leg.METER, device, span, highest, (text,))
                result.append(replace(fault, channel_no=int(line.watched.spec.channel)))
    return result


def _wild_energies(line: Timeline) -> NDArray[np.bool_]:
    """Find the half hours of an energy series that carry more than can be."""
    energy_wh = line.first_reading * line.watched.spec.unit_wh
    is_wild: NDArray[np.bool_] = energy_wh > line.watched.spec.plausible_wh_max
    if line.watched.capacity_w and line.watched.spec.channel is Channel.PV:
        # Panels under bright clouds give at most a fifth more than their rating, and over half an hour hardly that.
        is_wild = is_wild | (energy_wh > line.watched.capacity_w * 6 // 10)
    return is_wild


def _counted_beside(picture: Picture, found: Sequence[Fault]) -> dict[tuple[int, Channel], tuple[IntArray, int]]:
    """Give, by home and channel, what its register counted in each slot [Wh] where that can stand, and its step."""
    result: dict[tuple[int, Channel], tuple[IntArray, int]] = {}
    kinds = (FaultKind.STUCK, FaultKind.SPIKE, FaultKind.EXCHANGE, FaultKind.ROLL_OVER)
    for device in picture.devices:
        doubted = spans_of(found, kinds, picture.now_s, device=device.name)
        for line in device.timelines:
            spec = line.watched.spec
            if spec.is_register and spec.channel in {Channel.IMPORT, Channel.EXPORT}:
                energy_wh = np.where(inside(line.stamps_s, doubted, SLOT_S), NONE, slot_energy_wh(line))
                result[device.home_no, spec.channel] = energy_wh, spec.unit_wh
    return result


def _beyond_register(line: Timeline, beside: tuple[IntArray, int]) -> NDArray[np.bool_]:
    """Find the half hours in which a clamp saw far more than the register on the same line."""
    counted_wh, unit_wh = beside
    seen_wh = slot_energy_wh(line)
    more_wh = np.maximum(BESIDE_COUNT_MIN * unit_wh, counted_wh)
    result: NDArray[np.bool_] = (counted_wh != NONE) & (seen_wh != NONE) & (seen_wh - counted_wh > more_wh)
    return result


def _wild_peaks(picture: Picture, line: Timeline) -> NDArray[np.bool_]:
    """Find the half hours of which a part had more power than the connection can carry for the whole of it."""
    peaks, spec = picture.observations.peaks, line.watched.spec
    own = (peaks.meter_no == spec.meter_no) & (peaks.channel_no == int(spec.channel))
    own &= peaks.peak_w > POWER_FACTOR * spec.plausible_wh_max
    places = peaks.boundary[own] - line.first_boundary
    is_wild = np.zeros(line.n_boundaries, dtype=np.bool_)
    is_wild[places[(places >= 0) & (places < line.n_boundaries)]] = True
    return is_wild


def _clock_events(device: Device) -> Iterable[tuple[int, int]]:
    """Give instants and seconds ahead of a device's clock."""
    at_s = device.events_s.get(EventCode.CLOCK_OFF, np.empty(0, np.int64))
    figures = device.figures.get(EventCode.CLOCK_OFF, np.empty(0, np.int64))
    return zip(at_s.tolist(), figures.tolist(), strict=True)


def _future_spans(line: Timeline) -> list[Span]:
    """List the stamps of readings that were received before the instant that they name."""
    stamps_s = line.stamps_s[line.position]
    early = line.received_s < stamps_s - CLOCK_OFF_S_MIN
    return [(at, at) for at in stamps_s[early].tolist()]


def _rejected_spans(picture: Picture, device: Device, codes: Sequence[ProblemCode]) -> list[Span]:
    """List the stamps of a device's rejected rows of some codes."""
    rejected = picture.observations.rejected
    wanted = [place for place, code in enumerate(rejected.codes) if code in codes]
    own = picture.rejected_of(device)
    own = own[np.isin(rejected.code_index[own], np.array(wanted, dtype=np.int8))]
    return [(at, at) for at in rejected.stamp_s[own].tolist()]


def _from_rejected(picture: Picture, kind: FaultKind, codes: Sequence[ProblemCode], words: str) -> list[Fault]:
    """Tell groups of a device's rejected rows."""
    result = []
    for device in picture.devices:
        spans = _rejected_spans(picture, device, codes)
        for span in joined(spans, SAME_CAUSE_S):
            n_rows = sum(span[0] <= each[0] <= span[1] for each in spans)
            result.append(of_device(kind, Leg.METER, device, span, n_rows, (f"{n_rows} {words}",)))
    return result
