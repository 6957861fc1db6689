"""How each kind of fault is played in a market that is watched, and what is true of it then.

Enter: a market and the faults wanted. Leaves: the market, changed, with its truth. Not here: markets (watched_market).
"""

from collections.abc import Callable, Sequence

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.scoring import TrueFault
from sanchi.core.metering.faults.spans import stamp_s
from tests.markets.watched_market import FIRST_BOUNDARY, Line, Market, Wanted, market_of

CONNECTOR_KINDS = (FaultKind.CLOUD_DOWN, FaultKind.TOKEN_EXPIRY, FaultKind.RATE_LIMIT)
LEGS = {
    FaultKind.DEVICE_OUTAGE: Leg.DEVICE_CLOUD,
    FaultKind.METER_OUTAGE: Leg.GATEWAY_METER,
    FaultKind.CLOUD_DOWN: Leg.CLOUD_SANCHI,
    FaultKind.TOKEN_EXPIRY: Leg.CLOUD_SANCHI,
    FaultKind.RATE_LIMIT: Leg.CLOUD_SANCHI,
    FaultKind.LATE: Leg.DEVICE_CLOUD,
    FaultKind.DUPLICATE: Leg.DEVICE_CLOUD,
    FaultKind.OUT_OF_ORDER: Leg.DEVICE_CLOUD,
    FaultKind.TRUNCATED_FRAME: Leg.DEVICE_CLOUD,
    FaultKind.NEVER_CONNECTED: Leg.DEVICE_CLOUD,
}


def watched_market(seed: int, wanted: Sequence[Wanted] = (), *, n_homes: int = 6, n_days: int = 12) -> Market:
    """Make a market and play the wanted faults in it."""
    market = market_of(seed, n_homes=n_homes, n_days=n_days)
    for one in wanted:
        PLAYS[one.kind](market, one)
        market.truth.append(_truth_of(market, one))
    return market


def _truth_of(market: Market, one: Wanted) -> TrueFault:
    """Write a wanted fault as truth."""
    is_upstream = one.kind in CONNECTOR_KINDS
    line = None if is_upstream else market.lines_of(one.device)[0].watched
    never = one.kind is FaultKind.NEVER_CONNECTED
    return TrueFault(
        kind=one.kind,
        leg=LEGS.get(one.kind, Leg.METER),
        home_no=-1 if line is None else line.home_no,
        connector=one.device if line is None else line.connector,
        device="" if line is None else one.device,
        first_s=stamp_s(FIRST_BOUNDARY + (0 if never else one.first)),
        last_s=market.now_s if never else stamp_s(FIRST_BOUNDARY + one.first + one.n_slots),
    )


def _hit(line: Line, one: Wanted) -> np.ndarray:
    """Give the rows of a line whose stamps a fault covers."""
    first = FIRST_BOUNDARY + one.first
    return (line.boundary >= first) & (line.boundary < first + one.n_slots)


def _ends_s(one: Wanted) -> int:
    return stamp_s(FIRST_BOUNDARY + one.first + one.n_slots)


def _device_outage(market: Market, one: Wanted) -> None:
    """Half of the outages keep what they measured."""
    begin_s, end_s = stamp_s(FIRST_BOUNDARY + one.first), _ends_s(one)
    is_kept = market.rng.random() < 0.5
    for line in market.lines_of(one.device):
        hit = _hit(line, one)
        if is_kept:
            line.received_s[hit] = end_s + 300
        else:
            line.take(~hit)
    market.events = [event for event in market.events if not (event[2] == one.device and begin_s <= event[0] < end_s)]
    if one.device.startswith("gw"):
        market.events += [(begin_s - 40, EventCode.GATEWAY_OFFLINE, one.device, 0)]
        market.events += [(end_s - 40, EventCode.GATEWAY_ONLINE, one.device, 0)]


def _meter_outage(market: Market, one: Wanted) -> None:
    """The gateway does not always say that it lost its meter."""
    lines = [line for line in market.lines_of(one.device) if line.watched.spec.is_register]
    for line in lines or market.lines_of(one.device):
        line.take(~_hit(line, one))
    if market.rng.random() < 0.5 and not one.device.startswith("file"):
        market.events += [(stamp_s(FIRST_BOUNDARY + one.first) - 60, EventCode.METER_LOST, one.device, 0)]
        market.events += [(_ends_s(one) - 60, EventCode.METER_JOINED, one.device, 0)]


def _cloud_down(market: Market, one: Wanted) -> None:
    """Nothing is answered; what devices keep comes afterwards."""
    begin_s, end_s = stamp_s(FIRST_BOUNDARY + one.first), _ends_s(one)
    for line in market.lines:
        if line.watched.connector == one.device:
            is_in = (line.received_s >= begin_s) & (line.received_s < end_s)
            line.received_s[is_in] = end_s
    polls = [event for event in market.events if event[2] == one.device and begin_s <= event[0] < end_s]
    devices = {line.watched.device for line in market.lines if line.watched.connector == one.device}
    market.events = [
        event
        for event in market.events
        if not (begin_s - 60 <= event[0] < end_s and (event[2] == one.device or event[2] in devices))
    ]
    market.events += [(at, EventCode.POLL_FAILED, one.device, 503) for at, *_ in polls]


