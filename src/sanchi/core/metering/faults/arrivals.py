"""Faults that only the way shows: readings that come late, twice, or in the wrong order.

Enter: a Picture and what was found before. Leave: Faults. Not here: readings that never come (silence).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.faults.fault import Fault, skew_spans, spans_of
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import Picture, Timeline
from sanchi.core.metering.faults.silence import ABSENCES, GARBLED, explained, of_device
from sanchi.core.metering.faults.spans import HOUR_S, SLOT_S, Span, inside, joined, runs_of

SAME_CAUSE_S: Final = 2 * HOUR_S
# A source that repeats more than a tenth of its readings does so by its nature (pages that overlap).
USUAL_REPEAT_SHARE: Final = 0.1
REPEATS_COUNT_MIN: Final = 48


def late(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell readings that came an hour or more after the usual time of their series, unless an absence explains it."""
    result = []
    for device in picture.devices:
        spans: list[Span] = []
        counts: list[tuple[Span, int]] = []
        for line in device.timelines:
            is_late = line.is_late & ~explained(picture, found, device, line)
            for first, last in runs_of(is_late):
                span = (int(line.stamps_s[first]), int(line.stamps_s[last]))
                spans.append(span)
                counts.append((span, int(line.lag_s[first : last + 1].max())))
        for span in joined(spans, SAME_CAUSE_S):
            lag_s = max(lag for each, lag in counts if span[0] <= each[0] <= span[1])
            text = f"readings came up to {lag_s / HOUR_S:.1f} h after their stamp"
            told = (span[0] - SLOT_S, span[1])
            result.append(of_device(FaultKind.LATE, Leg.DEVICE_CLOUD, device, told, lag_s, (text,)))
    return result


def duplicate(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell readings that were delivered again unchanged, unless they came along with a history that was asked for."""
    result = []
    for device in picture.devices:
        stamps: list[int] = []
        for line in device.timelines:
            again = _repeats(line)
            if again.sum() > max(REPEATS_COUNT_MIN, USUAL_REPEAT_SHARE * line.boundary.size):
                continue
            stamps += line.stamps_s[line.position[again]].tolist()
        skewed = skew_spans(found, picture.now_s, device.name)
        for span in joined(((at, at) for at in stamps), SAME_CAUSE_S):
            if not _lies_in(span, skewed):
                n_rows = sum(span[0] <= at <= span[1] for at in stamps)
                text = f"{n_rows} readings delivered again unchanged"
                result.append(of_device(FaultKind.DUPLICATE, Leg.DEVICE_CLOUD, device, span, n_rows, (text,)))
    return result


def out_of_order(picture: Picture, found: Sequence[Fault]) -> list[Fault]:
    """Tell readings that came after a later one of their series, if neither lateness nor an absence explains it."""
    result = []
    for device in picture.devices:
        # A cloud that was down hands out what it holds in the order in which that came: it explains nothing here.
        others = (*ABSENCES, *GARBLED, FaultKind.LATE)
        spans = spans_of(found, others, picture.now_s, device=device.name) + skew_spans(
            found, picture.now_s, device.name
        )
        stamps = [at for line in device.timelines for at in _overtaken(line, inside(line.stamps_s, spans, SLOT_S))]
        for span in joined(((at, at) for at in stamps), SAME_CAUSE_S):
            n_rows = sum(span[0] <= at <= span[1] for at in stamps)
            text = f"{n_rows} readings came after a later one"
            result.append(of_device(FaultKind.OUT_OF_ORDER, Leg.DEVICE_CLOUD, device, span, n_rows, (text,)))
    return result


def _repeats(line: Timeline) -> NDArray[np.bool_]:
    """Tell which rows bring again by themselves a reading that an earlier row of the same boundary brought so."""
    live = np.flatnonzero(~line.is_recalled_row)
    key = line.boundary[live] * (1 << 38) + np.minimum(line.reading[live], (1 << 38) - 1)
    _, first_index = np.unique(key, return_index=True)
    again = np.zeros(line.boundary.size, dtype=np.bool_)
    again[live] = True
    again[live[first_index]] = False
    return again


def _overtaken(line: Timeline, is_explained: NDArray[np.bool_]) -> list[int]:
    """List the stamps that arrived for the first time after a later one, without what is explained."""
    boundary = line.boundary[line.is_first_live]
    if boundary.size == 0:
        return []
    highest = np.maximum.accumulate(boundary)
    places = boundary[boundary < highest] - line.first_boundary
    stamps_s: list[int] = line.stamps_s[places[~is_explained[places]]].tolist()
    return stamps_s


def _lies_in(span: Span, others: Sequence[Span]) -> bool:
    """Tell whether a span lies inside another one, an hour of slack on both sides."""
    return any(first_s - HOUR_S <= span[0] and span[1] <= last_s + HOUR_S for first_s, last_s in others)
