"""The fault timeline of a home: one lane a leg, faults that overlap one below the other.

Enters: faults with their words, a span of time. Leaves: lanes for the page's drawing. Not here: words (told_faults).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language

from sanchi.core.base.slots import JST
from sanchi.core.metering.faults.kinds import Leg
from sanchi.edge.portal.fault_words import LEG
from sanchi.edge.portal.formats import JAPANESE
from sanchi.edge.portal.told_faults import ToldFault

ROW_PX: Final = 16
LANE_HEAD_PX: Final = 22
LANE_GAP_PX: Final = 8
TICKS_COUNT_MAX: Final = 8
_TENTHS: Final = 1_000  # places on the drawing are tenths of a per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One fault on its lane; left and width as per cent of the drawing, top in pixels."""

    number: int  # of the fault in the list below
    told: ToldFault
    left: str
    width: str
    top_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One leg."""

    leg: str | Promise
    top_px: int
    head_px: int  # the base line of its name
    height_px: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTimeline:
    """All lanes, the ticks of the dates as (place, text), and the height of it all."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[str, str], ...]
    axis_px: int
    tell_px: int
    height_px: int


def drawn_timeline(faults: Sequence[ToldFault], first_date: date, last_date: date) -> DrawnTimeline:
    """Lay faults out from the first midnight to the last; they are numbered as they stand in the list."""
    start = datetime(first_date.year, first_date.month, first_date.day, tzinfo=JST)
    end = datetime(last_date.year, last_date.month, last_date.day, tzinfo=JST) + timedelta(days=1)
    lanes, top_px = [], 0
    for leg in Leg:
        own = [(number, told) for number, told in enumerate(faults, start=1) if told.fault.leg is leg]
        lane = _lane(leg, own, (start, end), top_px)
        lanes.append(lane)
        top_px += lane.height_px + LANE_GAP_PX
    return DrawnTimeline(
        lanes=tuple(lanes),
        ticks=tuple(_ticks(start, end)),
        axis_px=top_px + 14,
        tell_px=top_px + 40,
        height_px=top_px + 64,
    )


def _lane(leg: Leg, faults: Iterable[tuple[int, ToldFault]], span: tuple[datetime, datetime], top_px: int) -> Lane:
    """Lay one leg out: each fault goes to the first row that is free when it begins."""
    free_from: list[int] = []
    bars = []
    for number, told in sorted(faults, key=lambda one: (one[1].fault.first_at, one[0])):
        left, right = _place(told.fault.first_at, span), _place(told.fault.last_at or span[1], span)
        right = max(right, left + 4)
        row = next((place for place, free in enumerate(free_from) if free <= left), len(free_from))
        free_from[row : row + 1] = [right + 1]
        top = top_px + LANE_HEAD_PX + row * ROW_PX
        bars.append(Bar(number=number, told=told, left=_percent(left), width=_percent(right - left), top_px=top))
    height_px = LANE_HEAD_PX + ROW_PX * max(1, len(free_from))
    return Lane(leg=LEG[leg], top_px=top_px, head_px=top_px + 15, height_px=height_px, bars=tuple(bars))


def _ticks(start: datetime, end: datetime) -> Iterable[tuple[str, str]]:
    """Name days at even steps, the first one included."""
    n_days = (end - start).days
    step = max(1, -(-n_days // TICKS_COUNT_MAX))
    for day in range(0, n_days, step):
        at = start + timedelta(days=day)
        yield _percent(_place(at, (start, end))), _day_text(at)


def _day_text(at: datetime) -> str:
    """Write a day without its year."""
    return f"{at.month}/{at.day}" if get_language() == JAPANESE else f"{at:%-d %b}"


def _place(at: datetime, span: tuple[datetime, datetime]) -> int:
    """Place an instant between the ends, in tenths of a per cent."""
    start, end = span
    inside = min(max(at, start), end)
    return int((inside - start) * _TENTHS // (end - start))


def _percent(tenths: int) -> str:
    """Write tenths of a per cent."""
    return f"{tenths // 10}.{tenths % 10}%"