def _of_connector(code: EventCode) -> Callable[[Market, Wanted], None]:
    def play(market: Market, one: Wanted) -> None:
        for slot in range(one.first, one.first + one.n_slots):
            market.events.append((stamp_s(FIRST_BOUNDARY + slot) + 100, code, one.device, 0))

    return play


def _late(market: Market, one: Wanted) -> None:
    for line in market.lines_of(one.device):
        line.received_s[_hit(line, one)] += 9 * 3600


def _duplicate(market: Market, one: Wanted) -> None:
    for line in market.lines_of(one.device):
        hit = _hit(line, one)
        line.add(line.boundary[hit], line.reading[hit], line.received_s[hit] + 1200)


def _out_of_order(market: Market, one: Wanted) -> None:
    """Each reading comes just after the next one."""
    for line in market.lines_of(one.device):
        places = np.flatnonzero(_hit(line, one))
        for left, right in zip(places[::2], places[1::2], strict=False):
            line.received_s[left] = line.received_s[right] + 5


def _clock_skew(market: Market, one: Wanted) -> None:
    for slot in range(one.first, one.first + one.n_slots):
        market.events.append((stamp_s(FIRST_BOUNDARY + slot) + 100, EventCode.CLOCK_OFF, one.device, 700))
    for line in market.lines_of(one.device):
        hit = _hit(line, one)
        market.rejected += [
            (ProblemCode.STAMP_OFF_BOUNDARY, one.device, stamp_s(int(b)) + 700, 0) for b in line.boundary[hit]
        ]
        line.take(~hit)


def _stuck(market: Market, one: Wanted) -> None:
    """Registers repeat a count, or panels repeat a value."""
    lines = market.lines_of(one.device)
    for line in [line for line in lines if line.watched.spec.is_register] or lines:
        hit = np.flatnonzero(_hit(line, one))
        line.reading[hit] = line.reading[hit[0] - 1]


def _spike(market: Market, one: Wanted) -> None:
    line = market.lines_of(one.device)[0]
    line.reading[_hit(line, one)] += 20_000


def _negative(market: Market, one: Wanted) -> None:
    line = market.lines_of(one.device)[0]
    hit = _hit(line, one)
    for boundary in line.boundary[hit]:
        market.rejected.append((ProblemCode.NEGATIVE_ENERGY, one.device, stamp_s(int(boundary)), -4))
    line.take(~hit)


def _roll_over(market: Market, one: Wanted) -> None:
    """The first step from then on turns the register."""
    line = market.lines_of(one.device)[0]
    before = int(line.reading[line.boundary == FIRST_BOUNDARY + one.first - 1][0])
    line.reading = (line.reading - before - 1) % 10**6


def _exchange(market: Market, one: Wanted) -> None:
    for line in market.lines_of(one.device):
        after = line.boundary >= FIRST_BOUNDARY + one.first
        if line.watched.spec.is_register:
            line.reading[after] -= line.reading[after][0] - 7


def _truncated_frame(market: Market, one: Wanted) -> None:
    for slot in range(one.first, one.first + one.n_slots):
        market.events.append((stamp_s(FIRST_BOUNDARY + slot) + 4, EventCode.FRAME_MALFORMED, one.device, 0))
    for line in market.lines_of(one.device):
        line.take(~_hit(line, one))


def _never_connected(market: Market, one: Wanted) -> None:
    for line in market.lines_of(one.device):
        line.take(np.zeros(line.boundary.size, dtype=bool))
    market.events = [event for event in market.events if event[2] != one.device]


PLAYS: dict[FaultKind, Callable[[Market, Wanted], None]] = {
    FaultKind.DEVICE_OUTAGE: _device_outage,
    FaultKind.METER_OUTAGE: _meter_outage,
    FaultKind.CLOUD_DOWN: _cloud_down,
    FaultKind.TOKEN_EXPIRY: _of_connector(EventCode.TOKEN_REFUSED),
    FaultKind.RATE_LIMIT: _of_connector(EventCode.RATE_LIMITED),
    FaultKind.LATE: _late,
    FaultKind.DUPLICATE: _duplicate,
    FaultKind.OUT_OF_ORDER: _out_of_order,
    FaultKind.CLOCK_SKEW: _clock_skew,
    FaultKind.STUCK: _stuck,
    FaultKind.SPIKE: _spike,
    FaultKind.NEGATIVE: _negative,
    FaultKind.ROLL_OVER: _roll_over,
    FaultKind.EXCHANGE: _exchange,
    FaultKind.TRUNCATED_FRAME: _truncated_frame,
    FaultKind.NEVER_CONNECTED: _never_connected,
}
