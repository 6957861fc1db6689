"""Faults between a cloud or broker and sanchi: no answer, a token refused, too many requests.

Enter: a Picture and what was found before. Leave: Faults of connectors. Not here: homes.
"""

from collections.abc import Sequence
from typing import Final

from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.fault import NO_HOME, Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.picture import IntArray, Picture
from sanchi.core.metering.faults.spans import HOUR_S, Span, joined

# A connector tries again within a round, so that one lost round says little and three say much.
ROUNDS_LOST_MIN: Final = 3
# Refusals of one cause come at every round until it is gone; rounds are half an hour apart.
SAME_CAUSE_S: Final = 2 * HOUR_S


def cloud_down(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell clouds that failed several rounds without an answer between, and brokers that were lost."""
    result = []
    for connector in picture.connectors:
        failed_s = picture.connector_events_s(connector, EventCode.POLL_FAILED)
        good_s = picture.connector_events_s(connector, EventCode.POLL_OK)
        for first_s, last_s, n_rounds in _outages(failed_s, good_s):
            if n_rounds >= ROUNDS_LOST_MIN:
                text = f"{n_rounds} polls failed one after the other"
                result.append(_of_connector(FaultKind.CLOUD_DOWN, connector, (first_s, last_s), n_rounds, text))
        lost_s = picture.connector_events_s(connector, EventCode.BROKER_LOST)
        back_s = picture.connector_events_s(connector, EventCode.BROKER_BACK)
        for first_s, last_s, _ in _outages(lost_s, back_s):
            if (picture.now_s if last_s is None else last_s) - first_s >= HOUR_S:
                text = "the broker could not be reached"
                result.append(_of_connector(FaultKind.CLOUD_DOWN, connector, (first_s, last_s), 1, text))
    return result


def token_expiry(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell tokens that were refused before their time."""
    return _by_event(picture, EventCode.TOKEN_REFUSED, FaultKind.TOKEN_EXPIRY, "tokens refused before their time")


def rate_limit(picture: Picture, _found: Sequence[Fault]) -> list[Fault]:
    """Tell times in which a cloud asked for fewer requests."""
    return _by_event(picture, EventCode.RATE_LIMITED, FaultKind.RATE_LIMIT, "requests answered with 429")


def _outages(bad_s: IntArray, good_s: IntArray) -> list[tuple[int, int | None, int]]:
    """Part bad events by the good ones between them: first bad, next good or None, how many."""
    result: list[tuple[int, int | None, int]] = []
    end_s: int | None = -1
    for instant_s in bad_s.tolist():
        if result and (end_s is None or instant_s <= end_s):
            first_s, _, n_bad = result[-1]
            result[-1] = (first_s, end_s, n_bad + 1)
            continue
        later = good_s[good_s > instant_s]
        end_s = int(later[0]) if later.size else None
        result.append((instant_s, end_s, 1))
    return result


def _by_event(picture: Picture, code: EventCode, kind: FaultKind, words: str) -> list[Fault]:
    """Tell each group of events of one kind at one connector."""
    result = []
    for connector in picture.connectors:
        at_s = picture.connector_events_s(connector, code)
        for first_s, last_s in joined(zip(at_s.tolist(), at_s.tolist(), strict=True), SAME_CAUSE_S):
            n_events = int(((at_s >= first_s) & (at_s <= last_s)).sum())
            result.append(_of_connector(kind, connector, (first_s, last_s), n_events, f"{n_events} {words}"))
    return result


def _of_connector(
    kind: FaultKind, connector: str, span: Span | tuple[int, int | None], figure: int, text: str
) -> Fault:
    """Make a fault of a connector."""
    return Fault(
        kind=kind,
        leg=Leg.CLOUD_SANCHI,
        home_no=NO_HOME,
        connector=connector,
        device="",
        meter_no=0,
        channel_no=0,
        first_s=span[0],
        last_s=span[1],
        figure=figure,
        evidence=(text,),
    )
